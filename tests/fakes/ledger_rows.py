"""The lines of the fake ledger. All are frozen: whoever holds one holds what it was then."""

from dataclasses import dataclass
from datetime import date, datetime

from dsr_sync.core.model import (
    Extension,
    ExtensionRefused,
    RecordId,
    RequestType,
    SubjectKey,
    Submission,
    SubmissionId,
)


@dataclass(frozen=True, slots=True)
class Row:
    """A request as remembered. `changed_at` is set while its row in the base has to be told of something."""

    record_id: RecordId
    seen_at: datetime
    typed_key: SubjectKey
    request_type: RequestType | None
    due_by: date | None = None
    joined_to: RecordId | None = None
    not_before: datetime | None = None
    attempts: int = 0
    number: SubmissionId | None = None
    followed_up_at: datetime | None = None
    changed_at: datetime | None = None
    extension: Extension | None = None
    extension_refused: ExtensionRefused | None = None
    changed: str = ""
    gone_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """A submission and what the ledger alone knows of it."""

    submission: Submission
    requests: int
    created_at: datetime | None = None
    absent_at: datetime | None = None
    next_look_at: datetime | None = None
    receipts_changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """A person whom a submission is about, for one of its leaders."""

    number: SubmissionId
    record_id: RecordId
    key: SubjectKey
    request_type: RequestType
    sent: bool
    live: bool
