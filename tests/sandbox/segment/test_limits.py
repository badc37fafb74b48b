"""Rate limits in both flavours, and the quota of a calendar month."""

from datetime import timedelta
from email.utils import parsedate_to_datetime

import httpx
import pytest

from dsr_sandbox import Sandbox
from dsr_sandbox.segment.limits import MONTHLY_USERS, SEGMENT_AND_DESTINATION, SEGMENT_ONLY, month_end

DELETE = {"regulationType": "SUPPRESS_WITH_DELETE", "subjectType": "USER_ID", "subjectIds": ["user-1"]}
SUPPRESS = DELETE | {"regulationType": "SUPPRESS_ONLY"}


def test_a_read_tells_the_consumption_of_the_minute(api: httpx.Client) -> None:
    first, second = api.get("/regulations"), api.get("/suppressions")
    assert first.headers["X-RateLimit-Consumed"] == "1"
    assert second.headers["X-RateLimit-Consumed"] == "2"
    assert int(first.headers["X-RateLimit-Remaining"]) == int(second.headers["X-RateLimit-Remaining"]) + 1
    assert parsedate_to_datetime(first.headers["X-RateLimit-Reset"]).tzinfo is not None


def test_six_hundred_creations_fit_into_a_minute_and_the_next_one_does_not(api: httpx.Client, sandbox: Sandbox) -> None:
    statuses = [api.post("/regulations", json=SUPPRESS).status_code for _ in range(601)]
    assert statuses == [200] * 600 + [429]
    assert len(sandbox.segment.workspace.regulations()) == 600
    assert sandbox.segment.describe_limits()["creations_peak"] == {"second": 600, "minute": 600}


def test_a_limited_token_is_told_the_whole_seconds_to_wait(api: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.segment.limits.creations_per_minute = 1
    api.post("/regulations", json=SUPPRESS)
    sandbox.clock.advance(20.5)
    refused = api.post("/regulations", json=SUPPRESS)
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "40"
    assert refused.json()["errors"][0]["message"]
    sandbox.clock.advance(40)
    assert api.post("/regulations", json=SUPPRESS).status_code == 200


def test_the_other_flavour_tells_milliseconds_in_its_body_alone(api: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.segment.limits.creations_per_minute = 1
    sandbox.segment.limits.flavour = "points"
    api.post("/regulations", json=SUPPRESS)
    sandbox.clock.advance(2.353)
    refused = api.post("/regulations", json=SUPPRESS)
    assert "Retry-After" not in refused.headers
    [error] = refused.json()["errors"]
    assert error["type"] == "RequestError"
    assert error["message"] == "Too many requests"
    assert error["data"] == {"remainingPoints": 0, "msBeforeNext": 57647, "consumedPoints": 1}


def test_a_stricter_limit_per_second_can_be_set(api: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.segment.limits.creations_per_second = 10
    statuses = [api.post("/regulations", json=SUPPRESS).status_code for _ in range(11)]
    assert statuses == [200] * 10 + [429]
    sandbox.clock.advance(1)
    assert api.post("/regulations", json=SUPPRESS).status_code == 200


def test_reads_have_a_limit_of_their_own(api: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.segment.limits.requests_per_minute = 2
    assert [api.get("/regulations").status_code for _ in range(3)] == [200, 200, 429]
    assert api.post("/regulations", json=SUPPRESS).status_code == 200


def test_limits_can_be_switched_off(api: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.segment.limits.creations_per_minute = 1
    sandbox.segment.limits.enforced = False
    assert [api.post("/regulations", json=SUPPRESS).status_code for _ in range(3)] == [200] * 3


@pytest.mark.parametrize(("order", "category"), [(DELETE, SEGMENT_AND_DESTINATION), (SUPPRESS, SEGMENT_ONLY)])
def test_a_creation_tells_the_quota_of_its_category(
    api: httpx.Client, sandbox: Sandbox, order: dict[str, object], category: str
) -> None:
    headers = api.post("/regulations", json=order | {"subjectIds": ["a", "b", "c"]}).headers
    assert headers["X-RateLimit-Consumed"] == "3"
    assert headers["X-RateLimit-Remaining"] == str(MONTHLY_USERS - 3)
    reset = parsedate_to_datetime(headers["X-RateLimit-Reset"])
    assert reset == month_end(sandbox.clock.now())
    assert (reset + timedelta(seconds=1)).day == 1
    assert sandbox.segment.quota.consumed(category, sandbox.clock.now()) == 3


def test_an_exhausted_quota_refuses_one_category_until_the_month_ends(api: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.segment.quota.put({SEGMENT_AND_DESTINATION: {"used": MONTHLY_USERS}}, sandbox.clock.now())
    refused = api.post("/regulations", json=DELETE)
    assert refused.status_code == 429
    assert refused.headers["X-RateLimit-Remaining"] == "0"
    assert refused.json()["errors"][0]["data"]["msBeforeNext"] > 0
    assert api.post("/regulations", json=SUPPRESS).status_code == 200
    reset = parsedate_to_datetime(refused.headers["X-RateLimit-Reset"])
    sandbox.clock.advance((reset - sandbox.clock.now()).total_seconds() + 1)
    assert api.post("/regulations", json=DELETE).status_code == 200


def test_a_call_that_the_quota_does_not_hold_takes_nothing_of_it(api: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.segment.quota.put({SEGMENT_ONLY: {"limit": 2}}, sandbox.clock.now())
    assert api.post("/regulations", json=SUPPRESS | {"subjectIds": ["a", "b", "c"]}).status_code == 429
    assert api.post("/regulations", json=SUPPRESS | {"subjectIds": ["a", "b"]}).status_code == 200
