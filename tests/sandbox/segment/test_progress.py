"""How regulations move from state to state, and what each destination says meanwhile."""

from typing import Any

import httpx
import pytest

from dsr_sandbox import Sandbox
from dsr_sandbox.segment.model import FORWARDED_TYPES, WORKSPACE_TYPES
from dsr_sandbox.segment.workspace import MOBILE, WEBSITE

ORDER = {"regulationType": "SUPPRESS_WITH_DELETE", "subjectType": "USER_ID", "subjectIds": ["user-1"]}


def submit(api: httpx.Client, path: str = "/regulations", **change: Any) -> str:
    return str(api.post(path, json=ORDER | change).json()["data"]["regulateId"])


def seen(api: httpx.Client, regulation_id: str) -> dict[str, Any]:
    found: dict[str, Any] = api.get(f"/regulations/{regulation_id}").json()["data"]["regulation"]
    return found


def destinations(regulation: dict[str, Any]) -> dict[str, str]:
    return {
        destination["name"]: destination["status"]
        for stream in regulation["streamStatus"]
        for destination in stream["destinationStatus"]
    }


def test_a_regulation_is_initialized_then_running_then_finished(api: httpx.Client, sandbox: Sandbox) -> None:
    regulation = submit(api)
    assert seen(api, regulation)["overallStatus"] == "INITIALIZED"
    sandbox.clock.advance(2)
    assert seen(api, regulation)["overallStatus"] == "RUNNING"
    assert "finishedAt" not in seen(api, regulation)
    sandbox.clock.advance(4)
    finished = seen(api, regulation)
    assert finished["overallStatus"] == "FINISHED"
    assert finished["finishedAt"] > finished["createdAt"]


def test_neither_type_nor_subjects_are_told(api: httpx.Client) -> None:
    regulation = seen(api, submit(api))
    assert regulation.keys() == {"id", "workspaceId", "overallStatus", "createdAt", "streamStatus"}


def test_the_pace_can_be_set_and_holds_for_what_is_created_after(api: httpx.Client, sandbox: Sandbox) -> None:
    slow = submit(api)
    sandbox.segment.put_pace(0, 0)
    assert seen(api, submit(api))["overallStatus"] == "FINISHED"
    assert seen(api, slow)["overallStatus"] == "INITIALIZED"


def test_every_destination_of_every_source_has_its_status_in_strings_alone(api: httpx.Client) -> None:
    streams = seen(api, submit(api))["streamStatus"]
    assert {stream["id"] for stream in streams} == {WEBSITE.id, MOBILE.id}
    for stream in streams:
        for destination in stream["destinationStatus"]:
            assert destination.keys() == {"name", "id", "status", "errString", "finishedAt"}
            assert all(isinstance(value, str) for value in destination.values())


@pytest.mark.parametrize(
    ("behaviour", "word", "overall"),
    [
        ("finish", "FINISHED", "FINISHED"),
        ("fail", "FAILED", "FAILED"),
        ("unsupported", "NOT_SUPPORTED", "FAILED"),
        ("partial", "PARTIAL_SUCCESS", "PARTIAL_SUCCESS"),
        ("invalid", "INVALID", "FAILED"),
        ("hang", "RUNNING", "RUNNING"),
    ],
)
def test_a_destination_decides_about_the_whole(
    api: httpx.Client, sandbox: Sandbox, behaviour: str, word: str, overall: str
) -> None:
    error = "403 Forbidden"
    sandbox.segment.workspace.put_destinations(
        [{"name": "Fine"}, {"name": "Odd", "source": "Mobile app", "behaviour": behaviour, "error": error}]
    )
    regulation = submit(api)
    sandbox.clock.advance(3_600)
    end = seen(api, regulation)
    assert end["overallStatus"] == overall
    assert destinations(end) == {"Fine": "FINISHED", "Odd": word}
    odd = end["streamStatus"][0]["destinationStatus"][0]
    assert odd["errString"] == ("" if word in {"FINISHED", "RUNNING"} else error)
    assert bool(odd["finishedAt"]) is (word != "RUNNING")


def test_a_slow_destination_keeps_the_whole_running(api: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.segment.workspace.put_destinations([{"name": "Quick"}, {"name": "Slow", "seconds": 3600}])
    regulation = submit(api)
    sandbox.clock.advance(3_599)
    assert destinations(seen(api, regulation)) == {"Quick": "FINISHED", "Slow": "RUNNING"}
    assert seen(api, regulation)["overallStatus"] == "RUNNING"
    sandbox.clock.advance(1)
    assert seen(api, regulation)["overallStatus"] == "FINISHED"


def test_a_destination_can_be_for_certain_subjects_alone(api: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.segment.workspace.put_destinations([{"name": "All"}, {"name": "Some", "only_for": ["user-2", "user-3"]}])
    assert destinations(seen(api, submit(api))).keys() == {"All"}
    assert destinations(seen(api, submit(api, subjectIds=["user-1", "user-2"]))).keys() == {"All", "Some"}


@pytest.mark.parametrize("kind", sorted(set(WORKSPACE_TYPES) - FORWARDED_TYPES))
def test_what_stays_inside_segment_has_no_streams(api: httpx.Client, sandbox: Sandbox, kind: str) -> None:
    regulation = submit(api, regulationType=kind)
    sandbox.clock.advance(6)
    assert seen(api, regulation)["streamStatus"] == []
    assert seen(api, regulation)["overallStatus"] == "FINISHED"


def test_a_source_regulation_reaches_the_destinations_of_its_source_alone(api: httpx.Client) -> None:
    regulation = submit(api, f"/regulations/sources/{MOBILE.id}")
    assert destinations(seen(api, regulation)) == {"Braze Cloud Mode (Actions)": "INITIALIZED"}


def test_one_source_cannot_lift_the_suppression_of_the_workspace(api: httpx.Client, sandbox: Sandbox) -> None:
    submit(api, regulationType="SUPPRESS_ONLY")
    sandbox.clock.advance(6)
    at_source = submit(api, f"/regulations/sources/{WEBSITE.id}", regulationType="UNSUPPRESS")
    assert seen(api, at_source)["overallStatus"] == "INITIALIZED"
    sandbox.clock.advance(6)
    assert seen(api, at_source)["overallStatus"] == "FAILED"
    assert api.get("/suppressions").json()["data"]["suppressed"]


def test_one_source_can_lift_its_own_suppression(api: httpx.Client, sandbox: Sandbox) -> None:
    path = f"/regulations/sources/{WEBSITE.id}"
    submit(api, path, regulationType="SUPPRESS_ONLY")
    sandbox.clock.advance(6)
    lifted = submit(api, path, regulationType="UNSUPPRESS")
    sandbox.clock.advance(6)
    assert seen(api, lifted)["overallStatus"] == "FINISHED"
    assert api.get("/suppressions").json()["data"]["suppressed"] == []


def test_any_word_can_be_forced_and_given_back(api: httpx.Client, sandbox: Sandbox) -> None:
    regulation = submit(api)
    sandbox.segment.workspace.force(regulation, {"overallStatus": "IN_PROGRESS", "streamStatus": []})
    assert seen(api, regulation)["overallStatus"] == "IN_PROGRESS"
    assert seen(api, regulation)["streamStatus"] == []
    sandbox.segment.workspace.force(regulation, {"overallStatus": "INVALID"})
    at = seen(api, regulation)["finishedAt"]
    sandbox.clock.advance(60)
    assert seen(api, regulation)["finishedAt"] == at
    sandbox.segment.workspace.force(regulation, {"overallStatus": None, "streamStatus": None})
    assert seen(api, regulation)["overallStatus"] == "FINISHED"
    assert seen(api, regulation)["streamStatus"]


def test_a_destination_of_unknown_behaviour_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="explode"):
        sandbox.segment.workspace.put_destinations([{"name": "Odd", "behaviour": "explode"}])
    with pytest.raises(ValueError, match="needs a name"):
        sandbox.segment.workspace.put_destinations([{"behaviour": "finish"}])
