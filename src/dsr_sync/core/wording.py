"""What the daemon's columns of a row say: the status, the note, and what there is to tell of a regulation."""

from dataclasses import replace
from datetime import UTC, datetime, time

from dsr_sync.core.actions import Why
from dsr_sync.core.deadlines import submit_by
from dsr_sync.core.facts import Facts, day, moment
from dsr_sync.core.model import Cells, RegulationId, Status, Submission, Verdict
from dsr_sync.core.notes import DUPLICATE, NOTES
from dsr_sync.core.receipts import all_receipts, summary
from dsr_sync.core.urgency import turning_points, urgent

__all__ = ["MAX_NOTE", "STATUS_OF", "Facts", "cells", "day", "moment", "note", "notes_over_time"]

MAX_NOTE = 400
"""Characters. A longer note is not read; that every note keeps to it is tested, since a cut one would say half."""


def cells(facts: Facts) -> Cells:
    """The daemon's columns for a row: tick and Regulation ID come and go together (promise 4)."""
    submission = facts.submission
    if submission is not None and submission.regulation_id is not None:
        return _cells_of_a_regulation(facts, submission, submission.regulation_id)
    return Cells(
        submitted=facts.ticked and facts.why is Why.TICKED_BY_HAND,
        status=_status(facts),
        status_note=note(facts),
        due_by=facts.due_by,
        submit_by=submit_by(facts.due_by, facts.margin),
    )


def note(facts: Facts) -> str:
    """The note for a row, at most `MAX_NOTE` characters; what the deadline calls for comes last, if there is room."""
    text = NOTES[facts.why](facts)
    if facts.joined and facts.why in _SHARED:
        text = f"{DUPLICATE} {text}"
    if not text or _status(facts) == Status.COMPLETED:
        return text
    for sentence in urgent(facts):
        if len(text) + 1 + len(sentence) <= MAX_NOTE:
            text = f"{text} {sentence}"
    return text


def notes_over_time(facts: Facts) -> frozenset[str]:
    """Every note that these facts can have, whatever the day."""
    days = [None, *(datetime.combine(day, time(12), UTC) for day in turning_points(facts))]
    return frozenset(note(replace(facts, now=now)) for now in days)


STATUS_OF: dict[Why, str] = {
    Why.NOT_AUTHENTICATED: "",
    Why.IDENTIFIER_EMPTY: Status.NEEDS_ATTENTION,
    Why.IDENTIFIER_TOO_LONG: Status.NEEDS_ATTENTION,
    Why.IDENTIFIER_CONTROL_CHARACTER: Status.NEEDS_ATTENTION,
    Why.IDENTIFIER_PROTECTED: Status.NEEDS_ATTENTION,
    Why.IDENTIFIER_EMAIL: Status.NEEDS_ATTENTION,
    Why.IDENTIFIER_EMAIL_AND_MORE: Status.NEEDS_ATTENTION,
    Why.EMAIL_NO_PROFILE: Status.NEEDS_ATTENTION,
    Why.EMAIL_NO_USER_ID: Status.NEEDS_ATTENTION,
    Why.EMAIL_DOUBT: Status.NEEDS_ATTENTION,
    Why.EMAIL_PERHAPS_SENT: Status.NEEDS_ATTENTION,
    Why.RETRY_ELSEWHERE: Status.NEEDS_ATTENTION,
    Why.RETRY_REFUSED: Status.NEEDS_ATTENTION,
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
    Why.EMAIL_UNAVAILABLE: Status.ON_HOLD,
    Why.OVERLAP: Status.ON_HOLD,
    Why.UNDONE: Status.ON_HOLD,
    Why.UNCONFIRMED: Status.ON_HOLD,
    Why.UNCONFIRMED_ELSEWHERE: Status.ON_HOLD,
    Why.NOTHING_THERE: Status.ON_HOLD,
    Why.READY: Status.ON_HOLD,
    Why.LOOKUP: Status.ON_HOLD,
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

_BY_VERDICT = {
    Verdict.ACCEPTED: Status.SUBMITTED,
    Verdict.RUNNING: Status.IN_PROGRESS,
    Verdict.FOLLOW_UP: Status.FOLLOW_UP_NEEDED,
    Verdict.COMPLETED: Status.COMPLETED,
    Verdict.FAILED: Status.FAILED,
    Verdict.LOST: Status.NEEDS_ATTENTION,
}

_STAYS = (Verdict.FAILED, Verdict.FOLLOW_UP, Verdict.COMPLETED)

_SHARED = frozenset(
    {
        *(Why.ACCEPTED, Why.RUNNING, Why.FOLLOW_UP, Why.COMPLETED, Why.FOLLOWED_UP, Why.FAILED),
        *(Why.LOST, Why.REFUSED, Why.UNPROVABLE),
    }
)
"""The reasons that lie with what was sent; a row that shares it says so."""


def _status(facts: Facts) -> str:
    verdict = facts.entry.verdict if facts.entry else None
    if facts.why is Why.CHANGED_AFTERWARDS and facts.entry is not None:
        return _BY_VERDICT[verdict or Verdict.ACCEPTED]
    if verdict in _STAYS and STATUS_OF[facts.why] == Status.NEEDS_ATTENTION:
        return _BY_VERDICT[verdict]  # what it came to stays, whatever is in the way of sending it again (promise 6)
    return STATUS_OF[facts.why]


def _cells_of_a_regulation(facts: Facts, submission: Submission, regulation_id: RegulationId) -> Cells:
    status = _status(facts)
    followed_up = facts.entry.followed_up_at if facts.entry else None
    return Cells(
        submitted=True,
        status=status,
        status_note=note(facts),
        regulation_id=regulation_id,
        segment_status=submission.segment_status,
        submitted_at=_to_the_second(submission.accepted_at),
        completed_at=_to_the_second(followed_up or submission.ended_at) if status == Status.COMPLETED else None,
        due_by=facts.due_by,
        submit_by=submit_by(facts.due_by, facts.margin),
        receipt_summary=summary(all_receipts(submission), followed_up=followed_up is not None),
    )


def _to_the_second(value: datetime | None) -> datetime | None:
    """As the base keeps it: a finer time would differ from what is read back, and be written again and again."""
    return value.astimezone(UTC).replace(microsecond=0) if value else None
