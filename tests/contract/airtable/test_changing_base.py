"""Staff rename, retype and delete what the base consists of while the daemon works in it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from tests.contract.airtable.worlds import SandboxWorld

from dsr_sync.adapters.airtable import AirtableBaseDesign
from dsr_sync.core.actions import Tell
from dsr_sync.core.model import Cells, Progress, Receipt, RegulationId
from dsr_sync.ports import Flaw, SchemaBroken, Told

REGULATION = RegulationId("1qJkfE1tpwvQcklImGksLN629wn")
FAILED = Receipt("Amplitude", Progress.FAILED, "FAILED", 0, 1, None, "no key")
CELLS = Cells(status="On hold", status_note="Wait.", due_by=date(2026, 4, 2))


def redesign(base: SandboxWorld, op: str, table: str = "Requests", **change: Any) -> None:
    base.sandbox.airtable.redesign(base.sandbox.base_id, {"op": op, "table": table, **change})


def seen(base: SandboxWorld) -> int:
    return sum(len(page) for page in base.table.candidates())


@pytest.mark.parametrize("column", ["Authenticated", "Submitted", "Retry", "User identifier", "Status", "Hold"])
def test_a_renamed_column_does_no_harm(base: SandboxWorld, column: str) -> None:
    record_id = base.add("u1")
    assert seen(base) == 1
    redesign(base, "rename_field", field=column, name="Renamed } 'by' {staff}")
    assert seen(base) == 1
    assert base.table.tell([Tell(record_id, CELLS, Cells())]).done == (record_id,)


def test_a_renamed_table_does_no_harm(base: SandboxWorld) -> None:
    record_id = base.add("u1")
    assert seen(base) == 1
    redesign(base, "rename_table", name="People")
    redesign(base, "rename_table", table="Receipts", name="Proofs")
    assert seen(base) == 1
    assert base.table.put_receipts(record_id, REGULATION, [FAILED]) == Told(done=(record_id,))


def test_columns_may_be_renamed_between_the_pages_of_a_listing(base: SandboxWorld) -> None:
    wanted = {base.add(f"u{index}") for index in range(101)}
    pages = base.table.candidates()
    found = {row.record_id for row in next(pages)}
    redesign(base, "rename_field", field="Authenticated", name="Checked")
    assert found | {row.record_id for page in pages for row in page} == wanted


@pytest.mark.parametrize("column", ["Law", "Received at", "Due by", "Receipt summary"])
def test_an_optional_column_that_is_deleted_is_done_without(base: SandboxWorld, column: str) -> None:
    record_id = base.add("u1")
    assert seen(base) == 1
    redesign(base, "delete_field", field=column)
    assert seen(base) == 1
    assert base.table.tell([Tell(record_id, CELLS, None)]) == Told(done=(record_id,))


def test_an_optional_column_deleted_just_before_a_write_is_done_without(base: SandboxWorld) -> None:
    record_id = base.add("u1")
    assert seen(base) == 1
    redesign(base, "delete_field", field="Due by")
    assert base.table.tell([Tell(record_id, CELLS, Cells())]) == Told(done=(record_id,))


@pytest.mark.parametrize("column", ["Authenticated", "Submitted", "Status", "Status note", "Regulation ID"])
def test_a_required_column_that_is_deleted_stops_everything_until_it_is_back(
    base: SandboxWorld, make_design: Callable[..., AirtableBaseDesign], column: str
) -> None:
    record_id = base.add("u1")
    assert seen(base) == 1
    redesign(base, "delete_field", field=column)
    for attempt in (lambda: seen(base), lambda: base.table.tell([Tell(record_id, CELLS, None)])):
        with pytest.raises(SchemaBroken) as raised:
            attempt()
        assert f"'{column}'" in raised.value.problems[0]
        assert "'Requests'" in raised.value.problems[0]
    design = make_design()
    for problem in design.problems():
        design.create(problem)
    base.edit(record_id, authenticated=True)
    assert seen(base) == 1


@pytest.mark.parametrize("column", ["Hold", "Request type"])
def test_a_column_that_holds_back_or_decides_is_not_silently_done_without(base: SandboxWorld, column: str) -> None:
    base.add("u1", hold=True, request_type="Suppress")
    assert seen(base) == 1
    redesign(base, "delete_field", field=column)
    with pytest.raises(SchemaBroken, match="as it must be") as raised:
        seen(base)
    assert f"'{column}'" in raised.value.problems[0]


@pytest.mark.parametrize("column", ["Authenticated", "Hold", "Retry"])
def test_a_checkbox_turned_into_text_is_never_read_as_unticked(base: SandboxWorld, column: str) -> None:
    base.add("u1", hold=True, retry=True)
    assert seen(base) == 1
    redesign(base, "retype_field", field=column, type="singleLineText")
    with pytest.raises(SchemaBroken) as raised:
        seen(base)
    assert f"'{column}'" in raised.value.problems[0]


def test_a_retyped_column_is_noticed_at_the_first_refused_write(base: SandboxWorld) -> None:
    record_id = base.add("u1")
    assert seen(base) == 1
    redesign(base, "retype_field", field="Submitted", type="number", options={"precision": 0})
    told = base.table.tell([Tell(record_id, Cells(submitted=True), Cells())])
    assert told == Told(refused=((record_id, "INVALID_VALUE_FOR_COLUMN"),))
    with pytest.raises(SchemaBroken) as raised:
        seen(base)
    assert "'Submitted'" in raised.value.problems[0]


def test_the_base_is_looked_at_again_after_a_while_without_any_error(base: SandboxWorld) -> None:
    assert seen(base) == 0
    redesign(base, "retype_field", field="Hold", type="singleLineText")
    assert seen(base) == 0  # no row, so nothing shows it
    base.clock.advance(3_600)
    with pytest.raises(SchemaBroken):
        seen(base)


def test_the_columns_are_read_once_and_not_at_every_poll(base: SandboxWorld) -> None:
    for _ in range(5):
        assert seen(base) == 0
    assert len(base.sandbox.journal.entries("airtable", path="/v0/meta/")) == 1


def test_a_deleted_requests_table_stops_everything_with_a_sentence(base: SandboxWorld) -> None:
    assert seen(base) == 0
    redesign(base, "delete_table")
    with pytest.raises(SchemaBroken) as raised:
        seen(base)
    assert "'Requests'" in raised.value.problems[0]


def test_a_deleted_receipts_table_leaves_the_requests_alone(base: SandboxWorld) -> None:
    record_id = base.add("u1")
    assert base.table.put_receipts(record_id, REGULATION, [FAILED]) == Told(done=(record_id,))
    redesign(base, "delete_table", table="Receipts")
    assert base.table.put_receipts(record_id, REGULATION, [FAILED]) == Told(unchanged=(record_id,))
    assert base.table.follow_ups_done([REGULATION]) == frozenset()
    assert seen(base) == 1


@pytest.mark.parametrize("read_before", [True, False])
def test_a_deleted_option_costs_only_the_cells_that_would_say_it(base: SandboxWorld, read_before: bool) -> None:
    one, other = base.add("u1"), base.add("u2")
    if read_before:
        assert seen(base) == 2
    redesign(base, "delete_option", field="Status", option="On hold")
    told = base.table.tell([Tell(one, CELLS, Cells()), Tell(other, Cells(status="Failed"), Cells())])
    assert told == Told(done=(other,), refused=((one, "INVALID_MULTIPLE_CHOICE_OPTIONS"),))
    assert base.cells(one) == replace(CELLS, status="")
    assert [(flaw.flaw, flaw.column) for flaw in base.table.flaws()] == [(Flaw.MISSING_OPTION, "Status")]
    writes = len(base.sandbox.journal.entries("airtable", method="PATCH"))
    again = base.table.tell([Tell(one, CELLS, base.cells(one))])
    assert again == Told(refused=((one, "INVALID_MULTIPLE_CHOICE_OPTIONS"),))
    assert len(base.sandbox.journal.entries("airtable", method="PATCH")) == writes  # nothing is tried in vain
    redesign(base, "add_option", field="Status", name="On hold")
    base.clock.advance(300)
    assert base.table.tell([Tell(one, CELLS, base.cells(one))]) == Told(done=(one,))
    assert base.table.flaws() == ()


@pytest.mark.parametrize(("said", "left"), [("Submitted", ""), ("Waiting", "Waiting"), ("", "")])
def test_in_place_of_a_missing_option_a_row_says_nothing_untrue_and_keeps_the_staffs_own_word(
    base: SandboxWorld, said: str, left: str
) -> None:
    record_id = base.add("u1")
    redesign(base, "rename_option", field="Status", option="On hold", name="Waiting")
    base.staff.change(record_id, {"Status": said or None})
    told = base.table.tell([Tell(record_id, CELLS, base.cells(record_id))])
    assert told == Told(refused=((record_id, "INVALID_MULTIPLE_CHOICE_OPTIONS"),))
    assert base.cells(record_id) == replace(CELLS, status=left)


@pytest.mark.parametrize("column", ["User identifier", "Authenticated", "Hold", "Request type"])
def test_a_new_column_by_the_name_of_one_that_was_renamed_is_asked_about(base: SandboxWorld, column: str) -> None:
    base.add("u1")
    assert seen(base) == 1
    redesign(base, "rename_field", field=column, name="Old")
    redesign(base, "add_field", name=column, type="singleLineText")
    base.clock.advance(3_600)
    with pytest.raises(SchemaBroken) as raised:
        seen(base)
    assert "renamed 'Old'" in raised.value.problems[0]
    assert [(flaw.flaw, flaw.column) for flaw in raised.value.flaws] == [(Flaw.TWO_OF_A_NAME, column)]
    redesign(base, "rename_field", field=column, name="New")
    assert seen(base) == 1


def test_the_daemons_own_columns_are_used_on_whatever_else_takes_their_name(base: SandboxWorld) -> None:
    record_id = base.add("u1")
    assert seen(base) == 1
    redesign(base, "rename_field", field="Status note", name="What happened")
    redesign(base, "add_field", name="Status note", type="multilineText")
    base.clock.advance(3_600)
    assert base.table.tell([Tell(record_id, CELLS, Cells())]).done == (record_id,)
    assert base.staff.rows()[record_id]["What happened"] == "Wait."
    assert [flaw.flaw for flaw in base.table.flaws()] == [Flaw.TWO_OF_A_NAME]


def test_a_new_table_by_the_name_of_one_that_was_renamed_is_asked_about(base: SandboxWorld) -> None:
    base.add("u1")
    assert seen(base) == 1
    redesign(base, "rename_table", name="Requests of 2026")
    redesign(base, "rename_table", table="Receipts", name="Requests")
    base.clock.advance(3_600)
    with pytest.raises(SchemaBroken) as raised:
        seen(base)
    assert "renamed 'Requests of 2026'" in raised.value.problems[0]


def test_an_optional_column_that_the_base_had_hampers_and_one_that_it_never_had_does_not(base: SandboxWorld) -> None:
    redesign(base, "delete_field", field="Law")
    assert seen(base) == 0
    assert base.table.flaws() == ()
    redesign(base, "delete_field", field="Due by")
    assert seen(base) == 0
    assert [(flaw.flaw, flaw.column) for flaw in base.table.flaws()] == [(Flaw.MISSING_COLUMN, "Due by")]


def test_optional_receipt_columns_that_are_missing_are_left_out(base: SandboxWorld) -> None:
    for column in ("Request", "Error", "Sources", "Finished at", "Follow-up"):
        redesign(base, "delete_field", table="Receipts", field=column)
    record_id = base.add("u1")
    assert base.table.put_receipts(record_id, REGULATION, [FAILED]) == Told(done=(record_id,))
    assert base.table.put_receipts(record_id, REGULATION, [FAILED]) == Told(unchanged=(record_id,))
    assert base.table.follow_ups_done([REGULATION]) == frozenset()
