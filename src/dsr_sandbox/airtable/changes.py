"""A batch in the making: everything is checked before anything is kept.

Recorded traffic shows a whole batch refused when one record is bad; the docs do not promise it (assumed for all
writes).
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dsr_sandbox.airtable.links import set_links
from dsr_sandbox.airtable.model import LINK, Base, Field, Record, Table
from dsr_sandbox.ids import IdFactory


@dataclass
class Changes:
    """What a write will do: typecast's new options and linked rows, then the cells.

    `replace` is PUT: cells that are not given are cleared.
    """

    base: Base
    table: Table
    ids: IdFactory
    now: datetime
    typecast: bool = False
    replace: bool = False
    new_choices: list[tuple[Field, dict[str, Any]]] = field(default_factory=list)
    new_rows: dict[str, tuple[Table, str]] = field(default_factory=dict)
    writes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def choice_names(self, of: Field) -> set[str]:
        """Give the names of a select's options, those included that this batch will add."""
        return {c["name"] for c in of.choices} | {c["name"] for f, c in self.new_choices if f is of}

    def link_exists(self, table_id: str, record_id: str) -> bool:
        """Say whether a record can be linked to: it is there, or typecast will add it."""
        made = self.new_rows.get(record_id)
        return record_id in self.base.tables[table_id].records or (made is not None and made[0].id == table_id)

    def keep(self) -> list[Record]:
        """Apply the batch; gives the written records in order."""
        now = self.now.replace(microsecond=0)
        for owner, choice in self.new_choices:
            owner.choices.append(choice)
        for record_id, (table, name) in self.new_rows.items():
            _set(self.base, table, table.add(record_id, now), {table.primary_id: name}, now)
        return [self._write(record_id, cells, now) for record_id, cells in self.writes]

    def _write(self, record_id: str, cells: dict[str, Any], now: datetime) -> Record:
        record = self.table.records.get(record_id) or self.table.add(record_id, now)
        cleared = self._cleared(record) if self.replace else {}
        _set(self.base, self.table, record, cleared | cells, now)
        return record

    def _cleared(self, record: Record) -> dict[str, Any]:
        return {field_id: None for field_id in record.cells if not self.table.fields[field_id].computed}


def _set(base: Base, table: Table, record: Record, cells: dict[str, Any], now: datetime) -> None:
    for field_id, value in cells.items():
        owner = table.fields[field_id]
        if owner.type == LINK:
            set_links(base, record, owner, value or [], now)
        elif record.cells.get(field_id) != value:
            # A write of the same value is no modification (assumed).
            put_cell(record, field_id, value, now)


def put_cell(record: Record, field_id: str, value: Any, now: datetime) -> None:  # noqa: ANN401 - any cell
    """Set or, with None, empty one cell and note the time."""
    if value is None:
        record.cells.pop(field_id, None)
    else:
        record.cells[field_id] = value
    record.touched[field_id] = now
