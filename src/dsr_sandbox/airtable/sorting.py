"""The order of values in a sorted list (assumed from what Airtable's own grid does)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from dsr_sandbox.airtable.columns import Columns
from dsr_sandbox.airtable.formula import CellError, Value
from dsr_sandbox.airtable.formula.values import text
from dsr_sandbox.airtable.model import Field, Record

_BLANK, _NUMBER, _TIME, _TEXT = range(4)


def sort_key(columns: Columns, field: Field) -> Callable[[Record], tuple[int, Any]]:
    """Give the key of a field: blanks first, selects in the order of their options, text without case."""
    read = columns.value(field)
    order = {choice["name"]: index for index, choice in enumerate(field.choices)}

    def key(record: Record) -> tuple[int, Any]:
        try:
            value = read(record)
        except CellError:
            return (_BLANK, 0)
        return _rank(order.get(value, value) if isinstance(value, str) else value)

    return key


def _rank(value: Value) -> tuple[int, Any]:
    if value is None:
        return (_BLANK, 0)
    if isinstance(value, (int, float)):
        return (_NUMBER, value)
    return (_TIME, value) if isinstance(value, datetime) else (_TEXT, text(value).casefold())
