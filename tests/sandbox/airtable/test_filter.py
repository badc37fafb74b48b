"""`filterByFormula`: which records a filter keeps, and which filters are refused."""

from typing import Any

import httpx
import pytest
from pyairtable.formulas import AND, DATETIME_PARSE, EQ, GT, LAST_MODIFIED_TIME, NOT, OR, RECORD_ID, Field, match

from dsr_sandbox.airtable import AirtableService
from dsr_sandbox.clock import SandboxClock

BASE = "appSandbox0000001"
REQUESTS = f"{BASE}/Requests"
NAME = "User identifier"


def fill(http: httpx.Client, *rows: dict[str, Any], table: str = REQUESTS) -> list[str]:
    answer = http.post(table, json={"records": [{"fields": row} for row in rows]})
    assert answer.status_code == 200, answer.text
    return [record["id"] for record in answer.json()["records"]]


def kept(http: httpx.Client, formula: object, table: str = REQUESTS) -> list[str]:
    answer = http.get(table, params={"filterByFormula": str(formula), "view": "Grid view"})
    assert answer.status_code == 200, answer.text
    return [record["fields"].get(NAME, record["id"]) for record in answer.json()["records"]]


def refused(http: httpx.Client, formula: str) -> str:
    answer = http.get(REQUESTS, params={"filterByFormula": formula})
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert error["type"] == "INVALID_FILTER_BY_FORMULA"
    return str(error["message"])


def test_checkboxes_are_true_or_not(http: httpx.Client) -> None:
    fill(http, {NAME: "on", "Hold": True}, {NAME: "off", "Hold": False})
    for formula in ("{Hold}", "Hold", "{Hold}=TRUE()", "{Hold}=1"):
        assert kept(http, formula) == ["on"]
    for formula in ("NOT({Hold})", "{Hold}=FALSE()", "{Hold}=BLANK()", "{Hold}=0"):
        assert kept(http, formula) == ["off"]


def test_an_empty_cell_equals_the_empty_text(http: httpx.Client) -> None:
    fill(http, {NAME: "a", "Law": "GDPR"}, {NAME: "b"})
    assert kept(http, "{Law}=''") == ["b"]
    assert kept(http, "{Law}!=''") == ["a"]
    assert kept(http, "{Law}") == ["a"]
    assert kept(http, "NOT({Law}=BLANK())") == ["a"]


def test_text_is_compared_with_its_case(http: httpx.Client) -> None:
    fill(http, {NAME: "Ann"}, {NAME: "ann"})
    assert kept(http, "{User identifier}='ann'") == ["ann"]
    assert kept(http, "LOWER({User identifier})='ann'") == ["Ann", "ann"]


def test_a_time_may_be_searched_as_text_and_compared_as_time(http: httpx.Client) -> None:
    fill(http, {NAME: "a", "Received at": "2026-01-01T10:00:00Z"}, {NAME: "b", "Due by": "2026-02-01"}, {NAME: "c"})
    assert kept(http, "FIND('2026-01-01', {Received at})") == ["a"]
    assert kept(http, "IS_AFTER({Received at}, '2026-01-01T09:59:59Z')") == ["a"]
    assert kept(http, "{Due by}=DATETIME_PARSE('2026-02-01')") == ["b"]
    assert kept(http, "{Due by}>DATETIME_PARSE('2026-01-31')") == ["b"]


def test_a_row_whose_formula_fails_is_left_out(http: httpx.Client) -> None:
    fill(http, {NAME: "a", "Due by": "2026-02-01"}, {NAME: "b"})
    assert kept(http, "NOT(IS_AFTER({Due by}, '2026-03-01'))") == ["a"]
    assert kept(http, "OR({Due by}=BLANK(), IS_BEFORE({Due by}, '2026-03-01'))") == ["a", "b"]
    assert kept(http, "1 + {User identifier}") == []


def test_a_link_is_the_text_of_the_linked_rows(http: httpx.Client) -> None:
    one, two = fill(http, {NAME: "u-1"}, {NAME: "u-2"})
    [receipt, _] = fill(http, {"Request": [one, two]}, {}, table=f"{BASE}/Receipts")
    table = f"{BASE}/Receipts"
    assert kept(http, "{Request}='u-1, u-2'", table) == [receipt]
    assert kept(http, "FIND('u-2', {Request})", table) == [receipt]
    assert kept(http, f"FIND('{one}', {{Request}})", table) == []


def test_records_can_be_picked_by_id_and_by_creation(http: httpx.Client, clock: SandboxClock) -> None:
    [first] = fill(http, {NAME: "a"})
    clock.advance(60)
    created = clock.now().strftime("%Y-%m-%dT%H:%M:%S.000Z")
    fill(http, {NAME: "b"})
    assert kept(http, f"RECORD_ID()='{first}'") == ["a"]
    assert kept(http, f"NOT(IS_BEFORE(CREATED_TIME(), DATETIME_PARSE('{created}')))") == ["b"]


def test_last_modified_looks_at_all_fields_or_at_the_named_ones(http: httpx.Client, clock: SandboxClock) -> None:
    one, two, _ = fill(http, {NAME: "a"}, {NAME: "b"}, {NAME: "c"})
    clock.advance(60)
    since = clock.now().strftime("%Y-%m-%dT%H:%M:%S.000Z")
    clock.advance(60)
    http.patch(f"{REQUESTS}/{one}", json={"fields": {"Status note": "written by the daemon"}})
    http.patch(f"{REQUESTS}/{two}", json={"fields": {"Hold": True, NAME: "b"}})
    assert kept(http, f"IS_AFTER(LAST_MODIFIED_TIME(), '{since}')") == ["a", "b"]
    assert kept(http, f"IS_AFTER(LAST_MODIFIED_TIME({{Hold}}, {{Law}}), '{since}')") == ["b"]
    assert kept(http, f"IS_AFTER(LAST_MODIFIED_TIME({{User identifier}}), '{since}')") == []


def test_a_write_of_the_same_value_is_no_modification(http: httpx.Client, clock: SandboxClock) -> None:
    [one] = fill(http, {NAME: "a", "Hold": True})
    clock.advance(60)
    since = clock.now().strftime("%Y-%m-%dT%H:%M:%S.000Z")
    clock.advance(60)
    http.patch(f"{REQUESTS}/{one}", json={"fields": {"Hold": True}})
    assert kept(http, f"IS_AFTER(LAST_MODIFIED_TIME(), '{since}')") == []


def test_the_filter_of_a_daemon_works_as_a_whole(http: httpx.Client, clock: SandboxClock) -> None:
    fill(
        http,
        {NAME: "new", "Authenticated": True},
        {NAME: "held", "Authenticated": True, "Hold": True},
        {NAME: "done", "Authenticated": True, "Status": "Completed"},
        {NAME: "running", "Status": "In progress"},
    )
    since = clock.now().replace(year=2020).strftime("%Y-%m-%dT%H:%M:%SZ")
    formula = (
        "AND(OR({Status}='',{Status}='In progress'),NOT({Hold}),"
        f"IS_AFTER(LAST_MODIFIED_TIME(),DATETIME_PARSE('{since}')))"
    )
    assert kept(http, formula) == ["new", "running"]


@pytest.mark.parametrize("name", ["a } b", "a { b", 'O\'Neil "x"', "Grüße & more", "fields (1)"])
def test_a_field_name_with_odd_signs_is_found(service: AirtableService, http: httpx.Client, name: str) -> None:
    service.redesign(BASE, {"op": "rename_field", "table": "Requests", "field": "Hold", "name": name})
    fill(http, {NAME: "on", name: True}, {NAME: "off"})
    assert kept(http, Field(name)) == ["on"]


def test_formulas_built_by_pyairtable_are_understood(http: httpx.Client) -> None:
    [first, *_] = fill(http, {NAME: 'it\'s \\ "x"', "Hold": True}, {NAME: "b", "Due by": "2026-02-01"}, {NAME: "c"})
    assert kept(http, match({NAME: 'it\'s \\ "x"', "Hold": True})) == ['it\'s \\ "x"']
    assert kept(http, OR(EQ(RECORD_ID(), first), AND(NOT(Field("Hold")), EQ(Field(NAME), "c")))) == [
        'it\'s \\ "x"',
        "c",
    ]
    assert len(kept(http, GT(LAST_MODIFIED_TIME(Field(NAME)), DATETIME_PARSE("2020-01-01")))) == 3


def test_an_empty_filter_filters_nothing(http: httpx.Client) -> None:
    fill(http, {NAME: "a"})
    assert kept(http, "") == ["a"]


@pytest.mark.parametrize(
    "formula",
    [
        "((",
        "{Hold",
        "1 +",
        "AND(",
        "AND()",
        "NOT()",
        "NOT(1, 2)",
        "IF(1)",
        "'open",
        "{Hold} {Law}",
        "1 == 1",
        "SUM(1, 2)",
        "NOSUCH({Hold})",
        "LEN()",
        "NOW(1)",
        "LAST_MODIFIED_TIME('Hold')",
        "a ? b",
        "(" * 5000 + "1" + ")" * 5000,
    ],
)
def test_what_is_not_understood_is_refused(http: httpx.Client, formula: str) -> None:
    answer = http.post(f"{REQUESTS}/listRecords", json={"filterByFormula": formula})
    assert answer.status_code == 422
    assert answer.json() == {
        "error": {
            "type": "INVALID_FILTER_BY_FORMULA",
            "message": "The formula for filtering records is invalid: Invalid formula. Please check your formula text.",
        }
    }


def test_unknown_fields_are_named_in_small_letters(http: httpx.Client) -> None:
    prefix = "The formula for filtering records is invalid: Unknown field names: "
    assert refused(http, "{Nope}") == prefix + "nope"
    assert refused(http, "hold") == prefix + "hold"
    assert refused(http, "AND({One}, {Two}, {One})") == prefix + "one, two"
    assert refused(http, "LAST_MODIFIED_TIME({Nope})") == prefix + "nope"


def test_field_ids_in_formulas_are_a_switch(service: AirtableService, http: httpx.Client) -> None:
    fill(http, {NAME: "a"})
    field_id = http.get(f"meta/bases/{BASE}/tables").json()["tables"][0]["primaryFieldId"]
    assert refused(http, f"{{{field_id}}}='a'").endswith(f"Unknown field names: {field_id.lower()}")
    service.limits.field_ids_in_formulas = True
    assert kept(http, f"{{{field_id}}}='a'") == ["a"]
