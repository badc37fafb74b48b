"""Creating, reading, changing and deleting records."""

import re
from typing import Any

import httpx
import pytest

from dsr_sandbox.airtable import AirtableService
from dsr_sandbox.clock import SandboxClock

BASE = "appSandbox0000001"
REQUESTS = f"{BASE}/Requests"
NAME = "User identifier"


def make(http: httpx.Client, **fields: Any) -> str:
    answer = http.post(REQUESTS, json={"fields": fields})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def test_a_created_record_shows_its_id_creation_and_cells(http: httpx.Client) -> None:
    answer = http.post(REQUESTS, json={"fields": {NAME: "u-1", "Authenticated": True, "Status": "Submitted"}})
    assert answer.status_code == 200
    record = answer.json()
    assert set(record) == {"id", "createdTime", "fields"}
    assert re.fullmatch(r"rec[A-Za-z0-9]{14}", record["id"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z", record["createdTime"])
    assert record["fields"] == {NAME: "u-1", "Authenticated": True, "Status": "Submitted"}
    assert http.get(f"{REQUESTS}/{record['id']}").json() == record


def test_many_are_created_in_order_and_more_than_ten_are_taken(http: httpx.Client) -> None:
    wanted = [{"fields": {NAME: f"u-{n}"}} for n in range(11)]
    answer = http.post(REQUESTS, json={"records": wanted})
    assert answer.status_code == 200
    assert [record["fields"][NAME] for record in answer.json()["records"]] == [f"u-{n}" for n in range(11)]


def test_the_strict_switch_brings_back_the_old_limit_of_ten(service: AirtableService, http: httpx.Client) -> None:
    service.limits.strict_batch_of_10 = True
    eleven = [{"fields": {NAME: "u"}} for _ in range(11)]
    answer = http.post(REQUESTS, json={"records": eleven})
    assert answer.status_code == 422
    assert answer.json()["error"] == {
        "type": "INVALID_RECORDS",
        "message": "A maximum of 10 records can be created per request but you have provided 11.",
    }
    patched = http.patch(REQUESTS, json={"records": [{"id": "rec00000000000001", "fields": {}}] * 11})
    assert patched.json()["error"]["type"] == "INVALID_RECORDS"
    assert "an array of up to 10 record objects" in patched.json()["error"]["message"]
    deleted = http.delete(REQUESTS, params={"records[]": ["rec00000000000001"] * 11})
    assert deleted.json()["error"]["type"] == "INVALID_RECORDS"


def test_one_bad_record_refuses_the_whole_batch(http: httpx.Client) -> None:
    first = make(http, **{NAME: "old"})
    bad = [{"fields": {NAME: "good"}}, {"fields": {"Nonsense": 1}}]
    answer = http.post(REQUESTS, json={"records": bad})
    assert answer.status_code == 422
    assert answer.json() == {"error": {"type": "UNKNOWN_FIELD_NAME", "message": 'Unknown field name: "Nonsense"'}}
    mixed = [{"id": first, "fields": {NAME: "new"}}, {"id": "rec00000000000009", "fields": {NAME: "x"}}]
    answer = http.patch(REQUESTS, json={"records": mixed})
    assert answer.status_code == 422
    assert answer.json()["error"] == {
        "type": "ROW_DOES_NOT_EXIST",
        "message": "Record ID rec00000000000009 does not exist in this table",
    }
    rows = http.get(REQUESTS).json()["records"]
    assert [row["fields"] for row in rows] == [{NAME: "old"}]


def test_patch_merges_and_put_clears_what_is_not_given(http: httpx.Client) -> None:
    record_id = make(http, **{NAME: "u", "Hold": True})
    patched = http.patch(f"{REQUESTS}/{record_id}", json={"fields": {"Law": "GDPR"}}).json()
    assert patched["fields"] == {NAME: "u", "Hold": True, "Law": "GDPR"}
    put = http.put(f"{REQUESTS}/{record_id}", json={"fields": {"Law": "CCPA"}}).json()
    assert put["fields"] == {"Law": "CCPA"}
    many = http.put(REQUESTS, json={"records": [{"id": record_id, "fields": {NAME: "v"}}]}).json()
    assert many["records"][0]["fields"] == {NAME: "v"}


def test_cells_can_be_named_by_field_id_and_shown_by_it(http: httpx.Client) -> None:
    tables = http.get(f"meta/bases/{BASE}/tables").json()["tables"]
    field_id = tables[0]["primaryFieldId"]
    body = {"fields": {field_id: "u"}, "returnFieldsByFieldId": True}
    record = http.post(f"{BASE}/{tables[0]['id']}", json=body).json()
    assert record["fields"] == {field_id: "u"}
    assert http.get(f"{REQUESTS}/{record['id']}").json()["fields"] == {NAME: "u"}
    shown = http.get(f"{REQUESTS}/{record['id']}", params={"returnFieldsByFieldId": "1"}).json()
    assert shown["fields"] == {field_id: "u"}


@pytest.mark.parametrize("method", ["GET", "PATCH", "PUT", "DELETE"])
def test_a_missing_record_is_403_when_asked_for_alone(http: httpx.Client, method: str) -> None:
    body: dict[str, Any] | None = None if method in ("GET", "DELETE") else {"fields": {}}
    answer = http.request(method, f"{REQUESTS}/rec00000000000009", json=body)
    assert answer.status_code == 403
    assert answer.json()["error"]["type"] == "INVALID_PERMISSIONS_OR_MODEL_NOT_FOUND"


def test_a_record_of_another_table_is_found_by_a_single_get(http: httpx.Client) -> None:
    record_id = make(http, **{NAME: "u"})
    assert http.get(f"{BASE}/Receipts/{record_id}").json()["fields"] == {NAME: "u"}
    assert http.patch(f"{BASE}/Receipts/{record_id}", json={"fields": {}}).status_code == 403


def test_a_single_get_refuses_a_choice_of_fields(http: httpx.Client) -> None:
    record_id = make(http, **{NAME: "u"})
    answer = http.get(f"{REQUESTS}/{record_id}", params={"fields[]": NAME})
    assert answer.status_code == 422
    assert answer.json()["error"] == {
        "type": "INVALID_REQUEST_UNKNOWN",
        "message": "Invalid request: parameter validation failed. Check your request data.",
    }


def test_one_and_many_records_are_deleted(http: httpx.Client) -> None:
    one, two, three = (make(http, **{NAME: f"u-{n}"}) for n in range(3))
    assert http.delete(f"{REQUESTS}/{one}").json() == {"id": one, "deleted": True}
    answer = http.delete(REQUESTS, params={"records[]": [two, three]})
    assert answer.json() == {"records": [{"id": two, "deleted": True}, {"id": three, "deleted": True}]}
    assert http.get(REQUESTS).json() == {"records": []}


def test_a_batch_delete_with_an_unknown_id_deletes_nothing(http: httpx.Client) -> None:
    record_id = make(http, **{NAME: "u"})
    answer = http.delete(REQUESTS, params={"records[]": [record_id, "rec00000000000009"]})
    assert answer.status_code == 404
    message = 'Could not find a record with ID "rec00000000000009".'
    assert answer.json() == {"error": {"type": "NOT_FOUND", "message": message}}
    assert len(http.get(REQUESTS).json()["records"]) == 1
    assert http.delete(REQUESTS).status_code == 422


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"x"', b'{"fields":{"a":NaN}}', b"\xff"])
def test_a_body_that_is_no_json_object_cannot_be_parsed(http: httpx.Client, content: bytes) -> None:
    answer = http.post(REQUESTS, content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["error"] == {"type": "INVALID_REQUEST_BODY", "message": "Could not parse request body"}


@pytest.mark.parametrize("body", [{}, {"typecast": True}, {"records": [{}]}])
def test_a_write_without_fields_says_so(http: httpx.Client, body: dict[str, Any]) -> None:
    answer = http.post(REQUESTS, json=body)
    assert answer.status_code == 422
    assert answer.json()["error"] == {
        "type": "INVALID_REQUEST_MISSING_FIELDS",
        "message": 'Could not find field "fields" in the request body',
    }


@pytest.mark.parametrize(
    "body",
    [
        {"fields": {}, "surprise": 1},
        {"fields": []},
        {"records": {}},
        {"records": []},
        {"records": [{"fields": {}, "id": "rec00000000000009"}]},
        {"fields": {}, "typecast": "perhaps"},
    ],
)
def test_a_body_of_the_wrong_shape_fails_validation(http: httpx.Client, body: dict[str, Any]) -> None:
    answer = http.post(REQUESTS, json=body)
    assert answer.status_code == 422
    assert answer.json()["error"]["type"] == "INVALID_REQUEST_UNKNOWN"


def test_an_update_without_an_id_fails_validation(http: httpx.Client) -> None:
    answer = http.patch(REQUESTS, json={"records": [{"fields": {NAME: "x"}}]})
    assert answer.json()["error"]["type"] == "INVALID_REQUEST_UNKNOWN"


def test_urls_with_a_slash_at_the_end_are_routed_too(http: httpx.Client) -> None:
    record = http.post(f"{REQUESTS}/?", json={"fields": {NAME: "u"}}).json()
    assert http.get(f"{REQUESTS}/{record['id']}/?").json() == record
    assert http.get(f"{REQUESTS}/").json() == {"records": [record]}


def test_a_table_name_may_hold_a_slash_a_space_and_letters_beyond_ascii(
    service: AirtableService, http: httpx.Client
) -> None:
    service.redesign(BASE, {"op": "rename_table", "table": "Requests", "name": "Anträge a/b ?"})
    made = http.post(f"{BASE}/Antr%C3%A4ge%20a%2Fb%20%3F", json={"fields": {NAME: "Zoë"}})
    assert made.status_code == 200
    assert made.json()["fields"] == {NAME: "Zoë"}


def test_creation_times_are_those_of_the_sandbox_clock(http: httpx.Client, clock: SandboxClock) -> None:
    first = http.post(REQUESTS, json={"fields": {NAME: "a"}}).json()["createdTime"]
    clock.advance(3600)
    second = http.post(REQUESTS, json={"fields": {NAME: "b"}}).json()["createdTime"]
    assert second > first
    assert second == clock.now().strftime("%Y-%m-%dT%H:%M:%S.000Z")
