"""Ledgers that can be copied, restored from a copy, and lost."""

import math
from typing import Protocol

from sqlalchemy import Connection
from tests.fakes.ledger import FakeLedger
from tests.fakes.ledger_book import Book
from tests.torture.checks.history import Booked, Books
from tests.torture.checks.ledgers import books_from, books_of

from dsr_sync.adapters.ledger import SqlLedger
from dsr_sync.adapters.ledger.engines import for_writing, memory_engine
from dsr_sync.adapters.ledger.keys import KeyedHash
from dsr_sync.adapters.ledger.migrations import bring_up_to_date
from dsr_sync.core.model import RecordId
from dsr_sync.ports import Ledger


class Shelf(Protocol):
    """Where the ledger of a simulation stands."""

    @property
    def ledger(self) -> Ledger:
        """The ledger that stands there now."""
        ...

    def keep_copy(self) -> None:
        """Make a copy, as a nightly backup does."""
        ...

    def restore(self) -> bool:
        """Put the last copy in the ledger's place; False if there is none."""
        ...

    def lose(self) -> None:
        """Put an empty ledger in its place."""
        ...

    def books(self) -> Books:
        """Everything that stands in it."""
        ...

    def close(self) -> None:
        """Put it away."""
        ...


class FakeShelf:
    """The fake ledger, which its contract suite holds equal to the real one; seventy times as fast."""

    def __init__(self) -> None:
        self.ledger = FakeLedger()
        self._copy: Book | None = None

    def keep_copy(self) -> None:
        """Make a copy."""
        self._copy = _copied(self.ledger.book)

    def restore(self) -> bool:
        """Put the last copy in its place."""
        if self._copy is None:
            return False
        self.ledger.book = _copied(self._copy)
        return True

    def lose(self) -> None:
        """Put an empty ledger in its place."""
        self.ledger.book = Book()

    def books(self) -> Books:
        """Everything that stands in it."""
        book = self.ledger.book
        booked = {int(number): _booked(book, number) for number in book.sent}
        return books_from(self.ledger, [RecordId(record_id) for record_id in book.rows], booked, list(book.events))

    def close(self) -> None:
        """Nothing is open."""


def _copied(book: Book) -> Book:
    return Book(
        dict(book.rows),
        dict(book.sent),
        list(book.subjects),
        dict(book.follow_ups),
        list(book.events),
        dict(book.marks),
    )


def _booked(book: Book, number: object) -> Booked:
    sent = next(sent for key, sent in book.sent.items() if key == number)
    submission = sent.submission
    mine = [subject for subject in book.subjects if subject.number == number]
    return Booked(
        submission_id=submission.submission_id,
        outcome=submission.outcome.value,
        request_type=submission.request_type.value,
        regulation_type=submission.regulation_type,
        intended_at=submission.intended_at,
        regulation_id=submission.regulation_id,
        verdict=submission.verdict.value if submission.verdict else None,
        keys=frozenset(subject.key for subject in mine if subject.sent),
        live=frozenset(subject.key for subject in mine if subject.live),
    )


class _Alone:
    """The right to write of a ledger that nobody else can reach."""

    epoch: int | None = None

    def trusted_for(self) -> float:
        """For ever."""
        return math.inf

    def hold(self) -> None:
        """It is held."""

    def confirm(self, connection: Connection) -> None:
        """It is still held."""

    def release(self) -> None:
        """Nobody waits for it."""


class SqlShelf:
    """The real ledger on SQLite in memory."""

    def __init__(self) -> None:
        self._copy: bytes | None = None
        self.ledger = _opened(None)

    def keep_copy(self) -> None:
        """Make a copy, as SQLite's own backup does."""
        with self.ledger._engine.connect() as connection:
            driver = connection.connection.driver_connection
            self._copy = driver.serialize() if driver is not None else None

    def restore(self) -> bool:
        """Put the last copy in its place."""
        if self._copy is None:
            return False
        self.ledger.close()
        self.ledger = _opened(self._copy)
        return True

    def lose(self) -> None:
        """Put an empty ledger in its place."""
        self.ledger.close()
        self.ledger = _opened(None)

    def books(self) -> Books:
        """Everything that stands in it."""
        return books_of(self.ledger)

    def close(self) -> None:
        """Close the database."""
        self.ledger.close()


def _opened(copy: bytes | None) -> SqlLedger:
    engine = memory_engine()
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        if copy is not None and driver is not None:
            driver.deserialize(copy)
    with engine.connect() as connection, for_writing(connection).begin():
        bring_up_to_date(connection)
    return SqlLedger(engine, "default", KeyedHash(b"simulated key of the ledger", "default"), _Alone())
