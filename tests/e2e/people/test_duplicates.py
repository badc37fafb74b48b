"""Several rows for one person: one regulation, and an answer for each."""

from tests.e2e.house import House

SHARES = "An earlier row asks the same for this person; both share one result."


def test_a_later_row_is_tied_to_the_first_ones_regulation_and_keeps_its_own_clock_and_answer(house: House) -> None:
    first = house.ask("usr_1", Law="CCPA", Received_at="2026-01-10T09:00:00.000Z")
    house.once()
    later = house.ask("usr_1", Law="GDPR", Received_at="2026-01-31T09:00:00.000Z")
    house.once()
    cells, leading = house.row(later), house.row(first)
    assert cells["Submitted"] is True
    assert cells["Regulation ID"] == leading["Regulation ID"]
    assert cells["Status note"].startswith(SHARES)
    assert (leading["Due by"], cells["Due by"]) == ("2026-02-24", "2026-02-28")
    house.later()
    house.once()
    assert [house.status(record_id) for record_id in (first, later)] == ["Completed"] * 2
    assert house.note(later).startswith(f"{SHARES} Done.")
    assert house.note(first).startswith("Done.")
    assert len(house.posts()) == 1


def test_an_unauthenticated_row_never_stands_in_the_way_of_an_authenticated_one(house: House) -> None:
    idle = house.staff.add({"User identifier": "usr_1"})
    second = house.ask("usr_1")
    house.once()
    assert house.row(second)["Submitted"] is True
    assert not house.note(second).startswith(SHARES)
    assert house.row(idle) == {"User identifier": "usr_1"}
    assert house.written(idle) == []


def test_a_held_row_does_not_stand_in_the_way_either_and_joins_when_it_is_let_go(house: House) -> None:
    held, free = house.ask("usr_1", Hold=True), house.ask("usr_1")
    house.once()
    assert (house.status(held), house.row(free)["Submitted"]) == ("On hold", True)
    house.staff.change(held, {"Hold": None})
    house.once()
    assert house.row(held)["Regulation ID"] == house.row(free)["Regulation ID"]
    assert len(house.posts()) == 1


def test_a_new_request_after_completion_is_a_new_regulation_and_the_old_answer_stays(house: House) -> None:
    first = house.ask("usr_1")
    house.once()
    house.later()
    house.once()
    answered = house.row(first)
    again = house.ask("usr_1")
    house.once()
    assert len(house.posts()) == 2
    assert house.row(again)["Regulation ID"] != answered["Regulation ID"]
    assert not house.note(again).startswith(SHARES)
    assert house.row(first) == answered


def test_rows_copied_with_all_their_cells_are_found_out_by_the_daily_sweep_and_send_nothing(house: House) -> None:
    """One that was sent, and one that shared it; unticked by staff, a copy is a request like any other."""
    first, later = house.ask("usr_1"), house.ask("usr_1")
    house.once()
    house.later()
    house.once()
    originals = {record_id: house.row(record_id) for record_id in (first, later)}
    house.box.clock.advance(3600)
    copies = [house.staff.add(cells) for cells in originals.values()]
    house.a_day_later()
    house.once()
    for copy in copies:
        assert house.status(copy) == "Needs attention"
        assert "or the row was copied from another" in house.note(copy)
        assert "Regulation ID" not in house.row(copy)
        assert "Receipts" not in house.row(copy)
    assert {record_id: house.row(record_id) for record_id in originals} == originals
    assert len(house.posts()) == 1
    house.staff.change(copies[1], {"Submitted": None})
    house.once()
    assert house.row(copies[1])["Regulation ID"] != originals[first]["Regulation ID"]
    assert (house.row(copies[1])["Submitted"], len(house.posts())) == (True, 2)


def test_the_later_row_takes_the_first_ones_place_when_that_is_deleted(house: House) -> None:
    house.box.segment.workspace.put_destinations([{"name": "Braze", "behaviour": "fail"}])
    house.box.clock.freeze()
    first = house.ask("usr_1")
    house.once()
    later = house.ask("usr_1")
    house.once()
    house.staff.remove(first)
    house.later()
    house.once()
    house.once()
    assert house.status(later) == "Follow-up needed"
    assert "this row's receipts" in house.note(later)
    house.staff.change(house.receipts(later)["Braze"]["id"], {"Follow-up": "Done"}, "Receipts")
    house.dsr("once")
    assert house.status(later) == "Completed"
    assert len(house.posts()) == 1


def test_both_rows_go_on_when_authenticated_is_unticked_on_the_first(house: House) -> None:
    first, later = house.ask("usr_1"), house.ask("usr_1")
    house.once()
    house.once()
    house.staff.change(first, {"Authenticated": None})
    house.later()
    house.once()
    assert [house.status(record_id) for record_id in (first, later)] == ["Completed"] * 2
    assert len(house.posts()) == 1


def test_retry_on_the_later_row_sends_once_more_for_both(house: House) -> None:
    house.box.segment.workspace.put_destinations([{"name": "Braze", "behaviour": "fail"}])
    rows = [house.ask("usr_1"), house.ask("usr_1")]
    house.once()
    house.later()
    house.once()
    assert [house.status(record_id) for record_id in rows] == ["Follow-up needed"] * 2
    [later] = [record_id for record_id in rows if house.note(record_id).startswith(SHARES)]
    house.box.segment.workspace.put_destinations([{"name": "Braze", "behaviour": "finish"}])
    house.staff.change(later, {"Retry": True})
    house.once()
    house.later()
    house.once()
    assert [house.status(record_id) for record_id in rows] == ["Completed"] * 2
    assert len({house.row(record_id)["Regulation ID"] for record_id in rows}) == 1
    assert "Retry" not in house.row(later)
    assert len(house.posts()) == 2


def test_retry_on_the_later_row_works_although_the_first_one_was_deleted(house: House) -> None:
    house.box.segment.workspace.put_destinations([{"name": "Braze", "behaviour": "fail"}])
    first = house.ask("usr_1")
    house.once()
    later = house.ask("usr_1")
    house.later()
    house.once()
    assert house.status(later) == "Follow-up needed"
    house.staff.remove(first)
    house.box.segment.workspace.put_destinations([{"name": "Braze", "behaviour": "finish"}])
    house.staff.change(later, {"Retry": True})
    house.once()
    house.later()
    house.dsr("once")
    assert house.status(later) == "Completed"
    assert "Retry" not in house.row(later)
    assert len(house.posts()) == 2
