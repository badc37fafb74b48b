"""What can be decided about a request: the reason, in one word, and the actions that follow from it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dsr_sync.core.deadlines import Deadline
from dsr_sync.core.model import Cells, Identifier, RecordId, RequestRow, RequestType, SubmissionId


class Why(StrEnum):
    """The reason behind a decision. Each has its words in `notes.py`, its row in docs/for-staff.md, and a test.

    The values are also what logs, `plan --json` and the ledger's events call it.
    """

    NOT_AUTHENTICATED = "not_authenticated"
    # Needs attention: a person must act before anything is sent.
    IDENTIFIER_EMPTY = "identifier.empty"
    IDENTIFIER_TOO_LONG = "identifier.too_long"
    IDENTIFIER_CONTROL_CHARACTER = "identifier.control_character"
    IDENTIFIER_PROTECTED = "identifier.protected"
    IDENTIFIER_EMAIL = "identifier.email"
    IDENTIFIER_EMAIL_AND_MORE = "identifier.email_and_more"
    EMAIL_NO_PROFILE = "email.no_profile"
    EMAIL_NO_USER_ID = "email.no_user_id"
    EMAIL_DOUBT = "email.doubt"
    EMAIL_PERHAPS_SENT = "email.perhaps_sent"
    RETRY_ELSEWHERE = "retry.elsewhere"
    RETRY_REFUSED = "retry.refused"
    REQUEST_TYPE_UNKNOWN = "request_type.unknown"
    TICKED_BY_HAND = "submitted.by_hand"
    REFUSED = "segment.refused"
    UNPROVABLE = "outcome.unprovable"
    LOST = "regulation.lost"
    # On hold: the daemon goes on by itself, or when staff untick Hold.
    HELD = "hold"
    COOLING_OFF = "cooling_off"
    BRAKE = "brake"
    QUOTA = "quota"
    PAUSED = "paused"
    EMAIL_UNAVAILABLE = "email.unavailable"
    OVERLAP = "duplicate.in_part"
    UNDONE = "duplicate.undone"
    UNCONFIRMED = "outcome.unknown"
    UNCONFIRMED_ELSEWHERE = "duplicate.unconfirmed"
    NOTHING_THERE = "outcome.nothing"
    LOOKUP = "email.lookup"
    READY = "ready"
    # There is a regulation, or there will be.
    JOINED = "duplicate"
    ACCEPTED = "accepted"
    RUNNING = "running"
    FOLLOW_UP = "follow_up"
    COMPLETED = "completed"
    FOLLOWED_UP = "completed.followed_up"
    FAILED = "failed"
    CHANGED_AFTERWARDS = "changed_afterwards"


@dataclass(frozen=True, slots=True)
class Submit:
    """Send this request to Segment.

    `leader` is the row whose request is sent: this one, or the one that it had joined. `replaces` is the submission
    that ended badly and that staff want repeated.
    """

    row: RequestRow
    request_type: RequestType
    leader: RecordId
    replaces: SubmissionId | None = None
    subjects: tuple[Identifier, ...] = ()
    """The user ids behind the e-mail address in the row; empty where the row names the user id itself."""
    attempts: int = 0
    """How often it was tried before."""

    @property
    def to_send(self) -> tuple[Identifier, ...]:
        """The user ids that go into the regulation."""
        return self.subjects or (self.row.identifier,)


@dataclass(frozen=True, slots=True)
class Join:
    """Let this request share the live submission of the same person and action."""

    row: RequestRow
    request_type: RequestType
    submission_id: SubmissionId
    subjects: tuple[Identifier, ...] = ()
    """The user ids behind the e-mail address in the row, where they are known."""


@dataclass(frozen=True, slots=True)
class LookUp:
    """Find the user ids behind the e-mail address in the row, then decide again. `submit` is what then follows."""

    submit: Submit


@dataclass(frozen=True, slots=True)
class Remember:
    """Note when this authenticated row was first seen (the cooling-off time counts from there), and its deadline.

    `changed` names the columns in which it differs from what was sent, if it was.
    """

    row: RequestRow
    request_type: RequestType | None
    deadline: Deadline
    changed: str = ""


@dataclass(frozen=True, slots=True)
class Tell:
    """Make the daemon's columns of this row say `cells`; written only where they differ."""

    record_id: RecordId
    cells: Cells
    current: Cells | None = None
    """The cells as last read; None when the row was not read."""
    untick_retry: bool = False


Action = Submit | Join | LookUp | Remember | Tell


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do about one row: why, what, and when time alone may change the answer."""

    why: Why
    actions: tuple[Action, ...] = ()
    look_again_at: datetime | None = None
