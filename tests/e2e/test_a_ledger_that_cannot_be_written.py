"""A ledger that can be opened and read, and not written: few calls are made, nothing is sent, it heals."""

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from tests.e2e.house import House
from tests.e2e.process import Daemon, until

POLL = 3.0
CHANGES = ("INSERT", "UPDATE")


def refuse(house: House, table: str) -> None:
    """From now on every write to this table fails, as on a full disk."""
    for change in CHANGES:
        _run(house, f"CREATE TRIGGER no_{change} BEFORE {change} ON {table} BEGIN SELECT RAISE(ABORT, 'refused'); END")


def mend(house: House) -> None:
    """The ledger can be written again."""
    for change in CHANGES:
        _run(house, f"DROP TRIGGER no_{change}")


def _run(house: House, statement: str) -> None:
    with closing(sqlite3.connect(house.ledger)) as database:
        database.execute(statement)


def taken(daemon: Daemon) -> list[datetime]:
    """When the ledger was taken."""
    return [datetime.fromisoformat(line["at"]) for line in daemon.process.events("lease.taken")]


@pytest.mark.parametrize(("table", "calls_per_tick"), [("marks", 0), ("requests", 3)])
def test_a_ledger_that_cannot_be_written_is_tried_once_per_poll_and_heals_without_a_restart(
    house: House, table: str, calls_per_tick: int
) -> None:
    house.once()
    record_id = house.ask("usr_1")
    refuse(house, table)
    before = len(house.box.journal.entries("airtable"))
    with house.daemon(DSR_SYNC_SCHEDULE__POLL_SECONDS=str(POLL)) as daemon:
        until(lambda: len(taken(daemon)) == 3, "it is tried a third time")
        calls = len(house.box.journal.entries("airtable")) - before
        assert calls <= 3 * calls_per_tick
        times = taken(daemon)
        assert all(after - first >= timedelta(seconds=POLL) for first, after in pairwise(times))
        assert daemon.page("/readyz").status_code == 503
        assert daemon.state() == "ledger trouble"
        assert len(daemon.process.events("ledger.trouble")) == 1
        assert house.posts() == []
        mend(house)
        until(lambda: house.row(record_id).get("Submitted"), "work goes on by itself")
        until(lambda: daemon.state() == "ready", "the daemon is ready again")
    assert len(house.posts()) == 1
