"""The short sentences that a note gets when time runs out, or when an extension does not count.

They name days and never how many are left, so that a note changes on one day and not on each.
"""

from datetime import UTC, date, timedelta

from dsr_sync.core.actions import Why
from dsr_sync.core.deadlines import SEGMENT_DAYS, shifted, submit_by
from dsr_sync.core.facts import Facts
from dsr_sync.core.model import ExtensionRefused

SOON = timedelta(days=7)
"""From so long before the last day on, every note of a request that is not completed names it."""

_REFUSED = {
    ExtensionRefused.LATE: "it was entered after the due date.",
    ExtensionRefused.SECOND: "the law allows only one.",
    ExtensionRefused.TOO_LONG: "it is later than the law allows.",
    ExtensionRefused.NO_REASON: "Extension reason is empty.",
    ExtensionRefused.NOT_LATER: "it is not later than the due date.",
    ExtensionRefused.NO_CLOCK: "this Law has no date to extend.",
}

_WAITS_FOR_A_PERSON = frozenset(
    {
        *(Why.IDENTIFIER_EMPTY, Why.IDENTIFIER_TOO_LONG, Why.IDENTIFIER_CONTROL_CHARACTER, Why.IDENTIFIER_PROTECTED),
        *(Why.IDENTIFIER_EMAIL, Why.EMAIL_NO_PROFILE, Why.EMAIL_NO_USER_ID, Why.EMAIL_DOUBT, Why.REQUEST_TYPE_UNKNOWN),
        *(Why.HELD, Why.IDENTIFIER_EMAIL_AND_MORE, Why.EMAIL_PERHAPS_SENT),
    }
)
"""Not sent, and not about to be: here each day counts."""

_WAITS_LONG = frozenset({Why.QUOTA, Why.OVERLAP, Why.UNDONE})
"""Not sent, and perhaps not for weeks, though it follows by itself: whether that is too late, a person must judge."""


def urgent(facts: Facts) -> list[str]:
    """The sentences that the day calls for, the most important first; none for a request that is completed."""
    said = [f"Extended until does not count: {_REFUSED[facts.refused]}"] if facts.refused else []
    due = facts.due_by
    if facts.now is None or due is None:
        return said
    today = facts.now.astimezone(UTC).date()
    if facts.why in _WAITS_LONG and today <= due and _must_be_sent(facts, today):
        said.append(
            f"The answer is due by {_day(due)}, and Segment can take {SEGMENT_DAYS} days: if that is too late, tell "
            "the people who run dsr-sync."
        )
    elif today >= shifted(due, -SOON):
        said.append(f"The answer {'was' if today > due else 'is'} due by {_day(due)}.")
    elif facts.why in _WAITS_FOR_A_PERSON and _must_be_sent(facts, today):
        said.append(f"Segment can take {SEGMENT_DAYS} days, so send it soon: the answer is due by {_day(due)}.")
    return said


def turning_points(facts: Facts) -> tuple[date, ...]:
    """The days on which the sentences change."""
    due, send = facts.due_by, submit_by(facts.due_by, facts.margin)
    if due is None or send is None:
        return ()
    return shifted(send, -facts.margin), shifted(due, -SOON), shifted(due, timedelta(days=1))


def _must_be_sent(facts: Facts, today: date) -> bool:
    """Whether Segment's time counts on the first day on which it can be sent."""
    send = submit_by(facts.due_by, facts.margin)
    earliest = max(today, facts.until.astimezone(UTC).date()) if facts.until else today
    return send is not None and earliest >= shifted(send, -facts.margin)


def _day(value: date) -> str:
    return f"{value.day} {value:%B %Y}"
