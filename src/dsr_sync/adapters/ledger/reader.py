"""The reading half of the ledger: every question in one transaction of its own."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Engine

from dsr_sync.adapters.ledger import following, heeding, persons, reading, summing
from dsr_sync.adapters.ledger.failures import translated
from dsr_sync.adapters.ledger.keys import KeyedHash
from dsr_sync.adapters.ledger.transaction import Tx
from dsr_sync.core.model import (
    Entry,
    Identifier,
    RecordId,
    RegulationId,
    RequestType,
    SubjectKey,
    Submission,
    SubmissionId,
)
from dsr_sync.ports import Event, OpenFollowUp, ReceiptKey, SentBefore, Summary, Unsettled


class SqlReader:
    """What the `Ledger` of one pipeline can be asked; safe to use from several threads.

    Every method raises Transient if trying again may help, and LedgerUnusable otherwise; no text of the database
    library is passed on.
    """

    def __init__(self, engine: Engine, pipeline: str, hashed: KeyedHash) -> None:
        self._engine = engine
        self._pipeline = pipeline
        self._hashed = hashed

    @contextmanager
    def _reading(self) -> Iterator[Tx]:
        with translated(), self._engine.connect() as connection, connection.begin():
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
            return persons.standing(tx, wanted)

    def undone(self, wanted: Sequence[tuple[SubjectKey, RequestType]]) -> frozenset[tuple[SubjectKey, RequestType]]:
        """For which of these persons and actions the opposite was sent after their live submission."""
        with self._reading() as tx:
            return persons.undone(tx, wanted)

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
            return persons.known(tx, regulation_ids)

    def served(self, regulation_ids: Sequence[RegulationId]) -> Mapping[RegulationId, frozenset[SubjectKey]]:
        """The subjects of these regulations for whom a request of this ledger was sent."""
        with self._reading() as tx:
            return persons.served(tx, regulation_ids)

    def named(self, regulation_id: RegulationId) -> frozenset[SubjectKey]:
        """Under which keys the requests that share this regulation name their persons."""
        with self._reading() as tx:
            return persons.named(tx, regulation_id)

    def sent_before(self, record_id: RecordId, submission_id: SubmissionId) -> SentBefore | None:
        """What that submission was about for this request."""
        with self._reading() as tx:
            return persons.sent_before(tx, record_id, submission_id)

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

    def height(self) -> int:
        """The number of the last event."""
        with self._reading() as tx:
            return reading.height(tx)

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
