"""What cannot go on says so: on /readyz, in `check`, and in one line of the log, not in one at each tick of a night."""

from tests.e2e.house import House
from tests.e2e.process import Daemon, until


def further_ticks(daemon: Daemon, number: int = 6) -> None:
    """Let so many more ticks come to their end."""
    before = len(daemon.process.events("tick.finished"))
    until(lambda: len(daemon.process.events("tick.finished")) >= before + number, f"{number} further ticks")


def complaints(daemon: Daemon) -> list[tuple[str, str | None, str | None]]:
    """Every line above the level of information: event, table and column."""
    lines = [line for name in EVENTS for line in daemon.process.events(name)]
    return [(line["event"], line.get("table"), line.get("column")) for line in lines if line["level"] != "info"]


EVENTS = ("base.schema_broken", "base.flawed", "request.untellable", "tick.failed", "error.escaped")


def test_a_night_with_a_missing_column_is_one_line_that_names_it_and_one_that_a_tick_failed(house: House) -> None:
    with house.daemon() as daemon:
        until(lambda: daemon.state() == "ready", "the daemon is ready")
        house.ask("usr_held", Hold=True)
        house.redesign("delete_field", table="Requests", field="Hold")
        until(lambda: daemon.state() == "schema broken", "the loss of Hold is noticed while the daemon works")
        further_ticks(daemon)
        assert complaints(daemon) == [
            ("base.schema_broken", "Requests", "Hold"),
            ("tick.failed", None, None),
        ]
        assert daemon.process.events("base.schema_broken")[0]["flaw"] == "missing column"
        house.redesign("delete_field", table="Requests", field="Status note")
        until(lambda: len(complaints(daemon)) > 2, "a second column is a second line")
        assert ("base.schema_broken", "Requests", "Status note") in complaints(daemon)
        further_ticks(daemon, 2)
        assert len(complaints(daemon)) == 3
    assert house.posts() == []


def test_a_night_with_a_missing_option_is_told_once_costs_no_call_and_all_else_is_written(house: House) -> None:
    house.box.clock.freeze()
    house.redesign("delete_option", table="Requests", field="Status", option="On hold")
    house.redesign("delete_option", table="Requests", field="Status", option="Submitted")
    held, sent = house.ask("usr_1", Hold=True), house.ask("usr_2")
    with house.daemon() as daemon:
        until(lambda: house.row(sent).get("Submitted"), "what is sent is ticked")
        until(lambda: house.note(held), "the held row has its note")
        assert house.row(sent)["Regulation ID"]
        assert "Hold is ticked" in house.note(held)
        assert house.status(held) == ""
        further_ticks(daemon, 2)
        writes = len(house.writes())
        further_ticks(daemon)
        assert len(house.writes()) == writes
        page = daemon.page("/readyz")
        assert page.status_code == 200
        assert "lacks the options 'On hold', 'Submitted'" in page.text
        assert sorted(complaints(daemon), key=str) == [
            ("base.flawed", "Requests", "Status"),
            ("request.untellable", None, None),
            ("request.untellable", None, None),
        ]
        house.later(600)
        until(lambda: house.status(sent) == "Completed", "the request is followed to its end")


def test_options_that_are_put_back_are_used_again_also_in_rows_that_were_done(house: House) -> None:
    house.redesign("delete_option", table="Requests", field="Status", option="Completed")
    house.redesign("delete_option", table="Receipts", field="Status", option="Finished")
    record_id = house.ask("usr_1")
    house.dsr("once")
    house.later()
    assert house.dsr("once").code == 1
    assert house.note(record_id).startswith("Done.")
    assert house.status(record_id) == ""
    assert ["Status" in receipt for receipt in house.receipts(record_id).values()] == [False, False]
    house.redesign("add_option", table="Requests", field="Status", name="Completed")
    house.redesign("add_option", table="Receipts", field="Status", name="Finished")
    house.a_day_later()
    house.once()
    assert house.status(record_id) == "Completed"
    assert [receipt["Status"] for receipt in house.receipts(record_id).values()] == ["Finished", "Finished"]


def test_a_column_exchanged_for_a_new_one_of_its_name_stops_the_sending_until_it_is_said_which_counts(
    house: House,
) -> None:
    house.once()
    house.redesign("rename_field", table="Requests", field="Hold", name="Hold (old)")
    house.redesign("add_field", table="Requests", name="Hold", type="checkbox")
    record_id = house.ask("usr_1", Hold=True)
    ran = house.dsr("once")
    assert ran.code == 1
    assert "two columns for 'Hold'" in ran.err
    checked = house.dsr("check")
    assert (checked.code, "FAIL  The table 'Requests' has two columns for 'Hold'" in checked.out) == (1, True)
    assert house.posts() == []
    house.redesign("delete_field", table="Requests", field="Hold (old)")
    house.once()
    assert house.status(record_id) == "On hold"
    assert house.posts() == []


def test_setup_makes_a_lost_column_in_tables_that_were_renamed_meanwhile(house: House) -> None:
    house.once()
    house.redesign("rename_table", table="Requests", name="People who asked")
    house.redesign("rename_table", table="Receipts", name="Proofs")
    house.redesign("delete_field", table="People who asked", field="Hold")
    house.redesign("delete_field", table="Proofs", field="Request")
    assert house.dsr("once").code == 1
    made = house.dsr("setup-base")
    assert made.code == 0, made.said
    again = house.dsr("setup-base")
    assert again.out.startswith("Every table and column is there."), again.out
    assert house.dsr("check").code == 0
