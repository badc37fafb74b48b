"""The control plane: what a test or a person can do to the emulated world over HTTP."""

from typing import Any

import httpx
import pytest

from dsr_sandbox import Sandbox

ORDER = {"regulationType": "SUPPRESS_WITH_DELETE", "subjectType": "USER_ID", "subjectIds": ["user-1"]}


def test_the_state_tells_everything(control: httpx.Client, segment: httpx.Client, sandbox: Sandbox) -> None:
    segment.post("/regulations", json=ORDER)
    state = control.get("/state").json()
    assert state["settings"] == sandbox.settings()
    assert state["base_id"] in state["airtable"]["bases"]
    [regulation] = state["segment"]["regulations"]
    assert regulation["subjects"] == ["user-1"]
    assert regulation["overallStatus"] == "INITIALIZED"
    assert state["clock"]["frozen"] is True
    assert state["faults"] == []


def test_both_ports_have_the_control_plane(sandbox: Sandbox) -> None:
    for url in sandbox.airtable_url, sandbox.segment_url:
        assert httpx.get(f"{url}/_sandbox/clock").json()["frozen"] is True


def test_the_clock_can_be_advanced_and_stopped(control: httpx.Client, sandbox: Sandbox) -> None:
    before = sandbox.clock.now()
    assert control.post("/clock", json={"advance": 86_400}).json()["frozen"] is True
    assert (sandbox.clock.now() - before).total_seconds() == pytest.approx(86_400)
    assert control.post("/clock", json={"freeze": False}).json()["frozen"] is False
    assert control.post("/clock", json={"advance": -1}).status_code == 400


def test_the_journal_shows_requests_and_hides_credentials(
    control: httpx.Client, segment: httpx.Client, airtable: httpx.Client
) -> None:
    segment.post("/regulations?a=1", json=ORDER)
    airtable.get("/Requests")
    entries = control.get("/journal").json()
    assert [entry["service"] for entry in entries] == ["segment", "airtable"]
    first = entries[0]
    assert (first["method"], first["path"], first["query"]) == ("POST", "/regulations", "a=1")
    assert (first["status"], first["outcome"], first["body"]) == (200, "", ORDER)
    assert first["headers"]["authorization"] == "Bearer …dbox"
    later = control.get("/journal", params={"since": first["seq"]}).json()
    assert [entry["service"] for entry in later] == ["airtable"]
    assert control.get("/journal", params={"service": "segment"}).json() == [first]
    control.delete("/journal")
    assert control.get("/journal").json() == []


def test_the_journal_tells_which_fault_was_at_work(control: httpx.Client, segment: httpx.Client) -> None:
    control.post("/faults", json={"service": "segment", "kind": "status", "code": 503, "after_effect": True})
    control.post("/faults", json={"service": "segment", "kind": "cut"})
    segment.post("/regulations", json=ORDER)
    with pytest.raises(httpx.RemoteProtocolError):
        segment.post("/regulations", json=ORDER)
    assert [(e["status"], e["outcome"]) for e in control.get("/journal").json()] == [(503, "status"), (None, "cut")]


def test_faults_can_be_seen_and_taken_back(control: httpx.Client) -> None:
    first = control.post("/faults", json={"service": "airtable", "kind": "cut", "times": None}).json()
    control.post("/faults", json={"service": "segment", "kind": "delay", "seconds": 1})
    assert [fault["kind"] for fault in control.get("/faults").json()] == ["cut", "delay"]
    control.delete(f"/faults/{first['id']}")
    assert [fault["kind"] for fault in control.get("/faults").json()] == ["delay"]
    control.delete("/faults")
    assert control.get("/faults").json() == []


def test_destinations_are_replaced(control: httpx.Client) -> None:
    wanted = {"name": "Braze", "source": "Mobile app", "behaviour": "fail", "error": "403", "seconds": 5}
    [shown] = control.put("/destinations", json=[wanted]).json()
    assert shown | {"source": "Mobile app"} == wanted | {"id": shown["id"], "only_for": []}
    assert control.get("/destinations").json() == [shown]
    assert control.put("/destinations", json=[{"name": "X", "source": "A new one"}]).status_code == 200
    assert "A new one" in [source["name"] for source in control.get("/state").json()["segment"]["sources"]]


def test_the_pace_is_set_in_part_or_whole(control: httpx.Client) -> None:
    assert control.get("/pace").json() == {"running_after": 2, "finished_after": 6}
    assert control.put("/pace", json={"finished_after": 60}).json() == {"running_after": 2, "finished_after": 60}


def test_a_regulation_can_be_made_as_in_segments_own_pages_and_forced(
    control: httpx.Client, segment: httpx.Client
) -> None:
    wanted = {"subjects": ["a"], "type": "DELETE_ONLY", "createdAt": "2026-01-02T03:04:05Z"}
    made = control.post("/regulations", json=wanted).json()
    assert made["createdAt"] == "2026-01-02T03:04:05.000000Z"
    young = control.post("/regulations", json={"subjects": ["b"]}).json()
    control.put(f"/regulations/{young['id']}", json={"overallStatus": "IN_PROGRESS"})
    assert segment.get(f"/regulations/{young['id']}").json()["data"]["regulation"]["overallStatus"] == "IN_PROGRESS"
    assert len(control.get("/regulations").json()) == 2
    assert control.put("/regulations/none", json={}).status_code == 400


def test_limits_and_quota_are_set(control: httpx.Client, segment: httpx.Client) -> None:
    control.put("/limits", json={"segment": {"creations_per_minute": 0}, "airtable": {"per_second": 1}})
    assert segment.post("/regulations", json=ORDER).status_code == 429
    limits = control.get("/limits").json()
    assert limits["segment"]["creations_per_minute"] == 0
    assert limits["airtable"]["per_second"] == 1
    control.put("/limits", json={"segment": {"creations_per_minute": 600}})
    assert control.put("/quota", json={"segment_and_destination": {"limit": 0}}).status_code == 200
    assert segment.post("/regulations", json=ORDER).status_code == 429
    assert control.get("/quota").json()["segment_only"] == {"limit": 110_000, "used": 0}


def test_tokens_are_declared_with_their_rights(
    control: httpx.Client, airtable: httpx.Client, segment: httpx.Client
) -> None:
    control.put("/tokens", json={"airtable": {"patSandbox.0000": ["data.records:read"]}, "segment": {}})
    assert airtable.get("/Requests").status_code == 200
    assert airtable.post("/Requests", json={"fields": {}}).status_code == 403
    assert segment.get("/").status_code == 401
    assert control.put("/tokens", json={"profiles": ["p"]}).json()["profiles"] == ["p"]


def test_profiles_are_put_and_shown(control: httpx.Client) -> None:
    jane = {"external_ids": [{"type": "user_id", "id": "u"}], "traits": {"plan": "pro"}}
    assert control.put("/profiles", json=[jane]).json() == [jane]
    assert control.get("/profiles").json() == [jane]


def test_staff_can_redesign_the_base(control: httpx.Client, airtable: httpx.Client) -> None:
    change = {"op": "rename_field", "table": "Requests", "field": "User identifier", "name": "Person"}
    assert control.post("/redesign", json={"change": change}).status_code == 200
    assert airtable.post("/Requests", json={"fields": {"Person": "u"}}).status_code == 200
    assert control.post("/redesign", json={"change": {"op": "explode"}}).status_code == 400


def test_outstanding_offsets_expire(control: httpx.Client, airtable: httpx.Client) -> None:
    for _ in range(2):
        airtable.post("/Requests", json={"fields": {"User identifier": "u"}})
    offset = airtable.get("/Requests", params={"pageSize": 1}).json()["offset"]
    control.post("/expire-offsets")
    response = airtable.get("/Requests", params={"pageSize": 1, "offset": offset})
    assert response.json()["error"]["type"] == "LIST_RECORDS_ITERATOR_NOT_AVAILABLE"


def test_a_reset_makes_a_new_world_in_the_layout_of_choice(
    control: httpx.Client, segment: httpx.Client, sandbox: Sandbox
) -> None:
    segment.post("/regulations", json=ORDER)
    sandbox.segment.limits.enforced = False
    sandbox.airtable.limits.per_second = 1
    control.put("/tokens", json={"airtable": {}, "segment": {}})
    control.post("/faults", json={"service": "segment", "kind": "ghost", "seconds": 0})
    control.post("/reset", json={"layout": "empty"})
    state = control.get("/state").json()
    assert [table["name"] for table in state["airtable"]["bases"][sandbox.base_id]["tables"]] == ["Table 1"]
    assert state["segment"]["regulations"] == []
    assert state["segment"]["limits"]["enforced"] is True
    assert control.get("/limits").json()["airtable"]["per_second"] == 5
    assert state["faults"] == []
    assert control.get("/journal").json() == []
    assert segment.get("/").status_code == 200
    assert control.post("/reset").status_code == 200
    assert control.post("/reset", json={"layout": "round"}).status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/faults", {"service": "segment", "kind": "explode"}),
        ("POST", "/faults", [1]),
        ("PUT", "/pace", {"slow": True}),
        ("PUT", "/limits", {"segment": {"nonsense": 1}}),
        ("PUT", "/limits", {"gmail": {}}),
        ("PUT", "/quota", {"nonsense": {}}),
        ("PUT", "/tokens", {"gmail": {}}),
        ("PUT", "/profiles", [{}]),
        ("POST", "/regulations", {}),
        ("DELETE", "/faults/99", None),
    ],
)
def test_a_call_that_makes_no_sense_is_400_and_says_why(
    control: httpx.Client, method: str, path: str, body: Any
) -> None:
    response = control.request(method, path, json=body)
    assert response.status_code == 400
    assert response.json()["error"]


def test_the_control_plane_is_in_no_journal_and_hit_by_no_fault(control: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.faults.add("airtable", "cut")
    sandbox.faults.add("segment", "cut")
    assert control.get("/state").status_code == 200
    assert sandbox.journal.entries() == []
