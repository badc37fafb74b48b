"""The promises of the ledger."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

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
from dsr_sync.ports.memory import Details, Event, Intent, Look, Noted, OpenFollowUp, SentBefore, Unsettled
from dsr_sync.ports.services import ReceiptKey
from dsr_sync.ports.summary import Summary


class Ledger(Protocol):
    """The durable memory of one pipeline. Every writing method is one transaction: state, event and what is owed.

    It holds keyed hashes of identifiers and never an identifier. Raises Occupied, Transient or LedgerUnusable.
    """

    def key_of(self, identifier: Identifier) -> SubjectKey:
        """The keyed hash under which this ledger knows an identifier: the same for equal identifiers, always."""
        ...

    def entries(self, record_ids: Sequence[RecordId]) -> dict[RecordId, Entry]:
        """What is remembered of these rows; a row never noted is left out."""
        ...

    def standing(
        self, wanted: Sequence[tuple[SubjectKey, RequestType]]
    ) -> dict[tuple[SubjectKey, RequestType], Submission]:
        """The live submissions for these persons and actions."""
        ...

    def undone(self, wanted: Sequence[tuple[SubjectKey, RequestType]]) -> frozenset[tuple[SubjectKey, RequestType]]:
        """For which of these persons and actions the opposite was sent after their live submission, as far as is known.

        What is not proved unsent counts as sent.
        """
        ...

    def sent_since(self, moment: datetime) -> tuple[datetime, ...]:
        """When each request was sent (intended, and not proved unsent) since then, oldest first: for the brake."""
        ...

    def unsettled(self) -> tuple[Unsettled, ...]:
        """The submissions of unknown outcome, oldest first."""
        ...

    def due(self, now: datetime, limit: int, latest: datetime | None = None) -> tuple[Submission, ...]:
        """Accepted submissions whose regulation is to be looked at now, longest overdue first.

        Also those whose look was put off to later than `latest`: no look ever is, so the clock was set back since.
        """
        ...

    def requests_of(self, submission_id: SubmissionId) -> tuple[Entry, ...]:
        """The requests that share this submission, its own before the joined ones."""
        ...

    def owed(self, limit: int) -> tuple[Entry, ...]:
        """Requests whose row has not yet been told of the last change, oldest change first."""
        ...

    def owed_receipts(self, limit: int) -> tuple[Submission, ...]:
        """Submissions whose receipts in the base are behind the ledger."""
        ...

    def open_follow_ups(self) -> tuple[OpenFollowUp, ...]:
        """Receipts that wait for a person, of requests that are not completed or sent again."""
        ...

    def done_follow_ups(self, submission_id: SubmissionId) -> frozenset[ReceiptKey]:
        """The receipts of this submission that staff have set to Done, by the requests that they belong to now."""
        ...

    def known(self, regulation_ids: Sequence[RegulationId]) -> frozenset[RegulationId]:
        """Which of these regulations some submission of this ledger accounts for."""
        ...

    def served(self, regulation_ids: Sequence[RegulationId]) -> Mapping[RegulationId, frozenset[SubjectKey]]:
        """The subjects of these regulations for whom a request of this ledger was sent, or was found to be served."""
        ...

    def named(self, regulation_id: RegulationId) -> frozenset[SubjectKey]:
        """Under which keys the requests that share this regulation name their persons, and those that were sent."""
        ...

    def sent_before(self, record_id: RecordId, submission_id: SubmissionId) -> SentBefore | None:
        """What that submission was about for this request; None if it was not made for it, or has no regulation."""
        ...

    def over_since(self, regulation_id: RegulationId) -> datetime | None:
        """When this ledger learned that the regulation serves nobody any more; None if it does, or is not known."""
        ...

    def witness(self, after: datetime, before: datetime) -> RegulationId | None:
        """The newest regulation accepted between these times: a complete listing of Segment must hold it."""
        ...

    def mark(self, name: str) -> datetime | None:
        """The time under a name, or None: when something was last done (`sweep`) or until when it waits (`quota.…`)."""
        ...

    def set_mark(self, name: str, at: datetime) -> None:
        """Keep this time under this name."""
        ...

    def history(self, record_id: RecordId) -> tuple[Event, ...]:
        """The whole story of one row, oldest first, the events of its submissions included."""
        ...

    def height(self) -> int:
        """The number of the last event. It never falls, unless the ledger was replaced by an older copy of itself."""
        ...

    def summary(self, now: datetime) -> Summary:
        """The ledger in numbers."""
        ...

    def note(self, rows: Sequence[Noted]) -> None:
        """Remember authenticated rows; of `seen_at` the earliest is kept, the rest follows the row.

        For a request that was sent, the key and the type of what was sent are kept; the deadline follows the row, and
        so does whether it was changed.
        """
        ...

    def forget_unseen(self, seen: frozenset[RecordId]) -> int:
        """Forget the requests without a submission that a complete poll no longer showed; how many.

        Those that are still owed to the base are kept until their rows have been told.
        """
        ...

    def note_gone(self, seen: frozenset[RecordId], at: datetime) -> tuple[RecordId, ...]:
        """A complete listing held these rows: which requests that were sent have lost theirs since the last time."""
        ...

    def put_right(self, record_id: RecordId, at: datetime, details: Details) -> None:
        """Somebody had changed the daemon's columns of this row, or of its receipts; they are as they were again."""
        ...

    def with_receipts(self, after: RecordId | None, limit: int) -> tuple[Entry, ...]:
        """Requests with a regulation and a row, in the order of their ids, behind `after`; joined ones are left out."""
        ...

    def scrubbed(self, submission_id: SubmissionId, texts: Sequence[str]) -> tuple[str, ...]:
        """These error texts as the ledger would keep them for this submission."""
        ...

    def remember(self, name: str, value: str) -> None:
        """Keep a text that is about no row and no person, such as the columns of the base; not if opened to read."""
        ...

    def remembered(self, name: str) -> str | None:
        """What was kept under this name, if anything."""
        ...

    def intend(self, intent: Intent) -> SubmissionId:
        """Make an intent durable; the rows that joined a repeated request come along. Raises AlreadyStanding."""
        ...

    def accept(
        self, submission_id: SubmissionId, regulation_id: RegulationId, at: datetime, created_at: datetime | None = None
    ) -> None:
        """There is a regulation: Segment has answered so, or it was found in the list, which says since when."""
        ...

    def adopt(self, intent: Intent, regulation_id: RegulationId, created_at: datetime) -> SubmissionId:
        """Take over a regulation of Segment's list for this request; to one that the ledger knows, it is added."""
        ...

    def refuse(self, submission_id: SubmissionId, at: datetime, reason: str) -> None:
        """Segment said no; nothing is live any more. What was to repeat another submission is as it was before that."""
        ...

    def release(self, submission_id: SubmissionId, at: datetime, reason: str, not_before: datetime | None) -> None:
        """It is certain that there is no regulation: its requests are free to be sent again, not before then."""
        ...

    def take_back(self, submission_id: SubmissionId, at: datetime, reason: str, not_before: datetime | None) -> None:
        """The same, straight after the attempt: what was to be repeated is as it was before, and Retry still waits."""
        ...

    def give_up(self, submission_id: SubmissionId, at: datetime) -> None:
        """The outcome can no longer be proved: a person decides."""
        ...

    def absent(self, submission_id: SubmissionId, at: datetime) -> None:
        """A complete listing did not hold it; the first such time counts."""
        ...

    def join(
        self, row: RequestRow, submission_id: SubmissionId, at: datetime, subjects: Sequence[Identifier] = ()
    ) -> None:
        """Let a row share a live submission: with the request that is about one of its `subjects`, or about its person.

        Where the row of that request is gone, this one leads from then on.
        """
        ...

    def look(self, submission_id: SubmissionId, look: Look) -> None:
        """Record what a look at a regulation showed. A final verdict is never overwritten (promise 6)."""
        ...

    def follow_up_done(self, keys: Sequence[ReceiptKey], at: datetime) -> None:
        """Staff set these follow-ups to Done; a request whose last one this was is completed."""
        ...

    def told(self, record_ids: Sequence[RecordId]) -> None:
        """These rows say what the ledger says."""
        ...

    def told_receipts(self, submission_id: SubmissionId) -> None:
        """The receipts of this submission are in the base."""
        ...

    def untellable(self, record_id: RecordId, at: datetime, reason: str) -> None:
        """The row is gone or refuses what is written: it is owed nothing until something changes.

        `reason` is `GONE` or Airtable's word. Of the rows that joined one that is gone, the first leads from then on.
        """
        ...

    def report(self, kind: str, at: datetime, details: Details) -> None:
        """Record something that is about no single row, such as an anomaly."""
        ...
