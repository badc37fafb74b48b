"""SQLite: one process writes, and others may look on."""

import errno
import fcntl
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from tests.contract.ledger.made import after, noted, row, sent

from dsr_sync.adapters.ledger import Place, SqlLedger, open_ledger, open_reader
from dsr_sync.ports import LedgerUnusable, Occupied

Open = Callable[[Place], SqlLedger]
ANN = row("A", "ann")


def file_of(place: Place) -> Path:
    return Path(place.url.removeprefix("sqlite:///"))


def test_a_second_writer_is_refused(sqlite: SqlLedger, sqlite_place: Place) -> None:
    sqlite.note([noted(ANN)])
    with pytest.raises(Occupied):
        open_ledger(sqlite_place, time.monotonic)
    sqlite.note([noted(row("B", "bob"))])  # and the first goes on


def test_a_second_process_is_refused(sqlite: SqlLedger, sqlite_place: Place) -> None:
    program = (
        "import sys, time\n"
        "from dsr_sync.adapters.ledger import Place, open_ledger\n"
        "from dsr_sync.ports import Occupied\n"
        "try:\n    open_ledger(Place(sys.argv[1]), time.monotonic)\n"
        "except Occupied:\n    sys.exit(75)\n"
    )
    sqlite.note([noted(ANN)])
    done = subprocess.run([sys.executable, "-c", program, sqlite_place.url], check=False, timeout=60)
    assert done.returncode == 75


def test_once_the_writer_is_gone_another_takes_over(opened: Open, sqlite_place: Place) -> None:
    with closing(open_ledger(sqlite_place, time.monotonic)) as first:
        first.note([noted(ANN)])
    assert ANN.record_id in opened(sqlite_place).entries([ANN.record_id])


def test_a_writer_that_gave_back_its_right_writes_no_more(sqlite: SqlLedger) -> None:
    sqlite.writer.hold()  # again, which changes nothing
    assert sqlite.writer.trusted_for() == float("inf")
    sqlite.writer.release()
    assert sqlite.writer.trusted_for() == 0
    with pytest.raises(Occupied):
        sqlite.note([noted(ANN)])


def test_a_lock_file_that_cannot_be_written_is_unusable(sqlite_place: Place) -> None:
    file_of(sqlite_place).with_name("ledger.db.lock").mkdir(parents=True)
    with pytest.raises(LedgerUnusable, match="lock file"):
        open_ledger(sqlite_place, time.monotonic)


def test_a_file_system_without_locks_is_unusable(sqlite_place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    with pytest.raises(LedgerUnusable, match="knows no locks"):
        open_ledger(sqlite_place, time.monotonic)


def test_a_failed_opening_leaves_no_lock_behind(sqlite_place: Place, opened: Open) -> None:
    with pytest.raises(LedgerUnusable):
        open_ledger(replace(sqlite_place, key="short"), time.monotonic)
    opened(sqlite_place)


def test_a_reader_sees_what_the_writer_commits(sqlite: SqlLedger, sqlite_place: Place) -> None:
    sent(sqlite, ANN)
    with closing(open_reader(sqlite_place)) as reader:
        assert set(reader.entries([ANN.record_id])) == {ANN.record_id}
        assert reader.key_of(ANN.identifier) == sqlite.key_of(ANN.identifier)
        sqlite.set_mark("tick", after(5))
        assert reader.mark("tick") == after(5)


def test_a_reader_writes_nothing(sqlite: SqlLedger, sqlite_place: Place) -> None:
    sqlite.note([noted(ANN)])
    with closing(open_reader(sqlite_place)) as reader:
        with pytest.raises(LedgerUnusable):
            reader.note([noted(row("B", "bob"))])
        with (
            reader._engine.connect() as connection,
            pytest.raises(Exception, match="readonly"),
        ):
            connection.exec_driver_sql("DELETE FROM requests")


def test_a_reader_of_a_ledger_that_is_not_there_sees_an_empty_one_and_makes_none(
    sqlite_place: Place, tmp_path: Path
) -> None:
    with closing(open_reader(sqlite_place)) as reader:
        assert reader.entries([ANN.record_id]) == {}
        assert reader.summary(after(0)).by_state == {}
        assert reader.key_of(ANN.identifier) == reader.key_of(ANN.identifier)
        with pytest.raises(LedgerUnusable):
            reader.set_mark("tick", after(0))
    assert list(tmp_path.iterdir()) == []


def test_a_reader_of_a_ledger_that_is_just_being_made_sees_an_empty_one(sqlite_place: Place) -> None:
    file_of(sqlite_place).parent.mkdir()
    file_of(sqlite_place).touch()
    with closing(open_reader(sqlite_place)) as reader:
        assert reader.unsettled() == ()


def test_a_reader_works_after_the_writer_has_gone(sqlite_place: Place) -> None:
    with closing(open_ledger(sqlite_place, time.monotonic)) as writer:
        writer.set_mark("tick", after(5))
    with closing(open_reader(sqlite_place)) as reader:
        assert reader.mark("tick") == after(5)
