"""Dates in formulas: reading, comparing, adding, and the format letters of DATETIME_FORMAT and DATETIME_PARSE."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from dsr_sandbox.airtable.formula.values import CellError, Value, text

_FIXED = {
    "millisecond": timedelta(milliseconds=1),
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_SHORT = {"ms": "millisecond", "s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week",
          "M": "month", "Q": "quarter", "y": "year"}  # fmt: skip
_MONTHS_A_YEAR = 12
_NOON = 12
_LETTERS = re.compile(r"\[[^\]]*\]|YYYY|YY|MMMM|MMM|MM|M|DD|D|dddd|ddd|HH|H|hh|h|mm|m|ss|s|SSS|A|a|ZZ|Z|X|x|LL|L|l")
_WRITE: dict[str, Callable[[datetime], str]] = {
    "YYYY": lambda at: f"{at.year:04d}",
    "YY": lambda at: f"{at.year % 100:02d}",
    "MMMM": lambda at: at.strftime("%B"),
    "MMM": lambda at: at.strftime("%b"),
    "MM": lambda at: f"{at.month:02d}",
    "M": lambda at: str(at.month),
    "DD": lambda at: f"{at.day:02d}",
    "D": lambda at: str(at.day),
    "dddd": lambda at: at.strftime("%A"),
    "ddd": lambda at: at.strftime("%a"),
    "HH": lambda at: f"{at.hour:02d}",
    "H": lambda at: str(at.hour),
    "hh": lambda at: f"{_hour12(at):02d}",
    "h": lambda at: str(_hour12(at)),
    "mm": lambda at: f"{at.minute:02d}",
    "m": lambda at: str(at.minute),
    "ss": lambda at: f"{at.second:02d}",
    "s": lambda at: str(at.second),
    "SSS": lambda at: f"{at.microsecond // 1000:03d}",
    "A": lambda at: "PM" if at.hour >= _NOON else "AM",
    "a": lambda at: "pm" if at.hour >= _NOON else "am",
    "ZZ": lambda at: at.strftime("%z"),
    "Z": lambda at: at.isoformat()[-6:],
    "X": lambda at: str(int(at.timestamp())),
    "x": lambda at: str(int(at.timestamp() * 1000)),
    "L": lambda at: at.strftime("%m/%d/%Y"),
    "l": lambda at: f"{at.month}/{at.day}/{at.year}",
    "LL": lambda at: f"{at.strftime('%B')} {at.day}, {at.year}",
}
_READ = {"YYYY": "%Y", "YY": "%y", "MMMM": "%B", "MMM": "%b", "MM": "%m", "M": "%m", "DD": "%d", "D": "%d",
         "HH": "%H", "H": "%H", "hh": "%I", "h": "%I", "mm": "%M", "m": "%M", "ss": "%S", "s": "%S",
         "SSS": "%f", "A": "%p", "a": "%p", "ZZ": "%z", "Z": "%z", "dddd": "%A", "ddd": "%a"}  # fmt: skip


def _hour12(at: datetime) -> int:
    return at.hour % _NOON or _NOON


@lru_cache(maxsize=65536)
def read_iso(written: str) -> datetime:
    """Read an ISO date or time; without a zone it is UTC (formulas are GMT based: Airtable support).

    Raises:
        ValueError: it is not ISO 8601.
    """
    found = datetime.fromisoformat(written)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def moment(value: Value) -> datetime:
    """Take a value as a point in time; a text must be ISO.

    Raises:
        CellError: it is none. Blank is none either (assumed: filters should guard blank dates).
    """
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise CellError
    try:
        return read_iso(value.strip())
    except ValueError as error:
        raise CellError from error


def write(at: datetime, pattern: str) -> str:
    """Write a time by a pattern of Moment's letters; text in brackets stays as it is."""
    return _LETTERS.sub(lambda m: m[0][1:-1] if m[0][0] == "[" else _WRITE[m[0]](at), pattern)


def parse(value: Value, pattern: Value = None, locale: Value = None) -> datetime:  # noqa: ARG001 - Airtable's third argument; only English month names are known here
    """DATETIME_PARSE(text, format?, locale?).

    Raises:
        CellError: the text does not match.
    """
    if pattern is None or isinstance(value, datetime):
        return moment(value)
    directives = _LETTERS.sub(lambda m: m[0][1:-1] if m[0][0] == "[" else _READ.get(m[0], m[0]), text(pattern))
    try:
        found = datetime.strptime(text(value), directives)  # noqa: DTZ007 - the zone is set in the next line
    except ValueError as error:
        raise CellError from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def format_moment(value: Value, pattern: Value = None) -> str:
    """DATETIME_FORMAT(date, pattern?); without a pattern ISO text."""
    return text(moment(value)) if pattern is None else write(moment(value), text(pattern))


def unit(name: Value) -> str:
    """Take "days", "day" or "d" as a unit.

    Raises:
        CellError: there is no such unit.
    """
    word = text(name)
    found = _SHORT.get(word) or word.lower().removesuffix("s")
    if found not in _FIXED and found not in _MONTHS:
        raise CellError
    return found


def add(value: Value, count: int, of: Value) -> datetime:
    """DATEADD: months keep the day of the month where they can.

    Raises:
        CellError: the result is outside the calendar.
    """
    at, name = moment(value), unit(of)
    try:
        return at + _FIXED[name] * count if name in _FIXED else _add_months(at, _MONTHS[name] * count)
    except (OverflowError, ValueError) as error:
        raise CellError from error


def _add_months(at: datetime, months: int) -> datetime:
    year, month = divmod(at.year * _MONTHS_A_YEAR + at.month - 1 + months, _MONTHS_A_YEAR)
    first = at.replace(year=year, month=month + 1, day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    return first.replace(day=min(at.day, (following - first).days))


def difference(first: Value, second: Value, of: Value = "seconds") -> int:
    """DATETIME_DIFF: whole units, default seconds, negative if the second is later (Airtable support)."""
    left, right, name = moment(first), moment(second), unit(of)
    if name in _FIXED:
        return int((left - right) / _FIXED[name])
    months = (left.year - right.year) * _MONTHS_A_YEAR + left.month - right.month
    beyond = _add_months(right, months)
    if months > 0 and beyond > left:
        months -= 1
    elif months < 0 and beyond < left:
        months += 1
    return int(months / _MONTHS[name])


def same(first: Value, second: Value, of: Value = None) -> bool:
    """IS_SAME: to the given unit; without one, exactly (assumed)."""
    left, right = moment(first), moment(second)
    return left == right if of is None else _start(left, unit(of)) == _start(right, unit(of))


def _start(at: datetime, name: str) -> datetime:
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    match name:
        case "year":
            return day.replace(month=1, day=1)
        case "quarter":
            return day.replace(month=at.month - (at.month - 1) % 3, day=1)
        case "month":
            return day.replace(day=1)
        case "week":
            return day - timedelta(days=(at.weekday() + 1) % 7)  # weeks start on Sunday
        case "day":
            return day
    seconds = (at - day) // _FIXED[name]
    return day + seconds * _FIXED[name]
