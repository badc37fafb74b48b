"""Real threads and real time; the wall clock is set by time-machine. Intervals are short, and nothing sleeps."""

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import time_machine

from dsr_sync.daemon.health import Pulse
from dsr_sync.daemon.scheduler import Every, Loop, Metronome

DEADLINE = 10.0


class RealClock:
    """The machine's clocks. time-machine may set the wall clock; the steady one it leaves alone."""

    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def wait(self, seconds: float) -> bool:
        raise AssertionError(f"nothing here waits on the clock ({seconds} s)")


def eventually(condition: Callable[[], bool], what: str) -> None:
    """Ask again and again until it is so; fail after the deadline."""
    pause = threading.Event()
    end = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < end, f"not within {DEADLINE} s: {what}"
        pause.wait(0.005)


class Running:
    """A metronome at work, what its loops raised and by how much the clock was seen to jump."""

    def __init__(self, *loops: Loop) -> None:
        clock = RealClock()
        self.errors: list[tuple[str, Exception]] = []
        self.jumps: list[float] = []
        self.pulse = Pulse(clock.monotonic, {loop.name: loop.seconds for loop in loops}, silence=0.2)
        self.metronome = Metronome(
            loops, clock, self.pulse, lambda name, error: self.errors.append((name, error)), self.jumps.append
        )


@contextmanager
def running(*loops: Loop) -> Iterator[Running]:
    made = Running(*loops)
    made.metronome.start()
    try:
        yield made
    finally:
        made.metronome.stop(5)


class Ticks:
    """A loop's work: notes when it was called, by the steady clock."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def __call__(self) -> None:
        self.times.append(time.monotonic())


def test_the_first_turn_comes_at_once_and_the_next_after_the_interval() -> None:
    seldom, often = Ticks(), Ticks()
    with running(Loop("seldom", 3600, seldom), Loop("often", 0.2, often)):
        eventually(lambda: len(often.times) >= 5, "five turns")
    assert len(seldom.times) == 1
    assert often.times[4] - often.times[0] > 0.6


def test_a_loop_that_raises_is_reported_and_gets_its_next_turn_and_so_do_the_others() -> None:
    ticks = Ticks()

    def fail() -> None:
        raise ValueError("expected")

    with running(Loop("failing", 0.05, fail), Loop("tick", 0.05, ticks)) as seen:
        eventually(lambda: len(seen.errors) >= 3 and len(ticks.times) >= 3, "three turns of each")
    assert {name for name, _ in seen.errors} == {"failing"}
    assert all(isinstance(error, ValueError) for _, error in seen.errors)


def test_a_loop_that_hangs_never_runs_twice_at_a_time_and_does_not_stop_the_others() -> None:
    ticks, release = Ticks(), threading.Event()
    entered: list[int] = []

    def hang() -> None:
        entered.append(1)
        release.wait(10)

    with running(Loop("hanging", 0.05, hang), Loop("tick", 0.05, ticks)) as seen:
        eventually(lambda: len(ticks.times) >= 10, "ten turns of the other")
        assert len(entered) == 1
        eventually(lambda: seen.pulse.stuck() == ("hanging",), "the hanging one is found out")
        release.set()
        eventually(lambda: len(entered) >= 2, "the hanging one gets its next turn")


def test_stopping_waits_for_the_turn_in_hand_and_begins_no_other() -> None:
    release, ended = threading.Event(), threading.Event()

    def work() -> None:
        release.wait(10)
        ended.set()

    seen = Running(Loop("tick", 0.05, work))
    seen.metronome.start()
    eventually(lambda: seen.pulse.idle_for("tick") == 0.0, "a turn has begun")
    assert not seen.metronome.stop(0.05)
    release.set()
    eventually(ended.is_set, "the turn ends")


def test_stopping_an_idle_metronome_is_quick() -> None:
    ticks = Ticks()
    seen = Running(Loop("tick", 3600, ticks))
    seen.metronome.start()
    eventually(lambda: len(ticks.times) == 1, "the first turn")
    begun = time.monotonic()
    assert seen.metronome.stop(5)
    assert time.monotonic() - begun < 1


JUMPS = {
    "an hour back": dt.timedelta(hours=-1),
    "an hour forward": dt.timedelta(hours=1),
    "ninety days back": dt.timedelta(days=-90),
    "ninety days forward": dt.timedelta(days=90),
}


@pytest.mark.parametrize("jump", JUMPS.values(), ids=JUMPS.keys())
def test_after_the_wall_clock_is_set_the_next_turn_comes_within_two_intervals(jump: dt.timedelta) -> None:
    """Without the watchdog, APScheduler reckons by the wall clock and waits for an hour after it is set back by one."""
    ticks, interval = Ticks(), 0.8
    with running(Loop("tick", interval, ticks)) as seen:
        eventually(lambda: len(ticks.times) >= 2, "two turns in ordinary time")
        with time_machine.travel(dt.datetime.now(dt.UTC) + jump, tick=True):
            before, at = len(ticks.times), time.monotonic()
            eventually(lambda: len(ticks.times) >= before + 2, "two turns after the jump")
            eventually(lambda: bool(seen.jumps), "the jump is noticed")
    assert ticks.times[before] - at <= 2 * interval
    assert ticks.times[before + 1] - ticks.times[before] <= 2 * interval
    assert seen.jumps[0] == pytest.approx(jump.total_seconds(), abs=1)


def test_a_loop_can_be_called_before_its_time() -> None:
    ticks = Ticks()
    with running(Loop("tick", 3600, ticks)) as seen:
        eventually(lambda: len(ticks.times) == 1, "the first turn")
        seen.metronome.call_now("tick")
        eventually(lambda: len(ticks.times) == 2, "the turn that was asked for")


def test_however_many_turns_were_missed_they_count_as_one() -> None:
    now = dt.datetime(2026, 5, 3, tzinfo=dt.UTC)
    every = Every(0.5)
    assert every.get_next_fire_time(None, now) == now + dt.timedelta(seconds=0.5)
    assert every.get_next_fire_time(now, now) == now + dt.timedelta(seconds=0.5)
    assert every.get_next_fire_time(now - dt.timedelta(days=90), now) == now + dt.timedelta(seconds=0.5)


def test_a_clock_that_nobody_sets_is_not_reported() -> None:
    ticks = Ticks()
    with running(Loop("tick", 0.05, ticks)) as seen:
        eventually(lambda: len(ticks.times) >= 10, "ten turns")
    assert seen.jumps == []


def test_turns_are_not_called_early_in_good_order() -> None:
    """The watchdog must leave a healthy loop to APScheduler, whatever part of the interval its work takes."""
    ticks, release = Ticks(), threading.Event()

    def work() -> None:
        ticks()
        release.wait(0.1)

    with running(Loop("tick", 0.2, work)):
        eventually(lambda: len(ticks.times) >= 6, "six turns")
    assert (ticks.times[5] - ticks.times[0]) / 5 > 0.15
