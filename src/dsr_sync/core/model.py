"""The things that the product speaks of: requests, subjects, submissions, regulations and receipts.

Words of the two services stop at their adapters: here a destination "finished", whatever Segment calls it, and a
column is a field of a dataclass, whatever staff named it.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NewType

from dsr_sync.core.identity import Identifier as Identifier
from dsr_sync.core.identity import LookedUp as LookedUp
from dsr_sync.core.identity import Resolution as Resolution

RecordId = NewType("RecordId", str)
"""A row of the requests table, `rec` and 14 characters. It names no person."""

RegulationId = NewType("RegulationId", str)
"""What Segment answered to a submission (`regulateId`). It names no person."""

SubjectKey = NewType("SubjectKey", str)
"""A keyed hash of an identifier: the only form in which the ledger knows a person."""

SubmissionId = NewType("SubmissionId", int)
"""The ledger's number for one attempt to create one regulation."""


class RequestType(StrEnum):
    """What the person asked for; the values are the options of the column `Request type`."""

    DELETE = "Delete"
    SUPPRESS = "Suppress"
    UNSUPPRESS = "Unsuppress"

    def undoes(self, other: "RequestType") -> bool:
        """Whether one of both lifts what the other one imposes: then the later of them counts."""
        return (self is RequestType.UNSUPPRESS) is not (other is RequestType.UNSUPPRESS)


class Law(StrEnum):
    """The law a request is made under; the values are the options of the column `Law`."""

    GDPR = "GDPR"
    CCPA = "CCPA"
    OTHER = "Other"


class ExtensionRefused(StrEnum):
    """Why an extension of the time to answer does not count."""

    LATE = "late"
    SECOND = "second"
    TOO_LONG = "too long"
    NO_REASON = "no reason"
    NOT_LATER = "not later"
    NO_CLOCK = "no clock"


class Status(StrEnum):
    """What the column `Status` says: words for people. The finer states are `Outcome`, `Verdict` and `Why`."""

    NEEDS_ATTENTION = "Needs attention"
    ON_HOLD = "On hold"
    SUBMITTED = "Submitted"
    IN_PROGRESS = "In progress"
    FOLLOW_UP_NEEDED = "Follow-up needed"
    COMPLETED = "Completed"
    FAILED = "Failed"


class Progress(StrEnum):
    """How far a regulation, or one destination of it, has come; the values are the options of a receipt's `Status`."""

    WAITING = "Waiting"
    RUNNING = "Running"
    FINISHED = "Finished"
    PARTLY_FINISHED = "Partly finished"
    FAILED = "Failed"
    NOT_SUPPORTED = "Not supported"
    INVALID = "Invalid"

    @property
    def ended(self) -> bool:
        """Whether Segment will do nothing more. Segment documents no such list; this reading is the cautious one."""
        return self not in (Progress.WAITING, Progress.RUNNING)


class Verdict(StrEnum):
    """What a regulation came to, judged by its destinations and not by Segment's overall word alone."""

    ACCEPTED = "accepted"
    RUNNING = "running"
    FOLLOW_UP = "follow-up"
    COMPLETED = "completed"
    FAILED = "failed"
    LOST = "lost"
    """Segment no longer knows the regulation and it had not ended when last seen."""

    @property
    def final(self) -> bool:
        """Whether the regulation is looked at no more."""
        return self in (Verdict.COMPLETED, Verdict.FAILED, Verdict.LOST)


class Outcome(StrEnum):
    """What is known of one attempt to create a regulation."""

    UNKNOWN = "unknown"
    """The intent is durable and no answer is: it may or may not have reached Segment."""
    ACCEPTED = "accepted"
    """There is a regulation id."""
    REFUSED = "refused"
    """Segment answered that it will not do this (4xx): a person must act."""
    NOT_ACCEPTED = "not accepted"
    """It is certain that there is no regulation: the request is free to be sent again."""
    UNPROVABLE = "unprovable"
    """Unknown for so long that Segment's list can no longer prove anything: a person decides."""


@dataclass(frozen=True, slots=True)
class Cells:
    """The columns of a request that the daemon owns, as they are or as they should be in the base.

    Times are aware and in UTC, to the second. A column that the base does not have reads as empty.
    """

    submitted: bool = False
    status: str = ""
    status_note: str = ""
    regulation_id: str = ""
    segment_status: str = ""
    submitted_at: datetime | None = None
    completed_at: datetime | None = None
    due_by: date | None = None
    receipt_summary: str = ""
    submit_by: date | None = None


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One row of the requests table as it was read: staff's columns, and the daemon's as they stand.

    Of the reason for an extension only that there is one: it may name the person.
    """

    record_id: RecordId
    created_at: datetime
    identifier: Identifier
    request_type: str = ""
    authenticated: bool = False
    hold: bool = False
    retry: bool = False
    law: str = ""
    received_at: datetime | None = None
    extended_until: date | None = None
    extension_reasoned: bool = False
    cells: Cells = Cells()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What one destination reported for one regulation, over all the sources that it is connected to.

    `error` is Segment's text as it is (it may name the person, so no `repr` shows it) or, where only the ledger
    remembers, a scrubbed one. `what_to_do` is advice for staff. `by_hand`: Segment knows nothing of this system.
    `followed_up`: staff have seen to it.
    """

    destination: str
    progress: Progress
    segment_status: str
    sources_finished: int
    sources_total: int
    finished_at: datetime | None = None
    error: str = field(default="", repr=False)
    what_to_do: str = ""
    by_hand: bool = False
    followed_up: bool = False

    @property
    def follow_up_needed(self) -> bool:
        """Whether a person must see to this destination, because Segment did not or could not."""
        return self.progress.ended and self.progress is not Progress.FINISHED


@dataclass(frozen=True, slots=True)
class DestinationReport:
    """One source × destination of a regulation, as Segment reports it.

    `word` is Segment's own status. `error` may name the person, so no `repr` shows it.
    """

    source_id: str
    destination_id: str
    destination: str
    progress: Progress
    word: str
    finished_at: datetime | None = None
    error: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Regulation:
    """A regulation as Segment reports it now. `word` is Segment's own overall status, verbatim."""

    regulation_id: RegulationId
    progress: Progress
    word: str
    created_at: datetime
    finished_at: datetime | None = None
    reports: tuple[DestinationReport, ...] = ()


@dataclass(frozen=True, slots=True)
class ListedRegulation:
    """One entry of Segment's list: who it is about, of what type, since when."""

    regulation_id: RegulationId
    regulation_type: str
    subjects: tuple[Identifier, ...]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Submission:
    """What the ledger knows of one attempt to create one regulation, and of the regulation that came of it."""

    submission_id: SubmissionId
    outcome: Outcome
    intended_at: datetime
    request_type: RequestType
    regulation_type: str
    regulation_id: RegulationId | None = None
    verdict: Verdict | None = None
    segment_status: str = ""
    accepted_at: datetime | None = None
    ended_at: datetime | None = None
    missing_since: datetime | None = None
    receipts: tuple[Receipt, ...] = ()
    by_hand: tuple[str, ...] = ()
    """The systems outside Segment that a person has to see to for each of its requests."""


@dataclass(frozen=True, slots=True)
class Extension:
    """A lawful extension of the time to answer: until when, and when it was first seen in the row."""

    until: date
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """What the ledger remembers of one request.

    `typed_key` is the keyed hash of the identifier that was sent (or, before that, last seen). `joined_to` names the
    row whose submission this one shares. `not_before` is a pause that a refusal with a time asked for.
    `followed_up_at` is when the last follow-up of this request was seen Done. `extension` is the first lawful one.
    `changed` names the columns in which the row differs from what was sent. `owed`: the row was not told of all yet.
    `gone`: the last complete look at the base did not find it. `repeats` is the submission that a Retry was to repeat
    which Segment certainly did not get; without a submission of its own, the request is to be sent for that Retry.
    """

    record_id: RecordId
    seen_at: datetime
    typed_key: SubjectKey
    request_type: RequestType | None
    due_by: date | None = None
    joined_to: RecordId | None = None
    not_before: datetime | None = None
    attempts: int = 0
    submission: Submission | None = None
    followed_up_at: datetime | None = None
    extension: Extension | None = None
    extension_refused: ExtensionRefused | None = None
    changed: str = ""
    owed: bool = False
    gone: bool = False
    repeats: SubmissionId | None = None

    @property
    def verdict(self) -> Verdict | None:
        """The verdict on this request: its regulation's, and completed once its own follow-ups are done."""
        if self.submission is None:
            return None
        if self.submission.verdict is Verdict.FOLLOW_UP and self.followed_up_at is not None:
            return Verdict.COMPLETED
        return self.submission.verdict
