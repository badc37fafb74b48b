"""Limits kept and used, lock-outs respected, outages borne. On a clock of its own, so every number is exact."""

from pathlib import Path

import pytest
from tests.torture.faults.bench import Bench, bench
from tests.torture.faults.measures import (
    FORMS,
    LOCKOUT,
    header,
    locked_out,
    outage,
    peak,
    rate,
    restarted_in_a_back_off,
    silence_after,
)

from dsr_sync.engine.tick import Engine

_LATE = 1.0
"""Seconds by which a pause that has ended is noticed at most: the tests look four times a second."""

_BEHIND_AIRTABLE = 1.2
"""Seconds more for Segment: a tick calls Airtable first, and those calls wait for their own turn."""


def test_creations_keep_below_ten_a_second_and_use_nine_tenths_of_that(world: Bench) -> None:
    for number in range(100):
        world.ask(f"person-{number}")
    world.tick()
    posts = world.calls("segment", method="POST")
    assert len(posts) == 100
    assert peak(posts) <= 10
    assert rate(posts, 10) >= 0.9 * 10
    assert world.judged() == []


def test_calls_of_airtable_keep_below_five_a_second_and_use_nine_tenths_of_that(world: Bench) -> None:
    for _ in range(300):
        world.ask("null")  # a protected word: each row is told why it is not sent
    before = world.so_far()
    world.tick()
    calls = world.calls("airtable", before)
    assert len(calls) >= 33  # three pages, thirty batches of ten
    assert peak(calls) <= 5
    assert rate(calls, 5) >= 0.9 * 5
    assert not [call for call in calls if call.status != 200]


def test_after_a_429_airtable_is_left_alone_for_its_lock_out_or_longer_if_it_asks(world: Bench) -> None:
    for form in FORMS:
        silence, expected = locked_out(world, form)
        assert expected <= silence <= expected + _LATE, form


def test_after_a_429_segment_is_left_alone_for_as_long_as_it_asks(world: Bench) -> None:
    for form, (sent, seconds) in FORMS.items():
        world.ask(f"ann, {form}")
        options = {} if sent is None else {"retry_after": header(sent, world.clock.now())}
        world.fault("segment", "rate_limit", method="POST", **options)
        world.tick()
        expected = max({"no header": 1.0, "garbage": 10.0}.get(form, seconds or 0), 1.0)
        assert expected <= silence_after(world, "segment", expected) <= expected + _LATE + _BEHIND_AIRTABLE, form
        world.later(180)
        assert world.regulations(f"ann, {form}") == 1
    assert world.judged() == []


def test_milliseconds_before_the_next_call_are_understood_too(world: Bench) -> None:
    world.ask("ann")
    world.fault("segment", "rate_limit", method="POST", form="points", ms_before_next=12_500)
    world.tick()
    assert 12.5 <= silence_after(world, "segment", 12.5) <= 12.5 + _LATE + _BEHIND_AIRTABLE


def test_the_lock_out_ends_when_it_ends_time_after_time(world: Bench) -> None:
    assert all(LOCKOUT <= locked_out(world)[0] <= LOCKOUT + _LATE for _ in range(5))


@pytest.mark.parametrize(("service", "every"), [("airtable", 10.0), ("segment", 10.0)])
def test_an_outage_costs_a_call_a_minute_and_is_over_within_two_polls(world: Bench, service: str, every: float) -> None:
    """24 hours at this rate are fewer than 1,500 calls; the long version (`lengths.py`) lets them pass."""
    world.ask("ann")
    calls = outage(world, service, hours=0.25, every=every)
    assert 7 <= calls <= 1500 / 96 + 5
    world.later(2 * 60, every)
    assert world.regulations("ann") == 1
    world.later(120)
    assert world.judged() == []


def test_while_segment_is_out_of_order_rows_are_told_that_they_wait(world: Bench) -> None:
    fault = world.fault("segment", "status", code=503, times=None)
    row = world.ask("ann")
    world.later(300)
    assert world.status(row) == "On hold"
    assert not world.row(row).get("Submitted")
    world.box.faults.remove(fault)
    world.later(300)
    assert world.status(row) == "Completed"


def test_five_unanswered_submissions_in_a_row_end_the_sending_and_then_one_at_a_time_is_tried(world: Bench) -> None:
    fault = world.fault("segment", "cut", method="POST", after_effect=True, times=None)
    rows = [world.ask(f"person-{number}") for number in range(12)]
    world.tick()
    assert len(world.calls("segment", method="POST")) == 5
    for tries in (6, 7):
        world.later(61, 61)
        assert len(world.calls("segment", method="POST")) == tries
    world.box.faults.remove(fault)
    world.later(3600)
    assert {world.status(row) for row in rows} == {"Completed"}
    assert {world.regulations(f"person-{number}") for number in range(12)} == {1}
    assert world.judged() == []


def test_a_good_answer_between_lost_ones_begins_the_count_anew(world: Bench) -> None:
    """Four lost, one good, four lost: never five in a row, so that all nine are sent in one tick."""
    for skip in (0, 1):  # the second fault lets one through once the first is used up
        world.fault("segment", "cut", method="POST", after_effect=True, times=4, skip=skip)
    for number in range(9):
        world.ask(f"person-{number}")
    report = world.tick()
    assert (report.unknown, report.submitted) == (8, 1)
    posts = world.calls("segment", method="POST")
    assert [post.outcome for post in posts] == ["cut"] * 4 + [""] + ["cut"] * 4
    world.later(3600)
    assert {world.regulations(f"person-{number}") for number in range(9)} == {1}
    assert world.judged() == []


def test_refusals_of_single_requests_never_count_as_a_service_that_is_out_of_order(world: Bench) -> None:
    world.fault("segment", "status", method="POST", code=400, times=5)
    rows = [world.ask(f"person-{number}") for number in range(6)]
    report = world.tick()
    assert (report.refused, report.submitted) == (5, 1)
    assert [post.status for post in world.calls("segment", method="POST")] == [400] * 5 + [200]
    world.later(300)
    assert [world.status(row) for row in rows].count("Completed") == 1


def test_an_answer_of_4xx_shows_that_the_host_works_and_pauses_nothing(world: Bench) -> None:
    world.fault("segment", "status", code=400, method="GET", times=None)
    world.ask("ann")
    world.tick()
    for _ in range(8):
        before = world.so_far()
        world.later(1, 1)
        assert world.calls("segment", before)


@pytest.mark.parametrize("service", ["airtable", "segment"])
def test_twenty_restarts_during_a_back_off_call_nobody(world: Bench, service: str) -> None:
    assert restarted_in_a_back_off(world, service, 20) == 0


def test_once_keeps_to_what_a_service_asked_for_and_tries_again_what_is_only_broken(world: Bench) -> None:
    once = Engine(world.engine.world, patient=False)
    world.fault("airtable", "status", code=503, times=1)
    assert not once.tick().complete
    before = world.so_far()
    assert Engine(world.engine.world, patient=False).tick().complete
    assert world.calls("airtable", before)
    world.fault("airtable", "rate_limit", times=1)
    once.tick()
    before = world.so_far()
    assert Engine(world.engine.world, patient=False).tick().paused == {"airtable"}
    assert not world.calls("airtable", before)


def test_a_trickled_answer_costs_no_more_than_the_time_of_one_call(tmp_path: Path) -> None:
    """A submission whose answer comes byte by byte is in doubt at the deadline, and settled later; on real time."""
    with bench(tmp_path, frozen=False, seconds=2.0) as world:
        row = world.ask("ann")
        before = len(world.made_calls.seconds)
        world.fault("segment", "trickle", method="POST", bytes=1, every_seconds=0.05)
        assert world.tick().unknown == 1
        assert max(world.made_calls.seconds[before:]) == pytest.approx(2.0, abs=1.0)
        world.later(1800)
        assert world.row(row)["Submitted"]
        assert world.regulations("ann") == 1
