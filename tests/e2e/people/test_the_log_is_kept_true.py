"""The daily sweep: what people change in the log is put right, and that they did is kept."""

from tests.e2e.house import House

FAILING = [{"name": "Braze", "behaviour": "fail", "error": "user usr_1 is unknown to us"}]


def completed(house: House, identifier: str = "usr_1", **cells: object) -> str:
    record_id = house.ask(identifier, **cells)
    house.once()
    house.later()
    house.once()
    return record_id


def test_the_daemons_columns_are_put_back_and_the_edit_is_in_the_ledger(house: House) -> None:
    record_id = completed(house)
    before = house.row(record_id)
    house.staff.change(
        record_id, {"Status": "Failed", "Regulation ID": "made up", "Due by": None, "Receipt summary": "all is well"}
    )
    house.a_day_later()
    house.once()
    assert house.row(record_id) == before
    assert 'columns="due_by, receipt_summary, regulation_id, status"' in house.story(record_id)
    assert "made up" not in house.story(record_id)


def test_a_tick_taken_out_by_hand_is_put_back_at_once_sends_nothing_and_is_in_the_ledger(house: House) -> None:
    record_id = completed(house)
    house.staff.change(record_id, {"Submitted": None})
    house.once()
    assert house.row(record_id)["Submitted"] is True
    assert len(house.posts()) == 1
    assert "columns=submitted" in house.story(record_id)


def test_what_only_the_daemon_changes_is_never_taken_for_an_edit(house: House) -> None:
    house.box.segment.workspace.put_destinations(FAILING)
    record_id = completed(house)
    again = house.ask("usr_1")
    house.once()
    house.a_day_later()
    house.once()
    assert "put_right" not in house.story(record_id) + house.story(again)


def test_the_columns_that_a_base_lacks_are_never_taken_for_edited_ones(house: House) -> None:
    for column in ("Submit by", "Segment status", "Receipt summary"):
        house.redesign("delete_field", table="Requests", field=column)
    house.redesign("delete_field", table="Receipts", field="What to do")
    record_id = completed(house)
    writes = len(house.writes())
    house.a_day_later()
    house.once()
    assert len(house.writes()) == writes
    assert "put_right" not in house.story(record_id)


def test_a_receipt_is_put_back_but_for_what_is_the_staffs(house: House) -> None:
    house.box.segment.workspace.put_destinations(FAILING)
    record_id = completed(house)
    before = house.receipts(record_id)["Braze"]
    changed = {"Status": "Finished", "Sources": "all of them", "Error": "none", "Follow-up": None, "Request": None}
    house.staff.change(before["id"], {**changed, "Follow-up note": "I called them."}, "Receipts")
    house.a_day_later()
    house.once()
    after = house.receipts(record_id)["Braze"]
    assert {**before, "Follow-up note": "I called them.", "Error": after["Error"]} == after
    assert "usr_1" not in after["Error"]  # the ledger keeps no text that names a person
    assert "unknown to us" in after["Error"]
    assert 'columns="error, follow_up, request, sources, status" table=receipts' in house.story(record_id)


def test_the_error_text_of_a_receipt_is_left_as_the_destination_gave_it(house: House) -> None:
    house.box.segment.workspace.put_destinations(FAILING)
    record_id = completed(house)
    house.staff.change(house.receipts(record_id)["Braze"]["id"], {"Status": "Finished"}, "Receipts")
    house.a_day_later()
    house.once()
    braze = house.receipts(record_id)["Braze"]
    assert (braze["Status"], braze["Error"]) == ("Failed", "user usr_1 is unknown to us")


def test_a_deleted_receipt_is_made_again_and_the_deletion_is_in_the_ledger(house: House) -> None:
    record_id = completed(house)
    before = house.receipts(record_id)
    assert len(before) == 2
    house.staff.remove(next(iter(before.values()))["id"], "Receipts")
    house.a_day_later()
    house.once()
    assert house.receipts(record_id).keys() == before.keys()
    assert "deleted=1 table=receipts" in house.story(record_id)


def test_an_identifier_changed_afterwards_is_reported_by_the_sweep_and_stays_reported(house: House) -> None:
    house.box.clock.freeze()
    record_id = house.ask("usr_1")
    house.once()
    house.staff.change(record_id, {"User identifier": "usr_2"})
    house.a_day_later()
    house.once()
    assert "was changed after this row was sent" in house.note(record_id)
    house.later()
    house.once()
    assert house.status(record_id) == "Completed"
    assert "was changed after this row was sent" in house.note(record_id)
    writes = len(house.written(record_id))
    house.a_day_later()
    house.once()
    assert len(house.written(record_id)) == writes
    story = house.story(record_id)
    assert "columns=user_identifier" in story
    assert "usr_" not in story
    house.staff.change(record_id, {"User identifier": "usr_1"})
    house.a_day_later()
    house.once()
    assert house.note(record_id).startswith("Done.")
    assert "request.changed_back" in house.story(record_id)
    assert house.regulations("usr_2") == []


def test_a_row_that_staff_delete_is_in_the_ledger_and_its_regulation_is_followed_on(house: House) -> None:
    house.box.clock.freeze()
    record_id, other = house.ask("usr_1"), house.ask("usr_2")
    house.once()
    house.staff.remove(record_id)
    house.a_day_later()
    house.once()
    assert "request.gone" in house.story(record_id)
    house.later()
    house.dsr("once")
    story = house.story(record_id)
    assert "verdict=completed" in story
    assert story.count("request.gone") == 1
    assert house.status(other) == "Completed"
    assert house.regulations("usr_1") == ["SUPPRESS_WITH_DELETE"]


def test_the_sweep_costs_one_call_for_each_hundred_rows_and_receipts(house: House) -> None:
    house.box.segment.workspace.put_destinations([{"name": f"Tool {number}"} for number in range(24)])
    old = {"Authenticated": True, "Submitted": True, "Submitted at": "2024-05-01T10:00:00.000Z", "Regulation ID": "r"}
    for number in range(205):
        house.staff.add({"User identifier": f"old_{number}", **old})
    house.once()  # the old rows are the record of what a lost ledger knew, and are left alone
    rows = [house.ask(f"usr_{number}") for number in range(5)]
    house.once()
    house.later()
    house.once()
    assert sum(len(house.receipts(record_id)) for record_id in rows) == 120
    house.a_day_later()
    since = house.box.journal.entries()[-1].seq
    house.once()
    calls = [call.split("?")[0] for call in house.calls("airtable", since)]
    design = f"GET /v0/meta/bases/{house.box.base_id}/tables"
    assert calls.count(design) == 1
    # One for the candidates, three for 210 rows, two for 120 receipts.
    assert len(calls) == 1 + 1 + 3 + 2
