"""Cells as text: the formats of numbers, days and times, and what formulas see of people and files."""

from typing import Any

import httpx
import pytest

from dsr_sandbox.airtable import AirtableService

BASE = "appSandbox0000001"
REQUESTS = f"{BASE}/Requests"
CLOCK = {"timeFormat": {"name": "12hour"}, "timeZone": "client"}


def add(service: AirtableService, kind: str, options: dict[str, Any] | None = None) -> None:
    change = {"op": "add_field", "table": "Requests", "name": "cell", "type": kind, "options": options}
    service.redesign(BASE, change)


def as_text(http: httpx.Client, value: Any, locale: str = "en-us", zone: str = "America/New_York") -> Any:
    made = http.post(REQUESTS, json={"fields": {} if value is None else {"cell": value}})
    assert made.status_code == 200, made.text
    params = {"cellFormat": "string", "userLocale": locale, "timeZone": zone}
    return http.get(f"{REQUESTS}/{made.json()['id']}", params=params).json()["fields"].get("cell")


@pytest.mark.parametrize(
    ("column", "value", "shown"),
    [
        (("number", {"precision": 2}), 1.5, "1.50"),
        (("number", {"precision": 0}), None, None),
        (("currency", {"precision": 2, "symbol": "$"}), 3, "$3.00"),
        (("percent", {"precision": 1}), 0.125, "12.5%"),
        (("rating", {"icon": "star", "color": "yellowBright", "max": 5}), 4, "4"),
        (("multipleSelects", {"choices": [{"name": "A"}, {"name": "B"}]}), ["B", "A"], "B, A"),
        (("singleCollaborator", None), {"id": "usrSandbox0000001"}, "Sandbox User"),
        (("multipleCollaborators", None), ["usrSandbox0000001"], "Sandbox User"),
        (("barcode", None), {"text": "42"}, "42"),
        (("multipleAttachments", None), [{"url": "https://example.com/a.pdf"}], "a.pdf"),
        (("date", {"dateFormat": {"name": "friendly"}}), "2026-01-05", "January 5, 2026"),
        (("date", {"dateFormat": {"name": "european"}}), "2026-01-05", "5/1/2026"),
        (("date", {"dateFormat": {"name": "local"}}), "2026-01-05", "1/5/2026"),
        (("date", {"dateFormat": {"name": "us"}}), None, None),
        (("dateTime", {"dateFormat": {"name": "us"}, **CLOCK}), "2026-01-05T04:30:00Z", "1/4/2026 11:30pm"),
    ],
)
def test_a_cell_is_written_in_the_format_of_its_field(
    service: AirtableService, http: httpx.Client, column: tuple[str, Any], value: Any, shown: Any
) -> None:
    add(service, *column)
    assert as_text(http, value) == shown


@pytest.mark.parametrize(("locale", "shown"), [("en-gb", "05/01/2026"), ("de", "5.1.2026"), ("xx", "1/5/2026")])
def test_a_local_date_follows_the_locale(service: AirtableService, http: httpx.Client, locale: str, shown: str) -> None:
    add(service, "date", {"dateFormat": {"name": "local"}})
    assert as_text(http, "2026-01-05", locale) == shown


@pytest.mark.parametrize(("formula", "shown"), [("1 + 1", "2"), ("1 + 'x'", "#ERROR!"), ("''", None)])
def test_a_formula_is_written_out_or_shows_its_error(
    service: AirtableService, http: httpx.Client, formula: str, shown: str | None
) -> None:
    add(service, "formula", {"formula": formula})
    assert as_text(http, None) == shown


def test_a_computed_time_follows_the_zone(service: AirtableService, http: httpx.Client) -> None:
    iso = {"dateFormat": {"name": "iso"}, "timeFormat": {"name": "24hour"}}
    add(service, "createdTime", {"result": {"type": "dateTime", "options": iso}})
    assert as_text(http, None, zone="Asia/Tokyo") != as_text(http, None, zone="America/New_York")


def test_people_and_files_are_names_in_formulas(service: AirtableService, http: httpx.Client) -> None:
    add(service, "multipleAttachments")
    http.post(REQUESTS, json={"fields": {"cell": [{"url": "https://x.example/a"}, {"url": "https://x.example/b"}]}})
    assert len(http.get(REQUESTS, params={"filterByFormula": "{cell}='a, b'"}).json()["records"]) == 1


def test_rows_whose_sort_value_fails_come_first(service: AirtableService, http: httpx.Client) -> None:
    add(service, "formula", {"formula": "DATETIME_PARSE({User identifier})"})
    names = ["2026-02-01", "never", "2026-01-01"]
    http.post(REQUESTS, json={"records": [{"fields": {"User identifier": name}} for name in names]})
    found = http.get(REQUESTS, params={"sort[0][field]": "cell"}).json()["records"]
    assert [row["fields"]["User identifier"] for row in found] == ["never", "2026-01-01", "2026-02-01"]


def test_formulas_that_go_in_circles_over_two_tables_end_in_an_error(
    service: AirtableService, http: httpx.Client
) -> None:
    for table, primary, link in (("Requests", "User identifier", "Receipts"), ("Receipts", "Receipt", "Request")):
        change = {"op": "retype_field", "table": table, "field": primary, "type": "formula"}
        service.redesign(BASE, {**change, "options": {"formula": f"{{{link}}} & '!'"}})
    request = http.post(REQUESTS, json={"fields": {}}).json()["id"]
    made = http.post(f"{BASE}/Receipts", json={"fields": {"Request": [request]}}).json()
    assert made["fields"]["Receipt"] == {"error": "#ERROR!"}


def test_a_lookup_without_its_link_ends_in_an_error(service: AirtableService, http: httpx.Client) -> None:
    add(service, "multipleLookupValues", {"recordLinkFieldId": "fldGone0000000001"})
    assert http.post(REQUESTS, json={"fields": {}}).json()["fields"] == {"cell": {"error": "#ERROR!"}}
