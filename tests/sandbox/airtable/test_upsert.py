"""Upserts: create or update by the values of merge fields."""

from typing import Any

import httpx
import pytest

BASE = "appSandbox0000001"
RECEIPTS = f"{BASE}/Receipts"


def upsert(http: httpx.Client, on: Any, *records: dict[str, Any], method: str = "PATCH") -> httpx.Response:
    return http.request(method, RECEIPTS, json={"performUpsert": {"fieldsToMergeOn": on}, "records": list(records)})


def row(**fields: Any) -> dict[str, Any]:
    return {"fields": {key.replace("_", " "): value for key, value in fields.items()}}


def test_no_match_creates_and_one_match_updates(http: httpx.Client) -> None:
    first = upsert(http, ["Receipt"], row(Receipt="a", Status="Waiting")).json()
    made = first["records"][0]["id"]
    assert (first["createdRecords"], first["updatedRecords"]) == ([made], [])
    second = upsert(http, ["Receipt"], row(Receipt="a", Status="Running"), row(Receipt="b")).json()
    assert second["updatedRecords"] == [made]
    assert second["createdRecords"] == [second["records"][1]["id"]]
    assert second["records"][0]["fields"] == {"Receipt": "a", "Status": "Running"}


def test_put_clears_the_other_cells_of_the_match(http: httpx.Client) -> None:
    upsert(http, ["Receipt"], row(Receipt="a", Error="broken"))
    answer = upsert(http, ["Receipt"], row(Receipt="a"), method="PUT").json()
    assert answer["records"][0]["fields"] == {"Receipt": "a"}


def test_several_matches_refuse_the_whole_request(http: httpx.Client) -> None:
    http.post(RECEIPTS, json={"records": [row(Receipt="a"), row(Receipt="a")]})
    answer = upsert(http, ["Receipt"], row(Receipt="new"), row(Receipt="a", Error="x"))
    assert answer.status_code == 422
    assert answer.json()["error"]["message"] == "Cannot update more than one record"
    assert len(http.get(RECEIPTS).json()["records"]) == 2


def test_up_to_three_fields_must_all_match(http: httpx.Client) -> None:
    keys = ["Receipt", "Destination", "Status"]
    upsert(http, keys, row(Receipt="a", Destination="x", Status="Waiting"))
    answer = upsert(http, keys, row(Receipt="a", Destination="y", Status="Waiting")).json()
    assert len(answer["createdRecords"]) == 1
    again = upsert(http, keys, row(Receipt="a", Destination="x", Status="Waiting")).json()
    assert len(again["updatedRecords"]) == 1


def test_a_record_with_an_id_is_a_plain_update(http: httpx.Client) -> None:
    made = upsert(http, ["Receipt"], row(Receipt="a")).json()["records"][0]["id"]
    answer = upsert(http, ["Receipt"], {"id": made, **row(Destination="x")}).json()
    assert answer["updatedRecords"] == [made]
    assert answer["records"][0]["fields"] == {"Receipt": "a", "Destination": "x"}
    unknown = upsert(http, ["Receipt"], {"id": "rec00000000000009", **row(Receipt="z")})
    assert unknown.status_code == 422
    assert unknown.json()["error"]["type"] == "ROW_DOES_NOT_EXIST"


def test_merge_fields_may_be_named_by_id(http: httpx.Client) -> None:
    tables = http.get(f"meta/bases/{BASE}/tables").json()["tables"]
    answer = upsert(http, [tables[1]["primaryFieldId"]], row(Receipt="a"))
    assert len(answer.json()["createdRecords"]) == 1


@pytest.mark.parametrize("on", [[], ["Receipt"] * 4, "Receipt", ["Request"], None])
def test_no_field_four_fields_and_fields_of_other_types_are_refused(http: httpx.Client, on: Any) -> None:
    answer = upsert(http, on, row(Receipt="a"))
    assert answer.status_code == 422
    assert answer.json()["error"]["type"] == "INVALID_REQUEST_UNKNOWN"


def test_an_unknown_merge_field_is_named(http: httpx.Client) -> None:
    answer = upsert(http, ["Nothing"], row(Receipt="a"))
    assert answer.json()["error"]["message"] == 'Unknown field name: "Nothing"'


def test_a_record_without_its_merge_field_is_refused(http: httpx.Client) -> None:
    assert upsert(http, ["Receipt"], row(Error="x")).status_code == 422
