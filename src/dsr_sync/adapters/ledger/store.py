"""The ledger: every promise of the port, each in one transaction of its own."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Engine

from dsr_sync.adapters.ledger import following, heeding, noting, returning, sending
from dsr_sync.adapters.ledger.engines import for_writing
from dsr_sync.adapters.ledger.failures import translated
from dsr_sync.adapters.ledger.keys import KeyedHash
from dsr_sync.adapters.ledger.reader import SqlReader
from dsr_sync.adapters.ledger.transaction import Tx
from dsr_sync.adapters.ledger.writer import Writer
from dsr_sync.core.model import (
    Identifier,
    RecordId,
    RegulationId,
    RequestRow,
    SubmissionId,
)
from dsr_sync.ports import (
    Details,
    Intent,
    LedgerUnusable,
    Look,
    Noted,
    ReceiptKey,
)


class SqlLedger(SqlReader):
    """The `Ledger` of one pipeline on SQLite or PostgreSQL; safe to use from several threads.

    `writer` is the right to write, or None for a ledger that is only read. Every method raises Occupied if another
    process has taken over, Transient if trying again may help, and LedgerUnusable otherwise; no text of the database
    library is passed on.
    """

    def __init__(self, engine: Engine, pipeline: str, hashed: KeyedHash, writer: Writer | None) -> None:
        super().__init__(engine, pipeline, hashed)
        self._writer = writer

    @property
    def writer(self) -> Writer:
        """The right to write. Raises LedgerUnusable if the ledger was opened for reading only."""
        if self._writer is None:
            raise LedgerUnusable("ledger", "opened for reading only")
        return self._writer

    def close(self) -> None:
        """Close every connection and give up the right to write. The ledger cannot be used afterwards."""
        try:
            if self._writer is not None:
                self._writer.release()
        finally:
            self._engine.dispose()

    @contextmanager
    def _writing(self) -> Iterator[Tx]:
        writer = self.writer
        with translated(), self._engine.connect() as connection, for_writing(connection).begin():
            writer.confirm(connection)
            yield Tx(connection, self._pipeline, self._hashed)

    def remember(self, name: str, value: str) -> None:
        """Keep a text that is about no row and no person; whoever opened the ledger to read only keeps nothing."""
        if self._writer is not None:
            with self._writing() as tx:
                heeding.remember(tx, name, value)

    def note_gone(self, seen: frozenset[RecordId], at: datetime) -> tuple[RecordId, ...]:
        """Which requests that were sent have lost their rows since the last time."""
        with self._writing() as tx:
            return heeding.note_gone(tx, seen, at)

    def put_right(self, record_id: RecordId, at: datetime, details: Details) -> None:
        """Somebody had changed the daemon's columns; they are as they were."""
        with self._writing() as tx:
            heeding.put_right(tx, record_id, at, details)

    def set_mark(self, name: str, at: datetime) -> None:
        """Note when something was done."""
        with self._writing() as tx:
            noting.set_mark(tx, name, at)

    def note(self, rows: Sequence[Noted]) -> None:
        """Remember authenticated rows."""
        if rows:
            with self._writing() as tx:
                noting.note(tx, rows)

    def forget_unseen(self, seen: frozenset[RecordId]) -> int:
        """Forget the requests without a submission that are not among these; how many."""
        with self._writing() as tx:
            return noting.forget_unseen(tx, seen)

    def intend(self, intent: Intent) -> SubmissionId:
        """Make an intent durable. Raises AlreadyStanding."""
        with self._writing() as tx:
            return sending.intend(tx, intent)

    def accept(
        self, submission_id: SubmissionId, regulation_id: RegulationId, at: datetime, created_at: datetime | None = None
    ) -> None:
        """There is a regulation. Raises Permanent if the submission was settled otherwise."""
        with self._writing() as tx:
            sending.accept(tx, submission_id, regulation_id, at, created_at)

    def adopt(self, intent: Intent, regulation_id: RegulationId, created_at: datetime) -> SubmissionId:
        """Take over a regulation of Segment's list, or add requests to a known one. Raises AlreadyStanding."""
        with self._writing() as tx:
            return sending.adopt(tx, intent, regulation_id, created_at)

    def refuse(self, submission_id: SubmissionId, at: datetime, reason: str) -> None:
        """Segment said no. Raises Permanent if the submission was settled otherwise."""
        with self._writing() as tx:
            returning.refused(tx, submission_id, at, reason)

    def release(self, submission_id: SubmissionId, at: datetime, reason: str, not_before: datetime | None) -> None:
        """There is certainly no regulation. Raises Permanent if the submission was settled otherwise."""
        with self._writing() as tx:
            returning.set_free(tx, submission_id, sending.Release(at, reason, not_before))

    def take_back(self, submission_id: SubmissionId, at: datetime, reason: str, not_before: datetime | None) -> None:
        """Segment did not take it just now. Raises Permanent if the submission was settled otherwise."""
        with self._writing() as tx:
            returning.take_back(tx, submission_id, sending.Release(at, reason, not_before))

    def give_up(self, submission_id: SubmissionId, at: datetime) -> None:
        """The outcome can no longer be proved. Raises Permanent if the submission was settled otherwise."""
        with self._writing() as tx:
            sending.give_up(tx, submission_id, at)

    def absent(self, submission_id: SubmissionId, at: datetime) -> None:
        """A complete listing did not hold it."""
        with self._writing() as tx:
            sending.absent(tx, submission_id, at)

    def join(
        self, row: RequestRow, submission_id: SubmissionId, at: datetime, subjects: Sequence[Identifier] = ()
    ) -> None:
        """Let a row share a live submission. Raises AlreadyStanding if it is no longer live."""
        with self._writing() as tx:
            noting.join(tx, row, submission_id, at, subjects)

    def look(self, submission_id: SubmissionId, look: Look) -> None:
        """Record what a look at a regulation showed. Raises Permanent if there is none."""
        with self._writing() as tx:
            following.look(tx, submission_id, look)

    def follow_up_done(self, keys: Sequence[ReceiptKey], at: datetime) -> None:
        """Staff set these follow-ups to Done."""
        if keys:
            with self._writing() as tx:
                following.follow_up_done(tx, keys, at)

    def told(self, record_ids: Sequence[RecordId]) -> None:
        """These rows say what the ledger says."""
        if record_ids:
            with self._writing() as tx:
                noting.told(tx, record_ids)

    def told_receipts(self, submission_id: SubmissionId) -> None:
        """The receipts of this submission are in the base."""
        with self._writing() as tx:
            noting.told_receipts(tx, submission_id)

    def untellable(self, record_id: RecordId, at: datetime, reason: str) -> None:
        """The row is gone or refuses what is written."""
        with self._writing() as tx:
            noting.untellable(tx, record_id, at, reason)

    def report(self, kind: str, at: datetime, details: Details) -> None:
        """Record something that is about no single row."""
        with self._writing() as tx:
            noting.report(tx, kind, at, details)
