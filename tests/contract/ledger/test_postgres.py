"""What only PostgreSQL promises: the same rules in the database, the lease, no words of its own in errors."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from contract.ledger.conftest import KEY
from contract.ledger.made import after, intent, look, noted, regulation, report, row, sent
from dsr_sync.adapters.ledger import LeaseTerms, Place, SqlLedger, open_ledger, open_reader
from dsr_sync.adapters.ledger.failures import told
from dsr_sync.core.model import Progress
from dsr_sync.ports import AlreadyStanding, LedgerUnusable, Occupied, Transient
from fakes.clock import FakeClock

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


class Replica:
    """A process with its own clock that competes for the lease."""

    def __init__(self, place: Place, seconds: float = 3600) -> None:
        self.clock = FakeClock()
        self._place, self._terms = place, LeaseTerms(seconds=seconds, margin=1, holder="replica")
        self.ledger: SqlLedger | None = None

    def open(self) -> SqlLedger:
        self.ledger = open_ledger(self._place, self.clock.monotonic, self._terms)
        return self.ledger

    def close(self) -> None:
        if self.ledger is not None:
            self.ledger.close()


@pytest.fixture
def replica(place: Place) -> Iterator[Callable[..., Replica]]:
    made: list[Replica] = []

    def make(seconds: float = 3600) -> Replica:
        made.append(Replica(place, seconds))
        return made[-1]

    yield make
    for each in made:
        each.close()


def expire(place: Place) -> None:
    """Let the lease run out, as the database's clock sees it."""
    with psycopg.connect(place.url, autocommit=True) as connection:
        connection.execute("UPDATE leases SET expires_at = 0")


def epoch_of(place: Place) -> int:
    with psycopg.connect(place.url) as connection:
        found = connection.execute("SELECT epoch FROM leases").fetchone()
    assert found is not None
    return int(found[0])


def test_only_one_replica_has_the_lease(replica: Callable[..., Replica]) -> None:
    replica().open()
    with pytest.raises(Occupied):
        replica().open()


def test_a_replica_that_resigns_is_replaced_at_once(replica: Callable[..., Replica], place: Place) -> None:
    replica().open().close()
    replica().open()
    assert epoch_of(place) == 2


def test_a_lease_that_ran_out_is_taken_over_and_the_old_holder_can_write_nothing(
    replica: Callable[..., Replica], place: Place
) -> None:
    old = replica().open()
    old.note([noted(ANN)])
    expire(place)
    new = replica().open()
    with pytest.raises(Occupied):
        old.intend(intent(ANN))
    assert old.writer.trusted_for() <= 0
    assert new.unsettled() == ()
    new.intend(intent(ANN))


def test_the_old_holder_does_not_end_the_new_ones_lease(replica: Callable[..., Replica], place: Place) -> None:
    old = replica().open()
    expire(place)
    new = replica().open()
    old.close()
    new.note([noted(ANN)])
    with pytest.raises(Occupied):
        replica().open()


def test_the_old_holder_learns_of_it_when_it_renews_and_can_compete_again(
    replica: Callable[..., Replica], place: Place
) -> None:
    old = replica().open()
    expire(place)
    new = replica().open()
    for _ in range(2):
        with pytest.raises(Occupied):
            old.writer.hold()
    new.close()
    old.writer.hold()
    old.note([noted(ANN)])
    assert epoch_of(place) == 3


def test_a_lease_that_ran_out_and_that_nobody_took_is_renewed_in_the_same_term(
    replica: Callable[..., Replica], place: Place
) -> None:
    ledger = replica().open()
    expire(place)
    ledger.writer.hold()
    ledger.note([noted(ANN)])
    assert epoch_of(place) == 1
    with pytest.raises(Occupied):
        replica().open()


def test_trust_ends_a_margin_before_the_lease_and_a_renewal_extends_it(replica: Callable[..., Replica]) -> None:
    one = replica(seconds=15)
    ledger = one.open()
    assert ledger.writer.trusted_for() == pytest.approx(14)
    one.clock.advance(14)
    assert ledger.writer.trusted_for() <= 0
    ledger.writer.hold()
    assert ledger.writer.trusted_for() == pytest.approx(14)


def test_a_renewal_that_took_long_extends_trust_from_when_it_was_asked_for(place: Place) -> None:
    clock = FakeClock()

    def slow() -> float:
        asked_at = clock.monotonic()
        clock.advance(5)  # the time until the answer is there
        return asked_at

    ledger = open_ledger(place, slow, LeaseTerms(seconds=15, margin=1))
    with closing(ledger):
        assert ledger.writer.trusted_for() == pytest.approx(14 - 5)


def test_a_renewal_that_fails_leaves_the_trust_as_it_was(replica: Callable[..., Replica], place: Place) -> None:
    one = replica(seconds=15)
    ledger = one.open()
    with psycopg.connect(place.url) as blocker:
        blocker.execute("SELECT * FROM leases FOR UPDATE")
        one.clock.advance(3)
        with pytest.raises(Transient):
            ledger.writer.hold()
    assert ledger.writer.trusted_for() == pytest.approx(11)
    ledger.note([noted(ANN)])


def test_nobody_takes_over_in_the_middle_of_a_transaction(replica: Callable[..., Replica], place: Place) -> None:
    old = replica().open()
    with old._writing() as tx:
        tx.execute(text("SELECT 1"))
        with psycopg.connect(place.url, autocommit=True) as other, pytest.raises(psycopg.errors.LockNotAvailable):
            other.execute("SET lock_timeout = '200ms'; UPDATE leases SET expires_at = 0")


def test_a_person_who_stands_is_refused_by_the_index_and_not_by_luck(postgres_ledger: SqlLedger) -> None:
    postgres_ledger.intend(intent(ANN))
    with pytest.raises(AlreadyStanding) as refused:
        postgres_ledger.intend(intent(row("B", "ann")))
    assert refused.value.__cause__ is None
