"""The right to write on PostgreSQL: one holder at a time, and a holder who slept through his lease writes nothing."""

from collections.abc import Callable, Iterator
from contextlib import closing

import psycopg
import pytest
from sqlalchemy import text
from tests.contract.ledger.conftest import KEY
from tests.contract.ledger.made import intent, noted, row
from tests.fakes.clock import FakeClock

from dsr_sync.adapters.ledger import LeaseTerms, Place, SqlLedger, open_ledger
from dsr_sync.ports import Occupied, Transient

ANN = row("A", "ann")


@pytest.fixture
def place(database: str) -> Place:
    return Place(database, key=KEY)


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
