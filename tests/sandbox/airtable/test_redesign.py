"""What staff do in Airtable's own pages, and what the API then shows."""

from typing import Any

import httpx
import pytest

from dsr_sandbox.airtable import AirtableService, RedesignError

BASE = "appSandbox0000001"
REQUESTS = f"{BASE}/Requests"
NAME = "User identifier"


def change(service: AirtableService, op: str, **more: Any) -> None:
    service.redesign(BASE, {"op": op, "table": "Requests", **more})


def make(http: httpx.Client, **fields: Any) -> str:
    answer = http.post(REQUESTS, json={"fields": fields})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def shown(http: httpx.Client, record_id: str) -> Any:
    return http.get(f"{REQUESTS}/{record_id}").json()["fields"]


def schema(service: AirtableService, table: str = "Requests") -> dict[str, Any]:
    tables = service.snapshot()["bases"][BASE]["tables"]
    return {f["name"]: f for t in tables if t["name"] == table for f in t["fields"]}


def test_a_renamed_field_keeps_its_id_and_its_cells(service: AirtableService, http: httpx.Client) -> None:
    record_id, field_id = make(http, Hold=True), schema(service)["Hold"]["id"]
    change(service, "rename_field", field="Hold", name="Wait")
    assert shown(http, record_id) == {"Wait": True}
    assert http.patch(f"{REQUESTS}/{record_id}", json={"fields": {field_id: False}}).json()["fields"] == {}
    assert http.patch(f"{REQUESTS}/{record_id}", json={"fields": {"Hold": True}}).status_code == 422


def test_a_deleted_field_is_unknown_from_then_on(service: AirtableService, http: httpx.Client) -> None:
    record_id = make(http, Hold=True, Law="GDPR")
    change(service, "delete_field", field="Hold")
    assert shown(http, record_id) == {"Law": "GDPR"}
    answer = http.post(REQUESTS, json={"fields": {"Hold": True}})
    assert answer.json()["error"] == {"type": "UNKNOWN_FIELD_NAME", "message": 'Unknown field name: "Hold"'}


def test_a_deleted_link_goes_on_both_sides(service: AirtableService) -> None:
    change(service, "delete_field", field="Receipts")
    assert "Request" not in schema(service, "Receipts")


def test_a_renamed_table_is_found_by_its_new_name_and_its_id(service: AirtableService, http: httpx.Client) -> None:
    table_id = http.get(f"meta/bases/{BASE}/tables").json()["tables"][0]["id"]
    change(service, "rename_table", name="Demands")
    assert http.get(REQUESTS).status_code == 403
    assert http.get(f"{BASE}/Demands").status_code == 200
    assert http.get(f"{BASE}/{table_id}").status_code == 200


def test_a_deleted_table_takes_the_links_to_it_along(service: AirtableService, http: httpx.Client) -> None:
    service.redesign(BASE, {"op": "delete_table", "table": "Receipts"})
    assert http.get(f"{BASE}/Receipts").status_code == 403
    assert "Receipts" not in schema(service)
    assert http.get(REQUESTS).status_code == 200


def test_options_can_be_added_renamed_and_deleted(service: AirtableService, http: httpx.Client) -> None:
    record_id, other = make(http, Law="GDPR"), make(http, Law="CCPA")
    change(service, "rename_option", field="Law", option="GDPR", name="Europe")
    change(service, "delete_option", field="Law", option="CCPA")
    change(service, "add_option", field="Law", name="LGPD")
    assert (shown(http, record_id), shown(http, other)) == ({"Law": "Europe"}, {})
    assert [c["name"] for c in schema(service)["Law"]["options"]["choices"]] == ["Europe", "Other", "LGPD"]
    assert http.post(REQUESTS, json={"fields": {"Law": "GDPR"}}).status_code == 422
    assert http.post(REQUESTS, json={"fields": {"Law": "LGPD"}}).status_code == 200


def test_options_of_a_field_of_many_are_renamed_in_the_cells(service: AirtableService, http: httpx.Client) -> None:
    choices = [{"name": "A"}, {"name": "B"}]
    change(service, "add_field", name="Tags", type="multipleSelects", options={"choices": choices})
    record_id = make(http, Tags=["A", "B"])
    change(service, "rename_option", field="Tags", option="A", name="C")
    change(service, "delete_option", field="Tags", option="B")
    assert shown(http, record_id) == {"Tags": ["C"]}


@pytest.mark.parametrize(
    ("before", "kind", "after"),
    [
        ("12", "number", 12),
        ("twelve", "number", None),
        ("2026-01-31", "date", "2026-01-31"),
        ("some day", "date", None),
        ("Yes", "singleSelect", "Yes"),
        ("a, b", "multipleSelects", ["a", "b"]),
        ("yes", "checkbox", True),
        ("a@example.com", "email", "a@example.com"),
    ],
)
def test_a_retyped_field_keeps_what_fits(
    service: AirtableService, http: httpx.Client, before: str, kind: str, after: Any
) -> None:
    record_id = make(http, **{"Segment status": before})
    change(service, "retype_field", field="Segment status", type=kind)
    assert schema(service)["Segment status"]["type"] == kind
    assert shown(http, record_id).get("Segment status") == after


def test_a_retyped_field_may_become_computed_or_a_link(service: AirtableService, http: httpx.Client) -> None:
    record_id = make(http, **{"Segment status": "one", NAME: "u"})
    change(
        service, "retype_field", field="Segment status", type="formula", options={"formula": "{User identifier}&'!'"}
    )
    assert shown(http, record_id)["Segment status"] == "u!"
    receipts = http.get(f"meta/bases/{BASE}/tables").json()["tables"][1]["id"]
    change(
        service,
        "retype_field",
        field="Segment status",
        type="multipleRecordLinks",
        options={"linkedTableId": receipts},
    )
    linked = shown(http, record_id)["Segment status"]
    assert http.get(f"{BASE}/Receipts/{linked[0]}").json()["fields"]["Receipt"] == "u!"


def test_a_link_may_become_text(service: AirtableService, http: httpx.Client) -> None:
    request = make(http, **{NAME: "u"})
    receipt = http.post(f"{BASE}/Receipts", json={"fields": {"Request": [request]}}).json()["id"]
    service.redesign(BASE, {"op": "retype_field", "table": "Receipts", "field": "Request", "type": "singleLineText"})
    assert http.get(f"{BASE}/Receipts/{receipt}").json()["fields"] == {"Request": "u"}
    assert shown(http, request) == {NAME: "u"}


def test_fields_can_be_put_into_another_order(service: AirtableService) -> None:
    change(service, "reorder_fields", order=["Status", "Hold"])
    assert list(schema(service))[:3] == ["Status", "Hold", NAME]


@pytest.mark.parametrize(
    "asked",
    [
        {"op": "paint_it_black"},
        {"op": "rename_table", "table": "Nope", "name": "x"},
        {"op": "rename_field", "table": "Requests", "field": "Nope", "name": "x"},
        {"op": "rename_field", "table": "Requests", "field": "Hold"},
        {"op": "delete_field", "table": "Requests", "field": NAME},
        {"op": "rename_option", "table": "Requests", "field": "Law", "option": "Nope", "name": "x"},
        {"op": "add_option", "table": "Requests", "field": "Law", "name": "GDPR"},
        {"op": "add_option", "table": "Requests", "field": "Hold", "name": "x"},
        {"op": "reorder_fields", "table": "Requests", "order": ["Nope"]},
        {"op": "add_field", "table": "Requests", "name": "Hold", "type": "email"},
        {"op": "retype_field", "table": "Requests", "field": "Hold", "type": "number", "options": {"precision": 99}},
    ],
)
def test_a_change_that_does_not_fit_is_an_error(service: AirtableService, asked: dict[str, Any]) -> None:
    before = service.snapshot()
    with pytest.raises(RedesignError):
        service.redesign(BASE, asked)
    assert service.snapshot() == before


def test_a_change_of_an_unknown_base_is_an_error(service: AirtableService) -> None:
    with pytest.raises(RedesignError, match="No base 'appUnknown'"):
        service.redesign("appUnknown", {"op": "rename_table"})
