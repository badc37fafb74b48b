"""Everything by which staff stop a request, and let it go on."""

import pytest
from tests.e2e.house import House
from tests.e2e.process import until

NO_HURRY = {"DSR_SYNC_SAFETY__COOLING_OFF_MINUTES": "30"}


def test_the_cooling_off_note_says_when_it_is_sent_and_how_to_stop_it(house: House) -> None:
    record_id = house.ask("usr_1")
    house.once(**NO_HURRY)
    note = house.note(record_id)
    assert house.status(record_id) == "On hold"
    assert note.startswith("Will be sent to Segment after ")
    for words in (
        " UTC, if Authenticated is still ticked",
        "cannot be taken back",
        "tick Hold or untick Authenticated",
    ):
        assert words in note
    house.once(**NO_HURRY)
    assert house.note(record_id) == note
    assert len(house.written(record_id)) == 1
    house.once()
    assert house.row(record_id)["Submitted"] is True


@pytest.mark.parametrize("hold", [True, False])
def test_hold_stops_a_row_for_as_long_as_it_is_ticked_and_nothing_that_was_sent(house: House, hold: bool) -> None:
    record_id = house.ask("usr_1", Hold=hold or None)
    house.once()
    assert bool(house.posts()) is not hold
    if hold:
        assert (house.status(record_id), "Untick Hold" in house.note(record_id)) == ("On hold", True)
    house.staff.change(record_id, {"Hold": None if hold else True})
    house.once()
    house.later()
    house.once()
    assert (house.status(record_id), len(house.posts())) == ("Completed", 1)


def test_authenticated_unticked_in_time_stops_it_and_ticked_again_the_time_to_think_begins_anew(house: House) -> None:
    record_id = house.ask("usr_1")
    house.once(**NO_HURRY)
    told = house.row(record_id)
    house.staff.change(record_id, {"Authenticated": None})
    house.once()
    house.once()
    assert house.posts() == []
    assert house.row(record_id) == {name: value for name, value in told.items() if name != "Authenticated"}
    assert len(house.written(record_id)) == 1
    house.staff.change(record_id, {"Authenticated": True})
    house.once(**NO_HURRY)
    assert house.status(record_id) == "On hold"
    assert house.dsr("explain", record_id).out.count("request.seen") == 2
    house.once()
    assert house.row(record_id)["Submitted"] is True


def test_a_row_that_was_never_sent_is_not_touched_without_authenticated_whatever_it_says(house: House) -> None:
    attention = house.ask("")
    house.once()
    told = house.row(attention)
    assert told["Status"] == "Needs attention"
    house.staff.change(attention, {"Authenticated": None, "Retry": True, "Status": "Completed", "Submitted": True})
    edited = house.row(attention)
    copy = house.staff.add({"User identifier": "usr_1", "Submitted": True, "Regulation ID": "x", "Retry": True})
    house.lose_ledger()  # so that everything is swept at once
    house.once()
    assert house.row(attention) == edited
    assert house.written(copy) == []
    assert house.posts() == []


def test_a_row_that_was_sent_is_told_to_its_end_and_kept_true_without_authenticated(house: House) -> None:
    record_id = house.ask("usr_1")
    house.once()
    house.staff.change(record_id, {"Authenticated": None})
    house.later()
    house.once()
    assert (house.status(record_id), "Authenticated" in house.row(record_id)) == ("Completed", False)
    true = house.row(record_id)
    house.staff.change(record_id, {"Status": "Failed", "Status note": None, "Retry": True})
    house.lose_ledger()  # so that everything is swept at once
    house.once()
    house.once()
    again = house.row(record_id)  # the regulation's own time is Segment's: a second may lie between it and ours
    assert again == true | {"Retry": True, "Submitted at": again["Submitted at"]}
    assert len(house.posts()) == 1


def test_submitted_unticked_by_hand_changes_nothing_and_is_put_back(house: House) -> None:
    record_id = house.ask("usr_1")
    house.once()
    house.staff.change(record_id, {"Submitted": None, "Regulation ID": None})
    house.once()
    assert house.row(record_id)["Submitted"] is True
    assert house.row(record_id)["Regulation ID"] == house.box.segment.workspace.regulations()[0].id
    house.later()
    house.once()
    house.staff.change(record_id, {"Submitted": None})
    house.once()
    assert (house.row(record_id)["Submitted"], house.status(record_id)) == (True, "Completed")
    assert len(house.posts()) == 1


def test_retry_after_failed_sends_it_once_more_and_only_then(house: House) -> None:
    house.box.clock.freeze()
    record_id = house.ask("usr_1")
    house.once()
    house.staff.change(record_id, {"Retry": True})
    house.once()
    assert (len(house.posts()), "Retry" in house.row(record_id)) == (1, False)
    [regulation] = house.box.segment.workspace.regulations()
    house.box.segment.workspace.force(regulation.id, {"overallStatus": "INVALID"})
    house.once()
    assert house.status(record_id) == "Failed"
    assert "Tick Retry" in house.note(record_id)
    house.once()
    assert len(house.posts()) == 1
    house.staff.change(record_id, {"Retry": True})
    house.once()
    house.once()
    assert (len(house.posts()), "Retry" in house.row(record_id)) == (2, False)
    assert house.row(record_id)["Regulation ID"] != regulation.id


def test_retry_after_needs_attention_sends_what_was_refused_and_nothing_that_is_still_wrong(house: House) -> None:
    house.box.faults.add("segment", "status", method="POST", code=422, body={"errors": [{"type": "x"}]})
    refused, empty = house.ask("usr_1"), house.ask("")
    house.once()
    assert [house.status(record_id) for record_id in (refused, empty)] == ["Needs attention"] * 2
    house.once()
    assert len(house.posts()) == 1
    for record_id in (refused, empty):
        house.staff.change(record_id, {"Retry": True})
    house.once()
    assert house.row(refused)["Submitted"] is True
    assert house.status(empty) == "Needs attention"
    assert not any("Retry" in house.row(record_id) for record_id in (refused, empty))
    assert len(house.posts()) == 2


def test_a_row_deleted_by_staff_is_nobodys_failure_and_what_was_sent_is_followed_on(house: House) -> None:
    house.box.clock.freeze()
    sent, unsent = house.ask("usr_1"), house.ask("usr_2", Hold=True)
    house.once()
    receipts = len(house.staff.rows("Receipts"))
    for record_id in (sent, unsent):
        house.staff.remove(record_id)
    house.later()
    ran = house.once()
    assert "could not be written" not in ran.err
    assert "request.untellable" not in ran.err
    left = house.staff.rows("Receipts").values()
    assert [cells["Status"] for cells in left] == ["Finished"] * receipts  # they are still the record
    calls = len(house.writes())
    house.a_day_later()
    house.once()
    assert len(house.writes()) == calls
    story = house.story(sent)
    assert "verdict=completed" in story
    assert story.count("gone") == 2  # when there was something to write, and by the daily look
    assert len(house.posts()) == 1


def brake(house: House, pasted: int, limit: int) -> None:
    """Somebody pastes so many rows and ticks them all: the limit goes, the rest say when, in their order."""
    rows = [house.ask(f"usr_{number}") for number in range(pasted)]
    with house.daemon(DSR_SYNC_SAFETY__MAX_SUBMISSIONS_PER_HOUR=str(limit)):
        until(lambda: all(cells.get("Status") for cells in house.staff.rows().values()), "all are told", 120)
        told = house.staff.rows()
    waiting = [told[record_id]["Status note"] for record_id in rows if not told[record_id].get("Submitted")]
    assert len(house.posts()) == limit
    assert len(waiting) == pasted - limit
    assert all("the hourly limit was reached" in note and "by itself after" in note for note in waiting)
    assert {told[record_id]["Status"] for record_id in rows if not told[record_id].get("Submitted")} == {"On hold"}
    assert len(set(waiting)) >= (pasted - 1) // limit  # each hour's share has its own time


def test_of_many_rows_ticked_at_once_the_first_go_and_the_rest_say_when(house: House) -> None:
    brake(house, pasted=15, limit=3)


@pytest.mark.torture
def test_of_five_hundred_rows_pasted_and_ticked_the_first_hundred_go_and_the_rest_say_when(house: House) -> None:
    brake(house, pasted=500, limit=100)
