"""The ledger's file is gone: it is rebuilt from the base and Segment's list, without a single second POST."""

from tests.e2e.house import House


def test_the_next_tick_rebuilds_it_and_follows_on_what_was_submitted(house: House) -> None:
    rows = [house.ask(f"usr_{number}") for number in range(3)]
    house.later(1)
    twin = house.ask("usr_0")
    house.once()
    house.once()
    before = {record_id: house.row(record_id) for record_id in (*rows, twin)}
    house.lose_ledger()
    house.once()
    for record_id, cells in before.items():
        assert house.row(record_id)["Regulation ID"] == cells["Regulation ID"]
        assert house.row(record_id)["Submitted"] is True
    house.later()
    house.once()
    assert {house.status(record_id) for record_id in before} == {"Completed"}
    assert all(len(house.receipts(record_id)) == 2 for record_id in rows)
    assert len(house.posts()) == 3


def test_a_regulation_that_the_base_does_not_know_yet_is_adopted(house: House) -> None:
    house.box.faults.add("segment", "cut", method="POST", after_effect=True)
    record_id = house.ask("usr_1")
    house.dsr("once")
    house.lose_ledger()
    house.once()
    assert house.row(record_id)["Regulation ID"] == house.box.segment.workspace.regulations()[0].id
    assert len(house.posts()) == 1


def test_completed_rows_stay_as_they_are(house: House) -> None:
    record_id = house.ask("usr_1")
    house.once()
    house.later()
    house.once()
    cells, writes = house.row(record_id), len(house.writes())
    house.lose_ledger()
    house.once()
    house.once()
    assert house.row(record_id) == cells
    assert len(house.posts()) == 1
    assert len(house.writes()) <= writes + 1


def test_follow_ups_that_staff_have_done_stay_done(house: House) -> None:
    house.box.segment.workspace.put_destinations([{"name": "Mixpanel", "behaviour": "unsupported"}])
    record_id = house.ask("usr_1")
    house.once()
    house.later()
    house.once()
    house.staff.change(house.receipts(record_id)["Mixpanel"]["id"], {"Follow-up": "Done"}, "Receipts")
    house.once()
    assert house.status(record_id) == "Completed"
    house.lose_ledger()
    house.once()
    house.once()
    assert house.status(record_id) == "Completed"
    assert house.receipts(record_id)["Mixpanel"]["Follow-up"] == "Done"


def test_a_row_copied_with_all_its_cells_is_told_so_and_nothing_is_sent_for_it(house: House) -> None:
    record_id = house.ask("usr_1")
    house.once()
    copied = {name: value for name, value in house.row(record_id).items() if name != "Receipts"}
    house.box.clock.advance(3600)
    copy = house.staff.add(copied)
    house.lose_ledger()
    house.once()
    assert house.status(copy) == "Needs attention"
    assert "copied from another" in house.note(copy)
    assert len(house.posts()) == 1


def test_while_segments_list_cannot_be_read_nothing_is_sent(house: House) -> None:
    house.ask("usr_1")
    house.box.faults.add("segment", "status", method="GET", path="^/regulations", code=503, times=None)
    assert house.dsr("once").code == 75
    assert house.posts() == []
    house.box.faults.clear()
    house.once()
    assert len(house.posts()) == 1
