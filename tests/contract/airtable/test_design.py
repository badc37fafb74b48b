"""What the base lacks, and making it, through the adapter against the sandbox."""

from collections.abc import Callable

import pytest
from tests.contract.airtable.worlds import SandboxWorld, lay_out, options_for
from tests.fakes.clock import FakeClock

from dsr_sandbox import Sandbox
from dsr_sync.adapters.airtable import AirtableBaseDesign, AirtableRequestTable, Names, RequestColumns
from dsr_sync.core.actions import Tell
from dsr_sync.core.model import Cells
from dsr_sync.ports import BaseProblem, Flaw, Permanent, TokenRefused

Make = Callable[..., AirtableBaseDesign]
THREE = RequestColumns(user_identifier="Customer", authenticated="Checked", submitted="Sent")


def tables(sandbox: Sandbox) -> dict[str, dict[str, str]]:
    shown = sandbox.airtable.snapshot()["bases"][sandbox.base_id]["tables"]
    return {table["name"]: {field["name"]: field["type"] for field in table["fields"]} for table in shown}


def mend(design: AirtableBaseDesign) -> None:
    for problem in design.problems():
        design.create(problem)


def test_a_complete_base_lacks_nothing(make_design: Make) -> None:
    assert make_design().problems() == ()


def test_looking_costs_one_call_and_changes_nothing(sandbox: Sandbox, make_design: Make) -> None:
    lay_out(sandbox, "empty")
    before = tables(sandbox)
    assert [problem.flaw for problem in make_design().problems()] == [Flaw.MISSING_TABLE, Flaw.MISSING_TABLE]
    assert tables(sandbox) == before
    assert len(sandbox.journal.entries("airtable")) == 1


def test_an_empty_base_is_made_whole(sandbox: Sandbox, make_design: Make) -> None:
    made_by_hand = tables(sandbox)
    lay_out(sandbox, "empty")
    design = make_design()
    mend(design)
    assert design.problems() == ()
    found = tables(sandbox)
    for name in ("Requests", "Receipts"):
        assert next(iter(found[name])) == {"Requests": "User identifier", "Receipts": "Receipt"}[name]
        assert {**made_by_hand[name], **found[name]} == found[name]


def test_a_base_that_was_made_works_at_once(
    sandbox: Sandbox, make_design: Make, make_base: Callable[..., SandboxWorld]
) -> None:
    lay_out(sandbox, "empty")
    mend(make_design())
    base = make_base()
    record_id = base.add("u1", request_type="Unsuppress", law="Other")
    base.table.tell([Tell(record_id, Cells(True, "Follow-up needed"), Cells())])
    assert base.cells(record_id) == Cells(True, "Follow-up needed")


def test_columns_are_added_to_a_table_with_other_names_and_another_primary_column(
    sandbox: Sandbox, make_design: Make
) -> None:
    lay_out(sandbox, "three-columns")
    for old, new in (("User identifier", "Customer"), ("Authenticated", "Checked"), ("Submitted", "Sent")):
        change = {"op": "rename_field", "table": "Requests", "field": old, "name": new}
        sandbox.airtable.redesign(sandbox.base_id, change)
    names = Names(requests=THREE)
    design = make_design(names=names)
    first = [problem.column for problem in design.problems() if problem.required]
    assert first == ["Status", "Status note", "Regulation ID"]
    mend(design)
    assert design.problems() == ()
    assert {"Customer": "singleLineText", "Hold": "checkbox"}.items() <= tables(sandbox)["Requests"].items()
    table = AirtableRequestTable(options_for(sandbox, names=names), FakeClock())
    assert list(table.candidates()) == [[]]
    table.close()


def test_a_primary_column_of_another_kind_does_no_harm(sandbox: Sandbox, make_design: Make) -> None:
    lay_out(sandbox, "empty")
    names = Names(requests_table="Table 1", receipts_table="Proofs")
    design = make_design(names=names)
    mend(design)
    assert design.problems() == ()
    assert next(iter(tables(sandbox)["Table 1"])) == "Name"


def test_the_link_leads_to_the_requests_table_whatever_it_is_called(sandbox: Sandbox, make_design: Make) -> None:
    lay_out(sandbox, "empty")
    design = make_design(names=Names(requests_table="Anfragen", receipts_table="Belege"))
    mend(design)
    shown = sandbox.airtable.snapshot()["bases"][sandbox.base_id]["tables"]
    ids = {table["name"]: table["id"] for table in shown}
    link = next(field for table in shown for field in table["fields"] if field["name"] == "Request")
    assert link["options"]["linkedTableId"] == ids["Anfragen"]


def test_making_something_twice_makes_it_once(sandbox: Sandbox, make_design: Make) -> None:
    lay_out(sandbox, "three-columns")
    design = make_design()
    problems = design.problems()
    for problem in (*problems, *problems):
        design.create(problem)
    assert design.problems() == ()


def test_receipts_cannot_be_made_before_the_requests(sandbox: Sandbox, make_design: Make) -> None:
    lay_out(sandbox, "empty")
    design = make_design()
    receipts = next(problem for problem in design.problems() if problem.table == "Receipts")
    with pytest.raises(Permanent, match="must be made first"):
        design.create(receipts)


def test_what_only_a_person_can_mend_is_named_and_not_tried(sandbox: Sandbox, make_design: Make) -> None:
    for change in (
        {"op": "delete_option", "field": "Status", "option": "Failed"},
        {"op": "retype_field", "field": "Status note", "type": "checkbox"},
    ):
        sandbox.airtable.redesign(sandbox.base_id, {"table": "Requests", **change})
    design = make_design()
    problems = design.problems()
    assert [(problem.flaw, problem.required, problem.creatable) for problem in problems] == [
        (Flaw.WRONG_TYPE, True, False),
        (Flaw.MISSING_OPTION, False, False),
    ]
    for problem in problems:
        assert f"'{problem.column}'" in problem.advice
        with pytest.raises(ValueError, match="Only a person"):
            design.create(problem)


def test_without_the_scope_to_make_things_it_is_named(
    sandbox: Sandbox, make_design: Make, limited_token: Callable[..., str]
) -> None:
    lay_out(sandbox, "three-columns")
    design = make_design(token=limited_token("schema.bases:read"))
    with pytest.raises(TokenRefused) as raised:
        design.create(design.problems()[0])
    assert raised.value.scope == "schema.bases:write"


def test_a_problem_of_another_table_makes_nothing(sandbox: Sandbox, make_design: Make) -> None:
    stranger = BaseProblem(Flaw.MISSING_COLUMN, "Elsewhere", "Hold", required=False, creatable=True, advice="")
    make_design().create(stranger)
    assert sandbox.journal.entries("airtable", method="POST") == []


def test_seeing_rows_reads_one_column_of_one_page(sandbox: Sandbox, make_design: Make) -> None:
    make_design().see_rows()
    asked, seen = sandbox.journal.entries("airtable")
    assert asked.path.endswith("/tables")
    assert seen.query.count("fields") == 1


def test_rows_that_the_token_may_not_read_are_told_with_the_scope(
    make_design: Make, limited_token: Callable[..., str]
) -> None:
    with pytest.raises(TokenRefused) as raised:
        make_design(token=limited_token("schema.bases:read")).see_rows()
    assert (raised.value.setting, raised.value.scope) == ("airtable.token", "data.records:read")


def test_in_a_base_without_the_table_no_rows_are_asked_for(sandbox: Sandbox, make_design: Make) -> None:
    lay_out(sandbox, "empty")
    make_design().see_rows()
    assert len(sandbox.journal.entries("airtable")) == 1
