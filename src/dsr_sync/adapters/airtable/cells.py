"""From Airtable's cells to a row, and from the daemon's columns to Airtable's cells.

An empty cell is left out by Airtable, an unticked checkbox too (Airtable docs, field model).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any

from dsr_sync.adapters.airtable import refusals
from dsr_sync.adapters.airtable.refusals import Json
from dsr_sync.adapters.airtable.schema import TableShape
from dsr_sync.core.actions import Tell
from dsr_sync.core.model import Cells, Identifier, RecordId, RequestRow, Status

UNREADABLE = "(unreadable)"
"""Stands for a request type in a form that we do not know: it must not read as empty, which would mean Delete."""

MOST_CHARACTERS = 100_000
"""What a cell holds (Airtable support, field limits)."""

_OWNED = tuple(each.name for each in fields(Cells))


def row(record: Json, table: TableShape) -> RequestRow:
    """A record of the requests table, keyed by column id, as a row.

    Cells of a strange form read as empty, so that one bad row stops nobody; but a checkbox that holds anything else is
    a column that is no longer a checkbox, and an identifier that is a number has lost what made it one.

    Raises:
        Transient: it is no record at all. SchemaBroken: a checkbox holds something else than true or false, or an
        identifier is a number.
    """
    cell = _reader(record, table)
    record_id, created = record_key(record)
    return RequestRow(
        record_id=record_id,
        created_at=created,
        identifier=_identifier(cell("user_identifier"), table),
        request_type=_choice(cell("request_type")),
        authenticated=_tick(cell("authenticated"), table, "authenticated"),
        hold=_tick(cell("hold"), table, "hold"),
        retry=_tick(cell("retry"), table, "retry"),
        law=text(cell("law")),
        received_at=moment(cell("received_at")),
        extended_until=_day(cell("extended_until")),
        extension_reasoned=bool(text(cell("extension_reason")).strip()),
        cells=_cells(cell, table),
    )


def record_key(record: Json) -> tuple[RecordId, datetime]:
    """The id of a record and when it was made; every record has both (Airtable docs, list records).

    Raises:
        Transient: it has not; then the answer is not Airtable's.
    """
    if not isinstance(record, dict) or not isinstance(record.get("fields"), dict):
        raise refusals.not_understood()
    record_id, created = record.get("id"), moment(record.get("createdTime"))
    if not isinstance(record_id, str) or created is None:
        raise refusals.not_understood()
    return RecordId(record_id), created


def changes(tell: Tell, table: TableShape) -> dict[str, Json]:
    """The cells to write for `tell`, keyed by column id: those that differ, in columns that the base has."""
    wanted = {name: written(getattr(tell.cells, name)) for name in _OWNED}
    if unsayable(tell, table):
        wanted["status"] = in_place_of_an_option(tell.current.status if tell.current else "", Status)
    if tell.current is not None:
        standing = {name: written(getattr(tell.current, name)) for name in _OWNED}
        wanted = {name: value for name, value in wanted.items() if value != standing[name]}
    if tell.untick_retry:
        wanted["retry"] = False
    return {table.columns[name].id: value for name, value in wanted.items() if name in table.columns}


def unsayable(tell: Tell, table: TableShape) -> bool:
    """Whether the status that the row should have is no option of the base: everything else can be written."""
    return table.lacks("status", tell.cells.status)


def in_place_of_an_option(standing: str, ours: Iterable[str]) -> Json:
    """What a select says whose right option is missing: nothing, rather than another of our words, which is untrue.

    A word that is not one of `ours` is staff's own, most likely the renamed option; it stays.
    """
    return None if standing in set(ours) else standing or None


def written(value: str | bool | date | None) -> Json:  # noqa: FBT001 - a tick is a value like the others
    """A value as Airtable takes it: empty is null, times are UTC and to the second, texts no longer than a cell."""
    match value:
        case bool():
            return value
        case datetime():
            return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000Z"
        case date():
            return value.isoformat()
        case str():
            return value[:MOST_CHARACTERS] or None
        case None:
            return None


def text(cell: Json) -> str:
    """A text cell; "" for anything else."""
    return cell if isinstance(cell, str) else ""


def moment(cell: Json) -> datetime | None:
    """A time in UTC, to the second; a day alone is its first moment. None for anything else."""
    if not isinstance(cell, str):
        return None
    try:
        read = datetime.fromisoformat(cell)
        aware = read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):  # the first hours of the year 1 are none in UTC
        return None
    return aware.replace(microsecond=0)


def _cells(cell: Callable[[str], Json], table: TableShape) -> Cells:
    return Cells(
        submitted=_tick(cell("submitted"), table, "submitted"),
        status=text(cell("status")),
        status_note=text(cell("status_note")),
        regulation_id=text(cell("regulation_id")),
        segment_status=text(cell("segment_status")),
        submitted_at=moment(cell("submitted_at")),
        completed_at=moment(cell("completed_at")),
        due_by=_day(cell("due_by")),
        submit_by=_day(cell("submit_by")),
        receipt_summary=text(cell("receipt_summary")),
    )


def _reader(record: Json, table: TableShape) -> Callable[[str], Json]:
    found: Mapping[str, Any] = record["fields"] if isinstance(record, dict) and "fields" in record else {}

    def cell(attribute: str) -> Json:
        column = table.columns.get(attribute)
        return None if column is None else found.get(column.id)

    return cell


def _tick(cell: Json, table: TableShape, attribute: str) -> bool:
    if cell is None:
        return False
    if not isinstance(cell, bool):
        name = table.columns[attribute].name
        raise refusals.schema_broken((f"The column '{name}' of the requests table is no longer a checkbox.",))
    return cell


def _identifier(cell: Json, table: TableShape) -> Identifier:
    if isinstance(cell, int | float):
        name = table.columns["user_identifier"].name
        raise refusals.schema_broken((f"The column '{name}' of the requests table holds numbers, and must be text.",))
    return Identifier.typed(text(cell))


def _choice(cell: Json) -> str:
    if cell is None:
        return ""
    return cell if isinstance(cell, str) else UNREADABLE


def _day(cell: Json) -> date | None:
    found = moment(cell)
    return found.date() if found is not None else None
