"""When the law wants an answer."""

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import assert_never

from dsr_sync.core.model import Entry, Extension, ExtensionRefused, Law, RequestRow

CCPA_DAYS = 45
"""Calendar days from receipt, however long verification takes (11 CCR 7021(b))."""

SEGMENT_DAYS = 30
"""What Segment takes at most for its own stores (segment-docs, user deletion and suppression)."""

FORM_BUG_LIMIT = timedelta(days=1)
"""A receipt this far in the future is a typing mistake; the record's own creation is used in its place."""

LONGEST_UNRECORDED = timedelta(days=3653)
"""Ten years. A receipt longer before the record is no date either, such as the empty one of some forms, in year 1."""


class Within(StrEnum):
    """How near the last day for an answer is. Each day belongs to one of these, or is further away than all."""

    OVERDUE = "overdue"
    THREE_DAYS = "3d"
    SEVEN_DAYS = "7d"


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day for an answer, with the extension that was granted first and why the one in the row does not count.

    `extension` is remembered also while it does not count, so that it can be told whether a further one is the second.
    """

    due_by: date | None
    extension: Extension | None = None
    refused: ExtensionRefused | None = None


def law_of(text: str) -> Law | None:
    """The law named in the column; an empty one counts as GDPR, the shorter of the two clocks; None if unknown."""
    if not text:
        return Law.GDPR
    return next((law for law in Law if law.value == text), None)


def received_at(row: RequestRow) -> datetime:
    """When the request was received: what staff wrote, if that can be, else the creation of the record."""
    if row.received_at is None or not -FORM_BUG_LIMIT <= row.created_at - row.received_at <= LONGEST_UNRECORDED:
        return row.created_at
    return row.received_at


def due_by(row: RequestRow) -> date | None:
    """The last day for an answer, counted in UTC; None for a law whose clock we do not know.

    GDPR art. 12(3): one calendar month, which ends on the day of the same number or, where the month is shorter, on
    its last day (Regulation 1182/71 art. 3). The roll to the next working day is left out, so the date is strict.
    """
    start = received_at(row).astimezone(UTC).date()
    law = law_of(row.law)
    match law:
        case Law.GDPR:
            return add_months(start, 1)
        case Law.CCPA:
            return shifted(start, timedelta(days=CCPA_DAYS))
        case Law.OTHER | None:
            return None
    assert_never(law)


def submit_by(due: date | None, margin: timedelta) -> date | None:
    """The last day to send a request so that Segment's 30 days and the operator's margin end before it is due.

    Under GDPR this lies about when the request came, or before: then every day that it waits is one too many.
    """
    return shifted(due, -timedelta(days=SEGMENT_DAYS) - margin) if due else None


def deadline(row: RequestRow, entry: Entry | None, now: datetime) -> Deadline:
    """The last day for an answer, an extension counted in if the law allows it. `entry` is what the ledger remembers.

    What was once granted stays granted, whatever the day; taking it out of the row takes it back, and putting it in
    again, or an earlier date, is no second one.
    """
    due, first, asked = due_by(row), entry.extension if entry else None, row.extended_until
    if asked is None:
        return Deadline(due, first)
    latest = _latest(row)
    if due is None or latest is None:
        return Deadline(due, first, ExtensionRefused.NO_CLOCK)
    refused = _refusal(_Asked(row, asked, due, latest), entry, now)
    if refused is None:
        return Deadline(asked, first or Extension(asked, now))
    stands = refused is ExtensionRefused.SECOND and first is not None and due < first.until <= latest
    return Deadline(first.until if stands and first else due, first, refused)


@dataclass(frozen=True, slots=True)
class _Asked:
    row: RequestRow
    until: date
    due: date
    latest: date


def _refusal(asked: _Asked, entry: Entry | None, now: datetime) -> ExtensionRefused | None:
    """Why the law does not allow it: GDPR art. 12(3), 11 CCR 7021(b). The person must be told before it is due."""
    first = entry.extension if entry else None
    if asked.until <= asked.due:
        return ExtensionRefused.NOT_LATER
    if first is not None and asked.until > first.until:
        return ExtensionRefused.SECOND
    if asked.until > asked.latest:
        return ExtensionRefused.TOO_LONG
    if first is not None or _granted_before(asked, entry):
        return None
    if not asked.row.extension_reasoned:
        return ExtensionRefused.NO_REASON
    return ExtensionRefused.LATE if now.astimezone(UTC).date() > asked.due else None


def _granted_before(asked: _Asked, entry: Entry | None) -> bool:
    """Whether the base itself says so, to a ledger that was lost and knows no date: Due by is the daemon's column."""
    return (entry is None or entry.due_by is None) and asked.row.cells.due_by == asked.until


def _latest(row: RequestRow) -> date | None:
    """How far the time to answer can be extended: by two further months, or by 45 days."""
    due = due_by(row)
    if due is None:
        return None
    return add_months(due, 2) if law_of(row.law) is Law.GDPR else shifted(due, timedelta(days=CCPA_DAYS))


def near(today: date) -> dict[Within, tuple[date, date]]:
    """The first and the last day of each span of due dates."""
    return {
        Within.OVERDUE: (date.min, shifted(today, timedelta(days=-1))),
        Within.THREE_DAYS: (today, shifted(today, timedelta(days=3))),
        Within.SEVEN_DAYS: (shifted(today, timedelta(days=4)), shifted(today, timedelta(days=7))),
    }


def add_months(start: date, months: int) -> date:
    """The same day of a later month, or that month's last day where it is shorter; at most the last day there is."""
    index = start.year * 12 + (start.month - 1) + months
    year, month = divmod(index, 12)
    if year > date.max.year:
        return date.max
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(start.day, last))


def shifted(day: date, by: timedelta) -> date:
    """A day so much later or, for a negative time, earlier; at most the last day there is, and at least the first."""
    ordinal = day.toordinal() + by.days
    return date.fromordinal(min(max(ordinal, date.min.toordinal()), date.max.toordinal()))
