from typing import Any

import pytest

from dsr_sync.daemon.health import Pulse, ReadinessBoard, State


@pytest.fixture
def pulse(clock: Any) -> Pulse:
    return Pulse(clock.monotonic, {"tick": 60, "lease": 5}, silence=600)


def test_a_loop_that_has_just_begun_to_be_watched_is_alive(pulse: Pulse) -> None:
    assert pulse.alive()


def test_a_loop_is_stuck_once_no_tick_came_for_three_intervals(clock: Any, pulse: Pulse) -> None:
    clock.passes(60)
    pulse.begin("lease")
    pulse.end("lease")
    clock.passes(60)
    assert pulse.alive()
    clock.passes(60.1)
    assert pulse.stuck() == ("tick", "lease")


def test_a_short_interval_still_leaves_a_minute_of_patience(clock: Any, pulse: Pulse) -> None:
    clock.passes(60)
    assert pulse.alive()
    clock.passes(0.1)
    assert pulse.stuck() == ("lease",)


def test_a_tick_that_takes_long_is_alive_until_the_deadline(clock: Any) -> None:
    pulse = Pulse(clock.monotonic, {"tick": 60}, silence=600)
    pulse.begin("tick")
    clock.passes(600)
    assert pulse.alive()
    clock.passes(0.1)
    assert not pulse.alive()


def test_a_sign_of_life_within_a_tick_puts_the_deadline_off(clock: Any) -> None:
    pulse = Pulse(clock.monotonic, {"tick": 60}, silence=600)
    pulse.begin("tick")
    clock.passes(599)
    pulse.sign()
    clock.passes(599)
    assert pulse.alive()


def test_a_sign_of_life_does_not_keep_an_idle_loop_alive(clock: Any) -> None:
    pulse = Pulse(clock.monotonic, {"tick": 60}, silence=600)
    clock.passes(179)
    pulse.sign()
    clock.passes(2)
    assert pulse.stuck() == ("tick",)


def test_a_loop_that_ticks_again_is_alive_again(clock: Any, pulse: Pulse) -> None:
    clock.passes(1000)
    for loop in ("tick", "lease"):
        pulse.begin(loop)
        pulse.end(loop)
    assert pulse.alive()


def test_setting_the_wall_clock_changes_nothing(clock: Any, pulse: Pulse) -> None:
    clock.wall = clock.wall.replace(year=2030)
    assert pulse.alive()
    assert pulse.idle_for("tick") == 0


def test_readiness_begins_with_starting_and_tells_whether_it_changed() -> None:
    board = ReadinessBoard()
    assert board.now.state is State.STARTING
    assert board.set(State.READY)
    assert not board.set(State.READY)
    assert board.set(State.SCHEMA_BROKEN, ["Status"])
    assert board.set(State.SCHEMA_BROKEN, ["Status", "Regulation ID"])
    assert board.now.about == ("Status", "Regulation ID")


@pytest.mark.parametrize("state", State)
def test_only_ready_and_standing_by_are_fine(state: State) -> None:
    assert state.fine == (state.value in {"ready", "standing by"})
