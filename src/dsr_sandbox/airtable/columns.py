"""Reading cells: as formulas see them, as the API shows them, and as text (`cellFormat=string`)."""

import math
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from dsr_sandbox.airtable.formula import CellError, FormulaSyntaxError, Program, UnknownNamesError, compile_formula
from dsr_sandbox.airtable.formula.moments import read_iso
from dsr_sandbox.airtable.formula.values import Value, text
from dsr_sandbox.airtable.model import LINK, USER, Base, Field, Json, Record, Table
from dsr_sandbox.clock import rfc3339

JsonReader = Callable[[Record], Json]


class Columns:
    """The columns of one table at one moment; it is also what a formula may look at.

    `field_ids`: whether formulas may say `{fld…}`. The docs say so; users report "Unknown field names" (unresolved).
    """

    def __init__(self, base: Base, table: Table, now: datetime, *, field_ids: bool = False) -> None:
        self.base = base
        self.table = table
        self.now = now
        self._field_ids = field_ids
        self._compiling: set[str] = set()
        self._others = {table.id: self}

    def cell(self, name: str) -> Program | None:
        """Give the value of a field for formulas, by its exact name."""
        found = next((f for f in self.table.fields.values() if f.name == name), None)
        if found is None and (self._field_ids or self._compiling):
            found = self.table.fields.get(name)
        return None if found is None else self.value(found)

    def modified(self, names: Sequence[str]) -> Program:
        """Give LAST_MODIFIED_TIME over these fields, over all when none is named.

        A record never changed since its creation gives its creation, or blank if fields are named (assumed).
        """
        wanted = {f.id for f in self.table.fields.values() if f.name in names or f.id in names}
        return lambda record: _last_change(record, wanted)

    def value(self, field: Field) -> Program:
        """Give a field's value as formulas see it."""
        special = _COMPUTED.get(field.type)
        if special is not None:
            return special(self, field)
        key = field.id
        match field.type:
            case "checkbox":
                return lambda record: record.cells.get(key, False)
            case "date" | "dateTime":
                return lambda record: read_iso(record.cells[key]) if key in record.cells else None
            case "multipleRecordLinks":
                return self._linked_text(field)
            case "singleCollaborator" | "multipleCollaborators" | "barcode" | "multipleAttachments":
                return lambda record: _names(record.cells.get(key))
        return lambda record: record.cells.get(key)

    def json(self, field: Field) -> JsonReader:
        """Give a field's value as the API shows it; None means that the key is left out."""
        if not field.computed:
            key = field.id
            return lambda record: record.cells.get(key)
        if field.type in ("createdBy", "lastModifiedBy"):
            return lambda _: dict(USER)
        program = self.value(field)
        return lambda record: _shown(program, record)

    def _other(self, table_id: str) -> "Columns":
        if table_id not in self._others:
            other = Columns(self.base, self.base.tables[table_id], self.now)
            other._others, other._compiling = self._others, self._compiling  # formulas may go in circles over tables
            self._others[table_id] = other
        return self._others[table_id]

    def linked_names(self, field: Field) -> Callable[[Record], list[str]]:
        """Give the primary texts of the linked records."""
        other, key = self._other(field.option["linkedTableId"]), field.id
        name = other.value(other.table.fields[other.table.primary_id])
        rows = other.table.records
        return lambda record: [text(name(rows[linked])) for linked in record.cells.get(key, ())]

    def _linked_text(self, field: Field) -> Program:
        # A link in a formula is the primary field's text joined with ", ", not record ids (Airtable support).
        names = self.linked_names(field)
        return lambda record: ", ".join(names(record)) or None

    def _formula(self, field: Field) -> Program:
        if field.id in self._compiling:
            return _fail
        self._compiling.add(field.id)
        try:
            return compile_formula(field.option.get("formula", ""), self)
        except (FormulaSyntaxError, UnknownNamesError):
            return _fail
        finally:
            self._compiling.discard(field.id)

    def _lookup(self, field: Field) -> Program:
        link = self.table.find_field(field.option.get("recordLinkFieldId", ""))
        if link is None or link.type != LINK:
            return _fail
        other, key = self._other(link.option["linkedTableId"]), link.id
        target = other.table.find_field(field.option.get("fieldIdInLinkedTable", ""))
        if target is None:
            return _fail
        value = other.value(target)
        return lambda record: [value(other.table.records[r]) for r in record.cells.get(key, ())]

    def _count(self, field: Field) -> Program:
        link = self.table.find_field(field.option.get("recordLinkFieldId", ""))
        return _fail if link is None else lambda record: len(record.cells.get(link.id, ()))

    def _last_modified(self, field: Field) -> Program:
        return self.modified(field.option.get("referencedFieldIds", []))


def _fail(_: Record) -> Value:
    raise CellError


def _last_change(record: Record, wanted: set[str]) -> datetime | None:
    if not wanted:
        return max(record.touched.values(), default=record.created)
    return max((at for key, at in record.touched.items() if key in wanted), default=None)


def _names(value: Json) -> str | None:
    if isinstance(value, list):
        return ", ".join(str(_names(item)) for item in value)
    if isinstance(value, dict):
        return str(value.get("filename") or value.get("name") or value.get("text"))
    return None


def _shown(program: Program, record: Record) -> Json:
    try:
        value = program(record)
        return _json(int(value) if isinstance(value, bool) else value)
    except CellError:
        return {"error": "#ERROR!"}


def _json(value: Value) -> Json:
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, list):
        return [_json(item) for item in value if item is not None] or None
    if isinstance(value, float) and not math.isfinite(value):
        return {"specialValue": text(value)}
    return None if value == "" else value


_COMPUTED: dict[str, Callable[[Columns, Field], Program]] = {
    "createdTime": lambda _, __: lambda record: record.created,
    "lastModifiedTime": Columns._last_modified,  # noqa: SLF001 - the table of this module's own class
    "createdBy": lambda _, __: lambda _record: USER["name"],
    "lastModifiedBy": lambda _, __: lambda _record: USER["name"],
    "autoNumber": lambda _, __: lambda record: record.number,
    "formula": Columns._formula,  # noqa: SLF001 - the table of this module's own class
    "count": Columns._count,  # noqa: SLF001 - the table of this module's own class
    "multipleLookupValues": Columns._lookup,  # noqa: SLF001 - the table of this module's own class
    # Types that the sandbox can hold but does not compute: always empty.
    **dict.fromkeys(("rollup", "button", "aiText", "externalSyncSource"), lambda _, __: lambda _record: None),
}


def shows(value: Any) -> bool:  # noqa: ANN401 - any cell
    """Say whether a cell is shown: the key of an empty one is left out (Airtable docs, field model)."""
    return value is not None and value is not False
