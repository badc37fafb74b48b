"""The answers that faults put in the place of a service's own, in the words of that service."""

import json
from collections.abc import Callable
from typing import Any

from dsr_sandbox.exchange import Answer, Exchange
from dsr_sandbox.faults import Fault

_AIRTABLE_LIMIT = {"error": "RATE_LIMIT_REACHED", "message": "Rate limit exceeded. Please try again later"}
_AIRTABLE_BILLING = {
    "error": "PUBLIC_API_BILLING_LIMIT_EXCEEDED",
    "message": "API billing plan limit exceeded. You've reached the maximum number of requests allowed for this month.",
}
_AIRTABLE_403 = {
    "type": "INVALID_PERMISSIONS_OR_MODEL_NOT_FOUND",
    "message": (
        "Invalid permissions, or the requested model was not found. Check that both your user and your token have the "
        "required permissions, and that the model names and/or ids are correct."
    ),
}
_HTML = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body><h1>Please wait</h1></body></html>"


def rate_limit(exchange: Exchange, fault: Fault) -> Answer:
    """429 in the form `errors`, `error` or `billing` (Airtable), `token` or `points` (Segment).

    The array on the wire, the documented object and the monthly limit's array are Airtable's; Retry-After and
    msBeforeNext are Segment's two ways (Public API docs, rate limits).
    """
    retry_after = fault.params.get("retry_after")
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    if exchange.service == "airtable":
        return Answer.of_json(429, _airtable_limit(fault.params.get("form", "errors")), headers)
    if exchange.service == "profiles":
        return Answer.of_json(429, _profile_error("rate_limit_error", "Too many requests."), headers)
    if fault.params.get("form", "token") == "points":
        points = {"remainingPoints": 0, "msBeforeNext": fault.params.get("ms_before_next", 1000), "consumedPoints": 21}
        entry = {"type": "RequestError", "message": "Too many requests", "data": points}
        return Answer.of_json(429, {"errors": [entry]}, headers)
    entry = {"type": "RateLimited", "message": "Rate limit exceeded"}
    return Answer.of_json(429, {"errors": [entry]}, {"Retry-After": "1"} | headers)


def status(exchange: Exchange, fault: Fault) -> Answer:
    """Any status, with a body of choice or the one that the service would give; text is sent as HTML."""
    code = fault.params["code"]
    body = fault.params.get("body", _body_of(exchange.service, code))
    if isinstance(body, str):
        return Answer.of(code, "text/html; charset=utf-8", body.encode())
    return Answer.of_json(code, body)


def html_200(_: Exchange, __: Fault) -> Answer:
    """A page with status 200, as a proxy or a captive portal sends it."""
    return Answer.of(200, "text/html; charset=utf-8", _HTML)


def json_200(_: Exchange, fault: Fault) -> Answer:
    """JSON of choice with status 200."""
    return Answer.of(200, "application/json", json.dumps(fault.params["body"]).encode())


def unauthorized(exchange: Exchange, _: Fault) -> Answer:
    """401 in the service's words."""
    return Answer.of_json(401, _body_of(exchange.service, 401))


def forbidden(exchange: Exchange, _: Fault) -> Answer:
    """403 in the service's words."""
    return Answer.of_json(403, _body_of(exchange.service, 403))


def stale_offset(exchange: Exchange, _: Fault) -> Answer:
    """422: Airtable's LIST_RECORDS_ITERATOR_NOT_AVAILABLE (docs, list records); Segment's and 400 here are assumed."""
    if exchange.service == "airtable":
        return Answer.of_json(422, {"error": {"type": "LIST_RECORDS_ITERATOR_NOT_AVAILABLE"}})
    if exchange.service == "profiles":
        return Answer.of_json(400, _profile_error("validation_error", "next is not a cursor of this query."))
    message = '"pagination.cursor" is invalid'
    return Answer.of_json(
        422, {"errors": [{"type": "input-validation", "message": message, "field": "pagination.cursor"}]}
    )


REPLIES: dict[str, Callable[[Exchange, Fault], Answer]] = {
    "rate_limit": rate_limit,
    "status": status,
    "html_200": html_200,
    "json_200": json_200,
    "unauthorized": unauthorized,
    "forbidden": forbidden,
    "stale_offset": stale_offset,
}


def _airtable_limit(form: str) -> dict[str, Any]:
    if form == "billing":
        return {"errors": [_AIRTABLE_BILLING]}
    if form == "error":
        return {"error": {"type": _AIRTABLE_LIMIT["error"], "message": _AIRTABLE_LIMIT["message"]}}
    return {"errors": [_AIRTABLE_LIMIT]}


def _body_of(service: str, code: int) -> dict[str, Any]:
    if service == "profiles":
        return _profile_error("authentication_error" if code == 401 else "internal_error", f"Status {code}.")  # noqa: PLR2004 - HTTP's own number
    if service == "segment":
        kind = {401: "unauthorized", 403: "forbidden", 404: "not-found"}.get(code, "internal")
        return {"errors": [{"type": kind, "message": kind}]}
    known = {
        401: {"type": "AUTHENTICATION_REQUIRED", "message": "Authentication required"},
        403: _AIRTABLE_403,
        503: {
            "type": "RETRIABLE_ERROR",
            "message": "Server encountered an error while processing your request, and it is safe to retry the request",
        },
    }
    return {
        "error": known.get(code, {"type": "SERVER_ERROR", "message": "Try again. If the problem persists, ask us."})
    }


def _profile_error(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}
