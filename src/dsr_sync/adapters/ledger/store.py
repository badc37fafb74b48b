"""The ledger: every promise of the port, each in one transaction of its own."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Engine

from dsr_sync.adapters.ledger import following, heeding, noting, reading, returning, sending, summing
from dsr_sync.adapters.ledger.engines import for_writing
from dsr_sync.adapters.ledger.failures import translated
from dsr_sync.adapters.ledger.keys import KeyedHash
from dsr_sync.adapters.ledger.transaction import Tx
from dsr_sync.adapters.ledger.writer import Writer
from dsr_sync.core.model import (
    Entry,
    Identifier,
    RecordId,
    RegulationId,
    RequestRow,
    RequestType,
    SubjectKey,
    Submission,
    SubmissionId,
)
from dsr_sync.ports import (
    Details,
    Event,
    Intent,
    LedgerUnusable,
    Look,
    Noted,
    OpenFollowUp,
    ReceiptKey,
    Summary,
    Unsettled,
)


class SqlLedger:
    """The `Ledger` of one pipeline on SQLite or PostgreSQL; safe to use from several threads.

    `writer` is the right to write, or None for a ledger that is only read. Every method raises Occupied if another
    process has taken over, Transient if trying again may help, and LedgerUnusable otherwise; no text of the database
    library is passed on.
    """

    def __init__(self, engine: Engine, pipeline: str, hashed: KeyedHash, writer: Writer | None) -> None:
        self._engine = engine
        self._pipeline = pipeline
        self._hashed = hashed
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
    def _reading(self) -> Iterator[Tx]:
        with translated(), self._engine.connect() as connection, connection.begin():
            yield Tx(connection, self._pipeline, self._hashed)

    @contextmanager
    def _writing(self) -> Iterator[Tx]:
        writer = self.writer
        with translated(), self._engine.connect() as connection, for_writing(connection).begin():
            writer.confirm(connection)
            yield Tx(connection, self._pipeline, self._hashed)

    def key_of(self, identifier: Identifier) -> SubjectKey:
        """The keyed hash of an identifier."""
        return self._hashed.of(identifier)

    def entries(self, record_ids: Sequence[RecordId]) -> dict[RecordId, Entry]:
        """What is remembered of these rows."""
        with self._reading() as tx:
            return reading.entries(tx, record_ids)

    def standing(
        self, wanted: Sequence[tuple[SubjectKey, RequestType]]
    ) -> dict[tuple[SubjectKey, RequestType], Submission]:
        """The live submissions for these persons and actions."""
        with self._reading() as tx:
            return reading.standing(tx, wanted)

    def sent_since(self, moment: datetime) -> tuple[datetime, ...]:
        """When each request was sent since then, oldest first."""
        with self._reading() as tx:
            return reading.sent_since(tx, moment)

    def unsettled(self) -> tuple[Unsettled, ...]:
        """The submissions of unknown outcome, oldest first."""
        with self._reading() as tx:
            return reading.unsettled(tx)

    def due(self, now: datetime, limit: int, latest: datetime | None = None) -> tuple[Submission, ...]:
        """Submissions whose regulation is to be looked at now, or was put off too far; longest overdue first."""
        with self._reading() as tx:
            return reading.due(tx, now, limit, latest)

    def requests_of(self, submission_id: SubmissionId) -> tuple[Entry, ...]:
        """The requests that share this submission, its own before the joined ones."""
        with self._reading() as tx:
            return reading.requests_of(tx, submission_id)

    def owed(self, limit: int) -> tuple[Entry, ...]:
        """Requests whose row has not been told of the last change, oldest change first."""
        with self._reading() as tx:
            return reading.owed(tx, limit)

    def owed_receipts(self, limit: int) -> tuple[Submission, ...]:
        """Submissions whose receipts in the base are behind."""
        with self._reading() as tx:
            return reading.owed_receipts(tx, limit)

    def open_follow_ups(self) -> tuple[OpenFollowUp, ...]:
        """Receipts that wait for a person."""
        with self._reading() as tx:
            return reading.open_follow_ups(tx)

    def done_follow_ups(self, submission_id: SubmissionId) -> frozenset[ReceiptKey]:
        """The receipts of this submission that staff have set to Done."""
        with self._reading() as tx:
            return reading.done_follow_ups(tx, submission_id)

    def known(self, regulation_ids: Sequence[RegulationId]) -> frozenset[RegulationId]:
        """Which of these regulations this ledger accounts for."""
        with self._reading() as tx:
            return reading.known(tx, regulation_ids)

    def over_since(self, regulation_id: RegulationId) -> datetime | None:
        """When this ledger learned that the regulation serves nobody any more."""
        with self._reading() as tx:
            return reading.over_since(tx, regulation_id)

    def witness(self, after: datetime, before: datetime) -> RegulationId | None:
        """The newest regulation accepted between these times."""
        with self._reading() as tx:
            return reading.witness(tx, after, before)

    def mark(self, name: str) -> datetime | None:
        """When something was last done, or until when something is put off."""
        with self._reading() as tx:
            return reading.mark(tx, name)

    def history(self, record_id: RecordId) -> tuple[Event, ...]:
        """The whole story of one row, oldest first."""
        with self._reading() as tx:
            return reading.history(tx, record_id)

    def summary(self, now: datetime) -> Summary:
        """The ledger in numbers."""
        with self._reading() as tx:
            return summing.summary(tx, now)

    def with_receipts(self, after: RecordId | None, limit: int) -> tuple[Entry, ...]:
        """Requests with a regulation and a row, in the order of their ids; joined ones left out."""
        with self._reading() as tx:
            return reading.with_receipts(tx, after, limit)

    def scrubbed(self, submission_id: SubmissionId, texts: Sequence[str]) -> tuple[str, ...]:
        """These error texts as they would be kept for this submission."""
        with self._reading() as tx:
            return following.scrubbed_for(tx, submission_id, texts)

    def remembered(self, name: str) -> str | None:
        """The text that was kept under this name, if any."""
        with self._reading() as tx:
            return heeding.remembered(tx, name)

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

    def accept(self, submission_id: SubmissionId, regulation_id: RegulationId, at: datetime, how: str) -> None:
        """There is a regulation. Raises Permanent if the submission was settled otherwise."""
        with self._writing() as tx:
            sending.accept(tx, submission_id, regulation_id, at, how)

    def adopt(self, intent: Intent, regulation_id: RegulationId, created_at: datetime) -> SubmissionId:
        """Take over a regulation of Segment's list, or add requests to a known one. Raises AlreadyStanding."""
        with self._writing() as tx:
            return sending.adopt(tx, intent, regulation_id, created_at)

    def refuse(self, submission_id: SubmissionId, at: datetime, reason: str) -> None:
        """Segment said no. Raises Permanent if the submission was settled otherwise."""
        with self._writing() as tx:
            sending.refuse(tx, submission_id, at, reason)

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

    def join(self, row: RequestRow, submission_id: SubmissionId, at: datetime) -> None:
        """Let a row share a live submission. Raises AlreadyStanding if it is no longer live."""
        with self._writing() as tx:
            noting.join(tx, row, submission_id, at)

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
