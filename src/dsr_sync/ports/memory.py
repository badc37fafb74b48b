"""What goes into the ledger and what comes out of it."""

from dataclasses import dataclass, field
from datetime import datetime

from dsr_sync.core.deadlines import Deadline
from dsr_sync.core.model import (
    Identifier,
    Receipt,
    RecordId,
    Regulation,
    RegulationId,
    RequestRow,
    RequestType,
    SubjectKey,
    Submission,
    SubmissionId,
    Verdict,
)
from dsr_sync.ports.services import ReceiptKey

Details = dict[str, str | int | float | bool | None]
"""Facts of an event: numbers, fixed words and ids of records and regulations; never a person's identifier."""


@dataclass(frozen=True, slots=True)
class Noted:
    """What the ledger is to remember of an authenticated row. Times are aware UTC.

    Without a `deadline` it is the law's own. `changed` names the columns in which the row differs from what was sent.
    """

    row: RequestRow
    request_type: RequestType | None
    seen_at: datetime
    deadline: Deadline | None = None
    changed: str = ""


@dataclass(frozen=True, slots=True)
class IntendedRequest:
    """One request of an intent, by the row that leads it; rows that joined it come along, and may ask (not `own`)."""

    record_id: RecordId
    identifier: Identifier = field(repr=False)
    subjects: tuple[Identifier, ...] = field(repr=False)
    replaces: SubmissionId | None = None
    own: bool = True


@dataclass(frozen=True, slots=True)
class Intent:
    """What is about to be sent: durable before the first byte leaves."""

    request_type: RequestType
    regulation_type: str
    requests: tuple[IntendedRequest, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A submission of unknown outcome, and what it takes to find it in Segment's list."""

    submission: Submission
    subject_keys: frozenset[SubjectKey]
    record_ids: tuple[RecordId, ...]
    absent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SentBefore:
    """What was sent for one request: the regulation, and the person by keyed hashes.

    `subjects` are the user ids that were sent, `known_as` also the identifier that the row named then.
    """

    regulation_id: RegulationId
    subjects: frozenset[SubjectKey]
    known_as: frozenset[SubjectKey]


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a regulation showed. `by_hand` are systems outside Segment.

    `regulation` is None for a 404 (then `missing_since` is set), and where Segment could not answer.
    """

    at: datetime
    verdict: Verdict
    next_look_at: datetime | None
    regulation: Regulation | None
    receipts: tuple[Receipt, ...] = ()
    missing_since: datetime | None = None
    by_hand: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenFollowUp:
    """One receipt that still waits for a person."""

    key: ReceiptKey
    submission_id: SubmissionId


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the ledger's history: what changed, when, for which row, and why. No identifiers."""

    at: datetime
    kind: str
    record_id: RecordId | None
    submission_id: SubmissionId | None
    details: Details
