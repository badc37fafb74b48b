"""What each type of field accepts, and the form in which it is kept (Airtable docs, field model)."""

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from dsr_sandbox.airtable.changes import Changes
from dsr_sandbox.airtable.errors import bad_value, computed_field, not_permitted, row_does_not_exist, unknown_option
from dsr_sandbox.airtable.model import LINK, USER, Field, Json
from dsr_sandbox.airtable.typecast import cast
from dsr_sandbox.clock import rfc3339

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_ID = re.compile(r"[a-z]{3}[A-Za-z0-9]{14}")


def accept(field: Field, value: Json, changes: Changes) -> Json:
    """Check a value for a cell and give it as it is kept; None stands for an empty cell.

    Raises:
        AirtableError: 422 if the field is computed (even for null) or the type does not take the value; 403 if the
            field is locked.
    """
    if field.computed:
        raise computed_field(field.name)
    if field.locked:
        raise not_permitted(f"You are not permitted to write cell values in field {field.name} ({field.id})")
    if value is None:
        return None
    if changes.typecast:
        value = cast(field, value, changes)
    return _ACCEPT[field.type](field, value, changes)


def _text(field: Field, value: Json, _: Changes) -> str | None:
    # Whether Airtable checks addresses, links and numbers of telephones is not documented: any text will do.
    if not isinstance(value, str):
        raise bad_value(field.name)
    return value or None


def _number(field: Field, value: Json, _: Changes) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise bad_value(field.name)
    return value


def _rating(field: Field, value: Json, changes: Changes) -> float:
    found = _number(field, value, changes)
    if found not in range(1, field.option.get("max", 5) + 1):
        raise bad_value(field.name)
    return int(found)


def _checkbox(field: Field, value: Json, _: Changes) -> bool | None:
    if not isinstance(value, bool):
        raise bad_value(field.name)
    return value or None


def _single_select(field: Field, value: Json, changes: Changes) -> str:
    if not isinstance(value, str):
        raise bad_value(field.name)
    # The name must match exactly; "" would be a new option too.
    if value not in changes.choice_names(field):
        raise unknown_option(value)
    return value


def _multiple_selects(field: Field, value: Json, changes: Changes) -> list[str] | None:
    if not isinstance(value, list):
        raise bad_value(field.name)
    return list(dict.fromkeys(_single_select(field, item, changes) for item in value)) or None


def _date(field: Field, value: Json, _: Changes) -> str | None:
    if value == "":
        return None
    # A time of day in a date field is refused (assumed; the docs show plain dates only).
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise bad_value(field.name)
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError as error:
        raise bad_value(field.name) from error


def _date_time(field: Field, value: Json, _: Changes) -> str | None:
    if value == "":
        return None
    if not isinstance(value, str) or not _DATE.match(value):
        raise bad_value(field.name)
    try:
        found = datetime.fromisoformat(value)
    except ValueError as error:
        raise bad_value(field.name) from error
    return rfc3339(found if found.tzinfo else found.replace(tzinfo=_zone(field)))


def _zone(field: Field) -> tzinfo:
    name = field.option.get("timeZone", "utc")
    # "client" is read as UTC (assumed).
    return UTC if name in ("utc", "client") else ZoneInfo(name)


def _links(field: Field, value: Json, changes: Changes) -> list[str] | None:
    if not isinstance(value, list) or not all(isinstance(r, str) and _ID.fullmatch(r) for r in value):
        raise bad_value(field.name)
    for record_id in value:
        if not changes.link_exists(field.option["linkedTableId"], record_id):
            raise row_does_not_exist(record_id)
    return list(dict.fromkeys(value)) or None


def _collaborator(field: Field, value: Json, _: Changes) -> dict[str, str]:
    if not isinstance(value, dict) or not value.keys() & {"id", "email"}:
        raise bad_value(field.name)
    if any(USER[key] != value.get(key, USER[key]) for key in ("id", "email")):
        raise bad_value(field.name)
    return dict(USER)


def _collaborators(field: Field, value: Json, changes: Changes) -> list[dict[str, str]] | None:
    if not isinstance(value, list):
        raise bad_value(field.name)
    return [_collaborator(field, {"id": v} if isinstance(v, str) else v, changes) for v in value] or None


def _barcode(field: Field, value: Json, _: Changes) -> dict[str, Any]:
    if not isinstance(value, dict) or not isinstance(value.get("text"), str) or not value.keys() <= {"text", "type"}:
        raise bad_value(field.name)
    return value


def _attachments(field: Field, value: Json, changes: Changes) -> list[dict[str, Any]] | None:
    if not isinstance(value, list):
        raise bad_value(field.name)
    return [_attachment(field, item, changes) for item in value] or None


def _attachment(field: Field, value: Json, changes: Changes) -> dict[str, Any]:
    # The sandbox fetches nothing: size and type are those of an empty file (its own choice).
    if not isinstance(value, dict) or not isinstance(value.get("url"), str):
        raise bad_value(field.name)
    name = value.get("filename") or value["url"].rstrip("/").rsplit("/", 1)[-1]
    blank = {"size": 0, "type": "application/octet-stream"}
    return {"id": changes.ids.airtable("att"), "url": value["url"], "filename": name, **blank}


_ACCEPT: dict[str, Callable[[Field, Json, Changes], Json]] = {
    **dict.fromkeys(("singleLineText", "multilineText", "richText", "email", "url", "phoneNumber"), _text),
    **dict.fromkeys(("number", "currency", "percent", "duration"), _number),
    "rating": _rating,
    "checkbox": _checkbox,
    "singleSelect": _single_select,
    "multipleSelects": _multiple_selects,
    "date": _date,
    "dateTime": _date_time,
    LINK: _links,
    "singleCollaborator": _collaborator,
    "multipleCollaborators": _collaborators,
    "barcode": _barcode,
    "multipleAttachments": _attachments,
}
