"""Staff rename, move, retype and delete what the base consists of, while the daemon works and between its runs."""

from typing import Any

import pytest
from tests.e2e.house import House
from tests.e2e.process import Daemon, until

RENAMED = (
    *(("Requests", name) for name in ("User identifier", "Authenticated", "Hold", "Submitted", "Status", "Law")),
    *(("Receipts", name) for name in ("Receipt", "Follow-up", "Request", "Status")),
)

WHOLE = {"precision": 0}


def ready(daemon: Daemon) -> None:
    until(lambda: daemon.state() == "ready", "the daemon is ready")


def broken(daemon: Daemon, column: str) -> None:
    """Wait until /readyz names the column."""
    until(lambda: daemon.state() == "schema broken", f"the loss of {column} is noticed")
    page = daemon.page("/readyz")
    assert page.status_code == 503
    assert column in page.text


def some_ticks(daemon: Daemon) -> None:
    """Let three more ticks pass."""
    seen = len(daemon.process.events("tick.finished"))
    until(lambda: len(daemon.process.events("tick.finished")) > seen + 2, "some ticks go by")


def without(column: str, cells: dict[str, Any]) -> dict[str, Any]:
    """The cells of a row once the column was deleted."""
    return {name: value for name, value in cells.items() if name != column}


def test_columns_renamed_while_the_daemon_works_do_no_harm_in_either_table(house: House) -> None:
    house.box.segment.workspace.put_destinations([{"name": "Braze", "behaviour": "fail"}])
    with house.daemon() as daemon:
        ready(daemon)
        for number, (table, name) in enumerate(RENAMED):
            house.redesign("rename_field", table=table, field=name, name=f"Column {number}")
        record_id = house.staff.add({"Column 0": "usr_1", "Column 1": True})
        house.later(600)
        until(lambda: house.row(record_id).get("Column 4") == "Follow-up needed", "the request is followed to its end")
        [(receipt_id, receipt)] = house.staff.rows("Receipts").items()
        assert receipt["Column 8"] == [record_id]
        house.staff.change(receipt_id, {"Column 7": "Done"}, "Receipts")
        until(lambda: house.row(record_id).get("Column 4") == "Completed", "the follow-up is seen")


def test_columns_renamed_between_two_runs_are_found_again_by_what_they_were(house: House) -> None:
    house.once()
    for number, (table, name) in enumerate(RENAMED):
        house.redesign("rename_field", table=table, field=name, name=f"Column {number}")
    house.redesign("rename_table", table="Requests", name="People who asked")
    record_id = house.staff.add({"Column 0": "usr_1", "Column 1": True}, "People who asked")
    held = house.staff.add({"Column 0": "usr_2", "Column 1": True, "Column 2": True}, "People who asked")
    house.once()
    rows = house.staff.rows("People who asked")
    assert rows[record_id]["Column 3"] is True
    assert rows[held]["Column 4"] == "On hold"
    assert house.dsr("check").code == 0


def test_columns_in_another_order_and_new_ones_among_them_change_nothing(house: House) -> None:
    house.redesign("reorder_fields", table="Requests", order=["Status note", "Submitted", "Hold", "Authenticated"])
    house.redesign("add_field", table="Requests", name="Remarks", type="multilineText")
    house.redesign("add_view", table="Requests", name="Only a few", formula="{Hold}")
    record_id = house.ask("usr_1", Remarks="Called twice.")
    house.once()
    assert house.row(record_id)["Submitted"] is True
    assert house.row(record_id)["Remarks"] == "Called twice."
    # What a view hides or filters out does not matter, because no call is about a view.
    asked = [str(entry.query) + str(entry.body) for entry in house.box.journal.entries("airtable")]
    assert not [each for each in asked if "view" in each.casefold()]


@pytest.mark.parametrize(("column", "kind"), [("Hold", "singleLineText"), ("Authenticated", "multilineText")])
def test_a_checkbox_made_into_something_else_stops_the_sending_says_so_and_heals(
    house: House, column: str, kind: str
) -> None:
    with house.daemon() as daemon:
        ready(daemon)
        house.redesign("retype_field", table="Requests", field=column, type=kind)
        house.staff.add({"User identifier": "usr_1", "Authenticated": True, column: "checked"})
        broken(daemon, column)
        assert len(daemon.process.events("base.schema_broken")) == 1
        assert house.regulations("usr_1") == []
        ran = house.dsr("check")
        assert ran.code == 1
        assert f"FAIL  The column '{column}'" in ran.out
        house.redesign("retype_field", table="Requests", field=column, type="checkbox")
        record_id = house.ask("usr_2")
        until(lambda: house.row(record_id).get("Submitted"), "work goes on by itself")
        until(lambda: daemon.process.events("base.schema_mended"), "the log says that it is mended")


@pytest.mark.parametrize("column", ["Authenticated", "Submitted", "Status", "Hold"])
def test_a_required_column_deleted_while_the_daemon_works_is_never_taken_for_an_empty_one(
    house: House, column: str
) -> None:
    house.box.clock.freeze()  # so that nothing but the deleted column changes
    sent, by_hand = house.ask("usr_sent"), house.ask("usr_by_hand", Submitted=True)
    held, unchecked = house.ask("usr_held", Hold=True), house.staff.add({"User identifier": "usr_unchecked"})
    with house.daemon() as daemon:
        ready(daemon)
        until(lambda: all(house.status(row) for row in (sent, by_hand, held)), "the rows say how they stand")
        told, posts = house.staff.rows(), len(house.posts())
        assert (told[sent]["Submitted"], told[held]["Status"], posts) == (True, "On hold", 1)
        house.redesign("delete_field", table="Requests", field=column)
        broken(daemon, column)
        some_ticks(daemon)
        ran = house.dsr("check")
        assert (ran.code, f"'{column}'" in ran.out) == (1, True)
    assert len(house.posts()) == posts
    assert house.staff.rows() == {row: without(column, cells) for row, cells in told.items()}
    assert told[unchecked] == {"User identifier": "usr_unchecked"}


@pytest.mark.parametrize("column", ["Hold", "Request type"])
def test_a_guarding_column_that_was_there_and_is_gone_stops_the_sending_also_in_a_new_process(
    house: House, column: str
) -> None:
    house.ask("usr_held", Hold=True)
    house.ask("usr_block", Request_type="Suppress", Hold=True)
    house.once()
    house.redesign("delete_field", table="Requests", field=column)
    ran = house.dsr("once")
    assert ran.code == 1
    assert f"'{column}'" in ran.err
    assert "It was there before" in ran.err
    assert house.posts() == []
    checked = house.dsr("check")
    assert (checked.code, f"FAIL  The column '{column}'" in checked.out) == (1, True)
    assert house.dsr("setup-base").code == 0
    assert house.dsr("check").code == 0


@pytest.mark.parametrize("identifier", ["00123", "usr_9", "12345678901234567890"])
def test_identifiers_made_into_numbers_stop_the_sending_because_they_may_name_other_people(
    house: House, identifier: str
) -> None:
    with house.daemon() as daemon:
        ready(daemon)
        record_id = house.ask(identifier, Hold=True)
        house.redesign("retype_field", table="Requests", field="User identifier", type="number", options=WHOLE)
        house.staff.change(record_id, {"Hold": False})
        broken(daemon, "User identifier")
        ran = house.dsr("check")
        assert (ran.code, "FAIL  The column 'User identifier'" in ran.out) == (1, True)
        assert "no leading zeros" in ran.out
        assert len(daemon.process.events("base.schema_broken")) == 1
        assert house.posts() == []
        house.redesign("retype_field", table="Requests", field="User identifier", type="singleLineText")
        house.staff.change(record_id, {"User identifier": identifier})
        # Longer than the half minute that a 429 costs: on a slow machine `check` and the daemon can meet the limit.
        until(lambda: house.regulations(identifier), "the person who asked is served after all", 90)
        assert len(house.posts()) == 1


def test_optional_columns_deleted_while_the_daemon_works_are_done_without(house: House) -> None:
    with house.daemon() as daemon:
        ready(daemon)
        for column in ("Retry", "Law", "Received at", "Extended until", "Due by", "Submit by", "Segment status"):
            house.redesign("delete_field", table="Requests", field=column)
        for column in ("What to do", "Sources", "Follow-up", "Error"):
            house.redesign("delete_field", table="Receipts", field=column)
        record_id = house.ask("usr_1")
        house.later(600)
        until(lambda: house.status(record_id) == "Completed", "the request is followed to its end")
        assert daemon.state() == "ready"


def test_a_receipts_table_deleted_while_the_daemon_works_stops_nobody(house: House) -> None:
    with house.daemon() as daemon:
        ready(daemon)
        house.redesign("delete_table", table="Receipts")
        record_id = house.ask("usr_1")
        house.later(600)
        until(lambda: house.status(record_id) == "Completed", "the request is followed to its end")
    assert "note  The table 'Receipts' is missing" in house.dsr("check").out


def test_a_renamed_or_deleted_option_costs_only_the_rows_that_need_it(house: House) -> None:
    house.once()
    house.redesign("rename_option", table="Requests", field="Status", option="On hold", name="Waiting")
    house.redesign("delete_option", table="Receipts", field="Status", option="Finished")
    held, sent = house.ask("usr_1", Hold=True), house.ask("usr_2")
    ran = house.dsr("once")
    assert ran.code == 1
    assert held in ran.err
    house.later()
    house.dsr("once")
    assert house.status(sent) == "Completed"
    assert house.regulations("usr_1") == []
    checked = house.dsr("check").out
    assert "lacks the option 'On hold'" in checked
    assert "lacks the option 'Finished'" in checked
    house.redesign("rename_option", table="Requests", field="Status", option="Waiting", name="On hold")
    house.dsr("once")
    assert house.status(held) == "On hold"


def test_a_request_type_whose_option_was_renamed_is_asked_about_and_not_taken_for_a_deletion(house: House) -> None:
    house.redesign("rename_option", table="Requests", field="Request type", option="Suppress", name="Block")
    record_id = house.ask("usr_1", Request_type="Block")
    house.once()
    assert house.status(record_id) == "Needs attention"
    assert "Request type has an option that is not known here" in house.note(record_id)
    assert house.posts() == []


def test_rows_deleted_while_the_daemon_works_cost_the_others_nothing(house: House) -> None:
    with house.daemon() as daemon:
        ready(daemon)
        rows = [house.ask(f"usr_{number}") for number in range(6)]
        for record_id in rows[::2]:
            house.staff.remove(record_id)
        house.later(600)
        until(
            lambda: all(house.status(record_id) == "Completed" for record_id in rows[1::2]), "the others are completed"
        )
        assert daemon.state() == "ready"


def test_a_base_of_three_columns_is_brought_up_by_one_setup(house: House) -> None:
    house.box.reset("three-columns")
    house.box.airtable.limits.enforced = False
    waiting = house.staff.add({"User identifier": "usr_1", "Authenticated": True})
    old = house.staff.add({"User identifier": "usr_2", "Authenticated": True, "Submitted": True})
    assert house.dsr("once").code == 1
    assert house.dsr("setup-base").code == 0
    assert house.dsr("check").code == 0
    house.once()
    house.later()
    house.once()
    assert house.status(waiting) == "Completed"
    assert house.row(waiting)["Due by"]
    assert house.receipts(waiting)
    assert house.regulations("usr_2") == []
    assert "ticked by hand or by an earlier tool" in house.note(old)
    assert "If it was sent by other means, leave it as it is." in house.note(old)


def test_a_base_of_three_columns_of_other_names_is_brought_up_by_one_setup_and_keeps_them(house: House) -> None:
    house.box.reset("three-columns")
    house.box.airtable.limits.enforced = False
    house.redesign("rename_table", table="Requests", name="Privacy")
    for setting, old, new in (
        ("USER_IDENTIFIER", "User identifier", "Customer id"),
        ("AUTHENTICATED", "Authenticated", "Checked?"),
        ("SUBMITTED", "Submitted", "Sent to Segment"),
    ):
        house.redesign("rename_field", table="Privacy", field=old, name=new)
        house.settings[f"DSR_SYNC_AIRTABLE__FIELDS__REQUESTS__{setting}"] = new
    house.settings["DSR_SYNC_AIRTABLE__REQUESTS_TABLE"] = "Privacy"
    waiting = house.staff.add({"Customer id": "usr_1", "Checked?": True}, "Privacy")
    old = house.staff.add({"Customer id": "usr_2", "Checked?": True, "Sent to Segment": True}, "Privacy")
    made = house.dsr("setup-base")
    assert made.code == 0, made.said
    assert "making: column Status of table Privacy" in made.out
    assert house.dsr("check").code == 0
    house.once()
    rows = house.staff.rows("Privacy")
    assert rows[waiting]["Sent to Segment"] is True
    assert rows[waiting]["Regulation ID"]
    assert not {"User identifier", "Authenticated", "Submitted"} & rows[waiting].keys()
    assert house.regulations("usr_2") == []
    assert rows[old]["Sent to Segment"] is True
