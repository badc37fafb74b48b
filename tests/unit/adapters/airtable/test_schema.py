from typing import Any

import pytest

from dsr_sync.adapters.airtable import Names, ReceiptColumns, RequestColumns
from dsr_sync.adapters.airtable.columns import RECEIPT_SPECS, REQUEST_SPECS, blueprint
from dsr_sync.adapters.airtable.schema import Metadata, Reading, Schema, read, sides
from dsr_sync.ports import Flaw


def base(names: Names | None = None) -> list[Metadata]:
    """A base that has everything, as `setup-base` would make it."""
    tables: list[Metadata] = []
    for number, side in enumerate(sides(names or Names())):
        columns: list[dict[str, Any]] = []
        for index, (spec, name) in enumerate(side.named()):
            made = blueprint(spec, name, "tbl00000000000000")
            columns.append(made | {"id": f"fld{number}{index:013d}"})
        tables.append({"id": f"tbl{number:014d}", "name": side.table, "fields": columns})
    return tables


def column(tables: list[Metadata], name: str, table: int = 0) -> Metadata:
    found: Metadata = next(each for each in tables[table]["fields"] if each["name"] == name)
    return found


def drop(tables: list[Metadata], name: str, table: int = 0) -> None:
    tables[table]["fields"].remove(column(tables, name, table))


def good(reading: Reading) -> Schema:
    assert reading.schema is not None
    return reading.schema


def test_a_complete_base_has_no_problems() -> None:
    reading = read(base(), Names(), {})
    assert reading.problems == ()
    assert set(good(reading).requests.columns) == {spec.attribute for spec in REQUEST_SPECS if spec.used}
    receipts = good(reading).receipts
    assert receipts is not None
    assert set(receipts.columns) == {spec.attribute for spec in RECEIPT_SPECS if spec.used}


@pytest.mark.parametrize(
    "name", ["User identifier", "Authenticated", "Submitted", "Status", "Status note", "Regulation ID"]
)
def test_without_a_required_column_nothing_works_and_the_sentence_names_table_and_column(name: str) -> None:
    tables = base()
    drop(tables, name)
    reading = read(tables, Names(), {})
    assert reading.schema is None
    (problem,) = reading.blocking()
    assert f"'{name}'" in problem.advice
    assert "'Requests'" in problem.advice


@pytest.mark.parametrize("spec", [spec for spec in REQUEST_SPECS if not spec.required], ids=lambda spec: spec.attribute)
def test_without_an_optional_column_the_rest_works(spec: Any) -> None:
    tables = base()
    name = getattr(RequestColumns(), spec.attribute)
    drop(tables, name)
    reading = read(tables, Names(), {})
    assert spec.attribute not in good(reading).requests.columns
    (problem,) = reading.problems
    assert (problem.flaw, problem.column, problem.required) == (Flaw.MISSING_COLUMN, name, False)
    assert problem.creatable


def test_a_required_column_of_the_wrong_type_blocks_and_only_a_person_can_mend_it() -> None:
    tables = base()
    column(tables, "Authenticated")["type"] = "singleLineText"
    reading = read(tables, Names(), {})
    (problem,) = reading.problems
    assert (reading.schema, problem.flaw, problem.required) == (None, Flaw.WRONG_TYPE, True)
    assert not problem.creatable
    assert "single line text" in problem.advice
    assert "checkbox" in problem.advice


@pytest.mark.parametrize(("name", "kind"), [("Hold", "singleLineText"), ("Request type", "multipleSelects")])
def test_a_column_that_holds_back_or_decides_what_is_sent_must_not_be_misread(name: str, kind: str) -> None:
    tables = base()
    column(tables, name)["type"] = kind
    reading = read(tables, Names(), {})
    assert reading.schema is None
    assert f"'{name}'" in reading.blocking()[0].advice


@pytest.mark.parametrize("name", ["User identifier", "Request type"])
@pytest.mark.parametrize("kind", ["number", "autoNumber", "currency"])
def test_what_says_who_is_deleted_and_how_is_never_read_from_a_number(name: str, kind: str) -> None:
    tables = base()
    column(tables, name)["type"] = kind
    (problem,) = read(tables, Names(), {}).blocking()
    assert (problem.flaw, problem.column) == (Flaw.WRONG_TYPE, name)


@pytest.mark.parametrize(("result", "serves"), [("number", False), ("singleLineText", True), (None, True)])
def test_a_formula_gives_identifiers_unless_it_reckons_out_numbers(result: str | None, serves: bool) -> None:
    tables = base()
    found = column(tables, "User identifier")
    found |= {"type": "formula", "options": {"formula": "x", "result": {"type": result} if result else None}}
    assert (read(tables, Names(), {}).problems == ()) is serves


def test_an_identifier_column_of_numbers_is_told_with_what_may_be_lost_and_how_to_mend_it_safely() -> None:
    tables = base()
    column(tables, "User identifier")["type"] = "number"
    (problem,) = read(tables, Names(), {}).problems
    for words in ("it must be single line text", "no leading zeros", "tick Hold", "its row's history"):
        assert words in problem.advice


@pytest.mark.parametrize(("name", "kind"), [("Due by", "dateTime"), ("Law", "checkbox"), ("Retry", "singleLineText")])
def test_another_optional_column_of_the_wrong_type_is_left_out_and_reported(name: str, kind: str) -> None:
    tables = base()
    column(tables, name)["type"] = kind
    reading = read(tables, Names(), {})
    assert name not in {found.name for found in good(reading).requests.columns.values()}
    assert [(problem.flaw, problem.column) for problem in reading.problems] == [(Flaw.WRONG_TYPE, name)]


@pytest.mark.parametrize(
    ("name", "kind"), [("User identifier", "email"), ("Status note", "singleLineText"), ("Received at", "createdTime")]
)
def test_types_that_serve_as_well_are_taken(name: str, kind: str) -> None:
    tables = base()
    column(tables, name)["type"] = kind
    assert read(tables, Names(), {}).problems == ()


def test_missing_options_of_a_select_that_we_write_are_named_and_block_nothing() -> None:
    tables = base()
    choices = column(tables, "Status")["options"]["choices"]
    choices[:] = [choice for choice in choices if choice["name"] not in ("On hold", "Failed")]
    reading = read(tables, Names(), {})
    (problem,) = reading.problems
    assert (problem.flaw, problem.required, problem.creatable) == (Flaw.MISSING_OPTION, False, False)
    assert "'On hold', 'Failed'" in problem.advice
    assert reading.schema is not None


def test_options_that_only_staff_choose_may_be_missing() -> None:
    tables = base()
    column(tables, "Request type")["options"]["choices"] = []
    assert read(tables, Names(), {}).problems == ()


def test_without_a_requests_table_nothing_works_and_required_things_come_first() -> None:
    tables = base()
    tables[0]["name"] = "People"
    column(tables, "Status", 1)["options"]["choices"] = []
    reading = read(tables, Names(), {})
    assert reading.schema is None
    assert (reading.problems[0].flaw, reading.problems[0].table) == (Flaw.MISSING_TABLE, "Requests")
    assert [problem.required for problem in reading.problems] == sorted(
        (problem.required for problem in reading.problems), reverse=True
    )


def test_without_a_receipts_table_or_its_key_there_are_no_receipts() -> None:
    without_table = base()[:1]
    without_key = base()
    drop(without_key, "Receipt", 1)
    assert good(read(without_table, Names(), {})).receipts is None
    assert good(read(without_key, Names(), {})).receipts is None


def test_a_link_to_another_table_is_of_the_wrong_type() -> None:
    tables = base()
    column(tables, "Request", 1)["options"]["linkedTableId"] = "tbl99999999999999"
    assert [problem.column for problem in read(tables, Names(), {}).problems] == ["Request"]


def test_tables_and_columns_may_be_named_by_id() -> None:
    tables = base()
    tables[0]["name"], column(tables, "Submitted")["name"] = "Anfragen", "Gesendet"
    ids = [each["id"] for each in tables[0]["fields"] if each["name"] == "Gesendet"]
    names = Names(requests_table=tables[0]["id"], requests=RequestColumns(submitted=ids[0]))
    assert read(tables, names, {}).problems == ()


def test_a_missing_id_cannot_be_made() -> None:
    names = Names(requests=RequestColumns(hold="fldNoSuchColumn01"), receipts_table="tblNoSuchTable001")
    tables = base()[:1]
    drop(tables, "Hold")
    assert [problem.creatable for problem in read(tables, names, {}).problems] == [False, False]


def test_what_was_resolved_once_is_found_by_its_id_after_a_rename() -> None:
    tables = base()
    known = good(read(tables, Names(), {})).known
    column(tables, "Authenticated")["name"] = "Checked by Anna"
    tables[0]["name"] = "People"
    renamed = good(read(tables, Names(), known))
    assert renamed.requests.columns["authenticated"].name == "Checked by Anna"


def test_a_new_column_under_the_old_name_does_not_take_the_place_of_the_renamed_one() -> None:
    tables = base()
    known = good(read(tables, Names(), {})).known
    column(tables, "Retry")["name"] = "Old"
    tables[0]["fields"].append({"id": "fldNewNewNewNew01", "name": "Retry", "type": "checkbox"})
    reading = read(tables, Names(), known)
    assert good(reading).requests.columns["retry"].name == "Old"
    assert [(problem.flaw, problem.hampers) for problem in reading.problems] == [(Flaw.TWO_OF_A_NAME, True)]


def test_two_columns_that_could_be_the_one_that_decides_stop_the_work_until_the_settings_name_one_by_its_id() -> None:
    tables = base()
    known = good(read(tables, Names(), {})).known
    column(tables, "Authenticated")["name"] = "Old"
    tables[0]["fields"].append({"id": "fldNewNewNewNew01", "name": "Authenticated", "type": "checkbox"})
    assert [problem.flaw for problem in read(tables, Names(), known).blocking()] == [Flaw.TWO_OF_A_NAME]
    named = Names(requests=RequestColumns(authenticated="fldNewNewNewNew01"))
    assert good(read(tables, named, {})).requests.columns["authenticated"].id == "fldNewNewNewNew01"


def test_a_hold_that_was_there_and_is_gone_is_not_taken_for_unticked() -> None:
    tables = base()
    known = good(read(tables, Names(), {})).known
    drop(tables, "Hold")
    reading = read(tables, Names(), known)
    assert reading.schema is None
    assert "It was there before" in reading.blocking()[0].advice


def test_columns_may_be_called_anything() -> None:
    names = Names(
        requests_table="Löschungen",
        receipts_table="Belege",
        requests=RequestColumns(user_identifier="Kunde", hold="Stopp"),
        receipts=ReceiptColumns(receipt="Schlüssel"),
    )
    assert read(base(names), names, {}).problems == ()


def test_the_staff_s_evidence_is_never_asked_for() -> None:
    schema = good(read(base(), Names(), {}))
    receipts = schema.receipts
    assert receipts is not None
    names = {found.name for table in (schema.requests, receipts) for found in table.columns.values()}
    assert "Follow-up note" not in names
