"""What staff can do in Airtable's own pages and the API cannot: rename, retype and delete what a base consists of."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dsr_sandbox.airtable.cells import accept
from dsr_sandbox.airtable.changes import Changes, put_cell
from dsr_sandbox.airtable.columns import Columns
from dsr_sandbox.airtable.errors import AirtableError
from dsr_sandbox.airtable.fieldspec import make_field, new_choice
from dsr_sandbox.airtable.formula import CellError
from dsr_sandbox.airtable.formula.values import text
from dsr_sandbox.airtable.links import add_inverse
from dsr_sandbox.airtable.model import COMPUTED_TYPES, LINK, SELECTS, Base, Field, Record, Table, View
from dsr_sandbox.ids import IdFactory

_PAGE_DEFAULTS: dict[str, dict[str, Any]] = {
    "singleSelect": {"choices": []},
    "multipleSelects": {"choices": []},
    "checkbox": {"icon": "check", "color": "greenBright"},
    "number": {"precision": 0},
    "date": {"dateFormat": {"name": "local"}},
    "dateTime": {"dateFormat": {"name": "local"}, "timeFormat": {"name": "12hour"}, "timeZone": "client"},
}
"""Options that Airtable's pages fill in when staff choose a type (in part assumed)."""


class RedesignError(ValueError):
    """The change does not fit the base; the message says what is missing."""


@dataclass(frozen=True)
class Redesign:
    """One change: `{"op": …, "table": name or id, …}`."""

    base: Base
    change: dict[str, Any]
    ids: IdFactory
    now: datetime

    def word(self, key: str) -> str:
        """Give a text of the change.

        Raises:
            RedesignError: it is missing.
        """
        found = self.change.get(key)
        if not isinstance(found, str):
            raise RedesignError(f"{self.change.get('op')!r} needs {key!r}")
        return found

    @property
    def table(self) -> Table:
        """The table that the change names."""
        found = self.base.find_table(self.word("table"))
        if found is None:
            raise RedesignError(f"No table {self.word('table')!r}")
        return found

    @property
    def field(self) -> Field:
        """The field that the change names."""
        found = self.table.find_field(self.word("field"))
        if found is None:
            raise RedesignError(f"No field {self.word('field')!r} in {self.table.name!r}")
        return found

    @property
    def choice(self) -> dict[str, Any]:
        """The select option that the change names."""
        found = next((c for c in self.field.choices if self.word("option") in (c["id"], c["name"])), None)
        if found is None:
            raise RedesignError(f"No option {self.word('option')!r} in {self.field.name!r}")
        return found


def redesign(base: Base, change: dict[str, Any], ids: IdFactory, now: datetime) -> None:
    """Apply one change. What a change asks for stands with the function that does it.

    Raises:
        RedesignError: the operation is unknown, or names what is not there.
    """
    apply = _OPERATIONS.get(str(change.get("op")))
    if apply is None:
        raise RedesignError(f"No operation {change.get('op')!r}: use one of {', '.join(sorted(_OPERATIONS))}")
    try:
        apply(Redesign(base, change, ids, now.replace(microsecond=0)))
    except AirtableError as error:
        raise RedesignError(str(error.body)) from error


def _rename_table(asked: Redesign) -> None:
    asked.table.name = asked.word("name")


def _delete_table(asked: Redesign) -> None:
    table = asked.table
    for field in [f for f in table.fields.values() if f.type == LINK]:
        _drop_inverse(asked.base, field)
    for other in asked.base.tables.values():
        for field in [f for f in other.fields.values() if f.type == LINK and f.option["linkedTableId"] == table.id]:
            _drop_field(other, field)
    del asked.base.tables[table.id]


def _rename_field(asked: Redesign) -> None:
    asked.field.name = asked.word("name")


def _add_field(asked: Redesign) -> None:
    """Take `name`, `type`, `options`: any type, also those that the API cannot create."""
    table, kind = asked.table, asked.word("type")
    spec = {"name": asked.word("name"), "type": kind, "options": asked.change.get("options")}
    field = _made(asked, table, spec)
    table.fields[field.id] = field
    if kind == LINK:
        add_inverse(asked.base, table, field, asked.ids)


def _made(asked: Redesign, table: Table, spec: dict[str, Any]) -> Field:
    if spec["type"] in COMPUTED_TYPES:
        return Field(asked.ids.airtable("fld"), spec["name"], spec["type"], spec["options"] or {})
    options = spec["options"] or _PAGE_DEFAULTS.get(spec["type"])
    plain = {"name": spec["name"], "type": spec["type"]}
    return make_field(asked.base, table, {**plain, "options": options} if options else plain, asked.ids)


def _delete_field(asked: Redesign) -> None:
    table, field = asked.table, asked.field
    if field.id == table.primary_id:
        raise RedesignError("The primary field cannot be deleted")
    if field.type == LINK:
        _drop_inverse(asked.base, field)
    _drop_field(table, field)


def _drop_inverse(base: Base, field: Field) -> None:
    # Airtable turns the other side into text; here it goes (a simplification of the sandbox).
    other = base.tables.get(field.option["linkedTableId"])
    inverse = other and other.fields.get(field.option.get("inverseLinkFieldId", ""))
    if other and inverse:
        _drop_field(other, inverse)


def _drop_field(table: Table, field: Field) -> None:
    del table.fields[field.id]
    for record in table.records.values():
        record.cells.pop(field.id, None)
        record.touched.pop(field.id, None)


def _retype_field(asked: Redesign) -> None:
    """Take `type` and `options`. Cells are turned as far as they can be, as typecast does; the rest are emptied."""
    base, table, field, kind = asked.base, asked.table, asked.field, asked.word("type")
    written = _texts(Columns(base, table, asked.now), field)
    bare = Table(table.id, table.name)
    made = _made(asked, bare, {"name": field.name, "type": kind, "options": asked.change.get("options")})
    if field.type == LINK:
        _drop_inverse(base, field)
    field.type, field.options = made.type, made.options
    if kind == LINK:
        add_inverse(base, table, field, asked.ids)
    for record in table.records.values():
        record.cells.pop(field.id, None)
    if not field.computed:
        _fill(asked, table, field, written)


def _texts(columns: Columns, field: Field) -> dict[str, str]:
    read = columns.value(field)
    return {record.id: _text(read, record) for record in columns.table.records.values()}


def _text(read: Callable[[Record], Any], record: Record) -> str:
    try:
        return text(read(record))
    except CellError:
        return ""


def _fill(asked: Redesign, table: Table, field: Field, written: dict[str, str]) -> None:
    changes = Changes(asked.base, table, asked.ids, asked.now, typecast=True)
    for record_id, value in written.items():
        try:
            cell = accept(field, value, changes) if value else None
        except AirtableError:
            cell = None  # what does not fit the new type is lost, as in Airtable
        if cell is not None:
            changes.writes.append((record_id, {field.id: cell}))
    changes.keep()


def _reorder_fields(asked: Redesign) -> None:
    """Take `order`: names or ids; fields that are not named keep their order behind them."""
    table = asked.table
    named = [table.find_field(str(name)) for name in asked.change.get("order", [])]
    if None in named:
        raise RedesignError("'order' names a field that is not there")
    first = {field.id: field for field in named if field is not None}
    table.fields = {**first, **{key: field for key, field in table.fields.items() if key not in first}}


def _lock_field(asked: Redesign) -> None:
    """Take `locked` (default true): a field permission that keeps the token's user from writing the field."""
    asked.field.locked = bool(asked.change.get("locked", True))


def _add_option(asked: Redesign) -> None:
    field, name = asked.field, asked.word("name")
    if field.type not in SELECTS or name in {choice["name"] for choice in field.choices}:
        raise RedesignError(f"{field.name!r} is no select, or has {name!r} already")
    field.choices.append(new_choice(asked.ids, name, len(field.choices)))


def _rename_option(asked: Redesign) -> None:
    choice, old, new = asked.choice, asked.choice["name"], asked.word("name")
    choice["name"] = new
    _swap(asked, old, new)


def _delete_option(asked: Redesign) -> None:
    choice = asked.choice
    asked.field.choices.remove(choice)
    _swap(asked, choice["name"], None)


def _swap(asked: Redesign, old: str, new: str | None) -> None:
    field = asked.field
    for record in asked.table.records.values():
        value = record.cells.get(field.id)
        if isinstance(value, list):
            kept = [new if item == old else item for item in value]
            put_cell(record, field.id, [item for item in kept if item] or None, asked.now)
        elif value == old:
            put_cell(record, field.id, new, asked.now)


def _add_view(asked: Redesign) -> None:
    """Take `name`, and a `formula` as the view's filter if it has one."""
    formula = asked.change.get("formula")
    asked.table.views.append(View(asked.ids.airtable("viw"), asked.word("name"), formula=formula))


_OPERATIONS: dict[str, Callable[[Redesign], None]] = {
    "rename_table": _rename_table,
    "delete_table": _delete_table,
    "add_field": _add_field,
    "rename_field": _rename_field,
    "delete_field": _delete_field,
    "retype_field": _retype_field,
    "reorder_fields": _reorder_fields,
    "lock_field": _lock_field,
    "add_option": _add_option,
    "rename_option": _rename_option,
    "delete_option": _delete_option,
    "add_view": _add_view,
}
