"""The wall clock of a running daemon is set; its ticks go by the steady one (APScheduler alone stops for an hour)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.house import House
from tests.e2e.process import until
from tests.torture.clocks.daemon import JUMPS, POLL, Moved, moved, now, until_summer_time, until_winter_time

from dsr_sandbox import Sandbox

_SAMPLE = ("an hour back", "ninety days forward")
_SLACK = 3.0
"""Seconds that a busy machine may take to run a tick and to show its log line. APScheduler alone would stop."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with Sandbox() as box:
        yield House(box, tmp_path_factory.mktemp("house"), {"DSR_SYNC_SCHEDULE__POLL_SECONDS": str(POLL)})


@pytest.fixture(scope="module")
def running(house: House) -> Iterator[Moved]:
    with moved(house.env(), house.folder) as daemon:
        yield daemon


@pytest.mark.parametrize("ahead", [JUMPS[name] for name in _SAMPLE], ids=_SAMPLE)
def test_ticks_go_on_within_two_intervals_whatever_the_wall_clock_does(running: Moved, ahead: float) -> None:
    assert running.longest_wait(ahead, ticks=2) <= 2 * POLL + _SLACK
    assert running.longest_wait(0, ticks=2) <= 2 * POLL + _SLACK
    assert running.daemon.page("/healthz").status_code == 200


@pytest.mark.parametrize("change", [until_summer_time, until_winter_time], ids=["summer time", "winter time"])
def test_ticks_go_on_over_the_change_of_daylight_saving_time(running: Moved, change: object) -> None:
    assert callable(change)
    assert running.longest_wait(change(now()), ticks=4) <= 2 * POLL + _SLACK
    assert running.longest_wait(0, ticks=1) <= 2 * POLL + _SLACK


def test_the_jump_is_reported_and_what_is_asked_meanwhile_is_sent_once(running: Moved, house: House) -> None:
    before = len(running.process.events("clock.jumped"))
    running.set_clock(-3600)
    until(lambda: len(running.process.events("clock.jumped")) > before, "the jump is reported")
    row = house.ask("ann")
    until(lambda: house.row(row).get("Submitted"), "the request is sent")
    running.set_clock(0)
    house.later(60)
    until(lambda: house.status(row) == "Completed", "the request is completed")
    assert house.regulations("ann") == ["SUPPRESS_WITH_DELETE"]


def test_a_clock_that_is_fast_sends_nothing_and_says_why_until_it_is_put_right(tmp_path: Path) -> None:
    """An intent from the future would not be found in Segment's list, and be sent again."""
    with Sandbox() as box:
        house = House(box, tmp_path)
        row = house.ask("ann")
        with moved(house.env(), tmp_path, ahead=600) as daemon:
            reason = "this machine's clock is ahead of Segment's"
            until(
                lambda: [line for line in daemon.process.events("tick.failed") if line["reason"] == reason],
                "the reason",
            )
            until(lambda: house.status(row) == "On hold", "the row says that it waits")
            assert not house.posts()
            daemon.set_clock(0)
            until(lambda: house.row(row).get("Submitted"), "the request is sent", 60)
        assert house.regulations("ann") == ["SUPPRESS_WITH_DELETE"]
