"""The metadata API: who am I, bases, tables, fields (Airtable docs, meta)."""

import re
from typing import Any

from dsr_sandbox.airtable.calls import Call, World, table_of
from dsr_sandbox.airtable.errors import bad_request, forbidden, unprocessable
from dsr_sandbox.airtable.fieldspec import PRIMARY_TYPES, checked_description, checked_name, make_field
from dsr_sandbox.airtable.links import add_inverse
from dsr_sandbox.airtable.model import LINK, USER, Base, Field, Json, Table, View
from dsr_sandbox.ids import IdFactory

_WORKSPACE = re.compile(r"wsp[A-Za-z0-9]{14}")
_BASES_A_PAGE = 1_000


def whoami(_: World, call: Call) -> dict[str, Any]:
    """Name the token's owner; the e-mail only with its scope. `scopes` is for OAuth tokens alone."""
    shown = {"id": USER["id"]}
    return {**shown, "email": USER["email"]} if "user.email:read" in call.scopes else shown


def listed_bases(world: World, call: Call) -> dict[str, Any]:
    """List the bases, 1,000 a page; the offset is the number of those already given (its form is assumed)."""
    offset = call.one("offset") or "0"
    start = int(offset) if offset.isdecimal() else 0
    bases = list(world.bases.values())
    shown = [{"id": b.id, "name": b.name, "permissionLevel": "create"} for b in bases]
    page: dict[str, Any] = {"bases": shown[start : start + _BASES_A_PAGE]}
    return {**page, "offset": str(start + _BASES_A_PAGE)} if len(bases) > start + _BASES_A_PAGE else page


def listed_tables(world: World, call: Call) -> dict[str, Any]:
    """Show the schema of a base. The docs write `include[]`, pyairtable sends `include`."""
    base = world.meta_base(call.path[2])
    visible = "visibleFieldIds" in call.many("include")
    return {"tables": [table_json(table, visible=visible) for table in base.tables.values()]}


def created_base(world: World, call: Call) -> dict[str, Any]:
    """Create a base with its tables.

    Raises:
        AirtableError: 422 for unknown keys (pyairtable issue 410) or no table; 403 for what is no workspace (assumed).
    """
    body = call.json()
    tables = body.get("tables")
    if body.keys() != {"name", "workspaceId", "tables"} or not isinstance(tables, list) or not tables:
        raise bad_request()
    if not isinstance(body["workspaceId"], str) or not _WORKSPACE.fullmatch(body["workspaceId"]):
        raise forbidden()
    base = Base(world.ids.airtable("app"), _text(body["name"]))
    for spec in tables:
        make_table(base, spec, world.ids)
    world.bases[base.id] = base
    return {"id": base.id, "tables": [table_json(table) for table in base.tables.values()]}


def created_table(world: World, call: Call) -> dict[str, Any]:
    """Create a table; its first field becomes the primary one, and it gets one grid view."""
    return table_json(make_table(world.meta_base(call.path[2]), call.json(), world.ids))


def updated_table(world: World, call: Call) -> dict[str, Any]:
    """Change a table's name or description."""
    base = world.meta_base(call.path[2])
    table = table_of(base, call.path[4])
    body = _only(call.json(), "name", "description")
    name = _table_name(base, body["name"], but=table) if "name" in body else table.name
    description = checked_description(body["description"]) if "description" in body else table.description
    table.name, table.description = name, description
    return table_json(table)


def created_field(world: World, call: Call) -> dict[str, Any]:
    """Create a field; a link makes its inverse in the other table."""
    base = world.meta_base(call.path[2])
    table = table_of(base, call.path[4])
    return field_json(add_field(base, table, call.json(), world.ids))


def updated_field(world: World, call: Call) -> dict[str, Any]:
    """Change a field's name or description; its type and options stay (Airtable docs, update field).

    Raises:
        AirtableError: 403 for an unknown field; 422 for any other key.
    """
    table = table_of(world.meta_base(call.path[2]), call.path[4])
    field = table.fields.get(call.path[6])
    if field is None:
        raise forbidden()
    body = _only(call.json(), "name", "description")
    name = checked_name(table, body["name"], but=field) if "name" in body else field.name
    description = checked_description(body["description"]) if "description" in body else field.description
    field.name, field.description = name, description
    return field_json(field)


def make_table(base: Base, spec: Json, ids: IdFactory) -> Table:
    """Add the table that a "create table" request describes; nothing is kept if any part is refused.

    Raises:
        AirtableError: 422, also if the first field's type cannot be primary (its type of error is assumed).
    """
    if not isinstance(spec, dict) or not spec.keys() <= {"name", "description", "fields"}:
        raise bad_request()
    fields = spec.get("fields")
    if not isinstance(fields, list) or not fields:
        raise bad_request()
    name = _table_name(base, spec.get("name"))
    table = Table(ids.airtable("tbl"), name, description=checked_description(spec.get("description")))
    made = _make_fields(base, table, fields, ids)
    if made[0].type not in PRIMARY_TYPES:
        raise unprocessable("INVALID_REQUEST_UNKNOWN", f"{made[0].type} cannot be the primary field")
    table.primary_id = made[0].id
    table.views.append(View(ids.airtable("viw"), "Grid view"))
    base.tables[table.id] = table
    for field in made:
        if field.type == LINK:
            add_inverse(base, table, field, ids)
    return table


def _make_fields(base: Base, table: Table, specs: list[Json], ids: IdFactory) -> list[Field]:
    for spec in specs:
        field = make_field(base, table, spec, ids)
        table.fields[field.id] = field
    return list(table.fields.values())


def add_field(base: Base, table: Table, spec: Json, ids: IdFactory) -> Field:
    """Add the field that a "create field" request describes.

    Raises:
        AirtableError: 422.
    """
    field = make_field(base, table, spec, ids)
    table.fields[field.id] = field
    if field.type == LINK:
        add_inverse(base, table, field, ids)
    return field


def _table_name(base: Base, name: Json, but: Table | None = None) -> str:
    found = _text(name).strip()
    if not found:
        raise bad_request()
    if found.casefold() in {t.name.casefold() for t in base.tables.values() if t is not but}:
        raise unprocessable("DUPLICATE_TABLE_NAME")
    return found


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise bad_request()
    return value


def _only(body: dict[str, Any], *keys: str) -> dict[str, Any]:
    if not body or body.keys() - set(keys):
        raise bad_request()
    return body


def field_json(field: Field) -> dict[str, Any]:
    """Show a field as the metadata API does; description and options only where there are any."""
    shown: dict[str, Any] = {"type": field.type}
    if field.options is not None:
        shown["options"] = field.options
    shown |= {"id": field.id, "name": field.name}
    return shown if field.description is None else {**shown, "description": field.description}


def table_json(table: Table, *, visible: bool = False) -> dict[str, Any]:
    """Show a table as the metadata API does."""
    views = [_view_json(table, view, visible=visible) for view in table.views]
    shown = {
        "id": table.id,
        "name": table.name,
        "primaryFieldId": table.primary_id,
        "fields": [field_json(field) for field in table.fields.values()],
        "views": views,
    }
    return shown if table.description is None else {**shown, "description": table.description}


def _view_json(table: Table, view: View, *, visible: bool) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": view.id, "name": view.name, "type": view.type}
    if visible and view.type == "grid":
        shown["visibleFieldIds"] = list(table.fields)
    return shown
