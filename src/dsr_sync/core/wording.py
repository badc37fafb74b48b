"""Every word that staff read in the base. Plain English, at most 400 characters a note, no identifiers.

A note says what happened, what happens next and what the reader can do. It names times that do not move ("at 14:05
UTC", never "in 4 minutes"), so that a note is written once and not at every tick.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from dsr_sync.core.actions import Why
from dsr_sync.core.model import Cells, Entry, Outcome, Receipt, RequestType, Status, Submission
from dsr_sync.core.receipts import needing_follow_up, summary

MAX_NOTE = 400
"""Characters. A longer note is not read."""

_NAMES_IN_A_NOTE = 3
_NAME_CHARACTERS = 40


@dataclass(frozen=True, slots=True)
class Facts:
    """What a note may speak of. `until` is when time alone changes the answer; `ticked` is Submitted as it stands."""

    why: Why
    entry: Entry | None = None
    request_type: RequestType | None = None
    due_by: date | None = None
    until: datetime | None = None
    ticked: bool = False


def cells(facts: Facts) -> Cells:
    """The daemon's columns for a row: tick and Regulation ID come and go together (promise 4)."""
    submission = facts.entry.submission if facts.entry else None
    status = STATUS_OF[facts.why]
    if facts.why is Why.CHANGED_AFTERWARDS and facts.entry is not None:
        status = _status_by_verdict(facts.entry)
    if submission is None or submission.outcome is not Outcome.ACCEPTED:
        return Cells(
            submitted=facts.ticked and facts.why is Why.TICKED_BY_HAND,
            status=status,
            status_note=note(facts),
            due_by=facts.due_by,
        )
    return _cells_of_a_regulation(facts, submission, status)


def note(facts: Facts) -> str:
    """The note for a row, at most `MAX_NOTE` characters."""
    text = _NOTES[facts.why](facts)
    if facts.entry is not None and facts.entry.joined_to is not None and facts.why in _SHARED:
        text = f"{_DUPLICATE} {text}"
    return text if len(text) <= MAX_NOTE else text[: MAX_NOTE - 1] + "…"


def moment(value: datetime | None) -> str:
    """A time as staff read it, such as `3 May 2026 at 14:05 UTC`; never a moving one."""
    if value is None:
        return "a time not yet known"
    return f"{value.day} {value:%B %Y} at {value:%H:%M} UTC"


def day(value: datetime) -> str:
    """A day as staff read it, such as `3 May 2026`."""
    return f"{value.day} {value:%B %Y}"


STATUS_OF: dict[Why, str] = {
    Why.NOT_AUTHENTICATED: "",
    Why.IDENTIFIER_EMPTY: Status.NEEDS_ATTENTION,
    Why.IDENTIFIER_TOO_LONG: Status.NEEDS_ATTENTION,
    Why.IDENTIFIER_CONTROL_CHARACTER: Status.NEEDS_ATTENTION,
    Why.IDENTIFIER_PROTECTED: Status.NEEDS_ATTENTION,
    Why.IDENTIFIER_EMAIL: Status.NEEDS_ATTENTION,
    Why.REQUEST_TYPE_UNKNOWN: Status.NEEDS_ATTENTION,
    Why.TICKED_BY_HAND: Status.NEEDS_ATTENTION,
    Why.REFUSED: Status.NEEDS_ATTENTION,
    Why.UNPROVABLE: Status.NEEDS_ATTENTION,
    Why.LOST: Status.NEEDS_ATTENTION,
    Why.HELD: Status.ON_HOLD,
    Why.COOLING_OFF: Status.ON_HOLD,
    Why.BRAKE: Status.ON_HOLD,
    Why.QUOTA: Status.ON_HOLD,
    Why.PAUSED: Status.ON_HOLD,
    Why.UNCONFIRMED: Status.ON_HOLD,
    Why.UNCONFIRMED_ELSEWHERE: Status.ON_HOLD,
    Why.READY: Status.ON_HOLD,
    Why.JOINED: Status.ON_HOLD,
    Why.ACCEPTED: Status.SUBMITTED,
    Why.RUNNING: Status.IN_PROGRESS,
    Why.FOLLOW_UP: Status.FOLLOW_UP_NEEDED,
    Why.COMPLETED: Status.COMPLETED,
    Why.FOLLOWED_UP: Status.COMPLETED,
    Why.FAILED: Status.FAILED,
    Why.CHANGED_AFTERWARDS: Status.IN_PROGRESS,
}
"""The status that goes with each reason; `CHANGED_AFTERWARDS` takes the one of its regulation."""

_DUPLICATE = "This is a further request for the same person, and shares the regulation of an earlier row."
_SHARED = frozenset({Why.ACCEPTED, Why.RUNNING, Why.FOLLOW_UP, Why.COMPLETED, Why.FOLLOWED_UP, Why.FAILED, Why.LOST})

_DEED = {
    RequestType.DELETE: "deletion",
    RequestType.SUPPRESS: "suppression",
    RequestType.UNSUPPRESS: "end of suppression",
    None: "request",
}

_DONE = {
    RequestType.DELETE: (
        "Segment has deleted this person's data from its own stores and has passed the deletion on to every "
        "destination that it sends to. Passed on means told: ask a vendor if you need its own confirmation."
    ),
    RequestType.SUPPRESS: "Segment now blocks new data about this person. Data collected earlier was kept.",
    RequestType.UNSUPPRESS: "Segment accepts new data about this person again.",
}


def _deed(facts: Facts) -> str:
    submission = facts.entry.submission if facts.entry else None
    return _DEED[submission.request_type if submission else facts.request_type]


def _sent_on(facts: Facts) -> str:
    submission = facts.entry.submission if facts.entry else None
    return day(submission.intended_at) if submission else "an earlier day"


def _fixed(text: str) -> Callable[[Facts], str]:
    return lambda _: text


def _identifier(what: str) -> Callable[[Facts], str]:
    return _fixed(
        f"Nothing was sent: {what} Write this person's user id, as your product knows it, into User identifier; "
        "the row then goes on by itself."
    )


def _follow_up(facts: Facts) -> str:
    submission = facts.entry.submission if facts.entry else None
    names = _names(needing_follow_up(submission.receipts if submission else ()))
    return (
        f"Segment is done, but it could not do everything: {names}. Open the receipts of this row, do what each says "
        "(usually: ask that vendor to delete the person), and set Follow-up to Done. The request completes when all "
        "are Done. Or mend the cause and tick Retry."
    )


def _names(receipts: Sequence[Receipt]) -> str:
    names = [_short(receipt.destination) for receipt in receipts[:_NAMES_IN_A_NOTE]]
    more = len(receipts) - len(names)
    return ", ".join(names) + (f" and {more} more" if more > 0 else "")


def _short(name: str) -> str:
    return name if len(name) <= _NAME_CHARACTERS else name[: _NAME_CHARACTERS - 1] + "…"


def _cells_of_a_regulation(facts: Facts, submission: Submission, status: str) -> Cells:
    entry = facts.entry
    completed = entry is not None and status == Status.COMPLETED
    followed_up = entry.followed_up_at if entry else None
    return Cells(
        submitted=True,
        status=status,
        status_note=note(facts),
        regulation_id=submission.regulation_id or "",
        segment_status=submission.segment_status,
        submitted_at=submission.accepted_at,
        completed_at=(followed_up or submission.ended_at) if completed else None,
        due_by=facts.due_by,
        receipt_summary=summary(submission.receipts),
    )


def _status_by_verdict(entry: Entry) -> str:
    by_verdict = {
        None: Status.SUBMITTED,
        "accepted": Status.SUBMITTED,
        "running": Status.IN_PROGRESS,
        "follow-up": Status.FOLLOW_UP_NEEDED,
        "completed": Status.COMPLETED,
        "failed": Status.FAILED,
        "lost": Status.NEEDS_ATTENTION,
    }
    return by_verdict[entry.verdict.value if entry.verdict else None]


_NOTES: dict[Why, Callable[[Facts], str]] = {
    Why.NOT_AUTHENTICATED: _fixed(""),
    Why.IDENTIFIER_EMPTY: _identifier("User identifier is empty."),
    Why.IDENTIFIER_TOO_LONG: _identifier("User identifier is longer than 256 characters, which no user id is."),
    Why.IDENTIFIER_CONTROL_CHARACTER: _identifier(
        "User identifier holds characters that cannot be seen (they often come along when text is copied)."
    ),
    Why.IDENTIFIER_PROTECTED: _identifier(
        "User identifier is a word that stands for many people or for nobody, and sending it could delete the wrong "
        "data."
    ),
    Why.IDENTIFIER_EMAIL: _identifier(
        "User identifier is an e-mail address, and Segment deletes by user id only: it would accept the address and "
        "delete nothing."
    ),
    Why.REQUEST_TYPE_UNKNOWN: _fixed(
        "Nothing was sent: Request type has an option that is not known here. Choose Delete, Suppress or Unsuppress "
        "(empty means Delete); the row then goes on by itself."
    ),
    Why.TICKED_BY_HAND: _fixed(
        "Nothing was sent to Segment for this row: Submitted was ticked by hand, or the row was copied from another. "
        "If it should be sent, untick Submitted. If not, untick Authenticated."
    ),
    Why.REFUSED: lambda facts: (
        f"Segment refused this {_deed(facts)}, so nothing was done. Most often the user identifier is not one that "
        "Segment can accept: correct it, and the row goes on by itself. If it is right, tell the people who run "
        "dsr-sync, then tick Retry."
    ),
    Why.UNPROVABLE: lambda facts: (
        f"A {_deed(facts)} was sent on {_sent_on(facts)}, and Segment never confirmed it. It is now too long ago to "
        "find out. Ask the people who run dsr-sync to look in Segment; if nothing is there, tick Retry and it is "
        "sent again."
    ),
    Why.LOST: lambda facts: (
        f"Segment keeps its records for 90 days and no longer knows this {_deed(facts)}, sent on {_sent_on(facts)}; "
        "it had not ended when last seen. The columns here show what was last known. Tick Retry to send it again."
    ),
    Why.HELD: _fixed("Not sent, because Hold is ticked. Untick Hold when it may be sent; nothing else is needed."),
    Why.COOLING_OFF: lambda facts: (
        f"Will be sent to Segment after {moment(facts.until)}. It cannot be taken back after that: to stop it, tick "
        "Hold or untick Authenticated before then."
    ),
    Why.BRAKE: lambda facts: (
        "Not sent yet: so many requests came at once that the hourly limit was reached, which guards against "
        f"mistakes. This one follows by itself after {moment(facts.until)}. Tick Hold if it should not."
    ),
    Why.QUOTA: lambda facts: (
        "Not sent yet: this month's number of requests at Segment is used up. This one follows by itself after "
        f"{moment(facts.until)}. If that is too late for the date in Due by, tell the people who run dsr-sync."
    ),
    Why.PAUSED: lambda facts: (
        "Not sent yet: Segment cannot take requests just now. This one is tried again by itself"
        f"{f' after {moment(facts.until)}' if facts.until else ' as soon as it can'}; you need do nothing."
    ),
    Why.UNCONFIRMED: lambda facts: (
        f"The {_deed(facts)} was sent to Segment, but the answer did not arrive. It is being looked up in Segment, "
        "so that it is neither lost nor sent twice. This takes a while and happens by itself; you need do nothing."
    ),
    Why.UNCONFIRMED_ELSEWHERE: lambda facts: (
        f"The same {_deed(facts)} is already being sent for another row of this person, and Segment's confirmation is "
        "awaited. This row will share it; you need do nothing."
    ),
    Why.READY: _fixed("Next in line to be sent to Segment; you need do nothing."),
    Why.JOINED: lambda facts: (
        f"The same {_deed(facts)} is already under way for another row of this person. This row will share it; you "
        "need do nothing."
    ),
    Why.ACCEPTED: lambda facts: (
        f"Segment accepted the {_deed(facts)} and has put it in line. It usually takes days, and up to 30; this row "
        "is kept up to date. It can no longer be taken back."
    ),
    Why.RUNNING: lambda facts: (
        f"Segment is working on the {_deed(facts)} and reports as each destination is told. It usually takes days, "
        "and up to 30; you need do nothing."
    ),
    Why.FOLLOW_UP: _follow_up,
    Why.COMPLETED: lambda facts: f"Done. {_DONE[_kind(facts)]}",
    Why.FOLLOWED_UP: lambda facts: (
        f"Done. Segment finished its part of the {_deed(facts)}, and every follow-up that it left was set to Done by "
        "your team. Nobody is owed anything more for this request."
    ),
    Why.FAILED: lambda facts: (
        f"Segment could not carry out this {_deed(facts)}, and nothing more will happen by itself. Tick Retry to send "
        "it again. If it fails once more, tell the people who run dsr-sync."
    ),
    Why.CHANGED_AFTERWARDS: lambda facts: (
        f"User identifier or Request type was changed after this row was sent. The {_deed(facts)} of "
        f"{_sent_on(facts)} went out for what the row said then, and nothing is sent for the change. Put the old value "
        "back, and add a new row for the other request."
    ),
}


def _kind(facts: Facts) -> RequestType:
    submission = facts.entry.submission if facts.entry else None
    return (submission.request_type if submission else facts.request_type) or RequestType.DELETE
