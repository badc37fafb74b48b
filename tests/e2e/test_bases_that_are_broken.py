"""A table or column that is missing or of the wrong type: exit 1, its name, and nothing is read or sent."""

import pytest
from tests.e2e.house import House

REQUIRED = ("Authenticated", "Submitted", "Status", "Status note", "Regulation ID")
OPTIONAL = ("Request type", "Hold", "Retry", "Law", "Received at", "Segment status", "Submitted at", "Due by")
METADATA = "GET /v0/meta/bases/{}/tables"


def only_asked_for_the_design(house: House) -> bool:
    """Whether nothing but the base's design was asked for, and Segment not at all."""
    asked = set(house.calls("airtable"))
    return asked == {METADATA.format(house.box.base_id)} and house.calls("segment") == []


@pytest.mark.parametrize("column", REQUIRED)
def test_a_missing_column_is_named_and_nothing_is_read_or_sent(house: House, column: str) -> None:
    house.ask("usr_1")
    house.redesign("delete_field", table="Requests", field=column)
    ran = house.dsr("once")
    assert ran.code == 1
    assert f"'{column}'" in ran.err
    assert "setup-base" in ran.err
    assert "Traceback" not in ran.err
    assert only_asked_for_the_design(house)


def test_a_missing_requests_table_is_named_and_nothing_is_read_or_sent(house: House) -> None:
    house.redesign("delete_table", table="Requests")
    ran = house.dsr("once")
    assert ran.code == 1
    assert "'Requests'" in ran.err
    assert only_asked_for_the_design(house)


@pytest.mark.parametrize(("column", "kind"), [("Authenticated", "singleLineText"), ("Hold", "singleLineText")])
def test_a_column_of_the_wrong_type_is_named_and_nothing_is_read_or_sent(house: House, column: str, kind: str) -> None:
    house.redesign("retype_field", table="Requests", field=column, type=kind)
    ran = house.dsr("once")
    assert ran.code == 1
    assert f"'{column}'" in ran.err
    assert "checkbox" in ran.err
    assert only_asked_for_the_design(house)


def test_without_the_columns_that_are_not_required_the_job_is_done_all_the_same(house: House) -> None:
    for column in OPTIONAL:
        house.redesign("delete_field", table="Requests", field=column)
    house.redesign("delete_table", table="Receipts")
    record_id = house.ask("usr_1")
    house.once()
    house.later()
    house.once()
    assert house.status(record_id) == "Completed"


def test_a_base_of_another_id_is_exit_1_and_says_that_there_is_none(house: House) -> None:
    ran = house.dsr("once", DSR_SYNC_AIRTABLE__BASE_ID="app00000000000000")
    assert ran.code == 1
    assert "base" in ran.err
    assert "DSR_SYNC_AIRTABLE__BASE_ID" in ran.err


def test_a_row_that_cannot_be_written_is_exit_1_after_the_others_were(house: House) -> None:
    house.redesign("delete_option", table="Requests", field="Status", option="Needs attention")
    bad, good = house.ask(""), house.ask("usr_1")
    ran = house.dsr("once")
    assert ran.code == 1
    assert bad in ran.err
    assert house.row(good)["Submitted"] is True
