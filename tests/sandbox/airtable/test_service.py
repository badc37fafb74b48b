"""The service as one object: layouts, snapshots, and how fast it is."""

import time
from typing import Any

import httpx
import pytest

from dsr_sandbox.airtable import AirtableService

BASE = "appSandbox0000001"
REQUESTS = f"{BASE}/Requests"


def layout(service: AirtableService, name: str) -> dict[str, dict[str, str]]:
    service.reset(name)
    tables = service.snapshot()["bases"][BASE]["tables"]
    return {table["name"]: {field["name"]: field["type"] for field in table["fields"]} for table in tables}


def test_the_ready_layout_has_every_column_of_the_contract(service: AirtableService) -> None:
    text, many, select, check, time_, day = (
        "singleLineText", "multilineText", "singleSelect", "checkbox", "dateTime", "date",
    )  # fmt: skip
    assert layout(service, "ready") == {
        "Requests": {
            "User identifier": text, "Request type": select, "Authenticated": check, "Hold": check, "Retry": check,
            "Law": select, "Received at": time_, "Extended until": day, "Extension reason": many, "Submitted": check,
            "Status": select, "Status note": many, "Regulation ID": text, "Segment status": text,
            "Submitted at": time_, "Completed at": time_, "Due by": day, "Submit by": day,
            "Receipt summary": many,
            "Receipts": "multipleRecordLinks",
        },
        "Receipts": {
            "Receipt": text, "Request": "multipleRecordLinks", "Destination": text, "Status": select,
            "Segment status": text, "Sources": text, "Finished at": time_, "Error": many, "Regulation ID": text,
            "Follow-up": select, "Follow-up note": many, "What to do": many,
        },
    }  # fmt: skip


def test_the_selects_of_the_ready_layout_have_their_options(service: AirtableService) -> None:
    tables = service.snapshot()["bases"][BASE]["tables"]
    options = {
        (table["name"], field["name"]): [choice["name"] for choice in field["options"]["choices"]]
        for table in tables
        for field in table["fields"]
        if field["type"] == "singleSelect"
    }
    assert options == {
        ("Requests", "Request type"): ["Delete", "Suppress", "Unsuppress"],
        ("Requests", "Law"): ["GDPR", "CCPA", "Other"],
        ("Requests", "Status"): [
            "Needs attention", "On hold", "Submitted", "In progress", "Follow-up needed", "Completed", "Failed",
        ],
        ("Receipts", "Status"): [
            "Waiting", "Running", "Finished", "Partly finished", "Failed", "Not supported", "Invalid",
        ],
        ("Receipts", "Follow-up"): ["Needed", "Done"],
    }  # fmt: skip


def test_the_small_layouts_have_only_what_they_say(service: AirtableService) -> None:
    assert layout(service, "empty") == {"Table 1": {"Name": "singleLineText"}}
    assert layout(service, "three-columns") == {
        "Requests": {"User identifier": "singleLineText", "Authenticated": "checkbox", "Submitted": "checkbox"}
    }


def test_an_unknown_layout_changes_nothing(service: AirtableService) -> None:
    before = service.snapshot()
    with pytest.raises(ValueError, match="No layout 'full'"):
        service.reset("full")
    assert service.snapshot() == before


def test_a_reset_forgets_rows_and_offsets(service: AirtableService, http: httpx.Client) -> None:
    http.post(REQUESTS, json={"records": [{"fields": {}}] * 2})
    offset = http.get(REQUESTS, params={"pageSize": 1}).json()["offset"]
    service.reset()
    assert http.get(REQUESTS).json() == {"records": []}
    answer = http.get(REQUESTS, params={"offset": offset})
    assert answer.json() == {"error": {"type": "LIST_RECORDS_ITERATOR_NOT_AVAILABLE"}}


def test_a_snapshot_shows_rows_in_order_and_is_a_copy(service: AirtableService, http: httpx.Client) -> None:
    rows = [{"fields": {"User identifier": str(n), "Status": "Submitted"}} for n in range(5)]
    made = http.post(REQUESTS, json={"records": rows}).json()["records"]
    table = service.snapshot()["bases"][BASE]["tables"][0]
    assert table["records"] == made
    table["fields"][1]["options"]["choices"].clear()
    assert service.snapshot()["bases"][BASE]["tables"][0]["fields"][1]["options"]["choices"]


def test_a_filter_over_20000_rows_answers_within_a_second(http: httpx.Client) -> None:
    row: dict[str, Any] = {"Authenticated": True, "Status": "Completed", "Due by": "2026-01-31"}
    rows = [{"fields": {**row, "User identifier": f"user-{n}"}} for n in range(20_000)]
    rows[7]["fields"]["Status"] = "In progress"
    for start in range(0, len(rows), 5_000):
        assert http.post(REQUESTS, json={"records": rows[start : start + 5_000]}).status_code == 200
    formula = (
        "AND(OR({Status}='',{Status}='In progress'),{Authenticated},NOT({Hold}),"
        "IS_AFTER(LAST_MODIFIED_TIME(),DATETIME_PARSE('2020-01-01T00:00:00Z')),{Due by}<DATETIME_PARSE('2030-01-01'))"
    )
    started = time.perf_counter()
    found = http.get(REQUESTS, params={"filterByFormula": formula}).json()["records"]
    assert time.perf_counter() - started < 1
    assert [record["fields"]["User identifier"] for record in found] == ["user-7"]
