"""List records: parameters, filter, order and pages (Airtable docs, list records)."""

import re
from dataclasses import dataclass
from typing import Any

from dsr_sandbox.airtable.calls import Call, World, flag
from dsr_sandbox.airtable.columns import Columns
from dsr_sandbox.airtable.errors import (
    bad_formula,
    bad_page_size,
    bad_request,
    unknown_field,
    unknown_names_in_formula,
    unknown_view,
)
from dsr_sandbox.airtable.formula import FormulaSyntaxError, Program, UnknownNamesError, compile_formula, keeps
from dsr_sandbox.airtable.model import Base, Json, Record, Table, View
from dsr_sandbox.airtable.rendering import Look, renderer, time_zone
from dsr_sandbox.airtable.sorting import sort_key

_MAX_PAGE = 100
_SORT = re.compile(r"sort\[(\d+)\]\[(field|direction)\]")
_SIMPLE = (
    "pageSize", "maxRecords", "offset", "view", "filterByFormula", "cellFormat", "timeZone", "userLocale",
    "returnFieldsByFieldId",
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """The parameters of a list, from the query or from the body of `listRecords`."""

    given: dict[str, Any]

    def number(self, name: str) -> int | None:
        """Take a number; what is not numeric is ignored (live probes, for `pageSize`)."""
        value = self.given.get(name)
        try:
            return None if value is None or isinstance(value, bool) else int(value)
        except (TypeError, ValueError):
            return None

    def text(self, name: str) -> str | None:
        """Take a text; an empty one counts as absent (pyairtable's integration test sends `offset=`).

        Raises:
            AirtableError: 422 if it is none.
        """
        value = self.given.get(name)
        if value is not None and not isinstance(value, str):
            raise bad_request()
        return value or None

    def texts(self, name: str) -> list[str]:
        """Take a list of texts.

        Raises:
            AirtableError: 422 if it is none.
        """
        value = self.given.get(name) or []
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            raise bad_request()
        return items


def asked_in_query(call: Call) -> Asked:
    """Read the parameters of a GET; unknown ones are ignored (airtable.js sends some of its own)."""
    given: dict[str, Any] = {name: call.one(name) for name in _SIMPLE}
    sort: dict[int, dict[str, str]] = {}
    for key, value in call.query:
        if part := _SORT.fullmatch(key):
            sort.setdefault(int(part[1]), {})[part[2]] = value
    lists = {"fields": call.many("fields"), "recordMetadata": call.many("recordMetadata")}
    return Asked({**given, **lists, "sort": [sort[index] for index in sorted(sort)]})


def asked_in_body(call: Call) -> Asked:
    """Read the parameters of POST `listRecords`; both official clients leave zone and locale in the query."""
    outside = {name: call.one(name) for name in ("timeZone", "userLocale") if call.one(name)}
    return Asked({**(call.json() if call.body else {}), **outside})


def list_records(world: World, base: Base, table: Table, asked: Asked) -> dict[str, Any]:
    """Give one page: `{"records": [...], "offset"?}`; no offset on the last one."""
    columns = Columns(base, table, world.clock.now(), field_ids=world.limits.field_ids_in_formulas)
    render = renderer(columns, look(table, asked))
    size = _page_size(asked)
    offset = asked.text("offset")
    if offset is not None:
        iterator_id, ids = world.iterators.resume(table.id, offset)
    else:
        iterator_id, ids = None, [record.id for record in _matching(columns, asked)]
    page = [table.records[record_id] for record_id in ids[:size] if record_id in table.records]
    answer: dict[str, Any] = {"records": [render(record) for record in page]}
    if 0 < size < len(ids):
        answer["offset"] = f"{iterator_id or world.iterators.start(table.id, ids)}/{ids[size]}"
    return answer


def look(table: Table, asked: Asked) -> Look:
    """Read how records are to be shown.

    Raises:
        AirtableError: 422 for unknown fields, or text cells without `timeZone` and `userLocale` (type assumed).
    """
    names = asked.texts("fields")
    metadata = asked.texts("recordMetadata")
    if set(metadata) - {"commentCount"}:
        raise bad_request()
    zone, locale = asked.text("timeZone"), asked.text("userLocale")
    as_text = {None: False, "json": False, "string": True}.get(asked.text("cellFormat"))
    if as_text is None or (as_text and not (zone and locale)):
        raise bad_request()
    return Look(
        by_id=flag(asked.given.get("returnFieldsByFieldId")),
        fields=frozenset(_field_id(table, name) for name in names) if names else None,
        comment_count=bool(metadata),
        locale=locale if as_text else None,
        zone=time_zone(zone) if as_text and zone else None,
    )


def _field_id(table: Table, name: Json) -> str:
    found = table.find_field(name) if isinstance(name, str) else None
    if found is None:
        raise unknown_field(str(name))
    return found.id


def _page_size(asked: Asked) -> int:
    size = asked.number("pageSize")
    if size is None:
        return _MAX_PAGE
    if not 0 <= size <= _MAX_PAGE:
        raise bad_page_size()
    return size


def _matching(columns: Columns, asked: Asked) -> list[Record]:
    table = columns.table
    view = _view(table, asked.text("view"))
    records = list(table.records.values())
    for formula in (view.formula if view else None, asked.text("filterByFormula")):
        if formula:
            program = _compiled(columns, formula)
            records = [record for record in records if keeps(program, record)]
    _sort(columns, asked.given.get("sort") or [], records, in_view=view is not None)
    most = asked.number("maxRecords")
    if most is not None and most < 0:
        raise bad_request()
    return records[:most]


def _view(table: Table, name: str | None) -> View | None:
    if name is None:
        return None
    found = table.find_view(name)
    if found is None:
        raise unknown_view(name)
    return found


def _compiled(columns: Columns, formula: str) -> Program:
    try:
        return compile_formula(formula, columns)
    except FormulaSyntaxError as error:
        raise bad_formula() from error
    except UnknownNamesError as error:
        raise unknown_names_in_formula(list(error.args)) from error


def _sort(columns: Columns, sort: Json, records: list[Record], *, in_view: bool) -> None:
    if not isinstance(sort, list) or not all(isinstance(part, dict) for part in sort):
        raise bad_request()
    if not in_view:
        # Without a view the order is arbitrary: by id, so that nobody leans on the order of creation.
        records.sort(key=lambda record: record.id)
    for part in reversed(sort):
        direction = part.get("direction", "asc")
        if direction not in ("asc", "desc"):
            raise bad_request()
        field = columns.table.fields[_field_id(columns.table, part.get("field"))]
        records.sort(key=sort_key(columns, field), reverse=direction == "desc")
