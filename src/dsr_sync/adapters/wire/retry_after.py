"""When a service says that it may be asked again: every form in which that is written."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST = timedelta(hours=1)
"""However much is asked for, we come back after this time; a typing mistake must not stop the work for days."""


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """The pause that `Retry-After` asks for, between 0 and `LONGEST`; None without the header, or if it is garbage.

    Takes seconds and HTTP dates (RFC 9110, 10.2.3). A date is compared with the answer's own `Date` where there is
    one, so that a wrong clock on our side does no harm. What is negative or past means now. `headers` have lower-case
    names.
    """
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    seconds = _number(text)
    if seconds is not None:
        return _within(seconds)
    moment = date_header(text)
    if moment is None:
        return None
    sent_at = date_header(headers.get("date", "")) or now
    return _within((moment - sent_at).total_seconds())


def milliseconds(value: object) -> timedelta | None:
    """A pause given in a JSON body as milliseconds (Segment's `msBeforeNext`); None if it is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    number = _number(str(value))
    return None if number is None else _within(number / 1000)


def date_header(text: str) -> datetime | None:
    """An HTTP or e-mail date (`Tue, 31 Dec 2024 23:59:59 GMT`) as an aware datetime in UTC; None if it is none."""
    try:
        moment = parsedate_to_datetime(text.strip())
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return None if math.isnan(number) else number


def _within(seconds: float) -> timedelta:
    return timedelta(seconds=min(max(seconds, 0.0), LONGEST.total_seconds()))
