"""Faults 5 to 9 of the table (`table.py`): Segment, its answers and its list."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.torture.faults.bench import POLL, SETTLE, Bench
from tests.torture.faults.measures import silence_after

_LONG = SETTLE * 4 / 3 + 4 * POLL
"""Long enough for two listings that prove absence, and what follows."""


def posts(world: Bench, since: int = 0) -> list[str]:
    """For whom a regulation was asked, in order."""
    return [entry.body["subjectIds"][0] for entry in world.calls("segment", since, method="POST")]


def test_fault_5_a_429_of_segment_frees_the_request_and_other_work_goes_on(world: Bench) -> None:
    row = world.ask("ann")
    world.fault("segment", "rate_limit", method="POST", retry_after=90)
    world.tick()
    assert world.ledger.unsettled() == ()
    before = world.so_far()
    assert silence_after(world, "segment", 90) >= 90
    assert world.calls("airtable", before)
    world.later(180)
    assert world.status(row) == "Completed"
    assert posts(world) == ["ann", "ann"]
    assert world.regulations("ann") == 1


def test_fault_5_when_the_months_quota_is_used_up_rows_wait_and_name_the_date_and_the_other_kind_goes_on(
    world: Bench,
) -> None:
    world.box.segment.quota.put({"segment_and_destination": {"limit": 1}}, world.clock.now())
    first = world.ask("ann")
    world.box.clock.advance(2)  # Airtable tells the order of rows by the second in which they were made
    second = world.ask("bob")
    other = world.ask("cyd", Request_type="Suppress")
    world.later(300)
    assert [world.status(row) for row in (first, second, other)] == ["Completed", "On hold", "Completed"]
    end = _month_end(world.clock.now())
    assert f"after {end.day} {end:%B %Y} at " in world.note(second)
    before = world.so_far()
    world.later(900)
    assert posts(world, before) == []  # the quota is not tried again and again
    world.box.clock.advance((end - world.clock.now()).total_seconds() + 60)
    world.later(600)
    assert world.status(second) == "Completed"
    assert world.regulations("bob") == 1


@pytest.mark.parametrize(
    "fault",
    [  # the others come after every call of a life, in the long version
        {"kind": "status", "code": 502, "after_effect": True, "body": "<html>Bad gateway</html>"},
        {"kind": "truncate", "bytes": 10},
        {"kind": "json_200", "body": {"data": {}}},
    ],
    ids=lambda fault: f"{fault['kind']} {fault.get('code', '')}".strip(),
)
def test_fault_6_an_answer_lost_after_the_effect_is_adopted_and_never_sent_again(
    world: Bench, fault: dict[str, object]
) -> None:
    row = world.ask("ann")
    world.box.faults.add("segment", method="POST", **fault)  # type: ignore[arg-type] # options are keywords
    world.tick()
    assert world.status(row) == "On hold"
    assert not world.row(row).get("Submitted")
    world.later(_LONG)
    assert posts(world) == ["ann"]
    assert world.status(row) == "Completed"
    assert world.judged() == []


@pytest.mark.parametrize("fault", [{"kind": "status", "code": 503}, {"kind": "cut"}], ids=lambda fault: fault["kind"])
def test_fault_7_an_answer_lost_before_the_effect_is_proved_absent_twice_and_sent_once_more(
    world: Bench, fault: dict[str, object]
) -> None:
    row = world.ask("ann")
    world.box.faults.add("segment", method="POST", **fault)  # type: ignore[arg-type] # options are keywords
    sent_at = world.clock.now()
    world.tick()
    world.later(SETTLE - POLL)
    assert posts(world) == ["ann"]
    world.later(_LONG - SETTLE + POLL)
    assert posts(world) == ["ann", "ann"]
    again = world.calls("segment", method="POST")[1].at - sent_at
    assert timedelta(seconds=SETTLE * 4 / 3) <= again <= timedelta(seconds=SETTLE * 4 / 3 + 3 * POLL)
    world.later(300)
    assert world.status(row) == "Completed"
    assert world.judged() == []


@pytest.mark.parametrize("share", [0.01, 0.99])
def test_fault_8_an_effect_that_lands_before_the_settle_time_is_over_is_found(world: Bench, share: float) -> None:
    row = world.ask("ann")
    world.fault("segment", "ghost", method="POST", seconds=SETTLE * share)
    world.tick()
    world.restart()
    world.later(_LONG)
    assert posts(world) == ["ann"]
    assert world.status(row) == "Completed"
    assert world.judged() == []


_LISTS = {
    "late": {"kind": "late_list", "seconds": SETTLE, "times": 2},
    "empty": {"kind": "empty_list", "times": 1},
    "500 on its second page": {"kind": "status", "code": 500, "path": "pagination.cursor", "times": 2},
    "without its second page": {"kind": "missing_page", "times": 1},
    "without an end": {"kind": "same_offset_forever", "times": 4},
}


def test_fault_9_a_list_that_is_not_complete_proves_no_absence(world: Bench) -> None:
    """With 1,100 older regulations the list has two pages, and the ledger knows one that must be in it."""
    world.ask("witness")
    world.later(300)
    for number in range(1_100):
        world.box.segment.add_regulation({"type": "SUPPRESS_ONLY", "subjects": [f"other-{number}"]})
    world.later(1800, 600)
    for name, fault in _LISTS.items():
        row = world.ask(f"ann, {name}")
        world.fault("segment", "cut", method="POST", after_effect=True)
        world.tick()
        world.box.clock.advance(SETTLE)
        world.box.faults.add("segment", **({"method": "GET", "path": "/regulations\\?"} | fault))  # type: ignore[arg-type] # same
        world.later(_LONG)
        assert posts(world)[-1] == f"ann, {name}"
        assert world.status(row) == "Completed", name
        world.box.faults.clear()
    assert len(posts(world)) == 1 + len(_LISTS)


def _month_end(now: datetime) -> datetime:
    following = (now.replace(day=1) + timedelta(days=32)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return following.astimezone(UTC) - timedelta(seconds=1)


def test_a_token_that_was_refused_is_tried_every_five_minutes_though_no_row_needs_segment(world: Bench) -> None:
    row = world.ask("ann")
    fault = world.fault("segment", "status", code=401, body={"errors": [{"type": "unauthorized"}]}, times=1_000)
    assert [problem.service for problem in world.tick().problems] == ["segment"]
    world.staff.change(row, {"Hold": True})
    before = world.so_far()
    reports = world.later(660)
    assert len(world.calls("segment", before)) == 2
    assert all("segment" in report.paused or report.failed("segment") for report in reports)
    world.box.faults.remove(fault)
    world.later(360)
    after = world.so_far()
    assert all(report.complete for report in world.later(660))
    assert world.calls("segment", after) == []
