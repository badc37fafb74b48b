"""The metadata API: reading and making bases, tables and fields."""

import re
from typing import Any

import httpx
import pytest

from dsr_sandbox.airtable import AirtableService

BASE = "appSandbox0000001"
TABLES = f"meta/bases/{BASE}/tables"
TEXT = {"name": "Name", "type": "singleLineText"}


def requests_fields(http: httpx.Client) -> str:
    return f"{TABLES}/{http.get(TABLES).json()['tables'][0]['id']}/fields"


def error(answer: httpx.Response) -> tuple[str, str | None]:
    assert answer.status_code == 422, answer.text
    return answer.json()["error"]["type"], answer.json()["error"].get("message")


def test_whoami_tells_the_address_only_with_its_scope(service: AirtableService, http: httpx.Client) -> None:
    user = {"id": "usrSandbox0000001"}
    assert http.get("meta/whoami").json() == {**user, "email": "sandbox@example.com"}
    service.tokens["patNarrow"] = set()
    assert http.get("meta/whoami", headers={"Authorization": "Bearer patNarrow"}).json() == user


def test_bases_are_listed_with_the_permission(http: httpx.Client) -> None:
    base = {"id": BASE, "name": "Privacy requests", "permissionLevel": "create"}
    assert http.get("meta/bases").json() == {"bases": [base]}


def test_a_schema_has_the_shape_that_airtable_documents(http: httpx.Client) -> None:
    requests, receipts = http.get(TABLES).json()["tables"]
    assert set(requests) == {"id", "name", "primaryFieldId", "fields", "views"}
    assert requests["fields"][0] == {
        "type": "singleLineText",
        "id": requests["primaryFieldId"],
        "name": "User identifier",
    }
    assert requests["views"][0].keys() == {"id", "name", "type"}
    assert (requests["views"][0]["name"], requests["views"][0]["type"]) == ("Grid view", "grid")
    for thing, prefix in ((requests, "tbl"), (requests["fields"][0], "fld"), (requests["views"][0], "viw")):
        assert re.fullmatch(prefix + r"[A-Za-z0-9]{14}", thing["id"])
    fields = {field["name"]: field for field in requests["fields"]}
    assert fields["Hold"]["options"] == {"icon": "check", "color": "greenBright"}
    assert fields["Due by"]["options"] == {"dateFormat": {"name": "iso", "format": "YYYY-MM-DD"}}
    assert fields["Submitted at"]["options"] == {
        "dateFormat": {"name": "iso", "format": "YYYY-MM-DD"},
        "timeFormat": {"name": "24hour", "format": "HH:mm"},
        "timeZone": "utc",
    }
    assert [set(choice) for choice in fields["Law"]["options"]["choices"]] == [{"id", "name", "color"}] * 3
    link = next(field for field in receipts["fields"] if field["name"] == "Request")
    assert link["options"] == {
        "linkedTableId": requests["id"],
        "isReversed": False,
        "prefersSingleRecordLink": False,
        "inverseLinkFieldId": fields["Receipts"]["id"],
    }


@pytest.mark.parametrize("name", ["include", "include[]"])
def test_visible_fields_are_shown_when_asked_for(http: httpx.Client, name: str) -> None:
    table = http.get(TABLES, params={name: "visibleFieldIds"}).json()["tables"][0]
    assert table["views"][0]["visibleFieldIds"] == [field["id"] for field in table["fields"]]


@pytest.mark.parametrize("path", ["meta/bases/appUnknown0000001/tables", f"{TABLES}/tblUnknown0000001/fields"])
def test_what_the_metadata_api_does_not_know_is_403(http: httpx.Client, path: str) -> None:
    answer = http.get(path) if path.endswith("tables") else http.post(path, json=TEXT)
    assert answer.status_code == 403
    assert answer.json()["error"]["type"] == "INVALID_PERMISSIONS_OR_MODEL_NOT_FOUND"


def test_a_created_table_has_a_primary_field_and_a_grid_view(http: httpx.Client) -> None:
    spec = {"name": "New", "description": "What for", "fields": [TEXT, {"name": "Mail", "type": "email"}]}
    made = http.post(TABLES, json=spec).json()
    assert made["primaryFieldId"] == made["fields"][0]["id"]
    assert (made["description"], made["views"][0]["name"]) == ("What for", "Grid view")
    assert made in http.get(TABLES).json()["tables"]
    assert http.post(f"{BASE}/New", json={"fields": {"Mail": "a@example.com"}}).status_code == 200


@pytest.mark.parametrize(
    ("spec", "kind"),
    [
        ({"name": "requests", "fields": [TEXT]}, "DUPLICATE_TABLE_NAME"),
        ({"name": "", "fields": [TEXT]}, "INVALID_REQUEST_UNKNOWN"),
        ({"name": "x", "fields": []}, "INVALID_REQUEST_UNKNOWN"),
        ({"name": "x"}, "INVALID_REQUEST_UNKNOWN"),
        ({"name": 1, "fields": [TEXT]}, "INVALID_REQUEST_UNKNOWN"),
        ({"name": "x", "fields": [TEXT], "primaryFieldId": "Name"}, "INVALID_REQUEST_UNKNOWN"),
        ({"name": "x", "fields": [TEXT], "description": "d" * 20_001}, "INVALID_REQUEST_UNKNOWN"),
        ({"name": "x", "fields": [TEXT, {"name": "NAME", "type": "email"}]}, "DUPLICATE_OR_EMPTY_FIELD_NAME"),
        ({"name": "x", "fields": [{"name": "Files", "type": "multipleAttachments"}]}, "INVALID_REQUEST_UNKNOWN"),
    ],
)
def test_a_bad_table_is_refused_and_not_made(http: httpx.Client, spec: dict[str, Any], kind: str) -> None:
    assert error(http.post(TABLES, json=spec))[0] == kind
    assert len(http.get(TABLES).json()["tables"]) == 2


def test_a_table_may_be_renamed_and_described(http: httpx.Client) -> None:
    table = http.get(TABLES).json()["tables"][0]["id"]
    made = http.patch(f"{TABLES}/{table}", json={"name": "Demands", "description": "d"}).json()
    assert (made["name"], made["description"]) == ("Demands", "d")
    assert http.get(f"{BASE}/Demands").status_code == 200
    assert "description" not in http.patch(f"{TABLES}/{table}", json={"description": ""}).json()
    assert error(http.patch(f"{TABLES}/{table}", json={"name": "receipts"}))[0] == "DUPLICATE_TABLE_NAME"
    assert error(http.patch(f"{TABLES}/{table}", json={"fields": []}))[0] == "INVALID_REQUEST_UNKNOWN"


@pytest.mark.parametrize(
    ("kind", "options", "shown"),
    [
        ("multilineText", None, None),
        ("number", {"precision": 0}, {"precision": 0}),
        ("currency", {"precision": 2, "symbol": "€"}, {"precision": 2, "symbol": "€"}),
        ("duration", {"durationFormat": "h:mm"}, {"durationFormat": "h:mm"}),
        ("date", {"dateFormat": {"name": "european"}}, {"dateFormat": {"name": "european", "format": "D/M/YYYY"}}),
        (
            "dateTime",
            {"dateFormat": {"name": "local"}, "timeFormat": {"name": "12hour"}, "timeZone": "Europe/Berlin"},
            {
                "dateFormat": {"name": "local", "format": "l"},
                "timeFormat": {"name": "12hour", "format": "h:mma"},
                "timeZone": "Europe/Berlin",
            },
        ),
    ],
)
def test_a_created_field_is_shown_in_full(
    http: httpx.Client, kind: str, options: dict[str, Any] | None, shown: dict[str, Any] | None
) -> None:
    spec: dict[str, Any] = {"name": "New", "type": kind, "description": "d"}
    made = http.post(requests_fields(http), json=spec if options is None else {**spec, "options": options}).json()
    assert made.pop("id").startswith("fld")
    assert made == {"name": "New", "type": kind, "description": "d", **({} if shown is None else {"options": shown})}


def test_select_options_get_ids_and_colors(http: httpx.Client) -> None:
    options = {"choices": [{"name": "A"}, {"name": "B", "color": "redDark1"}]}
    made = http.post(requests_fields(http), json={"name": "S", "type": "singleSelect", "options": options}).json()
    first, second = made["options"]["choices"]
    assert (first["name"], first["color"]) == ("A", "blueLight2")
    assert (second["name"], second["color"]) == ("B", "redDark1")
    assert re.fullmatch(r"sel[A-Za-z0-9]{14}", first["id"])


@pytest.mark.parametrize(
    "kind",
    ["formula", "rollup", "count", "multipleLookupValues", "autoNumber", "createdTime", "lastModifiedTime",
     "createdBy", "lastModifiedBy", "button", "aiText", "externalSyncSource"],
)  # fmt: skip
def test_types_that_only_people_can_add_are_refused(http: httpx.Client, kind: str) -> None:
    answer = http.post(requests_fields(http), json={"name": "F", "type": kind})
    message = f"Invalid options for Requests.F: Creating {kind} fields is not supported at this time"
    assert error(answer) == ("UNSUPPORTED_FIELD_TYPE_FOR_CREATE", message)


@pytest.mark.parametrize(
    ("spec", "kind", "message"),
    [
        ({"name": "hold", "type": "email"}, "DUPLICATE_OR_EMPTY_FIELD_NAME", None),
        ({"name": " ", "type": "email"}, "DUPLICATE_OR_EMPTY_FIELD_NAME", None),
        (
            {"name": "F", "type": "checkbox"},
            "INVALID_FIELD_TYPE_OPTIONS_FOR_CREATE",
            "Invalid options for Requests.F: Failed schema validation: F.options is missing",
        ),
        (
            {"name": "F", "type": "dateTime", "options": {"dateFormat": {"name": "iso"}, "timeZone": "utc"}},
            "INVALID_FIELD_TYPE_OPTIONS_FOR_CREATE",
            "Invalid options for Requests.F: Failed schema validation: F.options.timeFormat is missing",
        ),
        (
            {
                "name": "F",
                "type": "dateTime",
                "options": {
                    "dateFormat": {"name": "iso"},
                    "timeFormat": {"name": "24hour"},
                    "timeZone": "UTC",
                },
            },
            "INVALID_FIELD_TYPE_OPTIONS_FOR_CREATE",
            'Invalid options for Requests.F: Invalid timezone "UTC"',
        ),
    ],
)
def test_a_bad_field_is_refused_with_its_reason(
    http: httpx.Client, spec: dict[str, Any], kind: str, message: str | None
) -> None:
    assert error(http.post(requests_fields(http), json=spec)) == (kind, message)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("singleSelect", {"choices": [{"name": "A"}, {"name": "A"}]}),
        ("singleSelect", {"choices": [{"name": "A", "color": "mauve"}]}),
        ("singleSelect", {"choices": "A"}),
        ("singleLineText", {"precision": 1}),
        ("number", {"precision": 9}),
        ("number", {"precision": True}),
        ("checkbox", {"icon": "check"}),
        ("checkbox", {"icon": "check", "color": "greenBright", "size": 1}),
        ("date", {"dateFormat": {"name": "roman"}}),
        ("date", {"dateFormat": {"name": "iso", "format": "l"}}),
        ("dateTime", {"dateFormat": {"name": "iso"}, "timeFormat": {"name": "24hour"}}),
        ("dateTime", {"dateFormat": {"name": "iso"}, "timeFormat": {"name": "24hour"}, "timeZone": "Mars/Base"}),
        ("rating", {"icon": "star", "color": "yellowBright", "max": 11}),
        ("multipleRecordLinks", {"linkedTableId": "tblUnknown0000001"}),
        ("multipleRecordLinks", {"linkedTableId": "tblUnknown0000001", "prefersSingleRecordLink": True}),
    ],
)
def test_options_that_do_not_fit_are_refused(http: httpx.Client, kind: str, options: dict[str, Any]) -> None:
    answer = http.post(requests_fields(http), json={"name": "F", "type": kind, "options": options})
    assert error(answer)[0] == "INVALID_FIELD_TYPE_OPTIONS_FOR_CREATE"


@pytest.mark.parametrize("spec", [{}, {"name": "F"}, {"name": "F", "type": "longText"}, {"name": 1, "type": "email"}])
def test_a_field_of_no_known_type_fails_validation(http: httpx.Client, spec: dict[str, Any]) -> None:
    assert error(http.post(requests_fields(http), json=spec))[0] == "INVALID_REQUEST_UNKNOWN"


def test_a_field_may_be_renamed_and_described_but_not_changed(http: httpx.Client) -> None:
    table = http.get(TABLES).json()["tables"][0]
    field = f"{TABLES}/{table['id']}/fields/{table['fields'][1]['id']}"
    made = http.patch(field, json={"name": "Kind", "description": "d"}).json()
    assert (made["name"], made["description"], made["type"]) == ("Kind", "d", "singleSelect")
    assert http.patch(field, json={"name": "KIND"}).json()["name"] == "KIND"
    assert error(http.patch(field, json={"name": "Hold"}))[0] == "DUPLICATE_OR_EMPTY_FIELD_NAME"
    assert error(http.patch(field, json={"type": "email"}))[0] == "INVALID_REQUEST_UNKNOWN"
    assert error(http.patch(field, json={"options": {"choices": []}}))[0] == "INVALID_REQUEST_UNKNOWN"
    assert http.patch(f"{TABLES}/{table['id']}/fields/fldUnknown0000001", json={"name": "x"}).status_code == 403


def test_a_base_is_created_with_its_tables(service: AirtableService, http: httpx.Client) -> None:
    spec = {"name": "Second", "workspaceId": "wspSandbox0000001", "tables": [{"name": "T", "fields": [TEXT]}]}
    made = http.post("meta/bases", json=spec).json()
    assert set(made) == {"id", "tables"}
    assert service.base_ids == [BASE, made["id"]]
    assert http.post(f"{made['id']}/T", json={"fields": {"Name": "x"}}).status_code == 200
    assert http.post("meta/bases", json={**spec, "workspaceId": "none"}).status_code == 403
    assert error(http.post("meta/bases", json={**spec, "tables": []}))[0] == "INVALID_REQUEST_UNKNOWN"
    primary = [{"name": "T", "fields": [TEXT], "primaryFieldId": "Name"}]
    assert error(http.post("meta/bases", json={**spec, "tables": primary}))[0] == "INVALID_REQUEST_UNKNOWN"


def test_many_bases_are_listed_in_pages(service: AirtableService, http: httpx.Client) -> None:
    spec = {"name": "More", "workspaceId": "wspSandbox0000001", "tables": [{"name": "T", "fields": [TEXT]}]}
    for _ in range(1_000):
        http.post("meta/bases", json=spec)
    first = http.get("meta/bases").json()
    second = http.get("meta/bases", params={"offset": first["offset"]}).json()
    assert [base["id"] for base in first["bases"] + second["bases"]] == service.base_ids
    assert "offset" not in second
