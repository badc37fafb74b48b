"""What only PostgreSQL promises: the same rules in the database, and none of its words in errors."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from tests.contract.ledger.conftest import KEY
from tests.contract.ledger.made import after, intent, look, noted, regulation, report, row, sent

from dsr_sync.adapters.ledger import Place, SqlLedger, open_ledger, open_reader
from dsr_sync.adapters.ledger.failures import told
from dsr_sync.core.model import Progress
from dsr_sync.ports import AlreadyStanding, LedgerUnusable, Transient

Open = Callable[[Place], SqlLedger]
ANN = row("A", "ann")


@pytest.fixture
def place(database: str) -> Place:
    return Place(database, key=KEY)


@pytest.fixture
def postgres_ledger(opened: Open, place: Place) -> SqlLedger:
    return opened(place)


@pytest.fixture
def direct(place: Place, postgres_ledger: SqlLedger) -> Iterator[psycopg.Connection]:
    """The database, behind the ledger's back."""
    postgres_ledger.note([noted(ANN)])
    with psycopg.connect(place.url, autocommit=True) as connection:
        yield connection


def test_a_key_is_required(place: Place) -> None:
    with pytest.raises(LedgerUnusable, match="needs a key"):
        open_ledger(replace(place, key=None), time.monotonic)
    with pytest.raises(LedgerUnusable, match="needs a key"):
        open_reader(replace(place, key=""))


def test_another_key_is_recognised_and_refused(postgres_ledger: SqlLedger, place: Place) -> None:
    postgres_ledger.note([noted(ANN)])
    with pytest.raises(LedgerUnusable, match="the key is not the one"):
        open_reader(replace(place, key="some other key, long enough"))


@pytest.mark.parametrize("deed", ["UPDATE events SET kind = ''", "DELETE FROM events", "TRUNCATE events"])
def test_the_history_cannot_be_changed(direct: psycopg.Connection, postgres_ledger: SqlLedger, deed: str) -> None:
    with pytest.raises(psycopg.errors.RaiseException, match="never changed"):
        direct.execute(deed.encode())
    assert len(postgres_ledger.history(ANN.record_id)) == 1


def test_the_database_itself_refuses_a_second_live_submission(
    direct: psycopg.Connection, postgres_ledger: SqlLedger
) -> None:
    postgres_ledger.intend(intent(ANN))
    with pytest.raises(psycopg.errors.UniqueViolation):
        direct.execute(
            "INSERT INTO submission_subjects SELECT submission_id, 'recZ', subject_key, pipeline, request_type, sent, "
            "live FROM submission_subjects"
        )


def test_writing_waits_for_the_disk_whatever_the_server_prefers(place: Place, opened: Open) -> None:
    with psycopg.connect(place.url, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = off".encode())
    ledger = opened(place)
    with ledger._writing() as tx:
        assert tx.execute(text("SHOW synchronous_commit")).scalar_one() == "on"
    with ledger._reading() as tx:
        assert tx.execute(text("SHOW synchronous_commit")).scalar_one() == "off"


def test_a_reader_sees_what_the_writer_commits_and_writes_nothing(postgres_ledger: SqlLedger, place: Place) -> None:
    sent(postgres_ledger, ANN)
    with closing(open_reader(place)) as reader:
        assert set(reader.entries([ANN.record_id])) == {ANN.record_id}
        with pytest.raises(LedgerUnusable):
            reader.set_mark("tick", after(0))
        with reader._engine.connect() as connection, pytest.raises(Exception, match="read-only"):
            connection.exec_driver_sql("DELETE FROM requests")


def test_a_reader_of_a_database_without_a_ledger_sees_an_empty_one_and_makes_none(place: Place) -> None:
    with closing(open_reader(place)) as reader:
        assert reader.entries([ANN.record_id]) == {}
    with psycopg.connect(place.url) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_means_psycopg_3(place: Place, opened: Open, scheme: str) -> None:
    ledger = opened(replace(place, url=place.url.replace("postgresql:", f"{scheme}:", 1)))
    assert ledger._engine.dialect.driver == "psycopg"


def test_no_byte_of_any_identifier_reaches_the_database(postgres_ledger: SqlLedger, direct: psycopg.Connection) -> None:
    error = "markerzebra was not found"
    submission_id = sent(postgres_ledger, row("1", "markerzebra"))
    shown = regulation("reg1", Progress.FAILED, report("Braze", Progress.FAILED, error))
    postgres_ledger.look(submission_id, look(shown))
    tables = direct.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    written = "".join(str(direct.execute(f"TABLE {name}".encode()).fetchall()) for (name,) in tables)
    assert "was not found" in written
    assert "marker" not in written


def test_an_error_of_the_database_says_nothing_of_its_rows(postgres_ledger: SqlLedger) -> None:
    with postgres_ledger._engine.connect() as connection:
        insert = text("INSERT INTO marks (pipeline, name, at) VALUES ('p', :name, 1)")
        with pytest.raises(IntegrityError) as broken:
            connection.execute(insert, [{"name": "jane@example.com"}, {"name": "jane@example.com"}])
    assert "jane@example.com" in str(broken.value)  # in PostgreSQL's DETAIL line, whatever SQLAlchemy hides
    assert str(told(broken.value)) == "ledger: the database refuses the request"


def test_a_server_that_is_not_there_is_transient_and_its_url_is_not_quoted() -> None:
    with pytest.raises(Transient) as refused:
        open_ledger(Place("postgresql://me:secret@127.0.0.1:1/nothing", key=KEY), time.monotonic)
    assert "secret" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_connection_that_the_server_closed_is_opened_again(
    postgres_ledger: SqlLedger, direct: psycopg.Connection
) -> None:
    direct.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
        "AND datname = current_database()"
    )
    postgres_ledger.note([noted(row("B", "bob"))])
    assert row("B", "bob").record_id in postgres_ledger.entries([row("B", "bob").record_id])


def test_a_transaction_that_the_server_cuts_is_transient(
    postgres_ledger: SqlLedger, direct: psycopg.Connection
) -> None:
    def cut() -> None:
        with postgres_ledger._writing() as tx:
            direct.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
                "AND datname = current_database()"
            )
            tx.execute(text("SELECT 1"))

    with pytest.raises(Transient):
        cut()


def test_pipelines_of_one_database_do_not_see_each_other(
    postgres_ledger: SqlLedger, opened: Open, place: Place
) -> None:
    sent(postgres_ledger, ANN)
    second = opened(replace(place, pipeline="second"))
    assert second.entries([ANN.record_id]) == {}
    sent(second, ANN)
    assert second.summary(after(9)).by_state == {"accepted": 1}


def test_a_person_who_stands_is_refused_by_the_index_and_not_by_luck(postgres_ledger: SqlLedger) -> None:
    postgres_ledger.intend(intent(ANN))
    with pytest.raises(AlreadyStanding) as refused:
        postgres_ledger.intend(intent(row("B", "ann")))
    assert refused.value.__cause__ is None
