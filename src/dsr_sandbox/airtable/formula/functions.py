"""The functions of formulas that look only at the values of their arguments (Airtable support, formula reference)."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from dsr_sandbox.airtable.formula import moments
from dsr_sandbox.airtable.formula.values import CellError, Value, number, text, whole

_ANY = 1_000


@dataclass(frozen=True, slots=True)
class Function:
    """How many arguments a function takes, and what it does with their values."""

    fewest: int
    most: int
    apply: Callable[..., Value]


def _position(needle: Value, hay: Value, start: Value) -> int:
    return text(hay).find(text(needle), max(whole(start), 1) - 1) + 1


def _find(needle: Value, hay: Value, start: Value = 1) -> int:
    return _position(needle, hay, start)


def _search(needle: Value, hay: Value, start: Value = 1) -> int | None:
    return _position(needle, hay, start) or None  # blank where FIND says 0


def _left(value: Value, count: Value = 1) -> str:
    return text(value)[: max(whole(count), 0)]


def _right(value: Value, count: Value = 1) -> str:
    written = text(value)
    return written[max(len(written) - whole(count), 0) :]


def _mid(value: Value, start: Value, count: Value) -> str:
    first = max(whole(start), 1) - 1
    return text(value)[first : first + max(whole(count), 0)]


def _round(value: Value, precision: Value = 0) -> float:
    found, shift = number(value), 10 ** whole(precision)
    if not math.isfinite(found):
        return found
    rounded = math.copysign(math.floor(abs(found) * shift + 0.5) / shift, found)
    return int(rounded) if rounded.is_integer() else rounded


def _value(value: Value) -> float:
    if isinstance(value, (int, float)):
        return value
    found = re.search(r"-?\d+(?:\.\d+)?", text(value).replace(",", ""))
    if found is None:
        raise CellError
    return float(found[0]) if "." in found[0] else int(found[0])


def _regex_match(value: Value, pattern: Value) -> bool:
    try:
        return re.search(text(pattern), text(value)) is not None
    except re.error as error:
        raise CellError from error


def _array_join(values: Value, separator: Value = ", ") -> str:
    items = values if isinstance(values, list) else [values]
    return text(separator).join(text(item) for item in items)


FUNCTIONS: dict[str, Function] = {
    "BLANK": Function(0, 0, lambda: None),
    "TRUE": Function(0, 0, lambda: True),
    "FALSE": Function(0, 0, lambda: False),
    "LOWER": Function(1, 1, lambda value: text(value).lower()),
    "UPPER": Function(1, 1, lambda value: text(value).upper()),
    "TRIM": Function(1, 1, lambda value: text(value).strip()),
    "LEN": Function(1, 1, lambda value: len(text(value))),
    "FIND": Function(2, 3, _find),
    "SEARCH": Function(2, 3, _search),
    "LEFT": Function(1, 2, _left),
    "RIGHT": Function(1, 2, _right),
    "MID": Function(3, 3, _mid),
    "CONCATENATE": Function(1, _ANY, lambda *values: "".join(text(value) for value in values)),
    "ROUND": Function(1, 2, _round),
    "VALUE": Function(1, 1, _value),
    "REGEX_MATCH": Function(2, 2, _regex_match),
    "ARRAYJOIN": Function(1, 2, _array_join),
    "IS_BEFORE": Function(2, 2, lambda left, right: moments.moment(left) < moments.moment(right)),
    "IS_AFTER": Function(2, 2, lambda left, right: moments.moment(left) > moments.moment(right)),
    "IS_SAME": Function(2, 3, moments.same),
    "DATEADD": Function(3, 3, lambda value, count, of: moments.add(value, whole(count), of)),
    "DATETIME_DIFF": Function(2, 3, moments.difference),
    "DATETIME_PARSE": Function(1, 3, moments.parse),
    "DATETIME_FORMAT": Function(1, 2, moments.format_moment),
}
"""By name. A name that stands neither here nor in the compiler's own list refuses the whole filter."""
