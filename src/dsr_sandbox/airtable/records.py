"""The calls on records: get, create, update, upsert, delete (Airtable docs, records)."""

from typing import Any

from dsr_sandbox.airtable.calls import Call, World, flag, table_of
from dsr_sandbox.airtable.cells import accept
from dsr_sandbox.airtable.changes import Changes
from dsr_sandbox.airtable.columns import Columns
from dsr_sandbox.airtable.errors import (
    AirtableError,
    bad_request,
    forbidden,
    missing_fields,
    record_not_found,
    row_does_not_exist,
    unknown_field,
    unprocessable,
)
from dsr_sandbox.airtable.links import forget
from dsr_sandbox.airtable.listing import asked_in_body, asked_in_query, list_records, look
from dsr_sandbox.airtable.model import Base, Json, Record, Table
from dsr_sandbox.airtable.rendering import Look, renderer
from dsr_sandbox.airtable.upsert import Upsert, merge_fields

_OLD_BATCH = 10
_BODY_KEYS = {"fields", "records", "typecast", "returnFieldsByFieldId", "performUpsert"}
_CREATE, _UPDATE = "create", "update"


def listed(world: World, call: Call) -> dict[str, Any]:
    """GET a table."""
    base, table = _place(world, call)
    return list_records(world, base, table, asked_in_query(call))


def listed_by_post(world: World, call: Call) -> dict[str, Any]:
    """POST `listRecords`: the same list, for parameters too long for a URL."""
    base, table = _place(world, call)
    return list_records(world, base, table, asked_in_body(call))


def got(world: World, call: Call) -> dict[str, Any]:
    """GET one record. A record of another table of the base is found too (Airtable docs, get record).

    Raises:
        AirtableError: 403 if the base has no such record; 422 for `fields[]` (reported by users).
    """
    base, _ = _place(world, call)
    if call.many("fields"):
        raise bad_request()
    found = base.find_record(call.path[2])
    if found is None:
        raise forbidden()
    table, record = found
    columns = Columns(base, table, world.clock.now())
    return renderer(columns, look(table, asked_in_query(call)))(record)


def created(world: World, call: Call) -> dict[str, Any]:
    """POST one record (`fields`) or many (`records`)."""
    base, table = _place(world, call)
    body = _body(call)
    changes = _changes(world, base, table, body)
    if "records" not in body:
        _stage(changes, world.ids.airtable("rec"), body)
        return _shown(changes, body, changes.keep())[0]
    for item in _batch(world, body, _CREATE):
        if item.keys() - {"fields"}:
            raise bad_request()
        _stage(changes, world.ids.airtable("rec"), item)
    return {"records": _shown(changes, body, changes.keep())}


def updated_one(world: World, call: Call) -> dict[str, Any]:
    """PATCH (merge) or PUT (clear what is not given) one record.

    Raises:
        AirtableError: 403 if the table has no such record (live probes).
    """
    base, table = _place(world, call)
    body = _body(call)
    if call.path[2] not in table.records:
        raise forbidden()
    changes = _changes(world, base, table, body)
    changes.replace = call.method == "PUT"
    _stage(changes, call.path[2], body)
    return _shown(changes, body, changes.keep())[0]


def updated_many(world: World, call: Call) -> dict[str, Any]:
    """PATCH or PUT many records, or upsert them."""
    base, table = _place(world, call)
    body = _body(call)
    changes = _changes(world, base, table, body)
    changes.replace = call.method == "PUT"
    batch = _batch(world, body, _UPDATE)
    if body.get("performUpsert") is not None:
        return _upserted(changes, body, batch)
    for item in batch:
        _stage(changes, _known(table, item.get("id")), item)
    return {"records": _shown(changes, body, changes.keep())}


def deleted_one(world: World, call: Call) -> dict[str, Any]:
    """DELETE one record.

    Raises:
        AirtableError: 403 if the table has no such record (live probes).
    """
    base, table = _place(world, call)
    if call.path[2] not in table.records:
        raise forbidden()
    return _delete(world, base, table, call.path[2])


def deleted_many(world: World, call: Call) -> dict[str, Any]:
    """DELETE the records of `records[]`; one unknown id refuses all.

    Raises:
        AirtableError: 404 for an unknown record (live probes); 422 without `records[]` (assumed).
    """
    base, table = _place(world, call)
    ids = call.many("records")
    if not ids:
        raise bad_request()
    if world.limits.strict_batch_of_10 and len(ids) > _OLD_BATCH:
        raise _too_many("delete", len(ids))
    for record_id in ids:
        if record_id not in table.records:
            raise record_not_found(record_id)
    return {"records": [_delete(world, base, table, record_id) for record_id in dict.fromkeys(ids)]}


def _delete(world: World, base: Base, table: Table, record_id: str) -> dict[str, Any]:
    forget(base, table, table.records.pop(record_id), world.clock.now().replace(microsecond=0))
    return {"id": record_id, "deleted": True}


def _place(world: World, call: Call) -> tuple[Base, Table]:
    base = world.base(call.path[0])
    return base, table_of(base, call.path[1])


def _body(call: Call) -> dict[str, Any]:
    body = call.json()
    if body.keys() - _BODY_KEYS:
        raise bad_request()  # that unknown keys are refused is assumed
    return body


def _changes(world: World, base: Base, table: Table, body: dict[str, Any]) -> Changes:
    return Changes(base, table, world.ids, world.clock.now(), typecast=flag(body.get("typecast")))


def _batch(world: World, body: dict[str, Any], verb: str) -> list[dict[str, Any]]:
    records = body.get("records")
    if not isinstance(records, list) or not records or not all(isinstance(item, dict) for item in records):
        raise bad_request()
    if world.limits.strict_batch_of_10 and len(records) > _OLD_BATCH:
        raise _too_many(verb, len(records))
    return records


def _too_many(verb: str, count: int) -> AirtableError:
    # The texts of creating and updating were seen until 2025; the one of deleting is assumed.
    if verb == _UPDATE:
        return unprocessable(
            "INVALID_RECORDS",
            'You must provide an array of up to 10 record objects, each with an "id" ID field and a "fields" object '
            "for cell values.",
        )
    message = f"A maximum of 10 records can be {verb}d per request but you have provided {count}."
    return unprocessable("INVALID_RECORDS", message)


def _known(table: Table, record_id: Json) -> str:
    if not isinstance(record_id, str):
        raise bad_request()
    if record_id not in table.records:
        raise row_does_not_exist(record_id)
    return record_id


def _stage(changes: Changes, record_id: str, item: dict[str, Any]) -> None:
    if not isinstance(item.get("fields"), dict):
        raise missing_fields() if "fields" not in item else bad_request()
    cells: dict[str, Any] = {}
    for name, value in item["fields"].items():
        field = changes.table.find_field(name)
        if field is None:
            raise unknown_field(name)
        cells[field.id] = accept(field, value, changes)
    changes.writes.append((record_id, cells))


def _upserted(changes: Changes, body: dict[str, Any], batch: list[dict[str, Any]]) -> dict[str, Any]:
    upsert = Upsert(changes.table, merge_fields(changes.table, body["performUpsert"]))
    new: list[str] = []
    for item in batch:
        if "id" in item:
            _stage(changes, _known(changes.table, item["id"]), item)
            continue
        _stage(changes, "", item)
        cells = changes.writes.pop()[1]
        found = upsert.match(cells)
        record_id = found or changes.ids.airtable("rec")
        if found is None:
            new.append(record_id)
        changes.writes.append((record_id, cells))
    records = changes.keep()
    old = [record.id for record in records if record.id not in new]
    return {"records": _shown(changes, body, records), "createdRecords": new, "updatedRecords": old}


def _shown(changes: Changes, body: dict[str, Any], records: list[Record]) -> list[dict[str, Any]]:
    columns = Columns(changes.base, changes.table, changes.now)
    render = renderer(columns, Look(by_id=flag(body.get("returnFieldsByFieldId"))))
    return [render(record) for record in records]
