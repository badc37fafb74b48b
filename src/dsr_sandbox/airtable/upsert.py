"""Upsert: which record a set of cells belongs to (Airtable docs, update multiple records)."""

from typing import Any

from dsr_sandbox.airtable.errors import bad_request, unknown_field, unprocessable
from dsr_sandbox.airtable.model import Field, Json, Table

_MERGE_TYPES = frozenset({"number", "singleLineText", "multilineText", "singleSelect", "multipleSelects", "date"})
_MOST = 3


def merge_fields(table: Table, wanted: Json) -> list[Field]:
    """Read `performUpsert`: one to three fields, names or ids, not computed, of a mergeable type.

    Raises:
        AirtableError: 422 (that a wrong type answers `INVALID_REQUEST_UNKNOWN` is assumed).
    """
    names = wanted.get("fieldsToMergeOn") if isinstance(wanted, dict) else None
    if not isinstance(names, list) or not 1 <= len(names) <= _MOST:
        raise bad_request()
    fields = [_field(table, name) for name in names]
    if any(field.type not in _MERGE_TYPES for field in fields):
        raise bad_request()
    return fields


def _field(table: Table, name: Json) -> Field:
    found = table.find_field(name) if isinstance(name, str) else None
    if found is None:
        raise unknown_field(str(name))
    return found


class Upsert:
    """Finds records by the values of the merge fields; text matches exactly (assumed)."""

    def __init__(self, table: Table, fields: list[Field]) -> None:
        self._fields = fields
        self._rows: dict[tuple[Any, ...], list[str]] = {}
        for record in table.records.values():
            self._rows.setdefault(self._key(record.cells), []).append(record.id)

    def match(self, cells: dict[str, Any]) -> str | None:
        """Give the record to update, None if one is to be created.

        Two records of one request with the same key are not matched with each other (assumed).

        Raises:
            AirtableError: 422 if a merge field is not given (pyairtable relies on a refusal; its type is assumed), or
                if several records match (the message was seen by n8n's authors; its type is assumed).
        """
        if any(field.id not in cells for field in self._fields):
            raise bad_request()
        found = self._rows.get(self._key(cells), [])
        if len(found) > 1:
            raise unprocessable("INVALID_VALUE_FOR_COLUMN", "Cannot update more than one record")
        return found[0] if found else None

    def _key(self, cells: dict[str, Any]) -> tuple[Any, ...]:
        values = (cells.get(field.id) for field in self._fields)
        return tuple(tuple(value) if isinstance(value, list) else value for value in values)
