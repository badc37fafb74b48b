import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dsr_sync.adapters.segment import refusals
from dsr_sync.adapters.wire import Answer
from dsr_sync.ports import OutcomeUnknown, Permanent, TokenRefused, Transient

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
POINTS = {"errors": [{"type": "RequestError", "data": {"remainingPoints": 0, "msBeforeNext": 57_647}}]}


def answer(status: int, headers: dict[str, str] | None = None) -> Answer:
    return Answer(status, headers or {}, b"")


@pytest.mark.parametrize(
    ("status", "reading", "creating"),
    [
        (302, Transient, OutcomeUnknown),
        (400, Permanent, Permanent),
        (401, TokenRefused, TokenRefused),
        (403, TokenRefused, TokenRefused),
        (404, Permanent, Permanent),
        (408, Transient, Transient),
        (409, Permanent, Permanent),
        (413, Permanent, Permanent),
        (422, Permanent, Permanent),
        (425, Transient, Transient),
        (429, Transient, Transient),
        (500, Transient, OutcomeUnknown),
        (502, Transient, OutcomeUnknown),
        (503, Transient, OutcomeUnknown),
        (504, Transient, OutcomeUnknown),
        (199, Transient, OutcomeUnknown),
        (601, Transient, OutcomeUnknown),
    ],
)
def test_only_a_4xx_is_certain_for_a_creation(status: int, reading: type, creating: type) -> None:
    pause = timedelta(seconds=7)
    read, created = refusals.of_reading(answer(status), pause), refusals.of_creating(answer(status), pause)
    assert (type(read), type(created)) == (reading, creating)
    assert read.status == created.status == status
    for error in (read, created):
        assert not isinstance(error, Transient) or error.retry_after == pause


def test_a_refused_token_names_its_setting_and_what_it_needs() -> None:
    error = refusals.of_creating(answer(403), None)
    assert isinstance(error, TokenRefused)
    assert (error.setting, error.scope) == ("segment.token", refusals.WRITE_SCOPE)


@pytest.mark.parametrize(
    ("headers", "body", "pause"),
    [
        ({"retry-after": "3"}, POINTS, timedelta(seconds=3)),
        ({}, POINTS, timedelta(seconds=57.647)),
        ({"retry-after": "soon"}, POINTS, timedelta(seconds=57.647)),
        ({}, {"errors": []}, None),
        ({}, {"errors": [{"data": None}]}, None),
        ({}, None, None),
    ],
)
def test_the_pause_is_retry_after_then_the_milliseconds_of_the_body(
    headers: dict[str, str], body: Any, pause: timedelta | None
) -> None:
    assert refusals.pause_asked(answer(429, headers), json.loads(json.dumps(body)), NOW) == pause


@pytest.mark.parametrize(("body", "own"), [({"errors": []}, True), ({"error": "x"}, False), (None, False), ([], False)])
def test_segments_own_errors_are_told_from_others_by_their_envelope(body: Any, own: bool) -> None:
    assert refusals.has_envelope(body) is own
