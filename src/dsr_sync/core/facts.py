"""What a note may speak of, and how it writes times."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from dsr_sync.core.actions import Why
from dsr_sync.core.model import Entry, ExtensionRefused, RequestType, Submission


@dataclass(frozen=True, slots=True)
class Facts:
    """What a note may speak of. `until` is when time alone changes the answer; `ticked` is Submitted as it stands.

    `refused` says why the extension in the row does not count. Without `now` no note speaks of the deadline.
    """

    why: Why
    entry: Entry | None = None
    request_type: RequestType | None = None
    due_by: date | None = None
    until: datetime | None = None
    ticked: bool = False
    refused: ExtensionRefused | None = None
    now: datetime | None = None
    margin: timedelta = timedelta(days=3)

    @property
    def submission(self) -> Submission | None:
        """What was sent, or is being sent, for this request."""
        return self.entry.submission if self.entry else None

    @property
    def joined(self) -> bool:
        """Whether the request shares what was sent for an earlier row."""
        return self.entry is not None and self.entry.joined_to is not None


def moment(value: datetime | None) -> str:
    """A time as staff read it, such as `3 May 2026 at 14:05 UTC`; never a moving one."""
    if value is None:
        return "a time not yet known"
    return f"{day(value)} at {value.astimezone(UTC):%H:%M} UTC"


def day(value: datetime) -> str:
    """A day as staff read it, such as `3 May 2026`; in UTC."""
    in_utc = value.astimezone(UTC)
    return f"{in_utc.day} {in_utc:%B %Y}"


_DEED = {
    RequestType.DELETE: "deletion",
    RequestType.SUPPRESS: "suppression",
    RequestType.UNSUPPRESS: "release from suppression",
}


def kind_of(facts: Facts) -> RequestType | None:
    """What was sent, or else what the row asks for."""
    return facts.submission.request_type if facts.submission else facts.request_type


def deed_of(facts: Facts) -> str:
    """The same in a word for a sentence."""
    kind = kind_of(facts)
    return _DEED[kind] if kind else "request"
