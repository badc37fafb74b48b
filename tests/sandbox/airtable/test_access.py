"""Who may call, and what is answered to those who may not."""

import httpx
import pytest

from dsr_sandbox.airtable import AirtableService

BASE = "appSandbox0000001"
FORBIDDEN = {
    "error": {
        "type": "INVALID_PERMISSIONS_OR_MODEL_NOT_FOUND",
        "message": "Invalid permissions, or the requested model was not found. Check that both your user and your "
        "token have the required permissions, and that the model names and/or ids are correct.",
    }
}


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer patWrong"}, {"Authorization": "patSandbox.0000"}])
def test_a_missing_or_wrong_token_is_answered_401(service: AirtableService, url: str, headers: dict[str, str]) -> None:
    assert service.base_ids == [BASE]
    answer = httpx.get(f"{url}/v0/{BASE}/Requests", headers=headers)
    assert answer.status_code == 401
    assert answer.json() == {"error": {"type": "AUTHENTICATION_REQUIRED", "message": "Authentication required"}}


def test_an_unknown_base_is_404_in_the_short_form(http: httpx.Client) -> None:
    answer = http.get("appUnknown0000001/Requests")
    assert (answer.status_code, answer.json()) == (404, {"error": "NOT_FOUND"})


def test_an_unknown_table_is_403(http: httpx.Client) -> None:
    answer = http.get(f"{BASE}/Nothing")
    assert (answer.status_code, answer.json()) == (403, FORBIDDEN)


@pytest.mark.parametrize("path", ["", "appSandbox0000001", "meta/nothing", "meta/bases/appSandbox0000001"])
def test_an_unrouted_path_is_404_in_the_short_form(http: httpx.Client, path: str) -> None:
    answer = http.get(path)
    assert (answer.status_code, answer.json()) == (404, {"error": "NOT_FOUND"})


def test_a_path_outside_of_the_api_and_an_unrouted_method_are_404(http: httpx.Client, url: str) -> None:
    assert httpx.get(f"{url}/v1/anything").json() == {"error": "NOT_FOUND"}
    answer = http.request("OPTIONS", f"{BASE}/Requests")
    assert (answer.status_code, answer.json()) == (404, {"error": "NOT_FOUND"})


def test_tables_and_fields_cannot_be_deleted_by_the_api(http: httpx.Client) -> None:
    tables = http.get(f"meta/bases/{BASE}/tables").json()["tables"]
    answer = http.delete(f"meta/bases/{BASE}/tables/{tables[0]['id']}")
    assert (answer.status_code, answer.json()) == (404, {"error": "NOT_FOUND"})


@pytest.mark.parametrize(
    ("scopes", "method", "path"),
    [
        ({"data.records:write"}, "GET", f"{BASE}/Requests"),
        ({"data.records:read"}, "POST", f"{BASE}/Requests"),
        ({"data.records:read"}, "PATCH", f"{BASE}/Requests"),
        ({"data.records:read"}, "DELETE", f"{BASE}/Requests/rec00000000000001"),
        ({"data.records:read", "data.records:write"}, "GET", f"meta/bases/{BASE}/tables"),
        ({"schema.bases:read"}, "POST", f"meta/bases/{BASE}/tables"),
    ],
)
def test_a_token_without_the_scope_is_403(
    service: AirtableService, http: httpx.Client, scopes: set[str], method: str, path: str
) -> None:
    service.tokens["patNarrow"] = scopes
    answer = http.request(method, path, headers={"Authorization": "Bearer patNarrow"})
    assert (answer.status_code, answer.json()) == (403, FORBIDDEN)


def test_a_locked_field_refuses_the_write_with_its_name(service: AirtableService, http: httpx.Client) -> None:
    service.redesign(BASE, {"op": "lock_field", "table": "Requests", "field": "Status note"})
    answer = http.post(f"{BASE}/Requests", json={"fields": {"Status note": "x"}})
    assert answer.status_code == 403
    error = answer.json()["error"]
    assert error["type"] == "INVALID_PERMISSIONS"
    assert error["message"].startswith("You are not permitted to write cell values in field Status note (fld")


def test_answers_are_json_that_any_origin_may_read(http: httpx.Client) -> None:
    answer = http.get(f"{BASE}/Requests")
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["access-control-allow-origin"] == "*"


def test_a_url_of_16000_characters_is_refused(http: httpx.Client) -> None:
    formula = "OR(" + ",".join("{Hold}" for _ in range(1500)) + ")"
    assert http.get(f"{BASE}/Requests", params={"filterByFormula": formula}).status_code == 422
    assert http.post(f"{BASE}/Requests/listRecords", json={"filterByFormula": formula}).status_code == 200
