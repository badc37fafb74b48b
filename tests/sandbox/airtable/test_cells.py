"""What each type of field takes, keeps and shows."""

from typing import Any

import httpx
import pytest

BASE = "appSandbox0000001"
CHECK = {"icon": "check", "color": "greenBright"}
TIME = {"dateFormat": {"name": "iso"}, "timeFormat": {"name": "24hour"}, "timeZone": "utc"}
COLUMNS: list[dict[str, Any]] = [
    {"name": "Name", "type": "singleLineText"},
    {"name": "long", "type": "multilineText"},
    {"name": "mail", "type": "email"},
    {"name": "number", "type": "number", "options": {"precision": 2}},
    {"name": "rating", "type": "rating", "options": {"icon": "star", "color": "yellowBright", "max": 3}},
    {"name": "check", "type": "checkbox", "options": CHECK},
    {"name": "select", "type": "singleSelect", "options": {"choices": [{"name": "A"}, {"name": "B c"}]}},
    {"name": "selects", "type": "multipleSelects", "options": {"choices": [{"name": "A"}, {"name": "B"}]}},
    {"name": "date", "type": "date", "options": {"dateFormat": {"name": "iso"}}},
    {"name": "time", "type": "dateTime", "options": TIME},
    {"name": "berlin", "type": "dateTime", "options": {**TIME, "timeZone": "Europe/Berlin"}},
    {"name": "barcode", "type": "barcode"},
    {"name": "person", "type": "singleCollaborator"},
    {"name": "people", "type": "multipleCollaborators"},
    {"name": "files", "type": "multipleAttachments"},
]


@pytest.fixture
def cells(http: httpx.Client) -> httpx.Client:
    made = http.post(f"meta/bases/{BASE}/tables", json={"name": "Types", "fields": COLUMNS})
    assert made.status_code == 200, made.text
    return http


def write(http: httpx.Client, field: str, value: Any, **more: Any) -> httpx.Response:
    return http.post(f"{BASE}/Types", json={"fields": {field: value}, **more})


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("Name", " kept as it is ", " kept as it is "),
        ("long", "a\nb", "a\nb"),
        ("mail", "not an address", "not an address"),
        ("number", 1.5, 1.5),
        ("number", 0, 0),
        ("number", -3, -3),
        ("rating", 3, 3),
        ("check", True, True),
        ("select", "B c", "B c"),
        ("selects", ["B", "A"], ["B", "A"]),
        ("date", "2026-01-31", "2026-01-31"),
        ("time", "2026-01-31T10:00:00.000Z", "2026-01-31T10:00:00.000Z"),
        ("time", "2026-01-31T10:00:00+02:00", "2026-01-31T08:00:00.000Z"),
        ("time", "2026-01-31T10:00:00.123456Z", "2026-01-31T10:00:00.123Z"),
        ("time", "2026-01-31", "2026-01-31T00:00:00.000Z"),
        ("berlin", "2026-01-31T10:00:00", "2026-01-31T09:00:00.000Z"),
        ("barcode", {"text": "1", "type": "upce"}, {"text": "1", "type": "upce"}),
    ],
)
def test_a_fitting_value_is_kept_and_shown(cells: httpx.Client, field: str, value: Any, shown: Any) -> None:
    answer = write(cells, field, value)
    assert answer.status_code == 200, answer.text
    assert answer.json()["fields"] == {field: shown}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("Name", ""), ("Name", None), ("check", False), ("check", None), ("selects", []), ("date", ""),
        ("time", None), ("number", None), ("select", None), ("people", []), ("files", []),
    ],
)  # fmt: skip
def test_an_empty_cell_has_no_key(cells: httpx.Client, field: str, value: Any) -> None:
    answer = write(cells, field, value)
    assert answer.status_code == 200, answer.text
    assert answer.json()["fields"] == {}


@pytest.mark.parametrize("field", [column["name"] for column in COLUMNS])
def test_null_clears_a_cell(cells: httpx.Client, field: str) -> None:
    values: dict[str, Any] = {
        "number": 1, "rating": 1, "check": True, "select": "A", "selects": ["A"], "date": "2026-01-31",
        "time": "2026-01-31", "berlin": "2026-01-31", "barcode": {"text": "1"}, "person": {"id": "usrSandbox0000001"},
        "people": ["usrSandbox0000001"], "files": [{"url": "https://example.com/a.txt"}],
    }  # fmt: skip
    made = write(cells, field, values.get(field, "x")).json()
    assert field in made["fields"]
    answer = cells.patch(f"{BASE}/Types/{made['id']}", json={"fields": {field: None}})
    assert answer.json()["fields"] == {}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("Name", 1), ("Name", True), ("Name", ["a"]), ("long", {}), ("number", "1"), ("number", True),
        ("rating", 0), ("rating", 4), ("rating", 1.5), ("check", 1), ("check", "true"), ("select", 1),
        ("select", ["A"]), ("selects", "A"), ("date", "31.1.2026"), ("date", "2026-02-30"), ("date", 20260131),
        ("date", "2026-01-31T10:00:00Z"), ("time", "tomorrow"), ("time", "2026-01-31T25:00:00Z"), ("time", 1),
        ("barcode", "1"), ("person", "usrSandbox0000001"), ("person", {"id": "usrSomebody000001"}),
        ("people", {"id": "usrSandbox0000001"}), ("files", ["https://example.com"]), ("files", "x"),
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_type_is_refused(cells: httpx.Client, field: str, value: Any) -> None:
    answer = write(cells, field, value)
    assert answer.status_code == 422
    message = f'Field "{field}" cannot accept the provided value'
    assert answer.json() == {"error": {"type": "INVALID_VALUE_FOR_COLUMN", "message": message}}


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("select", "a", "a"), ("select", "A ", "A "), ("select", "", ""), ("select", 'say "x"', 'say "x"'),
        ("selects", ["A", "Z"], "Z"),
    ],
)  # fmt: skip
def test_an_unknown_option_is_refused_in_doubled_quotes(
    cells: httpx.Client, field: str, value: Any, named: str
) -> None:
    answer = write(cells, field, value)
    assert answer.status_code == 422
    message = f'Insufficient permissions to create new select option ""{named}""'
    assert answer.json() == {"error": {"type": "INVALID_MULTIPLE_CHOICE_OPTIONS", "message": message}}


def test_people_and_files_are_shown_in_full(cells: httpx.Client) -> None:
    user = {"id": "usrSandbox0000001", "email": "sandbox@example.com", "name": "Sandbox User"}
    assert write(cells, "person", {"email": user["email"]}).json()["fields"] == {"person": user}
    assert write(cells, "people", [user["id"], {"email": user["email"]}]).json()["fields"] == {"people": [user] * 2}
    file = write(cells, "files", [{"url": "https://example.com/a/proof.pdf"}]).json()["fields"]["files"][0]
    assert (file["url"], file["filename"]) == ("https://example.com/a/proof.pdf", "proof.pdf")
    assert file["id"].startswith("att")


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("Name", 12, "12"), ("Name", True, "true"), ("Name", ["a", "b"], "a, b"), ("number", "1.50", 1.5),
        ("number", "€ 1,200", 1200), ("check", "yes", True), ("select", "New", "New"), ("select", " A ", "A"),
        ("selects", "A, New", ["A", "New"]), ("date", "2026-01-31T10:00:00Z", "2026-01-31"),
    ],
)  # fmt: skip
def test_typecast_turns_what_it_can(cells: httpx.Client, field: str, value: Any, shown: Any) -> None:
    answer = write(cells, field, value, typecast=True)
    assert answer.status_code == 200, answer.text
    assert answer.json()["fields"] == {field: shown}


def test_typecast_adds_the_new_option_to_the_field(cells: httpx.Client) -> None:
    write(cells, "select", "New", typecast=True)
    write(cells, "select", "New", typecast=True)
    tables = cells.get(f"meta/bases/{BASE}/tables").json()["tables"]
    field = next(f for f in tables[-1]["fields"] if f["name"] == "select")
    assert [choice["name"] for choice in field["options"]["choices"]] == ["A", "B c", "New"]
    assert field["options"]["choices"][2]["id"].startswith("sel")


def test_a_refused_batch_leaves_no_option_behind(cells: httpx.Client) -> None:
    batch = [{"fields": {"select": "New"}}, {"fields": {"date": "never"}}]
    answer = cells.post(f"{BASE}/Types", json={"records": batch, "typecast": True})
    assert answer.status_code == 422
    tables = cells.get(f"meta/bases/{BASE}/tables").json()["tables"]
    field = next(f for f in tables[-1]["fields"] if f["name"] == "select")
    assert [choice["name"] for choice in field["options"]["choices"]] == ["A", "B c"]


@pytest.mark.parametrize(("field", "value"), [("number", "many"), ("check", "perhaps"), ("date", "soon")])
def test_typecast_still_refuses_what_it_cannot_turn(cells: httpx.Client, field: str, value: str) -> None:
    assert write(cells, field, value, typecast=True).json()["error"]["type"] == "INVALID_VALUE_FOR_COLUMN"
