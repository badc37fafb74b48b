"""Pages and their offsets."""

import re
from typing import Any

import httpx
import pytest

from dsr_sandbox.airtable import AirtableService
from dsr_sandbox.clock import SandboxClock

BASE = "appSandbox0000001"
REQUESTS = f"{BASE}/Requests"
STALE = {"error": {"type": "LIST_RECORDS_ITERATOR_NOT_AVAILABLE"}}


@pytest.fixture
def full(http: httpx.Client) -> httpx.Client:
    rows = [{"fields": {"User identifier": f"u-{n:03d}"}} for n in range(250)]
    assert http.post(REQUESTS, json={"records": rows}).status_code == 200
    return http


def pages(http: httpx.Client, **params: Any) -> list[list[str]]:
    found: list[list[str]] = []
    answer = http.get(REQUESTS, params=params).json()
    while True:
        found.append([record["id"] for record in answer["records"]])
        if "offset" not in answer:
            return found
        answer = http.get(REQUESTS, params={**params, "offset": answer["offset"]}).json()


def test_a_hundred_is_the_page_and_every_record_comes_once(full: httpx.Client) -> None:
    found = pages(full)
    assert [len(page) for page in found] == [100, 100, 50]
    assert len({record_id for page in found for record_id in page}) == 250


def test_a_last_page_that_is_just_full_has_no_offset(full: httpx.Client) -> None:
    assert [len(page) for page in pages(full, pageSize=50)] == [50] * 5


def test_max_records_counts_over_all_pages(full: httpx.Client) -> None:
    assert [len(page) for page in pages(full, pageSize=40, maxRecords=90)] == [40, 40, 10]


def test_an_offset_names_an_iterator_and_the_next_record(full: httpx.Client) -> None:
    first = full.get(REQUESTS, params={"pageSize": 3}).json()
    assert re.fullmatch(r"itr[A-Za-z0-9]{14}/rec[A-Za-z0-9]{14}", first["offset"])
    second = full.get(REQUESTS, params={"pageSize": 3, "offset": first["offset"]}).json()
    assert second["records"][0]["id"] == first["offset"].split("/")[1]


def test_an_offset_may_be_asked_for_again(full: httpx.Client) -> None:
    offset = full.get(REQUESTS).json()["offset"]
    again = [full.get(REQUESTS, params={"offset": offset}).json() for _ in range(2)]
    assert again[0] == again[1]


def test_a_post_list_pages_with_the_same_offsets(full: httpx.Client) -> None:
    first = full.post(f"{REQUESTS}/listRecords", json={"pageSize": 100}).json()
    second = full.post(f"{REQUESTS}/listRecords", json={"pageSize": 100, "offset": first["offset"]}).json()
    assert len(second["records"]) == 100
    assert second["records"][0]["id"] not in {record["id"] for record in first["records"]}


@pytest.mark.parametrize("offset", ["nonsense", "itr1/rec1", "rec00000000000001", "itr00000000000001"])
def test_a_malformed_offset_is_refused_by_name(full: httpx.Client, offset: str) -> None:
    answer = full.get(REQUESTS, params={"offset": offset})
    assert answer.status_code == 422
    message = f"The value of offset {offset} is invalid"
    assert answer.json() == {"error": {"type": "INVALID_OFFSET_VALUE", "message": message}}


def test_a_stale_offset_is_refused_with_its_own_error(service: AirtableService, full: httpx.Client) -> None:
    offset = full.get(REQUESTS).json()["offset"]
    service.expire_offsets()
    answer = full.get(REQUESTS, params={"offset": offset})
    assert (answer.status_code, answer.json()) == (422, STALE)


def test_an_offset_that_nobody_uses_goes_stale_by_itself(full: httpx.Client, clock: SandboxClock) -> None:
    offset = full.get(REQUESTS).json()["offset"]
    clock.advance(901)
    assert full.get(REQUESTS, params={"offset": offset}).json() == STALE


def test_an_offset_of_another_table_is_stale(full: httpx.Client) -> None:
    offset = full.get(REQUESTS).json()["offset"]
    assert full.get(f"{BASE}/Receipts", params={"offset": offset}).json() == STALE


def test_a_record_deleted_between_two_pages_is_left_out(full: httpx.Client) -> None:
    first = full.get(REQUESTS).json()
    gone = first["offset"].split("/")[1]
    full.delete(f"{REQUESTS}/{gone}")
    second = full.get(REQUESTS, params={"offset": first["offset"]}).json()
    assert gone not in {record["id"] for record in second["records"]}
    assert len(second["records"]) == 99
