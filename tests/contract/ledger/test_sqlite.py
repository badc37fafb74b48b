"""What only the SQLite file promises: private, durable, with a key beside it, and refused with plain reasons."""

import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from tests.contract.ledger.made import after, intent, look, noted, regulation, report, row, sent

from dsr_sync.adapters.ledger import Place, SqlLedger, open_ledger, open_reader
from dsr_sync.core.model import Progress, RegulationId
from dsr_sync.ports import LedgerUnusable, Transient

Open = Callable[[Place], SqlLedger]
ANN = row("A", "ann")


def file_of(place: Place) -> Path:
    return Path(place.url.removeprefix("sqlite:///"))


def direct(place: Place) -> sqlite3.Connection:
    """The database file, behind the ledger's back."""
    return sqlite3.connect(file_of(place), isolation_level=None)


def test_everything_that_is_made_is_private(sqlite: SqlLedger, sqlite_place: Place) -> None:
    sqlite.note([noted(ANN)])
    folder = file_of(sqlite_place).parent
    modes = {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}
    assert modes == dict.fromkeys(
        ["ledger.db", "ledger.db-wal", "ledger.db-shm", "ledger.db.key", "ledger.db.lock"], 0o600
    )
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_file_that_others_could_read_is_made_private(opened: Open, tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.touch(0o644)
    opened(Place(f"sqlite:///{path}"))
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("secure_delete", 1), ("busy_timeout", 5000)],
)
def test_every_connection_is_set_up_for_durability(sqlite: SqlLedger, pragma: str, value: object) -> None:
    with sqlite._engine.connect() as first, sqlite._engine.connect() as second:
        for connection in (first, second):
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one() == value


def test_an_intent_survives_the_death_of_the_process(sqlite_place: Place, opened: Open) -> None:
    program = (
        "import os, signal, sys, time\n"
        "sys.path.insert(0, sys.argv[2])\n"
        "from tests.contract.ledger.made import intent, row\n"
        "from dsr_sync.adapters.ledger import Place, open_ledger\n"
        "ledger = open_ledger(Place(sys.argv[1]), time.monotonic)\n"
        "ledger.intend(intent(row('A', 'ann')))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    root = str(Path(__file__).parents[3])
    killed = subprocess.run([sys.executable, "-c", program, sqlite_place.url, root], check=False, timeout=60)
    assert killed.returncode == -9
    assert [item.record_ids for item in opened(sqlite_place).unsettled()] == [(ANN.record_id,)]


def test_the_key_is_kept_beside_the_database_and_found_again(opened: Open, sqlite_place: Place) -> None:
    with closing(open_ledger(sqlite_place, time.monotonic)) as first:
        key = first.key_of(ANN.identifier)
    assert opened(sqlite_place).key_of(ANN.identifier) == key


def test_the_text_of_the_key_file_can_be_given_as_the_key(opened: Open, sqlite_place: Place) -> None:
    with closing(open_ledger(sqlite_place, time.monotonic)) as first:
        key = first.key_of(ANN.identifier)
    key_file = file_of(sqlite_place).with_name("ledger.db.key")
    text = key_file.read_text().strip()
    key_file.unlink()
    assert opened(replace(sqlite_place, key=text)).key_of(ANN.identifier) == key
    assert not key_file.exists()


@pytest.mark.parametrize("door", [lambda place: open_ledger(place, time.monotonic), open_reader])
def test_another_key_is_recognised_and_refused(sqlite_place: Place, door: Callable[[Place], SqlLedger]) -> None:
    open_ledger(sqlite_place, time.monotonic).close()
    with pytest.raises(LedgerUnusable, match="the key is not the one"):
        door(replace(sqlite_place, key="some other key, long enough"))


@pytest.mark.parametrize("door", [lambda place: open_ledger(place, time.monotonic), open_reader])
def test_a_lost_key_file_is_not_made_anew(sqlite_place: Place, door: Callable[[Place], SqlLedger]) -> None:
    open_ledger(sqlite_place, time.monotonic).close()
    key_file = file_of(sqlite_place).with_name("ledger.db.key")
    key_file.unlink()
    with pytest.raises(LedgerUnusable, match="the key file is missing"):
        door(sqlite_place)
    assert not key_file.exists()


def test_pipelines_of_one_database_do_not_see_each_other(opened: Open, sqlite_place: Place) -> None:
    with closing(open_ledger(sqlite_place, time.monotonic)) as first:
        sent(first, ANN)
        first.set_mark("tick", after(5))
        other_key = first.key_of(ANN.identifier)
    second = opened(replace(sqlite_place, pipeline="second"))
    assert second.entries([ANN.record_id]) == {}
    assert (second.mark("tick"), second.history(ANN.record_id), second.due(after(99), 9)) == (None, (), ())
    assert second.known([RegulationId("reg1")]) == frozenset()
    assert second.key_of(ANN.identifier) != other_key
    sent(second, ANN)  # the same person and the same regulation id, in another pipeline
    assert second.summary(after(9)).by_state == {"accepted": 1}


@pytest.mark.parametrize("deed", ["UPDATE events SET kind = 'nothing happened'", "DELETE FROM events"])
def test_the_history_cannot_be_changed(sqlite: SqlLedger, sqlite_place: Place, deed: str) -> None:
    sqlite.note([noted(ANN)])
    with closing(direct(sqlite_place)) as connection, pytest.raises(sqlite3.IntegrityError, match="never changed"):
        connection.execute(deed)
    assert len(sqlite.history(ANN.record_id)) == 1


def test_the_database_itself_refuses_a_second_live_submission(sqlite: SqlLedger, sqlite_place: Place) -> None:
    sqlite.intend(intent(ANN))
    copy = (
        "INSERT INTO submission_subjects SELECT submission_id, 'recZ', subject_key, pipeline, request_type, sent, live "
        "FROM submission_subjects"
    )
    with closing(direct(sqlite_place)) as connection, pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        connection.execute(copy)


def test_an_anomaly_is_kept_though_it_belongs_to_no_row(sqlite: SqlLedger, sqlite_place: Place) -> None:
    sqlite.report("outcome.duplicate_found", after(1), {"kept": "reg1", "more": 2})
    with closing(direct(sqlite_place)) as connection:
        found = connection.execute("SELECT kind, details FROM events").fetchall()
    assert found == [("outcome.duplicate_found", '{"kept": "reg1", "more": 2}')]


def test_no_byte_of_any_identifier_reaches_the_disk(sqlite: SqlLedger, sqlite_place: Place) -> None:
    markers = [f"marker{word}" for word in ("zebra", "yonder", "xylem", "willow")]
    rows = [row(f"{number}", marker) for number, marker in enumerate(markers)]
    submission_id = sent(sqlite, rows[0], rows[1])
    sqlite.join(row("9", markers[0]), submission_id, after(2))
    error = f"{markers[0]} and <{markers[1]}> were not found"
    sqlite.look(submission_id, look(regulation("reg1", Progress.FAILED, report("Braze", Progress.FAILED, error))))
    sqlite.refuse(sqlite.intend(intent(rows[2])), after(3), f"no such user {markers[2]}@example.com")
    sqlite.note([noted(rows[3])])
    sqlite.forget_unseen(frozenset())
    (entry, *_) = sqlite.requests_of(submission_id)
    assert entry.submission is not None
    assert entry.submission.receipts[0].error == "[…] and […] were not found"
    written = b"".join(path.read_bytes() for path in file_of(sqlite_place).parent.iterdir())
    assert b"were not found" in written  # so the search does look where the texts are
    assert b"marker" not in written


def test_a_busy_database_is_transient_and_named_without_details(sqlite: SqlLedger, sqlite_place: Place) -> None:
    with closing(direct(sqlite_place)) as other:
        other.execute("BEGIN IMMEDIATE")
        with sqlite._engine.connect() as impatient:  # the one connection of the pool that the next statement gets
            impatient.exec_driver_sql("PRAGMA busy_timeout = 0")
        with pytest.raises(Transient, match="the database is locked"):
            sqlite.note([noted(ANN)])
    sqlite.note([noted(ANN)])


def test_a_file_that_is_no_database_is_unusable(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.write_bytes(b"this is a letter to my aunt, and no database at all" * 50)
    with pytest.raises(LedgerUnusable, match="not a database"):
        open_ledger(Place(f"sqlite:///{path}"), time.monotonic)


def test_a_full_disk_is_unusable_and_leaves_the_ledger_whole(sqlite: SqlLedger) -> None:
    sqlite.note([noted(ANN)])
    with sqlite._engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(LedgerUnusable, match="the disk is full"):
        sqlite.note([noted(row(f"{number:05}", f"user{number}")) for number in range(5_000)])
    assert set(sqlite.entries([ANN.record_id, row("00000", "").record_id])) == {ANN.record_id}


@pytest.mark.parametrize(
    "url",
    ["sqlite://", "sqlite:///:memory:", "sqlite:///a.db?mode=rw", "mysql://u:secret@h/d", "no url at all", ""],
)
@pytest.mark.parametrize("door", [lambda place: open_ledger(place, time.monotonic), open_reader])
def test_a_url_that_is_no_ledger_is_refused_without_being_quoted(door: Callable[[Place], SqlLedger], url: str) -> None:
    with pytest.raises(LedgerUnusable) as refused:
        door(Place(url))
    assert "secret" not in str(refused.value)
    assert "secret" not in repr(Place(url))


def test_a_database_file_that_cannot_be_written_is_unusable(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").mkdir()
    with pytest.raises(LedgerUnusable, match="database file"):
        open_ledger(Place(f"sqlite:///{tmp_path}/ledger.db"), time.monotonic)


def test_a_folder_that_cannot_be_made_is_unusable(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LedgerUnusable, match="folder"):
        open_ledger(Place(f"sqlite:///{tmp_path}/file/ledger.db"), time.monotonic)


def test_two_threads_can_use_one_ledger(sqlite: SqlLedger) -> None:
    failures: list[BaseException] = []

    def work(letter: str) -> None:
        try:
            for number in range(30):
                sqlite.note([noted(row(f"{letter}{number}", f"{letter}{number}"))])
                sqlite.summary(after(0))
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test has to see it
            failures.append(error)

    threads = [threading.Thread(target=work, args=(letter,)) for letter in "ABC"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert sqlite.summary(after(0)).by_state == {"seen": 90}


def test_a_relative_path_is_relative_to_where_the_process_runs(
    opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    opened(Place("sqlite:///var/dsr-sync.db"))
    assert (tmp_path / "var" / "dsr-sync.db").exists()
    assert os.access(tmp_path / "var" / "dsr-sync.db.key", os.R_OK)
