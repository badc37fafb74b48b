"""The bases that a reset can make, in the shape of "create table" requests."""

from typing import Any

from dsr_sandbox.airtable.meta import make_table
from dsr_sandbox.airtable.model import Base
from dsr_sandbox.ids import IdFactory

_CHECK = {"icon": "check", "color": "greenBright"}
_DAY = {"dateFormat": {"name": "iso"}}
_TIME = {**_DAY, "timeFormat": {"name": "24hour"}, "timeZone": "utc"}
_TEXT, _LONG = "singleLineText", "multilineText"


def _column(name: str, kind: str, options: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"name": name, "type": kind} if options is None else {"name": name, "type": kind, "options": options}


def _select(name: str, *choices: str) -> dict[str, Any]:
    return _column(name, "singleSelect", {"choices": [{"name": choice} for choice in choices]})


def _texts(*names: str) -> list[dict[str, Any]]:
    return [_column(name, _TEXT) for name in names]


_REQUESTS = {
    "name": "Requests",
    "fields": [
        _column("User identifier", _TEXT),
        _select("Request type", "Delete", "Suppress", "Unsuppress"),
        *(_column(name, "checkbox", _CHECK) for name in ("Authenticated", "Hold", "Retry")),
        _select("Law", "GDPR", "CCPA", "Other"),
        _column("Received at", "dateTime", _TIME),
        _column("Extended until", "date", _DAY),
        _column("Extension reason", _LONG),
        _column("Submitted", "checkbox", _CHECK),
        _select(
            "Status",
            "Needs attention", "On hold", "Submitted", "In progress", "Follow-up needed", "Completed", "Failed",
        ),
        _column("Status note", _LONG),
        *_texts("Regulation ID", "Segment status"),
        *(_column(name, "dateTime", _TIME) for name in ("Submitted at", "Completed at")),
        *(_column(name, "date", _DAY) for name in ("Due by", "Submit by")),
        _column("Receipt summary", _LONG),
    ],
}  # fmt: skip
_THREE_COLUMNS = {
    "name": "Requests",
    "fields": [
        _column("User identifier", _TEXT),
        *(_column(name, "checkbox", _CHECK) for name in ("Authenticated", "Submitted")),
    ],
}
_EMPTY = {"name": "Table 1", "fields": _texts("Name")}


def _receipts(requests_id: str) -> dict[str, Any]:
    columns = [
        *_texts("Receipt"),
        _column("Request", "multipleRecordLinks", {"linkedTableId": requests_id}),
        *_texts("Destination"),
        _select(
            "Status", "Waiting", "Running", "Finished", "Partly finished", "Failed", "Not supported", "Invalid",
        ),
        *_texts("Segment status", "Sources"),
        _column("Finished at", "dateTime", _TIME),
        _column("Error", _LONG),
        *_texts("Regulation ID"),
        _select("Follow-up", "Needed", "Done"),
        *(_column(name, _LONG) for name in ("Follow-up note", "What to do")),
    ]  # fmt: skip
    return {"name": "Receipts", "fields": columns}


def lay_out(base: Base, layout: str, ids: IdFactory) -> None:
    """Give an empty base its tables: "ready" (Requests and Receipts in full), "three-columns" or "empty".

    Raises:
        ValueError: there is no such layout.
    """
    match layout:
        case "ready":
            requests = make_table(base, _REQUESTS, ids)
            make_table(base, _receipts(requests.id), ids)
        case "three-columns":
            make_table(base, _THREE_COLUMNS, ids)
        case "empty":
            make_table(base, _EMPTY, ids)
        case _:
            raise ValueError(f"No layout {layout!r}: use ready, three-columns or empty")
