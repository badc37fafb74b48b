"""When the law wants an answer."""

import calendar
from datetime import UTC, date, datetime, timedelta
from typing import assert_never

from dsr_sync.core.model import Law, RequestRow

CCPA_DAYS = 45
"""Calendar days from receipt, however long verification takes (11 CCR 7021(b))."""

FORM_BUG_LIMIT = timedelta(days=1)
"""A receipt this far in the future is a typing mistake; the record's own creation is used in its place."""


def law_of(text: str) -> Law | None:
    """The law named in the column; an empty one counts as GDPR, the shorter of the two clocks; None if unknown."""
    if not text:
        return Law.GDPR
    return next((law for law in Law if law.value == text), None)


def received_at(row: RequestRow) -> datetime:
    """When the request was received: what staff wrote, else the creation of the record."""
    if row.received_at is None or row.received_at > row.created_at + FORM_BUG_LIMIT:
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
            return start + timedelta(days=CCPA_DAYS)
        case Law.OTHER | None:
            return None
    assert_never(law)


def add_months(start: date, months: int) -> date:
    """The same day of a later month, or that month's last day where it is shorter."""
    index = start.year * 12 + (start.month - 1) + months
    year, month = divmod(index, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(start.day, last))
