"""How the Public API answers: envelopes, media types, errors."""

import json
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

V1 = "application/vnd.segment.v1+json"
JSON = "application/json"
MEDIA_TYPES = (V1, JSON, "application/vnd.segment.v1beta+json", "application/vnd.segment.v1alpha+json")
"""The media types of bodies and answers (Public API specification); errors are always plain JSON."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One entry of `errors`: Joi's message and the dotted name of the field (Public API docs, request validation)."""

    message: str
    field: str | None = None

    def to_json(self, kind: str) -> dict[str, str]:
        """The entry with the given `type`."""
        shown = {"type": kind, "message": self.message}
        return shown if self.field is None else shown | {"field": self.field}


class Refusal(Exception):
    """An answer with `errors` instead of `data`."""

    def __init__(self, status: int, errors: list[dict[str, Any]], headers: dict[str, str] | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.errors = errors
        self.headers = headers or {}

    def response(self) -> Response:
        """The answer on the wire."""
        body = json.dumps({"errors": self.errors})
        return Response(body, self.status, self.headers, media_type=JSON)


def invalid(*problems: Problem) -> Refusal:
    """422 with one entry per bad field (Public API docs, request validation)."""
    return Refusal(422, [problem.to_json("input-validation") for problem in problems])


def not_found(what: str) -> Refusal:
    """404 as the live service was seen to write it: `{"type": "not-found", "message": "function not found"}`."""
    return Refusal(404, [{"type": "not-found", "message": f"{what} not found"}])


def unauthorized() -> Refusal:
    """401 for a missing or unknown token; the body is not published and assumed."""
    return Refusal(401, [{"type": "unauthorized", "message": "Unauthorized"}])


def forbidden() -> Refusal:
    """403 for a token that lacks permission; neither status nor body is published, both are assumed."""
    return Refusal(403, [{"type": "forbidden", "message": "Forbidden"}])


def too_large() -> Refusal:
    """413 for a body above 4 MB (segment-docs privacy, FAQ); the body of the answer is assumed."""
    return Refusal(413, [{"type": "payload-too-large", "message": "request entity too large"}])


def rate_limited(flavour: str, wait: float, consumed: int, headers: dict[str, str] | None = None) -> Refusal:
    """429: "token" has Retry-After in whole seconds, "points" the wait in milliseconds in its body.

    Both are documented: Retry-After for a rate-limited token (Public API specification, since 2026-08-03) and
    msBeforeNext (Public API docs, rate limits).
    """
    if flavour == "token":
        entry: dict[str, Any] = {"type": "RateLimited", "message": "Rate limit exceeded"}
        return Refusal(429, [entry], (headers or {}) | {"Retry-After": str(max(1, -int(-wait // 1)))})
    points = {"remainingPoints": 0, "msBeforeNext": max(1, round(wait * 1000)), "consumedPoints": consumed}
    return Refusal(429, [{"type": "RequestError", "message": "Too many requests", "data": points}], headers)


def data(request: Request, content: dict[str, Any]) -> Response:
    """200 with `data`, in the media type that was asked for; creations are 200 too, not 201."""
    return Response(json.dumps({"data": content}, ensure_ascii=False), media_type=_wanted(request))


def _wanted(request: Request) -> str:
    accept = request.headers.get("accept", "*/*")
    accepted = [part.split(";")[0].strip().lower() for part in accept.split(",")]
    return next((kind for kind in accepted if kind in MEDIA_TYPES), JSON)
