"""Making fields: what the API accepts in a field's `options`, and what it then shows (Airtable docs, field model)."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dsr_sandbox.airtable.errors import AirtableError, bad_request, unprocessable
from dsr_sandbox.airtable.model import COMPUTED_TYPES, LINK, Base, Field, Json, Table
from dsr_sandbox.ids import IdFactory

_HUES = ("blue", "cyan", "teal", "green", "yellow", "orange", "red", "pink", "purple", "gray")
_SHADES = ("Light2", "Light1", "Bright", "Dark1")
COLORS = tuple(hue + shade for shade in _SHADES for hue in _HUES)
"""Colors of select options, in the order in which new options get them (the order is assumed)."""
DATE_FORMATS = {"local": "l", "friendly": "LL", "us": "M/D/YYYY", "european": "D/M/YYYY", "iso": "YYYY-MM-DD"}
TIME_FORMATS = {"12hour": "h:mma", "24hour": "HH:mm"}
PLAIN_TYPES = frozenset(
    {"singleLineText", "multilineText", "richText", "email", "url", "phoneNumber", "barcode", "singleCollaborator",
     "multipleCollaborators", "multipleAttachments"}
)  # fmt: skip
PRIMARY_TYPES = frozenset(
    {"singleLineText", "multilineText", "email", "url", "phoneNumber", "barcode", "number", "currency", "percent",
     "duration", "date", "dateTime"}
)  # fmt: skip
"""Types that a table's first field may have (in part assumed)."""
_MAX_DESCRIPTION = 20_000
_SPEC_KEYS = {"name", "type", "description", "options"}


class BadOptionsError(Exception):
    """The options do not fit the type; `args[0]` says why."""


def new_choice(ids: IdFactory, name: str, index: int, color: str | None = None) -> dict[str, Any]:
    """Make a select option as Airtable shows it: id, name, color."""
    return {"id": ids.airtable("sel"), "name": name, "color": color or COLORS[index % len(COLORS)]}


def make_field(base: Base, table: Table, spec: Json, ids: IdFactory) -> Field:
    """Make the field that a "create field" request describes; it is not yet in the table.

    Raises:
        AirtableError: 422 `DUPLICATE_OR_EMPTY_FIELD_NAME`, `UNSUPPORTED_FIELD_TYPE_FOR_CREATE`,
            `INVALID_FIELD_TYPE_OPTIONS_FOR_CREATE` (seen by schema tools' authors) or `INVALID_REQUEST_UNKNOWN`.
    """
    if not isinstance(spec, dict) or not spec.keys() <= _SPEC_KEYS or not isinstance(spec.get("type"), str):
        raise bad_request()
    name = checked_name(table, spec.get("name"))
    kind = spec["type"]
    if kind in COMPUTED_TYPES:
        raise _unsupported(table, name, kind)
    if kind not in PLAIN_TYPES and kind not in _OPTIONS:
        raise bad_request()
    try:
        options = _options(base, kind, spec, ids)
    except BadOptionsError as error:
        message = f"Invalid options for {table.name}.{name}: {error.args[0].replace('FIELD', name)}"
        raise unprocessable("INVALID_FIELD_TYPE_OPTIONS_FOR_CREATE", message) from error
    return Field(ids.airtable("fld"), name, kind, options, checked_description(spec.get("description")))


def checked_name(table: Table, name: Json, but: Field | None = None) -> str:
    """Check a field's name: not empty, unique in the table without regard to case.

    Raises:
        AirtableError: 422 `DUPLICATE_OR_EMPTY_FIELD_NAME` (seen by schema tools' authors, without a message).
    """
    if name is not None and not isinstance(name, str):
        raise bad_request()
    trimmed = (name or "").strip()
    taken = {f.name.casefold() for f in table.fields.values() if f is not but}
    if not trimmed or trimmed.casefold() in taken:
        raise unprocessable("DUPLICATE_OR_EMPTY_FIELD_NAME")
    return trimmed


def checked_description(description: Json) -> str | None:
    """Check a description: at most 20,000 characters (Airtable docs, create table).

    Raises:
        AirtableError: 422 `INVALID_REQUEST_UNKNOWN`.
    """
    if description is None:
        return None
    if not isinstance(description, str) or len(description) > _MAX_DESCRIPTION:
        raise bad_request()
    return description or None


def _unsupported(table: Table, name: str, kind: str) -> AirtableError:
    message = f"Invalid options for {table.name}.{name}: Creating {kind} fields is not supported at this time"
    return unprocessable("UNSUPPORTED_FIELD_TYPE_FOR_CREATE", message)


def _options(base: Base, kind: str, spec: dict[str, Any], ids: IdFactory) -> dict[str, Any] | None:
    given = spec.get("options")
    if kind in PLAIN_TYPES:
        if given is not None:
            raise BadOptionsError("Failed schema validation: FIELD.options is not allowed")
        return None
    if not isinstance(given, dict):
        raise BadOptionsError("Failed schema validation: FIELD.options is missing")
    return _link_options(base, given) if kind == LINK else _OPTIONS[kind](given, ids)


def _only(given: dict[str, Any], *allowed: str) -> None:
    for key in given.keys() - set(allowed):
        raise BadOptionsError(f"Failed schema validation: FIELD.options.{key} is not allowed")


def _link_options(base: Base, given: dict[str, Any]) -> dict[str, Any]:
    # Reading shows more keys than creating takes (Airtable docs, field model; prefersSingleRecordLink: seen refused).
    _only(given, "linkedTableId", "viewIdForRecordSelection")
    if given.get("linkedTableId") not in base.tables:
        raise BadOptionsError("Failed schema validation: FIELD.options.linkedTableId is invalid")
    return {**given, "isReversed": False, "prefersSingleRecordLink": False}


def _select_options(given: dict[str, Any], ids: IdFactory) -> dict[str, Any]:
    _only(given, "choices")
    wanted = given.get("choices")
    if not isinstance(wanted, list) or not all(_is_choice(choice) for choice in wanted):
        raise BadOptionsError("Failed schema validation: FIELD.options.choices is invalid")
    names = [choice["name"] for choice in wanted]
    if len(set(names)) < len(names):
        raise BadOptionsError("Failed schema validation: FIELD.options.choices has duplicate names")
    return {"choices": [new_choice(ids, c["name"], i, c.get("color")) for i, c in enumerate(wanted)]}


def _is_choice(choice: Json) -> bool:
    return (
        isinstance(choice, dict)
        and isinstance(choice.get("name"), str)
        and bool(choice["name"].strip())
        and choice.get("color", COLORS[0]) in COLORS
    )


def _checkbox_options(given: dict[str, Any], _: IdFactory) -> dict[str, Any]:
    return _words(given, "icon", "color")


def _words(given: dict[str, Any], *keys: str) -> dict[str, Any]:
    _only(given, *keys)
    for key in keys:
        if not isinstance(given.get(key), str):
            raise BadOptionsError(f"Failed schema validation: FIELD.options.{key} is missing")
    return {key: given[key] for key in keys}


def _whole(given: dict[str, Any], key: str, least: int, most: int) -> int:
    found = given.get(key)
    if isinstance(found, bool) or not isinstance(found, int) or not least <= found <= most:
        raise BadOptionsError(f"Failed schema validation: FIELD.options.{key} is invalid")
    return found


def _number_options(given: dict[str, Any], _: IdFactory) -> dict[str, Any]:
    _only(given, "precision")
    return {"precision": _whole(given, "precision", 0, 8)}


def _currency_options(given: dict[str, Any], _: IdFactory) -> dict[str, Any]:
    _only(given, "precision", "symbol")
    return {"precision": _whole(given, "precision", 0, 7), **_words({"symbol": given.get("symbol")}, "symbol")}


def _rating_options(given: dict[str, Any], _: IdFactory) -> dict[str, Any]:
    _only(given, "icon", "color", "max")
    look = {key: given.get(key) for key in ("icon", "color")}
    return {**_words(look, "icon", "color"), "max": _whole(given, "max", 1, 10)}


def _duration_options(given: dict[str, Any], _: IdFactory) -> dict[str, Any]:
    return _words(given, "durationFormat")


def _named_format(given: dict[str, Any], key: str, known: dict[str, str]) -> dict[str, str]:
    found = given.get(key)
    if not isinstance(found, dict) or found.get("name") not in known:
        raise BadOptionsError(f"Failed schema validation: FIELD.options.{key} is missing")
    if found.get("format", known[found["name"]]) != known[found["name"]]:
        raise BadOptionsError(f"Failed schema validation: FIELD.options.{key}.format is invalid")
    return {"name": found["name"], "format": known[found["name"]]}


def _date_options(given: dict[str, Any], _: IdFactory) -> dict[str, Any]:
    _only(given, "dateFormat")
    return {"dateFormat": _named_format(given, "dateFormat", DATE_FORMATS)}


def _datetime_options(given: dict[str, Any], _: IdFactory) -> dict[str, Any]:
    # timeFormat is required on creation, and the zone "UTC" in capitals is refused (seen by schema tools' authors).
    _only(given, "dateFormat", "timeFormat", "timeZone")
    formats = {
        "dateFormat": _named_format(given, "dateFormat", DATE_FORMATS),
        "timeFormat": _named_format(given, "timeFormat", TIME_FORMATS),
    }
    zone = given.get("timeZone")
    if not isinstance(zone, str):
        raise BadOptionsError("Failed schema validation: FIELD.options.timeZone is missing")
    if zone not in ("utc", "client") and not _is_iana(zone):
        raise BadOptionsError(f'Invalid timezone "{zone}"')
    return {**formats, "timeZone": zone}


def _is_iana(zone: str) -> bool:
    if "/" not in zone:
        return False
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True


_OPTIONS: dict[str, Callable[[dict[str, Any], IdFactory], dict[str, Any]]] = {
    "singleSelect": _select_options,
    "multipleSelects": _select_options,
    "checkbox": _checkbox_options,
    "number": _number_options,
    "percent": _number_options,
    "currency": _currency_options,
    "rating": _rating_options,
    "duration": _duration_options,
    "date": _date_options,
    "dateTime": _datetime_options,
    LINK: _checkbox_options,  # its own branch needs the base; the entry says that the type exists
}
