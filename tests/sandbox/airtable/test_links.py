"""Linked records: both sides of a link agree."""

from typing import Any

import httpx
import pytest

BASE = "appSandbox0000001"
REQUESTS, RECEIPTS = f"{BASE}/Requests", f"{BASE}/Receipts"


def make(http: httpx.Client, table: str, **fields: Any) -> str:
    answer = http.post(table, json={"fields": {key.replace("_", " "): value for key, value in fields.items()}})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def shown(http: httpx.Client, table: str, record_id: str) -> Any:
    return http.get(f"{table}/{record_id}").json()["fields"]


def test_a_link_shows_on_the_other_side(http: httpx.Client) -> None:
    request = make(http, REQUESTS, User_identifier="u")
    receipt = make(http, RECEIPTS, Receipt="a", Request=[request])
    assert shown(http, RECEIPTS, receipt) == {"Receipt": "a", "Request": [request]}
    assert shown(http, REQUESTS, request) == {"User identifier": "u", "Receipts": [receipt]}


def test_a_link_can_be_written_and_cleared_from_either_side(http: httpx.Client) -> None:
    request = make(http, REQUESTS)
    one, two = make(http, RECEIPTS), make(http, RECEIPTS)
    http.patch(f"{REQUESTS}/{request}", json={"fields": {"Receipts": [one, two]}})
    assert shown(http, RECEIPTS, two) == {"Request": [request]}
    http.patch(f"{RECEIPTS}/{one}", json={"fields": {"Request": None}})
    assert shown(http, REQUESTS, request) == {"Receipts": [two]}
    http.put(f"{REQUESTS}/{request}", json={"fields": {}})
    assert shown(http, RECEIPTS, two) == {}


def test_a_deleted_record_leaves_the_cells_that_linked_to_it(http: httpx.Client) -> None:
    request = make(http, REQUESTS)
    receipt = make(http, RECEIPTS, Request=[request])
    http.delete(f"{REQUESTS}/{request}")
    assert shown(http, RECEIPTS, receipt) == {}


@pytest.mark.parametrize("typecast", [False, True])
def test_a_link_to_a_record_that_is_gone_is_refused(http: httpx.Client, typecast: bool) -> None:
    request = make(http, REQUESTS)
    http.delete(f"{REQUESTS}/{request}")
    answer = http.post(RECEIPTS, json={"fields": {"Request": [request]}, "typecast": typecast})
    assert answer.status_code == 422
    assert answer.json()["error"] == {
        "type": "ROW_DOES_NOT_EXIST",
        "message": f"Record ID {request} does not exist in this table",
    }


@pytest.mark.parametrize("value", ["rec00000000000001", ["a name"], [1], {}])
def test_what_is_no_list_of_ids_is_refused(http: httpx.Client, value: Any) -> None:
    answer = http.post(RECEIPTS, json={"fields": {"Request": value}})
    assert answer.json()["error"]["type"] == "INVALID_VALUE_FOR_COLUMN"


def test_typecast_links_by_name_and_makes_the_missing_row(http: httpx.Client) -> None:
    old = make(http, REQUESTS, User_identifier="old")
    rows = [{"fields": {"Request": ["old", "new"]}}, {"fields": {"Request": "new"}}]
    answer = http.post(RECEIPTS, json={"records": rows, "typecast": True}).json()["records"]
    first, second = answer[0]["fields"]["Request"], answer[1]["fields"]["Request"]
    assert first[0] == old
    assert second == [first[1]]
    assert shown(http, REQUESTS, second[0])["User identifier"] == "new"


def test_a_field_that_links_makes_its_inverse_under_a_free_name(http: httpx.Client) -> None:
    tables = http.get(f"meta/bases/{BASE}/tables").json()["tables"]
    requests, receipts = tables[0]["id"], tables[1]["id"]
    link = {"name": "Second", "type": "multipleRecordLinks", "options": {"linkedTableId": requests}}
    made = http.post(f"meta/bases/{BASE}/tables/{receipts}/fields", json=link).json()
    fields = http.get(f"meta/bases/{BASE}/tables").json()["tables"][0]["fields"]
    inverse = next(f for f in fields if f["id"] == made["options"]["inverseLinkFieldId"])
    assert inverse["name"] == "Receipts 2"
    assert inverse["options"] == {
        "linkedTableId": receipts,
        "isReversed": False,
        "prefersSingleRecordLink": False,
        "inverseLinkFieldId": made["id"],
    }


def test_a_link_inside_one_table_has_no_inverse(http: httpx.Client) -> None:
    requests = http.get(f"meta/bases/{BASE}/tables").json()["tables"][0]["id"]
    link = {"name": "Same person", "type": "multipleRecordLinks", "options": {"linkedTableId": requests}}
    made = http.post(f"meta/bases/{BASE}/tables/{requests}/fields", json=link).json()
    assert "inverseLinkFieldId" not in made["options"]
    one = make(http, REQUESTS)
    two = make(http, REQUESTS, Same_person=[one])
    assert shown(http, REQUESTS, one) == {}
    http.delete(f"{REQUESTS}/{one}")
    assert shown(http, REQUESTS, two) == {}
