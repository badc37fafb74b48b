"""The faults: each does what its name says, to the requests that it is meant for, as often as ordered."""

import threading
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from dsr_sandbox import Sandbox

ORDER = {"regulationType": "SUPPRESS_WITH_DELETE", "subjectType": "USER_ID", "subjectIds": ["user-1"]}


def made(sandbox: Sandbox) -> int:
    return len(sandbox.segment.workspace.regulations())


def rows(response: httpx.Response) -> list[Any]:
    found: list[Any] = response.json()["records"]
    return found


def add_rows(airtable: httpx.Client, sandbox: Sandbox, count: int) -> None:
    sandbox.airtable.limits.enforced = False
    for number in range(count):
        assert airtable.post("/Requests", json={"fields": {"User identifier": f"u{number}"}}).status_code == 200


def test_a_fault_hits_once_unless_told_otherwise(segment: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.faults.add("segment", "status", code=503)
    assert [segment.get("/regulations").status_code for _ in range(2)] == [503, 200]
    assert sandbox.faults.waiting() == []


def test_a_fault_can_let_some_through_and_then_hit_several(segment: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.faults.add("segment", "status", code=500, skip=1, times=2)
    assert [segment.get("/regulations").status_code for _ in range(4)] == [200, 500, 500, 200]


def test_a_fault_without_end_lasts_until_it_is_removed(segment: httpx.Client, sandbox: Sandbox) -> None:
    fault = sandbox.faults.add("segment", "forbidden", times=None)
    assert [segment.get("/regulations").status_code for _ in range(3)] == [403] * 3
    sandbox.faults.remove(fault.id)
    assert segment.get("/regulations").status_code == 200
    with pytest.raises(KeyError):
        sandbox.faults.remove(fault.id)


def test_a_fault_hits_its_service_method_and_path_alone(
    segment: httpx.Client, airtable: httpx.Client, sandbox: Sandbox
) -> None:
    sandbox.faults.add("segment", "status", code=500, method="GET", path=r"^/regulations\?.*status=RUNNING")
    assert airtable.get("/Requests").status_code == 200
    assert segment.post("/regulations", json=ORDER).status_code == 200
    assert segment.get("/regulations").status_code == 200
    assert segment.get("/regulations", params={"status": "RUNNING"}).status_code == 500


@pytest.mark.parametrize(
    ("service", "kind", "options"),
    [
        ("gmail", "cut", {}),
        ("segment", "explode", {}),
        ("segment", "status", {}),
        ("segment", "status", {"code": "500"}),
        ("segment", "cut", {"seconds": 1}),
        ("segment", "cut", {"times": 0}),
        ("segment", "cut", {"path": "("}),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(
    sandbox: Sandbox, service: str, kind: str, options: dict[str, object]
) -> None:
    with pytest.raises(ValueError, match=r"."):
        sandbox.faults.add(service, kind, **options)
    assert sandbox.faults.waiting() == []


@pytest.mark.parametrize("after_effect", [False, True])
@pytest.mark.parametrize("kind", ["status", "cut", "html_200", "json_200"])
def test_the_effect_happens_before_the_fault_or_never(
    segment: httpx.Client, sandbox: Sandbox, kind: str, after_effect: bool
) -> None:
    more: dict[str, object] = {}
    if kind == "status":
        more["code"] = 502
    if kind == "json_200":
        more["body"] = {"data": {}}
    sandbox.faults.add("segment", kind, method="POST", after_effect=after_effect, **more)
    if kind == "cut":
        with pytest.raises(httpx.RemoteProtocolError):
            segment.post("/regulations", json=ORDER)
    else:
        response = segment.post("/regulations", json=ORDER)
        assert response.status_code == {"status": 502}.get(kind, 200)
        assert "regulateId" not in response.text
    assert made(sandbox) == int(after_effect)


def test_an_id_less_200_comes_after_the_effect_by_itself(segment: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.faults.add("segment", "json_200", body={"data": {}})
    assert segment.post("/regulations", json=ORDER).json() == {"data": {}}
    assert made(sandbox) == 1


@pytest.mark.parametrize(
    ("form", "body"),
    [
        ("errors", "errors"),
        ("error", "error"),
        ("billing", "PUBLIC_API_BILLING_LIMIT_EXCEEDED"),
    ],
)
def test_airtables_limit_has_three_forms(airtable: httpx.Client, sandbox: Sandbox, form: str, body: str) -> None:
    sandbox.faults.add("airtable", "rate_limit", form=form)
    response = airtable.get("/Requests")
    assert response.status_code == 429
    assert body in response.text
    assert "Retry-After" not in response.headers


def test_segments_limit_has_two_forms(segment: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.faults.add("segment", "rate_limit", retry_after="Wed, 21 Oct 2026 07:28:00 GMT")
    sandbox.faults.add("segment", "rate_limit", form="points", ms_before_next=57647)
    token, points = segment.post("/regulations", json=ORDER), segment.post("/regulations", json=ORDER)
    assert token.headers["Retry-After"] == "Wed, 21 Oct 2026 07:28:00 GMT"
    assert "Retry-After" not in points.headers
    assert points.json()["errors"][0]["data"]["msBeforeNext"] == 57647
    assert made(sandbox) == 0


@pytest.mark.parametrize(("kind", "code"), [("rate_limit", 429), ("unauthorized", 401), ("stale_offset", 400)])
def test_the_profile_api_fails_in_its_own_words(sandbox: Sandbox, kind: str, code: int) -> None:
    sandbox.faults.add("profiles", kind)
    path = "/v1/spaces/spa_sandbox/collections/users/profiles/email:a/external_ids?next=map_1"
    response = httpx.get(sandbox.segment_url + path, auth=(sandbox.profiles_token, ""))
    assert response.status_code == code
    assert response.json()["error"]["code"]


def test_a_body_of_choice_is_sent_as_it_is(airtable: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.faults.add("airtable", "status", code=502, body="<html>Bad gateway</html>")
    sandbox.faults.add("airtable", "status", code=422, body={"error": {"type": "ODD"}})
    html, odd = airtable.get("/Requests"), airtable.get("/Requests")
    assert (html.status_code, html.text) == (502, "<html>Bad gateway</html>")
    assert html.headers["content-type"].startswith("text/html")
    assert (odd.status_code, odd.json()) == (422, {"error": {"type": "ODD"}})


def test_a_truncated_answer_ends_before_the_announced_length(segment: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.faults.add("segment", "truncate", bytes=20)
    with pytest.raises(httpx.RemoteProtocolError, match="received 20 bytes"):
        segment.post("/regulations", json=ORDER)
    assert made(sandbox) == 1


def test_a_trickled_answer_arrives_whole_in_the_end(segment: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.faults.add("segment", "trickle", bytes=9, every_seconds=0.001)
    assert segment.get("/").json()["data"]["workspace"]["slug"] == "sandbox"


def test_a_trickle_outlasts_a_read_timeout_between_two_bytes(sandbox: Sandbox) -> None:
    sandbox.faults.add("segment", "trickle", bytes=1, every_seconds=60)
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(sandbox.segment_url, timeout=0.2)


@pytest.mark.parametrize("after_effect", [False, True])
def test_a_client_that_does_not_wait_cannot_know_whether_its_order_was_taken(
    sandbox: Sandbox, eventually: Callable[[Callable[[], bool]], None], after_effect: bool
) -> None:
    """The effect comes in both cases: at once, or when the client has long gone."""
    sandbox.faults.add("segment", "delay", seconds=0.6, after_effect=after_effect)
    headers = {"Authorization": f"Bearer {sandbox.segment_token}"}
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{sandbox.segment_url}/regulations", json=ORDER, headers=headers, timeout=0.1)
    assert made(sandbox) == int(after_effect)
    eventually(lambda: made(sandbox) == 1)


def test_a_ghost_lands_when_its_time_has_come(segment: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.faults.add("segment", "ghost", seconds=120)
    with pytest.raises(httpx.RemoteProtocolError):
        segment.post("/regulations", json=ORDER)
    sandbox.clock.advance(119)
    assert segment.get("/regulations").json()["data"]["regulations"] == []
    sandbox.clock.advance(1)
    [regulation] = segment.get("/regulations").json()["data"]["regulations"]
    assert regulation["subjects"] == ["user-1"]


def test_a_late_list_hides_what_is_young(segment: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.segment.add_regulation({"subjects": ["old"]})
    sandbox.clock.advance(100)
    sandbox.segment.add_regulation({"subjects": ["young"]})
    sandbox.faults.add("segment", "late_list", seconds=60, times=None, path=r"^/regulations(\?|$)")

    def listed() -> list[str]:
        return [one["subjects"][0] for one in segment.get("/regulations").json()["data"]["regulations"]]

    assert listed() == ["old"]
    sandbox.clock.advance(60)
    assert listed() == ["young", "old"]


def test_an_empty_list_looks_like_the_end(segment: httpx.Client, airtable: httpx.Client, sandbox: Sandbox) -> None:
    add_rows(airtable, sandbox, 2)
    sandbox.segment.add_regulation({"subjects": ["a"]})
    sandbox.faults.add("segment", "empty_list")
    sandbox.faults.add("airtable", "empty_list")
    content = segment.get("/regulations", params={"pagination.count": 1}).json()["data"]
    assert content["regulations"] == []
    assert "next" not in content["pagination"]
    assert airtable.get("/Requests", params={"pageSize": 1}).json() == {"records": []}


def test_a_missing_page_is_not_the_first_one(segment: httpx.Client, sandbox: Sandbox) -> None:
    for subject in "abc":
        sandbox.segment.add_regulation({"subjects": [subject]})
    sandbox.faults.add("segment", "missing_page")
    first = segment.get("/regulations", params={"pagination.count": 1}).json()["data"]
    assert len(first["regulations"]) == 1
    params = {"pagination.count": 1, "pagination.cursor": first["pagination"]["next"]}
    second = segment.get("/regulations", params=params).json()["data"]
    assert second["regulations"] == []
    assert second["pagination"]["next"]


def test_a_stale_offset_waits_for_a_request_that_has_one(airtable: httpx.Client, sandbox: Sandbox) -> None:
    add_rows(airtable, sandbox, 3)
    sandbox.faults.add("airtable", "stale_offset", times=2)
    offset = airtable.get("/Requests", params={"pageSize": 1}).json()["offset"]
    by_query = airtable.get("/Requests", params={"pageSize": 1, "offset": offset})
    by_body = airtable.post("/Requests/listRecords", json={"pageSize": 1, "offset": offset})
    for refused in by_query, by_body:
        assert refused.status_code == 422
        assert refused.json() == {"error": {"type": "LIST_RECORDS_ITERATOR_NOT_AVAILABLE"}}
    assert len(rows(airtable.get("/Requests", params={"pageSize": 1, "offset": offset}))) == 1


def test_the_same_offset_comes_for_ever(segment: httpx.Client, airtable: httpx.Client, sandbox: Sandbox) -> None:
    add_rows(airtable, sandbox, 1)
    sandbox.faults.add("airtable", "same_offset_forever")
    sandbox.faults.add("segment", "same_offset_forever")
    first = airtable.get("/Requests").json()
    second = airtable.get("/Requests", params={"offset": first["offset"]}).json()
    third = airtable.post("/Requests/listRecords", json={"offset": first["offset"]}).json()
    assert first == second == third
    cursor = segment.get("/regulations").json()["data"]["pagination"]["next"]
    params = {"pagination.count": 200, "pagination.cursor": cursor}
    assert segment.get("/regulations", params=params).json()["data"]["pagination"]["next"] == cursor


def test_a_stop_ends_every_delay_at_once(eventually: Callable[[Callable[[], bool]], None]) -> None:
    with Sandbox() as sandbox:
        sandbox.faults.add("segment", "delay", seconds=3600, method="POST")
        sandbox.faults.add("segment", "trickle", bytes=1, every_seconds=3600)
        failed: list[type[Exception]] = []

        def call(method: str) -> None:
            try:
                httpx.request(method, f"{sandbox.segment_url}/regulations", timeout=30)
            except httpx.TransportError as error:
                failed.append(type(error))

        threads = [threading.Thread(target=call, args=[method]) for method in ("POST", "GET")]
        for thread in threads:
            thread.start()
        eventually(lambda: len(sandbox.journal.entries()) == 2)
        begun = time.monotonic()
        sandbox.stop()
        assert time.monotonic() - begun < 2
        for thread in threads:
            thread.join(5)
        assert len(failed) == 2
        assert made(sandbox) == 0
