"""`typecast: true`: strings become what the field wants, as far as they can (Airtable docs, create records).

It makes new select options, and new rows in linked tables. What cannot be turned is left for the strict check to
refuse. How each conversion works in detail is assumed: the docs say "best effort".
"""

import re
from collections.abc import Callable

from dsr_sandbox.airtable.changes import Changes
from dsr_sandbox.airtable.fieldspec import new_choice
from dsr_sandbox.airtable.model import LINK, Field, Json

_RECORD_ID = re.compile(r"rec[A-Za-z0-9]{14}")
_TICKED = {"true", "yes", "1", "checked", "on"}
_EMPTY = {"false", "no", "0", "", "unchecked", "off"}


def cast(field: Field, value: Json, changes: Changes) -> Json:
    """Turn a value into what the field's type takes, if there is a way."""
    turn = _CAST.get(field.type)
    return turn(field, value, changes) if turn else value


def _text(_: Field, value: Json, __: Changes) -> Json:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return str(value)
    return ", ".join(value) if isinstance(value, list) and all(isinstance(v, str) for v in value) else value


def _number(_: Field, value: Json, __: Changes) -> Json:
    if not isinstance(value, str):
        return value
    plain = re.sub(r"[^0-9.eE+-]", "", value)
    try:
        return float(plain) if "." in plain or "e" in plain.lower() else int(plain)
    except ValueError:
        return value or None


def _checkbox(_: Field, value: Json, __: Changes) -> Json:
    word = str(value).strip().lower()
    return True if word in _TICKED else False if word in _EMPTY else value


def _select(field: Field, value: Json, changes: Changes) -> Json:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = str(value)
    return _choice(field, value.strip(), changes) if isinstance(value, str) else value


def _choice(field: Field, name: str, changes: Changes) -> str | None:
    if name and name not in changes.choice_names(field):
        index = len(changes.choice_names(field))
        changes.new_choices.append((field, new_choice(changes.ids, name, index)))
    return name or None


def _selects(field: Field, value: Json, changes: Changes) -> Json:
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        return value
    return [_choice(field, item.strip(), changes) for item in items if item.strip()]


def _links(field: Field, value: Json, changes: Changes) -> Json:
    items = [item.strip() for item in value.split(",")] if isinstance(value, str) else value
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        return value
    return [item if _RECORD_ID.fullmatch(item) else _row(field, item, changes) for item in items if item]


def _row(field: Field, name: str, changes: Changes) -> str:
    table = changes.base.tables[field.option["linkedTableId"]]
    there = (r.id for r in table.records.values() if r.cells.get(table.primary_id) == name)
    staged = (i for i, made in changes.new_rows.items() if made == (table, name))
    found = next(there, None) or next(staged, None) or changes.ids.airtable("rec")
    if found not in table.records:
        changes.new_rows[found] = (table, name)
    return found


def _date(_: Field, value: Json, __: Changes) -> Json:
    return value.strip()[:10] if isinstance(value, str) else value


_CAST: dict[str, Callable[[Field, Json, Changes], Json]] = {
    **dict.fromkeys(("singleLineText", "multilineText", "richText", "email", "url", "phoneNumber"), _text),
    **dict.fromkeys(("number", "currency", "percent", "duration", "rating"), _number),
    "checkbox": _checkbox,
    "singleSelect": _select,
    "multipleSelects": _selects,
    "date": _date,
    LINK: _links,
}
