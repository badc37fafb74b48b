"""Linked records: both sides of a link always agree (Airtable support, linking records)."""

from datetime import datetime

from dsr_sandbox.airtable.model import LINK, Base, Field, Record, Table
from dsr_sandbox.ids import IdFactory


def set_links(base: Base, record: Record, field: Field, wanted: list[str], now: datetime) -> None:
    """Write a link cell and the cells on the other side."""
    before = record.cells.get(field.id, [])
    if before == wanted:
        return
    _put(record, field.id, wanted, now)
    inverse = field.option.get("inverseLinkFieldId")
    if inverse is None:
        return
    others = base.tables[field.option["linkedTableId"]].records
    for gone in set(before) - set(wanted):
        if gone in others:
            _put(others[gone], inverse, [r for r in others[gone].cells.get(inverse, []) if r != record.id], now)
    for new in wanted:
        linked = others[new].cells.get(inverse, [])
        if record.id not in linked:
            _put(others[new], inverse, [*linked, record.id], now)


def _put(record: Record, field_id: str, links: list[str], now: datetime) -> None:
    # A change from the other side is a modification of this record too (assumed).
    if links:
        record.cells[field_id] = list(links)
    else:
        record.cells.pop(field_id, None)
    record.touched[field_id] = now


def forget(base: Base, table: Table, record: Record, now: datetime) -> None:
    """Take a deleted record out of every cell that links to it."""
    for other in base.tables.values():
        for field in other.fields.values():
            if field.type == LINK and field.option["linkedTableId"] == table.id:
                _forget_in(other, field, record.id, now)


def _forget_in(table: Table, field: Field, record_id: str, now: datetime) -> None:
    for record in table.records.values():
        links = record.cells.get(field.id, ())
        if record_id in links:
            _put(record, field.id, [r for r in links if r != record_id], now)


def add_inverse(base: Base, table: Table, field: Field, ids: IdFactory) -> None:
    """Make the field on the other side, named after the table that links (Airtable docs, field model).

    A link from a table to itself has none (assumed).
    """
    if field.option["linkedTableId"] == table.id:
        return
    other = base.tables[field.option["linkedTableId"]]
    options = {
        "linkedTableId": table.id,
        "isReversed": False,
        "prefersSingleRecordLink": False,
        "inverseLinkFieldId": field.id,
    }
    inverse = Field(ids.airtable("fld"), _free_name(other, table.name), LINK, options)
    other.fields[inverse.id] = inverse
    field.option["inverseLinkFieldId"] = inverse.id


def _free_name(table: Table, wanted: str) -> str:
    taken = {f.name.casefold() for f in table.fields.values()}
    names = [wanted, *(f"{wanted} {n}" for n in range(2, len(taken) + 3))]
    return next(name for name in names if name.casefold() not in taken)
