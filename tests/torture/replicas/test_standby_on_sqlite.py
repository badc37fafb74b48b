"""Two processes on one SQLite ledger: the kernel's file lock says who works."""

import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.e2e.house import House
from tests.e2e.process import Daemon, until

from dsr_sandbox import Sandbox

_BUSY = 1.5
"""Seconds more, for a machine that does other things at the same time."""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with Sandbox() as box:
        yield House(box, tmp_path)


def taken(daemon: Daemon) -> list[datetime]:
    """When a process took the ledger."""
    return [datetime.fromisoformat(line["at"]) for line in daemon.process.events("lease.taken")]


def test_another_process_stands_by_and_takes_over_within_a_second_whether_the_first_was_killed_or_ended(
    house: House,
) -> None:
    with house.daemon() as first, house.daemon() as second:  # the second starts once the first has its pages
        until(lambda: (first.state(), second.state()) == ("ready", "standing by"), "one leads, the other stands by")
        assert second.page("/readyz").status_code == 200
        assert not taken(second)
        assert seconds_until(second, first, signal.SIGKILL) <= 1 + _BUSY
        row = house.ask("ann")
        until(lambda: house.row(row).get("Submitted"), "the second process does the work")
        with house.daemon() as third:
            until(lambda: third.state() == "standing by", "the third process stands by")
            assert seconds_until(third, second, signal.SIGTERM) <= 1 + _BUSY
            assert (first.process.ended(), second.process.ended()) == (-signal.SIGKILL, 0)
            row = house.ask("bob")
            until(lambda: house.row(row).get("Submitted"), "the third process does the work")
    assert house.regulations("ann") == house.regulations("bob") == ["SUPPRESS_WITH_DELETE"]


def seconds_until(standby: Daemon, leader: Daemon, number: signal.Signals) -> float:
    """Send the leader a signal; seconds until the other one has taken the ledger."""
    begun = datetime.now(UTC)
    leader.process.signalled(number)
    until(lambda: taken(standby), "the other process takes over")
    return (taken(standby)[0] - begun).total_seconds()


def test_a_paused_process_keeps_the_ledger_because_it_keeps_the_lock(house: House) -> None:
    with house.daemon() as first:
        until(lambda: first.state() == "ready", "the first process leads")
        with house.daemon() as second:
            until(lambda: second.state() == "standing by", "the second process stands by")
            first.process.signalled(signal.SIGSTOP)
            row = house.ask("ann")
            tries = second.page("/metrics").text.count("\n")
            assert tries
            assert second.state() == "standing by"
            assert not house.row(row).get("Submitted")
            first.process.signalled(signal.SIGCONT)
            until(lambda: house.row(row).get("Submitted"), "the first process goes on")
            assert house.regulations("ann") == ["SUPPRESS_WITH_DELETE"]
