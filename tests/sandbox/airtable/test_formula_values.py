"""What formulas make of values: literals, operators, coercion, and the functions one by one."""

from typing import Any

import httpx
import pytest

from dsr_sandbox.airtable import AirtableService

BASE = "appSandbox0000001"
REQUESTS = f"{BASE}/Requests"


def result(service: AirtableService, http: httpx.Client, formula: str) -> Any:
    """Let a formula field of one record show the result; None if it is empty."""
    options = {"formula": formula}
    service.redesign(
        BASE, {"op": "add_field", "table": "Requests", "name": "result", "type": "formula", "options": options}
    )
    return http.post(REQUESTS, json={"fields": {}}).json()["fields"].get("result")


@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("-2 * -3", 6),
        ("10 - 2 - 3", 5),
        ("7 / 2", 3.5),
        (".5 + .5", 1),
        ("1 + 2 & 'x'", "3x"),
        ("'a' & 1.5 & TRUE() & BLANK() & 2.0", "a1.512"),
        ("'it\\'s' & \"\\\"q\\\"\" & '\\n\\\\'", 'it\'s"q"\n\\'),
        ("1 = 1", 1),
        ("1 != 1", 0),
        ("'a' < 'b'", 1),
        ("2 >= 2", 1),
        ("3 > 10", 0),
        ("1 + 1 = 2", 1),
        ("'a' & 'b' = 'ab'", 1),
    ],
)
def test_operators_bind_as_in_airtable(service: AirtableService, http: httpx.Client, formula: str, shown: Any) -> None:
    assert result(service, http, formula) == shown


@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        ("BLANK() = 0", 1),
        ("BLANK() = ''", 1),
        ("BLANK() = FALSE()", 1),
        ("BLANK() = BLANK()", 1),
        ("BLANK() = 1", 0),
        ("BLANK() = 'x'", 0),
        ("BLANK() + 1", 1),
        ("BLANK() < 1", 1),
        ("BLANK() < 'a'", 1),
        ("TRUE() = 1", 1),
        ("TRUE() + TRUE()", 2),
        ("'A' = 'a'", 0),
        ("1 = '1'", 1),
        ("NOT('')", 1),
        ("NOT(0)", 1),
        ("NOT(0/0)", 1),
        ("NOT('x')", 0),
        ("DATETIME_PARSE('2026-01-01') < DATETIME_PARSE('2026-01-02')", 1),
        ("DATETIME_PARSE('2026-01-01') = DATETIME_PARSE('2026-01-01T00:00:00Z')", 1),
    ],
)
def test_blank_booleans_and_kinds_compare_as_in_airtable(
    service: AirtableService, http: httpx.Client, formula: str, shown: Any
) -> None:
    assert result(service, http, formula) == shown


@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        ("AND(1, 'x', TRUE())", 1),
        ("AND(1, 0)", 0),
        ("OR(0, '', 'x')", 1),
        ("OR(0, '')", 0),
        ("IF(1, 'yes', 'no')", "yes"),
        ("IF('', 'yes', 'no')", "no"),
        ("IF(0, 'yes')", None),
        ("IF(1, 'safe', 1 + 'x')", "safe"),
        ("OR(1, 1 + 'x')", 1),
        ("LOWER('ÄB')", "äb"),
        ("upper('äb')", "ÄB"),
        ("TRIM('  a b ')", "a b"),
        ("LEN('abc')", 3),
        ("FIND('b', 'abcb')", 2),
        ("FIND('b', 'abcb', 3)", 4),
        ("FIND('z', 'abc')", 0),
        ("SEARCH('c', 'abc')", 3),
        ("SEARCH('z', 'abc')", None),
        ("LEFT('abc', 2)", "ab"),
        ("RIGHT('abc', 2)", "bc"),
        ("RIGHT('abc', 9)", "abc"),
        ("MID('abcdef', 2, 3)", "bcd"),
        ("CONCATENATE('a', 1, BLANK(), 'b')", "a1b"),
        ("ROUND(2.5)", 3),
        ("ROUND(-2.5)", -3),
        ("ROUND(1.234, 2)", 1.23),
        ("ROUND(1/0)", {"specialValue": "Infinity"}),
        ("VALUE('$1,234.50')", 1234.5),
        ("VALUE('12')", 12),
        ("VALUE(3)", 3),
        ("VALUE('none')", {"error": "#ERROR!"}),
        ("REGEX_MATCH('abc', 'b.')", 1),
        ("REGEX_MATCH('abc', '^b')", 0),
        ("REGEX_MATCH('abc', '(')", {"error": "#ERROR!"}),
        ("ARRAYJOIN('a', '; ')", "a"),
        ("LEN(RECORD_ID())", 17),
    ],
)
def test_functions_of_logic_text_and_numbers(
    service: AirtableService, http: httpx.Client, formula: str, shown: Any
) -> None:
    assert result(service, http, formula) == shown


@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        ("IS_BEFORE('2026-01-01', '2026-01-02')", 1),
        ("IS_AFTER('2026-01-01', DATETIME_PARSE('2026-01-02'))", 0),
        ("IS_SAME('2026-01-01T10:00:00Z', '2026-01-01T11:00:00Z', 'day')", 1),
        ("IS_SAME('2026-01-01T10:00:00Z', '2026-01-01T11:00:00Z', 'hour')", 0),
        ("IS_SAME('2026-01-01T10:00:00Z', '2026-01-01T11:00:00Z')", 0),
        ("IS_SAME('2026-01-01', '2026-03-31', 'quarter')", 1),
        ("IS_SAME('2026-01-31', '2026-02-01', 'months')", 0),
        ("IS_SAME('2026-01-31', '2026-12-01', 'year')", 1),
        ("IS_SAME('2026-01-04', '2026-01-10', 'week')", 1),
        ("DATEADD('2026-01-31', 1, 'month')", "2026-02-28T00:00:00.000Z"),
        ("DATEADD('2026-01-31', -2, 'days')", "2026-01-29T00:00:00.000Z"),
        ("DATEADD('2026-01-31T00:00:00Z', 90, 'm')", "2026-01-31T01:30:00.000Z"),
        ("DATEADD('2024-02-29', 1, 'years')", "2025-02-28T00:00:00.000Z"),
        ("DATEADD('9999-12-31', 1, 'days')", {"error": "#ERROR!"}),
        ("DATEADD('2026-01-31', 1, 'moons')", {"error": "#ERROR!"}),
        ("DATETIME_DIFF('2026-01-01T00:01:00Z', '2026-01-01T00:00:00Z')", 60),
        ("DATETIME_DIFF('2026-01-01', '2026-01-03', 'days')", -2),
        ("DATETIME_DIFF('2026-03-30', '2026-01-31', 'months')", 1),
        ("DATETIME_DIFF('2026-01-31', '2026-03-30', 'months')", -1),
        ("DATETIME_DIFF('2026-03-31', '2026-01-31', 'months')", 2),
        ("DATETIME_DIFF('2026-03-31', '2024-01-31', 'years')", 2),
        ("DATETIME_FORMAT('2026-01-05T15:04:09.007Z', 'YYYY-MM-DD HH:mm:ss.SSS')", "2026-01-05 15:04:09.007"),
        ("DATETIME_FORMAT('2026-01-05T15:04:00Z', '[on] dddd D MMM YY, h:mm A')", "on Monday 5 Jan 26, 3:04 PM"),
        ("DATETIME_FORMAT('2026-01-05T15:04:00Z')", "2026-01-05T15:04:00.000Z"),
        ("DATETIME_FORMAT('1970-01-01T00:00:10Z', 'X')", "10"),
        ("DATETIME_PARSE('31.01.2026 07:05', 'DD.MM.YYYY HH:mm')", "2026-01-31T07:05:00.000Z"),
        ("DATETIME_PARSE('never')", {"error": "#ERROR!"}),
        ("DATETIME_PARSE('never', 'YYYY')", {"error": "#ERROR!"}),
        ("FIND('2026-01-31', DATETIME_PARSE('2026-01-31T10:00:00Z'))", 1),
        ("IS_BEFORE(BLANK(), NOW())", {"error": "#ERROR!"}),
        ("IS_AFTER(NOW(), 5)", {"error": "#ERROR!"}),
        ("NOW() > 5", {"error": "#ERROR!"}),
        ("NOW() + 1", {"error": "#ERROR!"}),
        ("IS_SAME(NOW(), CREATED_TIME(), 'day')", 1),
        ("DATETIME_FORMAT(TODAY(), 'HH:mm')", "00:00"),
    ],
)
def test_functions_of_dates(service: AirtableService, http: httpx.Client, formula: str, shown: Any) -> None:
    assert result(service, http, formula) == shown
