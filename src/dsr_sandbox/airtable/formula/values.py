"""Values of formulas and how Airtable turns one kind into another."""

import math
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeAlias

from dsr_sandbox.clock import rfc3339

Value: TypeAlias = bool | int | float | str | datetime | list[Any] | None
"""Blank is None; dates and times are aware datetimes; lists come from fields of several values."""


class CellError(Exception):
    """The formula ends in `#ERROR!` for this row: a filter leaves the row out (Airtable docs, list records)."""


def is_number(value: Value) -> bool:
    """Say whether the value counts as a number; a checkbox does: TRUE() is 1."""
    return isinstance(value, (int, float))


def truthy(value: Value) -> bool:
    """Keep a row unless its result is 0, false, "", NaN, [] or an error (Airtable docs, list records)."""
    if isinstance(value, float) and math.isnan(value):
        return False
    return isinstance(value, datetime) or bool(value)


def text(value: Value) -> str:
    """Write a value as `&` and the text functions see it: ISO for times, ", " between several values."""
    if value is None or value is False:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, list):
        return ", ".join(text(item) for item in value)
    return _number_text(value)


def _number_text(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return str(int(value)) if value == int(value) else repr(value)


def number(value: Value) -> float:
    """Take a value as a number: blank is 0. Text in arithmetic is an error (assumed).

    Raises:
        CellError: the value is no number.
    """
    if value is None:
        return 0
    if isinstance(value, (int, float)):
        return value
    raise CellError


def whole(value: Value) -> int:
    """Take a value as a whole number, cutting what is behind the point.

    Raises:
        CellError: the value is no finite number.
    """
    found = number(value)
    if not math.isfinite(found):
        raise CellError
    return int(found)


def equal(left: Value, right: Value) -> bool:
    """Compare for `=`. Blank equals 0, "" and an empty list (Airtable community 30827)."""
    if left is None or right is None:
        return _blank(left) and _blank(right)
    if is_number(left) and is_number(right):
        return left == right
    if isinstance(left, datetime) and isinstance(right, datetime):
        return left == right
    # Values of different kinds are compared as text (assumed).
    return text(left) == text(right)


def _blank(value: Value) -> bool:
    return not isinstance(value, datetime) and not value


def ordered(test: Callable[[Any, Any], bool]) -> Callable[[Value, Value], bool]:
    """Make `<`, `<=`, `>` or `>=` of the Python operator: times with times, text with text, else as numbers.

    A time against anything else, blank included, is an error (assumed: filters should not lean on it).
    """

    def compare(left: Value, right: Value) -> bool:
        if isinstance(left, datetime) and isinstance(right, datetime):
            return test(left, right)
        if isinstance(left, str) or isinstance(right, str):
            return test(_only_text(left), _only_text(right))
        return test(number(left), number(right))

    return compare


def _only_text(value: Value) -> str:
    if value is None or isinstance(value, (str, list)):
        return text(value)
    raise CellError
