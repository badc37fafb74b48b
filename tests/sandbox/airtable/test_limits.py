"""The rate limits and the monthly cap."""

import httpx
import pytest

from dsr_sandbox.airtable import AirtableService
from dsr_sandbox.clock import SandboxClock

BASE = "appSandbox0000001"
LIMITED = {"errors": [{"error": "RATE_LIMIT_REACHED", "message": "Rate limit exceeded. Please try again later"}]}


@pytest.fixture(autouse=True)
def enforced(service: AirtableService) -> None:
    service.limits.enforced = True


def call(http: httpx.Client, path: str = f"{BASE}/Requests") -> int:
    return http.get(path).status_code


def test_the_sixth_call_within_a_second_is_refused_for_30_seconds(http: httpx.Client, clock: SandboxClock) -> None:
    assert [call(http) for _ in range(5)] == [200] * 5
    answer = http.get(f"{BASE}/Requests")
    assert (answer.status_code, answer.json()) == (429, LIMITED)
    assert "retry-after" not in answer.headers
    clock.advance(29.9)
    assert call(http) == 429
    clock.advance(0.201)
    assert call(http) == 200


def test_the_second_slides(http: httpx.Client, clock: SandboxClock) -> None:
    codes = [call(http), call(http)]
    for _ in range(2):
        clock.advance(0.5)
        codes += [call(http), call(http)]
    assert codes == [200] * 6  # the first two are a second old by now
    assert [call(http), call(http)] == [200, 429]


def test_just_under_five_a_second_go_on_for_ever(http: httpx.Client, clock: SandboxClock) -> None:
    for _ in range(40):
        assert call(http) == 200
        clock.advance(0.201)


def test_refused_calls_do_not_prolong_the_lock(http: httpx.Client, clock: SandboxClock) -> None:
    codes = [call(http) for _ in range(6)]
    clock.advance(15)
    codes += [call(http) for _ in range(6)]
    clock.advance(15.1)
    assert [*codes, call(http)] == [200] * 5 + [429] * 7 + [200]


def test_each_base_counts_for_itself_and_its_schema_counts_too(service: AirtableService, http: httpx.Client) -> None:
    fields = [{"name": "Name", "type": "singleLineText"}]
    spec = {"name": "B", "workspaceId": "wspSandbox0000001", "tables": [{"name": "T", "fields": fields}]}
    other = http.post("meta/bases", json=spec).json()["id"]
    assert [call(http, f"meta/bases/{BASE}/tables") for _ in range(6)] == [200] * 5 + [429]
    assert call(http) == 429
    assert call(http, f"{other}/T") == 200
    service.reset()
    assert call(http) == 200


def test_one_token_may_not_pass_50_over_all_bases(service: AirtableService, http: httpx.Client) -> None:
    service.tokens["patOther"] = {"data.records:read"}
    codes = [call(http, "meta/whoami") for _ in range(51)]
    assert codes == [200] * 50 + [429]
    assert call(http) == 429
    assert http.get(f"{BASE}/Requests", headers={"Authorization": "Bearer patOther"}).status_code == 200


def test_a_call_without_a_token_counts_for_nobody(http: httpx.Client) -> None:
    for _ in range(20):
        assert http.get(f"{BASE}/Requests", headers={"Authorization": ""}).status_code == 401
    assert call(http) == 200


def test_the_monthly_cap_refuses_records_but_not_the_schema(service: AirtableService, http: httpx.Client) -> None:
    service.limits.monthly_calls_left = 2
    assert [call(http), call(http, "meta/whoami")] == [200, 200]
    answer = http.get(f"{BASE}/Requests")
    assert answer.status_code == 429
    error = answer.json()["errors"][0]
    assert error["error"] == "PUBLIC_API_BILLING_LIMIT_EXCEEDED"
    assert error["message"].startswith("API billing plan limit exceeded. You've reached the maximum number of requests")
    assert call(http, f"meta/bases/{BASE}/tables") == 200


def test_switched_off_nothing_is_refused(service: AirtableService, http: httpx.Client) -> None:
    service.limits.enforced = False
    assert {call(http) for _ in range(60)} == {200}
