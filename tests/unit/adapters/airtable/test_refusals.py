import json
from datetime import timedelta
from typing import Any

import pytest

from dsr_sync.adapters.airtable import refusals
from dsr_sync.adapters.wire import Answer
from dsr_sync.ports import Permanent, PlanExhausted, TokenRefused, Transient

BILLING = {"errors": [{"error": "PUBLIC_API_BILLING_LIMIT_EXCEEDED", "message": "API billing plan limit exceeded."}]}
RATE = {"errors": [{"error": "RATE_LIMIT_REACHED", "message": "Rate limit exceeded. Please try again later"}]}


def answer(status: int, body: Any = None) -> Answer:
    return Answer(status, {}, body if isinstance(body, bytes) else json.dumps(body).encode())


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"error": {"type": "UNKNOWN_FIELD_NAME", "message": "x"}}, "UNKNOWN_FIELD_NAME"),
        ({"error": {"type": "LIST_RECORDS_ITERATOR_NOT_AVAILABLE"}}, "LIST_RECORDS_ITERATOR_NOT_AVAILABLE"),
        ({"error": "NOT_FOUND"}, "NOT_FOUND"),
        (RATE, "RATE_LIMIT_REACHED"),
        ({"errors": []}, ""),
        ({"errors": ["x"]}, ""),
        ({"error": {"type": "jane@example.com has no access"}}, ""),
        ({"error": None}, ""),
        (None, ""),
        ([], ""),
    ],
)
def test_the_code_is_found_in_every_shape_and_nothing_but_a_code_passes(body: Any, code: str) -> None:
    assert refusals.code_of(body) == code


@pytest.mark.parametrize(
    ("status", "body", "kind", "reason"),
    [
        (401, {"error": {"type": "AUTHENTICATION_REQUIRED"}}, TokenRefused, "AUTHENTICATION_REQUIRED"),
        (403, None, TokenRefused, "not permitted"),
        (404, {"error": "NOT_FOUND"}, Permanent, "no such base"),
        (404, b"<html>", Permanent, "no such base"),
        (404, {"error": {"type": "MODEL_ID_NOT_FOUND"}}, Permanent, "MODEL_ID_NOT_FOUND"),
        (413, None, Permanent, "the request is too large"),
        (422, {"error": {"type": "ROW_DOES_NOT_EXIST"}}, Permanent, "ROW_DOES_NOT_EXIST"),
        (429, RATE, Transient, "RATE_LIMIT_REACHED"),
        (429, BILLING, PlanExhausted, "PUBLIC_API_BILLING_LIMIT_EXCEEDED"),
        (429, b"", Transient, "too many requests"),
        (500, None, Transient, "server error"),
        (503, {"error": {"type": "RETRIABLE_ERROR"}}, Transient, "RETRIABLE_ERROR"),
        (302, b"", Transient, "answered with a redirect"),
        (408, b"", Transient, "answered oddly"),
    ],
)
def test_each_answer_becomes_the_error_that_says_what_can_be_done(
    status: int, body: Any, kind: type[Exception], reason: str
) -> None:
    error = refusals.refusal(answer(status, body), "data.records:read", timedelta(seconds=30))
    assert (type(error), error.reason, error.status, error.service) == (kind, reason, status, "airtable")
    if isinstance(error, TokenRefused):
        assert (error.setting, error.scope) == ("airtable.token", "data.records:read")
    if isinstance(error, Transient):
        assert error.retry_after == timedelta(seconds=30)


def test_only_the_rate_locks_out() -> None:
    assert refusals.locks_out(answer(429, RATE))
    assert refusals.locks_out(answer(429, b"<html>"))
    assert not refusals.locks_out(answer(429, BILLING))
    assert not refusals.locks_out(answer(503))
