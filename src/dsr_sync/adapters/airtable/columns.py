"""The columns of the base: what they are called (a setting), of what type they must be, and how they are made."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dsr_sync.core.model import Law, Progress, RequestType, Status


class FollowUp(StrEnum):
    """The options of a receipt's `Follow-up`: the daemon sets Needed, staff set Done."""

    NEEDED = "Needed"
    DONE = "Done"


@dataclass(frozen=True, slots=True)
class RequestColumns:
    """What the columns of the requests table are called: a name, or an id (`fld` and 14 characters)."""

    user_identifier: str = "User identifier"
    request_type: str = "Request type"
    authenticated: str = "Authenticated"
    hold: str = "Hold"
    retry: str = "Retry"
    law: str = "Law"
    received_at: str = "Received at"
    extended_until: str = "Extended until"
    extension_reason: str = "Extension reason"
    submitted: str = "Submitted"
    status: str = "Status"
    status_note: str = "Status note"
    regulation_id: str = "Regulation ID"
    segment_status: str = "Segment status"
    submitted_at: str = "Submitted at"
    completed_at: str = "Completed at"
    due_by: str = "Due by"
    submit_by: str = "Submit by"
    receipt_summary: str = "Receipt summary"


@dataclass(frozen=True, slots=True)
class ReceiptColumns:
    """What the columns of the receipts table are called: a name, or an id (`fld` and 14 characters)."""

    receipt: str = "Receipt"
    request: str = "Request"
    destination: str = "Destination"
    status: str = "Status"
    segment_status: str = "Segment status"
    sources: str = "Sources"
    finished_at: str = "Finished at"
    error: str = "Error"
    regulation_id: str = "Regulation ID"
    follow_up: str = "Follow-up"
    follow_up_note: str = "Follow-up note"
    what_to_do: str = "What to do"


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """What a column must be. `attribute` is its name in the settings and in our code.

    `type` is Airtable's word for the type that `setup-base` makes; `also` are types that serve as well. `choices` are
    the options that a select is made with; `written` those that must be there. `required`: nothing is read or sent
    without it. `guards`: it must not be misread, because that would send what staff want held back or turn one request
    into another; where it is not required it may be missing, but not vanish. `used` is False for columns that are
    staff's alone: they are made, and neither read nor written.
    """

    attribute: str
    type: str
    also: frozenset[str] = frozenset()
    choices: tuple[str, ...] = ()
    written: tuple[str, ...] = ()
    required: bool = False
    guards: bool = False
    used: bool = True

    def accepts(self, kind: str) -> bool:
        """Whether a column of this Airtable type serves."""
        return kind == self.type or kind in self.also


TEXT, LONG_TEXT, SELECT, CHECKBOX = "singleLineText", "multilineText", "singleSelect", "checkbox"
MOMENT, DAY, LINK = "dateTime", "date", "multipleRecordLinks"

_TEXTS = frozenset({TEXT, LONG_TEXT})
_READABLE = _TEXTS | {"email", "phoneNumber", "formula"}  # what an identifier can be read from
NUMBERS = frozenset({"number", "currency", "percent", "duration", "rating", "count", "autoNumber"})
"""Never an identifier: a number has no leading zeros, and none beyond the sixteenth (Airtable docs, field model)."""


def _values(words: Iterable[StrEnum]) -> tuple[str, ...]:
    return tuple(word.value for word in words)


REQUEST_SPECS: tuple[ColumnSpec, ...] = (
    ColumnSpec("user_identifier", TEXT, also=_READABLE, required=True, guards=True),
    ColumnSpec("request_type", SELECT, also=_TEXTS, choices=_values(RequestType), guards=True),
    ColumnSpec("authenticated", CHECKBOX, required=True, guards=True),
    ColumnSpec("hold", CHECKBOX, guards=True),
    ColumnSpec("retry", CHECKBOX),
    ColumnSpec("law", SELECT, also=_TEXTS, choices=_values(Law)),
    ColumnSpec("received_at", MOMENT, also=frozenset({DAY, "createdTime"})),
    ColumnSpec("extended_until", DAY),
    ColumnSpec("extension_reason", LONG_TEXT, also=_TEXTS),
    ColumnSpec("submitted", CHECKBOX, required=True),
    ColumnSpec("status", SELECT, choices=_values(Status), written=_values(Status), required=True),
    ColumnSpec("status_note", LONG_TEXT, also=_TEXTS, required=True),
    ColumnSpec("regulation_id", TEXT, also=_TEXTS, required=True),
    ColumnSpec("segment_status", TEXT, also=_TEXTS),
    ColumnSpec("submitted_at", MOMENT),
    ColumnSpec("completed_at", MOMENT),
    ColumnSpec("due_by", DAY),
    ColumnSpec("submit_by", DAY),
    ColumnSpec("receipt_summary", LONG_TEXT, also=_TEXTS),
)
"""The requests table; the first column becomes the primary one where the table is made."""

RECEIPT_SPECS: tuple[ColumnSpec, ...] = (
    ColumnSpec("receipt", TEXT, also=_TEXTS),
    ColumnSpec("request", LINK),
    ColumnSpec("destination", TEXT, also=_TEXTS),
    ColumnSpec("status", SELECT, choices=_values(Progress), written=_values(Progress)),
    ColumnSpec("segment_status", TEXT, also=_TEXTS),
    ColumnSpec("sources", TEXT, also=_TEXTS),
    ColumnSpec("finished_at", MOMENT),
    ColumnSpec("error", LONG_TEXT, also=_TEXTS),
    ColumnSpec("regulation_id", TEXT, also=_TEXTS),
    ColumnSpec("follow_up", SELECT, choices=_values(FollowUp), written=_values(FollowUp)),
    ColumnSpec("follow_up_note", LONG_TEXT, used=False),
    ColumnSpec("what_to_do", LONG_TEXT, also=_TEXTS),
)
"""The receipts table; the first column becomes the primary one where the table is made."""

_OPTIONS: dict[str, dict[str, Any]] = {
    CHECKBOX: {"icon": "check", "color": "greenBright"},  # the only pair that the free plan has
    MOMENT: {"dateFormat": {"name": "iso"}, "timeFormat": {"name": "24hour"}, "timeZone": "utc"},
    DAY: {"dateFormat": {"name": "iso"}},
}


def blueprint(spec: ColumnSpec, name: str, requests_table: str = "") -> dict[str, Any]:
    """The JSON that makes this column (Airtable docs, create field). `requests_table` is where a link leads: an id."""
    options = dict(_OPTIONS.get(spec.type, {}))
    if spec.choices:
        options["choices"] = [{"name": choice} for choice in spec.choices]
    if spec.type == LINK:
        options["linkedTableId"] = requests_table
    return {"name": name, "type": spec.type, **({"options": options} if options else {})}
