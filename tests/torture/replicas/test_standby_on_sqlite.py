"""Two processes on one SQLite ledger: the kernel's file lock says who works."""

import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.e2e.house import House
from tests.e2e.process import Daemon, until

from dsr_sandbox import Sandbox


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with Sandbox() as box:
        yield House(box, tmp_path)


def taken(daemon: Daemon) -> list[datetime]:
    """When a process took the ledger."""
    return [datetime.fromisoformat(line["at"]) for line in daemon.process.events("lease.taken")]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_second_process_stands_by_and_takes_over_within_a_second(house: House, number: signal.Signals) -> None:
    with house.daemon() as first:
        until(lambda: first.state() == "ready", "the first process leads")
        with house.daemon() as second:
            until(lambda: second.state() == "standing by", "the second process stands by")
            assert second.page("/readyz").status_code == 200
            assert not taken(second)
            begun = datetime.now(UTC)
            first.process.signalled(number)
            until(lambda: taken(second), "the second process takes over")
            assert (taken(second)[0] - begun).total_seconds() <= 1
            row = house.ask("ann")
            until(lambda: house.row(row).get("Submitted"), "the second process does the work")
            assert house.regulations("ann") == ["SUPPRESS_WITH_DELETE"]
            assert first.process.ended() == (0 if number == signal.SIGTERM else -signal.SIGKILL)


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
