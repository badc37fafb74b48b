"""Records as answers: which fields, keyed by name or id, in JSON or as text."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dsr_sandbox.airtable.columns import Columns, shows
from dsr_sandbox.airtable.errors import bad_request
from dsr_sandbox.airtable.formula.moments import write
from dsr_sandbox.airtable.formula.values import CellError, text
from dsr_sandbox.airtable.model import LINK, Field, Json, Record
from dsr_sandbox.clock import rfc3339

_PATTERNS = {"friendly": "LL", "us": "M/D/YYYY", "european": "D/M/YYYY", "iso": "YYYY-MM-DD"}
_LOCAL = {"en-gb": "DD/MM/YYYY", "en-au": "DD/MM/YYYY", "fr": "DD/MM/YYYY", "es": "D/M/YYYY", "de": "D.M.YYYY",
          "sv": "YYYY-MM-DD", "ja": "YYYY/MM/DD"}  # fmt: skip
_CLOCKS = {"12hour": "h:mma", "24hour": "HH:mm"}


@dataclass(frozen=True)
class Look:
    """How records are shown: `fields` limits them to these field ids; `locale` and `zone` are set for text cells."""

    by_id: bool = False
    fields: frozenset[str] | None = None
    comment_count: bool = False
    locale: str | None = None
    zone: tzinfo | None = None


def time_zone(name: str) -> tzinfo:
    """Take `timeZone`: an IANA name (Airtable docs, supported timezones).

    Raises:
        AirtableError: 422 for an unknown zone (the type is assumed).
    """
    try:
        return ZoneInfo({"utc": "UTC", "client": "UTC"}.get(name, name))
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise bad_request() from error


def renderer(columns: Columns, look: Look) -> Callable[[Record], dict[str, Any]]:
    """Give the function that turns records of a table into JSON objects."""
    wanted = [f for f in columns.table.fields.values() if look.fields is None or f.id in look.fields]
    readers = [(f.id if look.by_id else f.name, _reader(columns, f, look)) for f in wanted]

    def render(record: Record) -> dict[str, Any]:
        cells = {key: value for key, read in readers if shows(value := read(record))}
        shown = {"id": record.id, "createdTime": rfc3339(record.created), "fields": cells}
        # The emulator keeps no comments: the count is always 0.
        return {**shown, "commentCount": 0} if look.comment_count else shown

    return render


def _reader(columns: Columns, field: Field, look: Look) -> Callable[[Record], Json]:
    return columns.json(field) if look.zone is None else _text_reader(columns, field, look)


def _text_reader(columns: Columns, field: Field, look: Look) -> Callable[[Record], str | None]:
    value, key = columns.value(field), field.id
    if field.type in ("date", "dateTime", "createdTime", "lastModifiedTime"):
        return lambda record: _guarded(lambda: _moment_text(field, value(record), look))
    if field.type == LINK:
        names = columns.linked_names(field)
        return lambda record: ", ".join(_quoted(name) for name in names(record)) or None
    if field.type == "checkbox":
        return lambda record: "checked" if record.cells.get(key) else None
    if field.type in ("number", "currency", "percent"):
        return lambda record: _number_text(field, record.cells.get(key))
    return lambda record: _guarded(lambda: text(value(record)) or None)


def _guarded(read: Callable[[], str | None]) -> str | None:
    try:
        return read()
    except CellError:
        return "#ERROR!"


def _quoted(name: str) -> str:
    return f'"{name}"' if "," in name else name


def _number_text(field: Field, value: float | None) -> str | None:
    if value is None:
        return None
    precision = field.option.get("precision", 0)
    if field.type == "percent":
        return f"{value * 100:.{precision}f}%"
    return f"{field.option.get('symbol', '')}{value:.{precision}f}"


def _moment_text(field: Field, value: object, look: Look) -> str | None:
    if not isinstance(value, datetime):
        return None
    options = field.option.get("result", {}).get("options", field.option)
    shape = options.get("dateFormat", {}).get("name", "iso")
    day = _PATTERNS.get(shape) or _LOCAL.get((look.locale or "").lower(), "M/D/YYYY")
    if field.type == "date":
        return write(value, day)
    clock = _CLOCKS[options.get("timeFormat", {}).get("name", "24hour")]
    return write(value.astimezone(look.zone), f"{day} {clock}")
