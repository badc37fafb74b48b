"""The clock of the machine and the one of the tests keep the same promises."""

import threading
from datetime import timedelta

import pytest
from tests.fakes.clock import FakeClock

from dsr_sync.adapters.clock import SystemClock
from dsr_sync.ports import Clock


@pytest.fixture(params=["fake", "system"])
def clock(request: pytest.FixtureRequest) -> Clock:
    return FakeClock() if request.param == "fake" else SystemClock(threading.Event())


def stopped(kind: str) -> Clock:
    if kind == "fake":
        fake = FakeClock()
        fake.stop()
        return fake
    stop = threading.Event()
    stop.set()
    return SystemClock(stop)


def test_now_is_aware_and_in_utc(clock: Clock) -> None:
    assert clock.now().utcoffset() == timedelta(0)


def test_a_wait_lets_time_pass_on_both_clocks(clock: Clock) -> None:
    wall, monotonic = clock.now(), clock.monotonic()
    assert clock.wait(0.02) is False
    assert clock.monotonic() - monotonic >= 0.02
    assert clock.now() > wall


def test_a_wait_for_no_time_says_whether_to_stop(clock: Clock) -> None:
    assert clock.wait(0) is False


@pytest.mark.parametrize("kind", ["fake", "system"])
def test_a_stop_ends_every_wait_at_once(kind: str) -> None:
    clock = stopped(kind)
    began = clock.monotonic()
    assert clock.wait(3600) is True
    assert clock.monotonic() - began < 60


def test_a_stop_ends_a_wait_that_has_begun() -> None:
    stop = threading.Event()
    answers: list[bool] = []
    waiting = threading.Thread(target=lambda: answers.append(SystemClock(stop).wait(3600)))
    waiting.start()
    stop.set()
    waiting.join(60)
    assert answers == [True]


def test_setting_the_wall_clock_back_leaves_the_monotonic_one_alone() -> None:
    clock = FakeClock()
    clock.advance(100)
    clock.set_wall_clock(clock.now() - timedelta(hours=1))
    assert clock.monotonic() == 100
