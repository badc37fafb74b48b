"""A wall clock that is set, and set right again, hurries no proof and puts nothing off; on the bench's own time."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.torture.faults.bench import POLL, SETTLE, Bench, bench

from dsr_sync.core.model import RecordId

HOUR, DAY = 3600.0, 86_400.0
JUMPS = {"-1 h": -HOUR, "+1 h": HOUR, "-90 days": -90 * DAY, "+90 days": 90 * DAY}

_SAMPLE = ("-1 h", "+90 days")

each_jump = pytest.mark.parametrize(
    "jump",
    [pytest.param(JUMPS[name], id=name) for name in _SAMPLE]
    + [pytest.param(JUMPS[name], id=name, marks=pytest.mark.torture) for name in JUMPS if name not in _SAMPLE],
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Bench]:
    with bench(tmp_path) as made:
        yield made


def glitch(world: Bench, ahead: float, seconds: float) -> None:
    """The clock is wrong for so long, and then right again."""
    world.clock.ahead = timedelta(seconds=ahead)
    world.later(seconds)
    world.clock.ahead = timedelta(0)


@each_jump
def test_a_ghost_that_lands_within_the_settle_time_is_found_whatever_the_clock_does(world: Bench, jump: float) -> None:
    """By the wall clock the settle time seems over; by the steady one the effect has not even landed."""
    row = world.ask("ann")
    world.fault("segment", "ghost", method="POST", seconds=SETTLE * 0.95)
    world.tick()
    glitch(world, jump, 300)
    world.later(3000)
    assert world.regulations("ann") == 1
    assert len(world.calls("segment", method="POST")) == 1
    assert world.status(row) == "Completed"
    assert world.judged() == []


def test_an_intent_of_a_slow_clock_is_not_proved_absent_when_the_clock_is_put_right(world: Bench) -> None:
    world.clock.ahead = timedelta(hours=-2)
    world.later(120)
    row = world.ask("ann")
    world.fault("segment", "ghost", method="POST", seconds=SETTLE * 0.9)
    world.tick()
    world.clock.ahead = timedelta(0)  # the intent seems two hours old now
    world.later(3000)
    assert len(world.calls("segment", method="POST")) == 1
    assert world.status(row) == "Completed"


@each_jump
def test_following_goes_on_once_the_clock_is_right_again(world: Bench, jump: float) -> None:
    """Without a limit, what was put off by a clock 90 days fast would not be looked at for 90 days."""
    world.box.segment.put_pace(running_after=1.0, finished_after=3 * HOUR)
    row = world.ask("ann")
    world.later(300)
    glitch(world, jump, 600)
    world.later(8 * HOUR, 900)
    assert world.status(row) == "Completed"
    assert world.judged() == []


def test_a_404_seen_while_the_clock_is_90_days_fast_gives_nothing_up(world: Bench) -> None:
    world.box.segment.put_pace(running_after=1.0, finished_after=3 * HOUR)
    row = world.ask("ann")
    world.later(300)
    fault = world.fault("segment", "status", code=404, method="GET", path="/regulations/", times=None)
    glitch(world, 90 * DAY, 600)
    world.box.faults.remove(fault)
    world.later(8 * HOUR, 900)
    assert world.status(row) == "Completed"


def test_a_lost_answer_while_the_clock_is_90_days_fast_is_not_called_unprovable(world: Bench) -> None:
    row = world.ask("ann")
    world.fault("segment", "cut", method="POST")
    world.tick()
    glitch(world, 90 * DAY, 600)
    world.later(3000)
    assert world.status(row) == "Completed"
    assert world.regulations("ann") == 1


@each_jump
def test_the_cooling_off_time_of_a_row_seen_by_a_wrong_clock_ends(tmp_path: Path, jump: float) -> None:
    with bench(tmp_path, DSR_SYNC_SAFETY__COOLING_OFF_MINUTES="5") as world:
        world.clock.ahead = timedelta(seconds=jump)
        row = world.ask("ann")
        world.later(120)
        world.clock.ahead = timedelta(0)
        world.later(600)
        assert world.status(row) == "Completed"


@each_jump
def test_a_pause_that_was_noted_by_a_wrong_clock_ends(world: Bench, jump: float) -> None:
    world.clock.ahead = timedelta(seconds=jump)
    world.fault("airtable", "rate_limit", times=1)
    world.fault("segment", "status", code=503, times=3)
    row = world.ask("ann")
    world.later(120)
    world.clock.ahead = timedelta(0)
    world.later(HOUR + 600, 150)
    assert world.status(row) == "Completed"


@each_jump
def test_the_brake_that_a_wrong_clock_has_filled_opens_again(tmp_path: Path, jump: float) -> None:
    with bench(tmp_path, DSR_SYNC_SAFETY__MAX_SUBMISSIONS_PER_HOUR="2") as world:
        world.clock.ahead = timedelta(seconds=jump)
        rows = [world.ask(f"person-{number}") for number in range(2)]
        world.later(120)
        world.clock.ahead = timedelta(0)
        rows += [world.ask(f"person-{number}") for number in range(2, 4)]
        world.later(3 * HOUR, 600)
        assert {world.status(row) for row in rows} == {"Completed"}


@each_jump
def test_a_quota_noted_by_a_wrong_clock_is_held_against_nobody_for_ever(world: Bench, jump: float) -> None:
    world.clock.ahead = timedelta(seconds=jump)
    world.box.segment.quota.put({"segment_and_destination": {"limit": 0}}, world.clock.now())
    row = world.ask("ann")
    world.later(120)
    world.clock.ahead = timedelta(0)
    world.box.segment.quota.put({"segment_and_destination": {"limit": 100}}, world.clock.now())
    world.later(_until_month_end(world.clock.now()) + 2 * HOUR, 12 * HOUR)
    world.later(10 * POLL)
    assert world.status(row) == "Completed"


def test_the_ledger_keeps_the_earliest_time_at_which_a_row_was_seen(tmp_path: Path) -> None:
    with bench(tmp_path, DSR_SYNC_SAFETY__COOLING_OFF_MINUTES="60") as world:
        record_id = RecordId(world.ask("ann"))

        def seen_ago() -> timedelta:
            return world.clock.now() - world.ledger.entries([record_id])[record_id].seen_at

        world.clock.ahead = timedelta(days=90)
        world.tick()
        assert seen_ago() < timedelta(minutes=1)
        world.clock.ahead = timedelta(0)
        world.later(60)
        assert seen_ago() < timedelta(minutes=1)
        world.later(300)
        assert timedelta(minutes=5) <= seen_ago() < timedelta(minutes=6)


def _until_month_end(now: datetime) -> float:
    return ((now.replace(day=1) + timedelta(days=32)).replace(day=1) - now).total_seconds()
