"""What the adapter makes of everything that can go wrong on the way to Segment and back."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from tests.contract.segment.conftest import SandboxWorld
from tests.fakes.clock import FakeClock
from tests.fakes.real_clock import RealClock

from dsr_sandbox import Sandbox
from dsr_sync.adapters.segment import SEGMENT_AND_DESTINATIONS, SEGMENT_ONLY, SegmentDeletionService
from dsr_sync.core.model import Identifier, RegulationId
from dsr_sync.ports import OutcomeUnknown, Permanent, QuotaExhausted, TokenRefused, Transient

TYPE = "SUPPRESS_WITH_DELETE"
SUBJECTS = [Identifier("person-17")]
Make = Callable[..., SegmentDeletionService]


def posts(sandbox: Sandbox) -> int:
    return len(sandbox.journal.entries("segment", method="POST"))


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("cut", {}),
        ("cut", {"after_effect": True}),
        ("truncate", {"bytes": 10}),
        ("html_200", {}),
        ("html_200", {"after_effect": True}),
        ("json_200", {"body": {"data": {}}}),
        ("json_200", {"body": {"regulateId": "1qJkfE1tpwvQcklImGksLN629wn"}}),
        ("json_200", {"body": {"data": {"regulateId": "a/../b"}}}),
        ("json_200", {"body": []}),
        ("status", {"code": 500}),
        ("status", {"code": 500, "after_effect": True}),
        ("status", {"code": 503, "after_effect": True}),
        ("status", {"code": 504}),
        ("status", {"code": 307}),
    ],
)
def test_a_post_without_a_clear_answer_is_unknown_and_is_sent_once(
    sandbox: Sandbox, adapter_world: SandboxWorld, kind: str, options: dict[str, Any]
) -> None:
    sandbox.faults.add("segment", kind, method="POST", **options)
    with pytest.raises(OutcomeUnknown) as raised:
        adapter_world.service.submit(TYPE, SUBJECTS)
    assert posts(sandbox) == 1
    assert raised.value.service == "segment"


def test_it_says_when_the_next_creation_may_be_sent_so_that_nobody_has_to_wait_for_it(make_service: Make) -> None:
    clock = FakeClock()
    service = make_service(clock, requests_per_minute=2)
    assert service.turn_in() == timedelta(0)
    service.submit(TYPE, SUBJECTS)
    assert service.turn_in() == timedelta(seconds=30)
    assert clock.waits == []


def test_a_trickled_answer_to_a_post_is_unknown_at_the_deadline(sandbox: Sandbox, make_service: Make) -> None:
    sandbox.faults.add("segment", "trickle", method="POST", bytes=1, every_seconds=0.2)
    with pytest.raises(OutcomeUnknown, match="in time"):
        make_service(RealClock(), deadline_seconds=0.5).submit(TYPE, SUBJECTS)


@pytest.mark.parametrize(("code", "kind"), [(422, Permanent), (413, Permanent), (404, Permanent), (400, Permanent)])
def test_a_refused_post_is_permanent(
    sandbox: Sandbox, adapter_world: SandboxWorld, code: int, kind: type[Exception]
) -> None:
    sandbox.faults.add("segment", "status", method="POST", code=code, body={"errors": [{"type": "x"}]})
    with pytest.raises(kind):
        adapter_world.service.submit(TYPE, SUBJECTS)


def test_segments_own_validation_is_permanent(adapter_world: SandboxWorld) -> None:
    with pytest.raises(Permanent) as raised:
        adapter_world.service.submit("DELETE_EVERYTHING", SUBJECTS)
    assert raised.value.status == 422


def test_a_body_of_more_than_four_megabytes_is_permanent(adapter_world: SandboxWorld) -> None:
    with pytest.raises(Permanent) as raised:
        adapter_world.service.submit(TYPE, [Identifier("x" * 1_000 + str(index)) for index in range(5_000)])
    assert raised.value.status == 413


@pytest.mark.parametrize("number", [0, 5_001])
def test_no_subjects_and_too_many_are_never_sent(sandbox: Sandbox, adapter_world: SandboxWorld, number: int) -> None:
    with pytest.raises(ValueError, match="1 to 5000"):
        adapter_world.service.submit(TYPE, [Identifier(str(index)) for index in range(number)])
    assert posts(sandbox) == 0


def test_nobody_listening_is_certainly_not_sent(make_service: Make) -> None:
    with pytest.raises(Transient) as raised:
        make_service(endpoint_url="http://127.0.0.1:9").submit(TYPE, SUBJECTS)
    assert raised.value.retry_after is None


@pytest.mark.parametrize("kind", ["unauthorized", "forbidden"])
def test_a_refused_token_is_named_with_its_setting_and_scope(
    sandbox: Sandbox, adapter_world: SandboxWorld, kind: str
) -> None:
    sandbox.faults.add("segment", kind, times=2)
    with pytest.raises(TokenRefused) as posting:
        adapter_world.service.submit(TYPE, SUBJECTS)
    with pytest.raises(TokenRefused) as reading:
        adapter_world.adapter.check()
    assert (posting.value.setting, reading.value.setting) == ("segment.token", "segment.token")
    assert "edit access" in posting.value.scope
    assert "read access" in reading.value.scope


@pytest.mark.parametrize("token", ["two\nlines", "with space", "", "grün"])
def test_a_token_that_cannot_be_sent_is_refused_before_anything_leaves(
    sandbox: Sandbox, make_service: Make, token: str
) -> None:
    with pytest.raises(TokenRefused):
        make_service(token=token).submit(TYPE, SUBJECTS)
    assert posts(sandbox) == 0


@pytest.mark.parametrize(
    ("options", "pause"),
    [
        ({"form": "token", "retry_after": 20}, 20.0),
        ({"form": "token", "retry_after": "9999999"}, 3_600.0),
        ({"form": "token", "retry_after": "-3"}, 1.0),
        ({"form": "points", "ms_before_next": 57_647}, 57.647),
    ],
)
def test_after_a_429_nothing_is_sent_until_its_time_has_come(
    sandbox: Sandbox, adapter_world: SandboxWorld, options: dict[str, Any], pause: float
) -> None:
    sandbox.faults.add("segment", "rate_limit", method="POST", **options)
    with pytest.raises(Transient) as raised:
        adapter_world.service.submit(TYPE, SUBJECTS)
    assert raised.value.retry_after == timedelta(seconds=pause)
    sent, locked_at = len(sandbox.journal.entries("segment")), adapter_world.clock.monotonic()
    if pause > 3:
        with pytest.raises(Transient):
            adapter_world.adapter.check()
        assert len(sandbox.journal.entries("segment")) == sent
        adapter_world.clock.advance(pause)
    adapter_world.adapter.check()
    assert adapter_world.clock.monotonic() >= locked_at + pause


def test_a_429_that_names_no_time_pauses_all_the_same(sandbox: Sandbox, adapter_world: SandboxWorld) -> None:
    sandbox.faults.add("segment", "status", code=429)
    with pytest.raises(Transient) as raised:
        adapter_world.adapter.check()
    assert raised.value.retry_after == timedelta(seconds=10)


def test_the_used_up_quota_of_the_month_says_until_when_and_leaves_the_other_one_open(
    sandbox: Sandbox, adapter_world: SandboxWorld
) -> None:
    sandbox.segment.quota.put({"segment_and_destination": {"used": 110_000}}, sandbox.clock.now())
    adapter_world.clock.set_wall_clock(sandbox.clock.now())
    month_end = sandbox.clock.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0) + timedelta(days=32)
    with pytest.raises(QuotaExhausted) as raised:
        adapter_world.service.submit(TYPE, SUBJECTS)
    assert raised.value.until == month_end.replace(day=1) - timedelta(seconds=1)
    assert (raised.value.retry_after, raised.value.left) == (None, 0)
    adapter_world.service.submit("SUPPRESS_ONLY", SUBJECTS)


def test_a_request_that_the_rest_of_the_quota_does_not_hold_says_so_and_locks_nobody_out(
    sandbox: Sandbox, adapter_world: SandboxWorld
) -> None:
    sandbox.segment.quota.put({"segment_and_destination": {"used": 109_998}}, sandbox.clock.now())
    adapter_world.clock.set_wall_clock(sandbox.clock.now())
    with pytest.raises(QuotaExhausted) as raised:
        adapter_world.service.submit(TYPE, [Identifier(f"person-{number}") for number in range(3)])
    assert (raised.value.retry_after, raised.value.left) == (None, 2)
    adapter_world.service.submit(TYPE, SUBJECTS)


def test_what_is_left_of_the_quota_is_told_by_category(sandbox: Sandbox, adapter_world: SandboxWorld) -> None:
    sandbox.segment.quota.put({"segment_only": {"used": 100_000}}, sandbox.clock.now())
    adapter_world.service.submit(TYPE, SUBJECTS)
    adapter_world.service.submit("SUPPRESS_ONLY", SUBJECTS)
    adapter_world.adapter.check()  # the headers of a reading are those of the minute, and mean something else
    assert adapter_world.quotas == {SEGMENT_AND_DESTINATIONS: 109_999, SEGMENT_ONLY: 9_999}


def test_no_second_sees_more_creations_than_allowed(make_service: Make) -> None:
    clock = FakeClock()
    service = make_service(clock, requests_per_minute=540)
    moments = []
    for index in range(40):
        service.submit(TYPE, [Identifier(str(index))])
        moments.append(clock.monotonic())
    assert max(sum(1 for other in moments if first <= other < first + 0.999) for first in moments) <= 10
    assert moments[-1] <= 40 / 9


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("cut", {}),
        ("truncate", {"bytes": 30}),
        ("html_200", {}),
        ("json_200", {"body": {}}),
        ("json_200", {"body": {"data": {"regulation": {"id": "other"}}}}),
        ("status", {"code": 500}),
        ("status", {"code": 302}),
        ("status", {"code": 404, "body": "<html>not found</html>"}),
    ],
)
def test_a_look_at_a_regulation_that_fails_may_be_repeated(
    sandbox: Sandbox, adapter_world: SandboxWorld, kind: str, options: dict[str, Any]
) -> None:
    regulation_id = adapter_world.service.submit(TYPE, SUBJECTS)
    sandbox.faults.add("segment", kind, method="GET", **options)
    with pytest.raises(Transient):
        adapter_world.service.fetch(regulation_id)
    assert adapter_world.service.fetch(regulation_id) is not None


def test_an_answer_about_another_regulation_is_not_taken(sandbox: Sandbox, adapter_world: SandboxWorld) -> None:
    mine, other = (adapter_world.service.submit(TYPE, SUBJECTS) for _ in range(2))
    body = json.loads(json.dumps({"data": {"regulation": _shown(other)}}))
    sandbox.faults.add("segment", "json_200", method="GET", body=body)
    with pytest.raises(Transient, match="another regulation"):
        adapter_world.service.fetch(mine)


def _shown(regulation_id: RegulationId) -> dict[str, Any]:
    return {
        "id": regulation_id,
        "overallStatus": "FINISHED",
        "createdAt": "2026-03-02T09:00:00.000000Z",
        "streamStatus": [],
    }


@pytest.mark.parametrize("regulation_id", ["", "../workspace", "a b", "a?b=c", "%2e%2e"])
def test_an_id_that_segment_cannot_have_given_never_enters_a_path(
    sandbox: Sandbox, adapter_world: SandboxWorld, regulation_id: str
) -> None:
    with pytest.raises(Permanent):
        adapter_world.service.fetch(RegulationId(regulation_id))
    assert sandbox.journal.entries("segment") == []


def test_a_list_that_leads_in_a_circle_is_given_up(sandbox: Sandbox, adapter_world: SandboxWorld) -> None:
    adapter_world.create_many(3)
    sandbox.faults.add("segment", "same_offset_forever", method="GET")
    with pytest.raises(Transient, match="did not end"):
        list(adapter_world.service.listing())
    assert len(sandbox.journal.entries("segment")) <= 3


def test_a_page_of_the_list_that_is_cut_or_not_understood_voids_the_listing(
    sandbox: Sandbox, adapter_world: SandboxWorld
) -> None:
    for kind, options in (("truncate", {"bytes": 60}), ("json_200", {"body": {"data": {"regulations": []}}})):
        sandbox.faults.add("segment", kind, method="GET", **options)
        with pytest.raises(Transient):
            list(adapter_world.service.listing())


def test_pages_are_asked_for_in_the_documented_form(sandbox: Sandbox, adapter_world: SandboxWorld) -> None:
    adapter_world.create_many(1_001)
    list(adapter_world.service.listing())
    first, second = (entry.query for entry in sandbox.journal.entries("segment"))
    assert first == "pagination.count=1000"
    assert second.startswith("pagination.count=1000&pagination.cursor=")


def test_a_clock_that_is_ahead_of_segments_sends_nothing_and_believes_nothing(
    sandbox: Sandbox, adapter_world: SandboxWorld
) -> None:
    adapter_world.clock.set_wall_clock(sandbox.clock.now() + timedelta(minutes=6))
    with pytest.raises(Transient, match="clock"):
        adapter_world.adapter.check()
    with pytest.raises(Transient, match="clock"):
        adapter_world.service.submit(TYPE, SUBJECTS)
    assert posts(sandbox) == 0
    adapter_world.clock.set_wall_clock(sandbox.clock.now())
    adapter_world.service.submit(TYPE, SUBJECTS)
    assert posts(sandbox) == 1


def test_check_names_the_workspace(adapter_world: SandboxWorld) -> None:
    assert adapter_world.adapter.check() == "Sandbox workspace"


def test_no_error_holds_the_person_the_token_or_a_url(sandbox: Sandbox, adapter_world: SandboxWorld) -> None:
    echo = {"errors": [{"type": "input-validation", "message": 'subject "person-17" is invalid', "field": "person-17"}]}
    for code in (401, 404, 422, 429, 500):
        sandbox.faults.add("segment", "status", method="POST", code=code, body=echo)
        adapter_world.clock.advance(3_600)
        with pytest.raises((Permanent, Transient, OutcomeUnknown)) as raised:
            adapter_world.service.submit(TYPE, SUBJECTS)
        shown = f"{raised.value!r} {raised.value} {raised.value.args} {raised.value.__cause__!r}"
        assert not [word for word in ("person-17", sandbox.segment_token, "http://") if word in shown]
    assert sandbox.segment_token not in repr(adapter_world.adapter.__dict__)
