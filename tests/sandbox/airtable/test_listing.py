"""List records: which, in what order, and how they are shown."""

from typing import Any

import httpx
import pytest

from dsr_sandbox.airtable import AirtableService

BASE = "appSandbox0000001"
REQUESTS = f"{BASE}/Requests"
NAME = "User identifier"


def fill(http: httpx.Client, *rows: dict[str, Any]) -> list[str]:
    answer = http.post(REQUESTS, json={"records": [{"fields": row} for row in rows]})
    assert answer.status_code == 200, answer.text
    return [record["id"] for record in answer.json()["records"]]


def names(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [record["fields"].get(NAME, "") for record in answer.json()["records"]]


def listed(http: httpx.Client, how: str, params: dict[str, Any], body: dict[str, Any]) -> httpx.Response:
    if how == "GET":
        return http.get(REQUESTS, params=params)
    return http.post(f"{REQUESTS}/listRecords", json=body)


@pytest.mark.parametrize("how", ["GET", "POST"])
def test_sort_goes_by_several_fields_and_selects_by_their_order(http: httpx.Client, how: str) -> None:
    fill(
        http,
        {NAME: "b", "Status": "Failed"},
        {NAME: "C", "Status": "On hold"},
        {NAME: "a", "Status": "On hold"},
        {NAME: "none"},
    )
    params = {"sort[0][field]": "Status", "sort[0][direction]": "desc", "sort[1][field]": NAME}
    body = {"sort": [{"field": "Status", "direction": "desc"}, {"field": NAME}]}
    assert names(listed(http, how, params, body)) == ["b", "a", "C", "none"]


@pytest.mark.parametrize("how", ["GET", "POST"])
def test_fields_limit_what_is_shown(http: httpx.Client, how: str) -> None:
    fill(http, {NAME: "u", "Hold": True, "Law": "GDPR"})
    answer = listed(http, how, {"fields[]": [NAME, "Law"]}, {"fields": [NAME, "Law"]})
    assert answer.json()["records"][0]["fields"] == {NAME: "u", "Law": "GDPR"}


@pytest.mark.parametrize("how", ["GET", "POST"])
def test_fields_may_be_shown_by_id_and_the_comments_counted(http: httpx.Client, how: str) -> None:
    fill(http, {NAME: "u"})
    field_id = http.get(f"meta/bases/{BASE}/tables").json()["tables"][0]["primaryFieldId"]
    params = {"returnFieldsByFieldId": "1", "recordMetadata[]": "commentCount"}
    body = {"returnFieldsByFieldId": True, "recordMetadata": ["commentCount"]}
    record = listed(http, how, params, body).json()["records"][0]
    assert record["fields"] == {field_id: "u"}
    assert record["commentCount"] == 0


@pytest.mark.parametrize("how", ["GET", "POST"])
def test_an_unknown_field_is_named(http: httpx.Client, how: str) -> None:
    answer = listed(http, how, {"fields[]": "Nope"}, {"fields": ["Nope"]})
    assert answer.status_code == 422
    assert answer.json() == {"error": {"type": "UNKNOWN_FIELD_NAME", "message": 'Unknown field name: "Nope"'}}
    answer = listed(http, how, {"sort[0][field]": "Nope"}, {"sort": [{"field": "Nope"}]})
    assert answer.json()["error"]["type"] == "UNKNOWN_FIELD_NAME"


@pytest.mark.parametrize(
    ("params", "kind"),
    [
        ({"pageSize": "101"}, "INVALID_PAGE_SIZE_ARGUMENT"),
        ({"pageSize": "-1"}, "INVALID_PAGE_SIZE_ARGUMENT"),
        ({"view": "Nope"}, "VIEW_NAME_NOT_FOUND"),
        ({"cellFormat": "xml"}, "INVALID_REQUEST_UNKNOWN"),
        ({"cellFormat": "string"}, "INVALID_REQUEST_UNKNOWN"),
        ({"cellFormat": "string", "timeZone": "Mars/Base", "userLocale": "en"}, "INVALID_REQUEST_UNKNOWN"),
        ({"sort[0][field]": NAME, "sort[0][direction]": "up"}, "INVALID_REQUEST_UNKNOWN"),
        ({"recordMetadata[]": "nothing"}, "INVALID_REQUEST_UNKNOWN"),
        ({"maxRecords": "-1"}, "INVALID_REQUEST_UNKNOWN"),
    ],
)
def test_bad_parameters_are_refused_with_their_own_type(http: httpx.Client, params: Any, kind: str) -> None:
    answer = http.get(REQUESTS, params=params)
    assert answer.status_code == 422
    assert answer.json()["error"]["type"] == kind


def test_the_page_size_error_speaks_in_words(http: httpx.Client) -> None:
    answer = http.get(REQUESTS, params={"pageSize": "101"})
    assert answer.json()["error"]["message"] == "Page size argument should be between 0 and 100"


@pytest.mark.parametrize("params", [{"pageSize": "0"}, {"maxRecords": "0"}])
def test_a_size_of_nought_gives_nothing(http: httpx.Client, params: dict[str, str]) -> None:
    fill(http, {NAME: "u"})
    assert http.get(REQUESTS, params=params).json() == {"records": []}


def test_a_size_that_is_no_number_and_unknown_parameters_are_ignored(http: httpx.Client) -> None:
    fill(http, {NAME: "u"})
    params = {"pageSize": "many", "maxRecords": "all", "method": "post", "offset": ""}
    assert names(http.get(REQUESTS, params=params)) == ["u"]


def test_a_view_gives_its_filter_and_its_order(service: AirtableService, http: httpx.Client) -> None:
    service.redesign(BASE, {"op": "add_view", "table": "Requests", "name": "Held", "formula": "{Hold}"})
    fill(http, {NAME: "b", "Hold": True}, {NAME: "x"}, {NAME: "a", "Hold": True, "Law": "GDPR"})
    assert names(http.get(REQUESTS, params={"view": "Held"})) == ["b", "a"]
    both = {"view": "Held", "filterByFormula": "{Law}='GDPR'"}
    assert names(http.get(REQUESTS, params=both)) == ["a"]
    assert names(http.get(REQUESTS, params={"view": "Grid view"})) == ["b", "x", "a"]


def test_without_view_and_sort_the_order_is_not_that_of_creation(http: httpx.Client) -> None:
    made = fill(http, *({NAME: str(n)} for n in range(20)))
    answer = [record["id"] for record in http.get(REQUESTS).json()["records"]]
    assert sorted(answer) == sorted(made)
    assert answer != made


def test_cells_as_text_follow_zone_and_locale(http: httpx.Client) -> None:
    [request] = fill(
        http,
        {NAME: "u, v", "Hold": True, "Received at": "2026-01-31T23:30:00Z", "Due by": "2026-03-01", "Status": "Failed"},
    )
    receipt = {"Receipt": "r", "Request": [request]}
    http.post(f"{BASE}/Receipts", json={"fields": receipt})
    params = {"cellFormat": "string", "timeZone": "Europe/Berlin", "userLocale": "de"}
    shown = http.get(REQUESTS, params=params).json()["records"][0]["fields"]
    assert shown == {
        NAME: "u, v",
        "Hold": "checked",
        "Received at": "2026-02-01 00:30",
        "Due by": "2026-03-01",
        "Status": "Failed",
        "Receipts": "r",
    }
    linked = http.get(f"{BASE}/Receipts", params=params).json()["records"][0]["fields"]
    assert linked["Request"] == '"u, v"'


def test_a_post_list_takes_zone_and_locale_from_the_query(http: httpx.Client) -> None:
    fill(http, {"Hold": True})
    zone = {"timeZone": "America/New_York", "userLocale": "en-us"}
    answer = http.post(f"{REQUESTS}/listRecords", params=zone, json={"cellFormat": "string"})
    assert answer.json()["records"][0]["fields"] == {"Hold": "checked"}


@pytest.mark.parametrize("body", [{"fields": 1}, {"sort": "Name"}, {"sort": [1]}, {"filterByFormula": 1}])
def test_a_post_list_of_the_wrong_shape_fails_validation(http: httpx.Client, body: dict[str, Any]) -> None:
    answer = http.post(f"{REQUESTS}/listRecords", json=body)
    assert answer.status_code == 422
    assert answer.json()["error"]["type"] == "INVALID_REQUEST_UNKNOWN"
