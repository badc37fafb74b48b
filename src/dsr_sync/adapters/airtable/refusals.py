"""Answers of Airtable that are not what was asked for, as the errors of the port."""

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final, TypeAlias

from dsr_sync.adapters.wire import Answer
from dsr_sync.ports import BaseProblem, Permanent, PlanExhausted, PortError, SchemaBroken, TokenRefused, Transient

SERVICE: Final = "airtable"
SETTING: Final = "airtable.token"

ITERATOR_GONE: Final = "LIST_RECORDS_ITERATOR_NOT_AVAILABLE"
OFFSET_REFUSED: Final = frozenset({ITERATOR_GONE, "INVALID_OFFSET_VALUE"})
"""What Airtable answers for an offset that leads nowhere (live probes)."""
MODEL_NOT_FOUND: Final = "INVALID_PERMISSIONS_OR_MODEL_NOT_FOUND"
INVALID_VALUE: Final = "INVALID_VALUE_FOR_COLUMN"
INVALID_OPTION: Final = "INVALID_MULTIPLE_CHOICE_OPTIONS"
"""What Airtable answers for a select option that the column does not have (live probes)."""
STALE_SCHEMA: Final = frozenset(
    {"INVALID_FILTER_BY_FORMULA", "UNKNOWN_FIELD_NAME", "TABLE_NOT_FOUND", "INVALID_SORT_BY_FIELD", MODEL_NOT_FOUND}
)
"""What Airtable answers when a table or a column is no longer what we think it is (Airtable docs, errors; live probes).

The last one also stands for a token without the scope; only a look at the schema tells.
"""
ROW_GONE: Final = frozenset({"ROW_DOES_NOT_EXIST", "MODEL_ID_NOT_FOUND"})
"""What Airtable answers for a record that is no longer there: 422 in a batch, 404 in older traffic."""

Json: TypeAlias = Any

_BILLING = "PUBLIC_API_BILLING_LIMIT_EXCEEDED"
_CODE = re.compile(r"[A-Z][A-Z0-9_]{2,79}")
_RETRIABLE = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY})
_UNCODED: Mapping[int, str] = {
    HTTPStatus.UNAUTHORIZED: "the token is refused",
    HTTPStatus.FORBIDDEN: "not permitted",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "the request is too large",
}


def content(answer: Answer) -> Json:
    """The answer's JSON; None if it is none."""
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        return None


def code_of(body: Json) -> str:
    """Airtable's own word for an error, "" if there is none. The messages beside it may name cell values: never used.

    Three shapes of body exist (Airtable docs, errors; recorded traffic): `{"error": {"type"}}`,
    `{"error": "NOT_FOUND"}` and `{"errors": [{"error"}]}`.
    """
    error = body.get("error") if isinstance(body, dict) else None
    if isinstance(body, dict) and isinstance(body.get("errors"), list) and body["errors"]:
        first = body["errors"][0]
        error = first.get("error") if isinstance(first, dict) else None
    code = error.get("type") if isinstance(error, dict) else error
    return code if isinstance(code, str) and _CODE.fullmatch(code) else ""


def locks_out(answer: Answer) -> bool:
    """Whether the base is called too often and wants a pause; the monthly limit is another kind of 429."""
    return answer.status == HTTPStatus.TOO_MANY_REQUESTS and code_of(content(answer)) != _BILLING


def refusal(answer: Answer, scope: str, pause: timedelta | None) -> PortError:
    """The error for an answer other than 2xx. `scope` is what the token needs for this call.

    All our calls of Airtable are idempotent, so whatever may have been done may be done again.
    """
    status, code = answer.status, code_of(content(answer))
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return TokenRefused(SERVICE, code or _UNCODED[status], status, SETTING, scope)
    if status == HTTPStatus.TOO_MANY_REQUESTS and code == _BILLING:
        return PlanExhausted(SERVICE, code, status)
    if status == HTTPStatus.NOT_FOUND:
        # An unknown base answers so on every path (Airtable docs, errors).
        return Permanent(SERVICE, "no such base" if code in ("", "NOT_FOUND") else code, status)
    if _is_refusal(status):
        return Permanent(SERVICE, code or _UNCODED.get(status, "refused"), status)
    return Transient(SERVICE, code or _unfit(status), status, pause)


def unsendable_token(scope: str) -> TokenRefused:
    """The token holds characters that no header can carry, such as the line end of a file."""
    return TokenRefused(SERVICE, "the token cannot be sent", None, SETTING, scope)


def schema_broken(problems: tuple[str, ...], flaws: tuple[BaseProblem, ...] = ()) -> SchemaBroken:
    """The base lacks something; `problems` are sentences that name table and column, `flaws` the same as data."""
    return SchemaBroken(SERVICE, "the base is not as it must be", None, problems, flaws)


def not_understood(status: int | None = None) -> Transient:
    """A success whose body is not what Airtable documents: cut short, or from something in between."""
    return Transient(SERVICE, "an answer that cannot be understood", status)


def _is_refusal(status: int) -> bool:
    known = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    return known and status != HTTPStatus.TOO_MANY_REQUESTS and status not in _RETRIABLE


def _unfit(status: int) -> str:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return "too many requests"
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return "answered with a redirect"
    return "server error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "answered oddly"
