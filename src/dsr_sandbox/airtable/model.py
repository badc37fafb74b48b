"""What a base consists of: tables, fields, views and records, as plain data.

Cells are kept by field id in the JSON form in which Airtable shows them; an empty cell has no entry at all
(Airtable docs, field model).
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

Json: TypeAlias = Any
"""A JSON value as it came over the wire; its shape is checked by whoever takes it."""

COMPUTED_TYPES = frozenset(
    {
        "formula", "rollup", "count", "multipleLookupValues", "autoNumber", "createdTime", "lastModifiedTime",
        "createdBy", "lastModifiedBy", "button", "aiText", "externalSyncSource",
    }
)  # fmt: skip
"""Types that refuse writes, and that the API cannot create (Airtable docs, field model; create field)."""

LINK = "multipleRecordLinks"
SELECTS = frozenset({"singleSelect", "multipleSelects"})
USER = {"id": "usrSandbox0000001", "email": "sandbox@example.com", "name": "Sandbox User"}
"""The only person of the sandbox: the owner of every token."""


@dataclass(slots=True)
class Field:
    """A column. `locked` stands for a field permission that staff set in the UI: the API may not write it."""

    id: str
    name: str
    type: str
    options: dict[str, Any] | None = None
    description: str | None = None
    locked: bool = False

    @property
    def computed(self) -> bool:
        """Say whether Airtable fills the field by itself."""
        return self.type in COMPUTED_TYPES

    @property
    def option(self) -> dict[str, Any]:
        """Give the type's options, empty when it has none."""
        return self.options or {}

    @property
    def choices(self) -> list[dict[str, Any]]:
        """Give a select's options: dicts with id, name and color."""
        found: list[dict[str, Any]] = self.option.get("choices", [])
        return found


@dataclass(slots=True)
class Record:
    """A row. `touched` holds when each field was last changed; times are whole seconds, as in recorded traffic."""

    id: str
    created: datetime
    number: int
    cells: dict[str, Any] = field(default_factory=dict)
    touched: dict[str, datetime] = field(default_factory=dict)


@dataclass(slots=True)
class View:
    """A view; `formula` is its filter, if staff gave it one."""

    id: str
    name: str
    type: str = "grid"
    formula: str | None = None


@dataclass(slots=True)
class Table:
    """A table; its first field is the primary one when it is made, and stays so."""

    id: str
    name: str
    primary_id: str = ""
    description: str | None = None
    fields: dict[str, Field] = field(default_factory=dict)
    views: list[View] = field(default_factory=list)
    records: dict[str, Record] = field(default_factory=dict)
    rows_made: int = 0

    def find_field(self, name_or_id: str) -> Field | None:
        """Find a field by id or by its exact name (field names are case-sensitive: Airtable support)."""
        found = self.fields.get(name_or_id)
        return found or next((f for f in self.fields.values() if f.name == name_or_id), None)

    def find_view(self, name_or_id: str) -> View | None:
        """Find a view by id or exact name."""
        return next((v for v in self.views if name_or_id in (v.id, v.name)), None)

    def add(self, record_id: str, now: datetime) -> Record:
        """Put a new, empty record at the end."""
        self.rows_made += 1
        record = Record(record_id, now.replace(microsecond=0), self.rows_made)
        self.records[record_id] = record
        return record


@dataclass(slots=True)
class Base:
    """A base with its tables by id."""

    id: str
    name: str
    tables: dict[str, Table] = field(default_factory=dict)

    def find_table(self, name_or_id: str) -> Table | None:
        """Find a table by id or exact name (whether case matters is not documented: assumed that it does)."""
        found = self.tables.get(name_or_id)
        return found or next((t for t in self.tables.values() if t.name == name_or_id), None)

    def find_record(self, record_id: str) -> tuple[Table, Record] | None:
        """Look through all tables for a record."""
        return next(((t, t.records[record_id]) for t in self.tables.values() if record_id in t.records), None)
