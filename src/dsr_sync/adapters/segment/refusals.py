"""Answers of Segment that are not what was asked for, as the errors of the port.

The `type` strings of Segment's errors differ between its documentation, its specification and what it really sends,
so only the HTTP status decides (Public API, error handling).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from http import HTTPStatus

from dsr_sync.adapters.wire import Answer, milliseconds, retry_after
from dsr_sync.ports import OutcomeUnknown, Permanent, PortError, TokenRefused, Transient

SERVICE = "segment"
SETTING = "segment.token"
READ_SCOPE = "read access to deletion and suppression"
WRITE_SCOPE = "edit access to deletion and suppression (the role End User Privacy Admin, or Workspace Owner)"

_REFUSED_TOKEN = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_NOT_RECEIVED = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY})
# Both say that the request was not worked on (RFC 9110, 15.5.9; RFC 8470), so it may be sent again.
_REASONS: Mapping[int, str] = {
    HTTPStatus.BAD_REQUEST: "the request is malformed",
    HTTPStatus.NOT_FOUND: "not found",
    HTTPStatus.CONFLICT: "conflict",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "the request is too large",
    HTTPStatus.UNPROCESSABLE_ENTITY: "the request is invalid",
}


def token_refused(status: int | None, scope: str) -> TokenRefused:
    """The token is missing, wrong, or lacks a permission: Segment says 401 for all three (Public API, errors)."""
    return TokenRefused(SERVICE, "the token is refused", status, SETTING, scope)


def impossible_id() -> Permanent:
    """A regulation id that Segment cannot have given (somebody edited it); it is not put into a path."""
    return Permanent(SERVICE, "not a regulation id")


def of_reading(answer: Answer, pause: timedelta | None) -> PortError:
    """The error for a GET: only what Segment refuses outright is permanent."""
    status = answer.status
    if status in _REFUSED_TOKEN:
        return token_refused(status, READ_SCOPE)
    if _is_refusal(status):
        return Permanent(SERVICE, _REASONS.get(status, "refused"), status)
    return Transient(SERVICE, _unfit(status), status, pause)


def of_creating(answer: Answer, pause: timedelta | None) -> PortError:
    """The error for a POST: certain only for a 4xx; anything else may have created a regulation."""
    status = answer.status
    if status in _REFUSED_TOKEN:
        return token_refused(status, WRITE_SCOPE)
    if status == HTTPStatus.TOO_MANY_REQUESTS or status in _NOT_RECEIVED:
        return Transient(SERVICE, _unfit(status), status, pause)
    if _is_refusal(status):
        return Permanent(SERVICE, _REASONS.get(status, "refused"), status)
    return OutcomeUnknown(SERVICE, _unfit(status), status)


def pause_asked(answer: Answer, content: object, now: datetime) -> timedelta | None:
    """When to come back: Retry-After first, then `errors[0].data.msBeforeNext` (Public API, rate limits)."""
    pause = retry_after(answer.headers, now)
    return milliseconds(_dig(content, "errors", 0, "data", "msBeforeNext")) if pause is None else pause


def has_envelope(content: object) -> bool:
    """Whether an error comes from Segment itself: it has `errors`, which a proxy's page has not."""
    return isinstance(_dig(content, "errors"), list)


def _is_refusal(status: int) -> bool:
    known = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    return known and status != HTTPStatus.TOO_MANY_REQUESTS and status not in _NOT_RECEIVED


def _unfit(status: int) -> str:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return "too many requests"
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return "answered with a redirect"
    return "server error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "answered oddly"


def _dig(content: object, *path: str | int) -> object:
    for step in path:
        if isinstance(step, str) and isinstance(content, dict):
            content = content.get(step)
        elif isinstance(step, int) and isinstance(content, list) and len(content) > step:
            content = content[step]
        else:
            return None
    return content
