"""`setup-base` on bases that lack much or all, and columns that staff call otherwise."""

import json

import pytest
from tests.e2e.house import House
from tests.e2e.process import until

LAYOUTS = {"empty": ["Table 1"], "three-columns": ["Requests"]}


def tables(house: House) -> list[str]:
    """The names of the base's tables."""
    shown = house.box.airtable.snapshot()["bases"][house.box.base_id]["tables"]
    return [str(table["name"]) for table in shown]


def does_the_job(house: House, **settings: str) -> bool:
    """Whether one deletion goes from a row to a receipt in this base."""
    record_id = house.ask("usr_1")
    house.once(**settings)
    house.later()
    house.once(**settings)
    return house.status(record_id) == "Completed" and len(house.receipts(record_id)) == 2


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_dry_run_names_what_it_would_make_and_makes_nothing(house: House, layout: str) -> None:
    house.box.reset(layout)
    house.box.airtable.limits.enforced = False
    ran = house.dsr("setup-base", "--dry-run")
    assert ran.code == 0
    assert "would make: table Receipts" in ran.out
    assert ("would make: table Requests" in ran.out) == (layout == "empty")
    assert ("would make: column Status of table Requests" in ran.out) == (layout == "three-columns")
    assert house.writes() == []
    assert tables(house) == LAYOUTS[layout]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_it_makes_a_base_on_which_the_job_works(house: House, layout: str) -> None:
    house.box.reset(layout)
    house.box.airtable.limits.enforced = False
    ran = house.dsr("setup-base")
    assert ran.code == 0, ran.said
    assert "form" in ran.out
    assert house.dsr("check").code == 0
    assert does_the_job(house)
    again = house.dsr("setup-base")
    assert again.out.startswith("Every table and column is there.")


def test_it_leaves_the_rows_and_columns_of_staff_as_they_are(house: House) -> None:
    house.box.reset("three-columns")
    house.box.airtable.limits.enforced = False
    record_id = house.staff.add({"User identifier": "usr_2", "Submitted": True})
    assert house.dsr("setup-base").code == 0
    assert house.row(record_id) == {"User identifier": "usr_2", "Submitted": True}


def test_what_only_a_person_can_add_is_named(house: House) -> None:
    house.redesign("delete_option", table="Requests", field="Status", option="On hold")
    house.redesign("retype_field", table="Requests", field="Hold", type="singleLineText")
    ran = house.dsr("setup-base")
    assert ran.code == 1
    assert "by hand: The column 'Hold' of the table 'Requests' is of the type single line text" in ran.out
    assert "lacks the option 'On hold'" in ran.out
    assert not [entry for entry in house.writes() if entry.body.get("name") in ("Hold", "Status")]


def test_columns_of_other_names_are_found_by_the_settings(house: House) -> None:
    for name, other in (("Authenticated", "ID checked"), ("Status note", "What happened")):
        house.redesign("rename_field", table="Requests", field=name, name=other)
    house.redesign("rename_table", table="Requests", name="DSR")
    broken = house.dsr("once")
    assert broken.code == 1
    config = house.folder / "dsr-sync.toml"
    config.write_text(
        '[airtable]\nrequests_table = "DSR"\n'
        f"[airtable.fields.requests]\nauthenticated = {json.dumps('ID checked')}\nstatus_note = 'What happened'\n"
    )
    record_id = house.staff.add({"User identifier": "usr_1", "ID checked": True}, "DSR")
    ran = house.dsr("--config", str(config), "once")
    assert ran.code == 0, ran.said
    cells = house.staff.rows("DSR")[record_id]
    assert cells["Submitted"] is True
    assert cells["What happened"].startswith("Segment")


def test_a_column_that_staff_rename_while_the_daemon_runs_does_no_harm(house: House) -> None:
    with house.daemon() as daemon:
        until(lambda: daemon.state() == "ready", "the daemon is ready")
        for name, other in (("Authenticated", "ID checked"), ("Submitted", "Sent"), ("Status", "Where it is")):
            house.redesign("rename_field", table="Requests", field=name, name=other)
        record_id = house.staff.add({"User identifier": "usr_1", "ID checked": True})
        until(lambda: house.row(record_id).get("Sent"), "the row is submitted")
    assert house.row(record_id)["Where it is"] in ("Submitted", "In progress")
