"""Fields that Airtable fills in by itself: the API shows them, and refuses to write or to create them."""

from typing import Any

import httpx
import pytest

from dsr_sandbox.airtable import AirtableService
from dsr_sandbox.clock import SandboxClock

BASE = "appSandbox0000001"
REQUESTS = f"{BASE}/Requests"


def add(service: AirtableService, name: str, kind: str, **options: Any) -> None:
    change = {"op": "add_field", "table": "Requests", "name": name, "type": kind, "options": options}
    service.redesign(BASE, change)


@pytest.mark.parametrize("kind", ["formula", "createdTime", "lastModifiedTime", "autoNumber", "rollup", "button"])
@pytest.mark.parametrize("value", ["x", None])
def test_a_computed_field_refuses_every_write(
    service: AirtableService, http: httpx.Client, kind: str, value: str | None
) -> None:
    add(service, "made", kind)
    answer = http.post(REQUESTS, json={"fields": {"made": value}})
    assert answer.status_code == 422
    message = 'Field "made" cannot accept a value because the field is computed'
    assert answer.json() == {"error": {"type": "INVALID_VALUE_FOR_COLUMN", "message": message}}


def test_times_numbers_and_people_are_filled_in(
    service: AirtableService, http: httpx.Client, clock: SandboxClock
) -> None:
    for kind in ("createdTime", "lastModifiedTime", "autoNumber", "createdBy", "lastModifiedBy", "rollup"):
        add(service, kind, kind)
    made = http.post(REQUESTS, json={"fields": {"Hold": True}}).json()
    clock.advance(60)
    shown = http.patch(f"{REQUESTS}/{made['id']}", json={"fields": {"Hold": False}}).json()["fields"]
    user = {"id": "usrSandbox0000001", "email": "sandbox@example.com", "name": "Sandbox User"}
    assert shown == {
        "createdTime": made["createdTime"],
        "lastModifiedTime": clock.now().strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "autoNumber": 1,
        "createdBy": user,
        "lastModifiedBy": user,
    }


@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        ("{User identifier} & '!'", "u!"),
        ("1/0", {"specialValue": "Infinity"}),
        ("-1/0", {"specialValue": "-Infinity"}),
        ("0/0", {"specialValue": "NaN"}),
        ("1 + 'x'", {"error": "#ERROR!"}),
        ("{Hold} = 0", 1),
        ("{Missing}", {"error": "#ERROR!"}),
        ("((", {"error": "#ERROR!"}),
        ("{self}", {"error": "#ERROR!"}),
        ("DATETIME_PARSE('2026-01-31')", "2026-01-31T00:00:00.000Z"),
    ],
)
def test_a_formula_field_shows_its_result(
    service: AirtableService, http: httpx.Client, formula: str, shown: Any
) -> None:
    add(service, "self", "formula", formula=formula)
    answer = http.post(REQUESTS, json={"fields": {"User identifier": "u"}}).json()
    assert answer["fields"]["self"] == shown


def test_lookups_and_counts_follow_the_link(service: AirtableService, http: httpx.Client) -> None:
    add(service, "how many", "count", recordLinkFieldId="Receipts")
    add(service, "where", "multipleLookupValues", recordLinkFieldId="Receipts", fieldIdInLinkedTable="Destination")
    request = http.post(REQUESTS, json={"fields": {}}).json()["id"]
    rows = [{"fields": {"Request": [request], "Destination": name}} for name in ("Braze", "Amplitude")]
    http.post(f"{BASE}/Receipts", json={"records": rows})
    shown = http.get(f"{REQUESTS}/{request}").json()["fields"]
    assert (shown["how many"], shown["where"]) == (2, ["Braze", "Amplitude"])
    kept = http.get(REQUESTS, params={"filterByFormula": "FIND('Amplitude', {where})"}).json()["records"]
    assert len(kept) == 1
