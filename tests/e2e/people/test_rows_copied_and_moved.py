"""Rows that staff copy, cut and paste, or drag about: a row is told by its record id, and the words are true of it."""

import pytest
from tests.e2e.house import House
from tests.e2e.process import until

BY_HAND = "Nothing was sent to Segment for this row"
SHARES = "An earlier row asks the same for this person; both share one result."


def swept(house: House) -> None:
    """The daily look at all rows."""
    house.a_day_later()
    house.once()


def told_to_be_no_request(house: House, copy: str) -> None:
    """The row says that nothing was sent for it, and has lost the number that is another's."""
    assert house.status(copy) == "Needs attention"
    assert house.note(copy).startswith(BY_HAND)
    assert "Regulation ID" not in house.row(copy)


def test_a_copy_of_a_row_that_is_under_way_says_so_and_sends_nothing(house: House) -> None:
    original = house.ask("usr_1")
    house.once()
    house.box.clock.advance(2)  # the copy is younger, and the regulation still runs
    house.box.clock.freeze()
    told = house.row(original)
    copy = house.staff.add(told)
    swept(house)
    told_to_be_no_request(house, copy)
    assert house.row(copy)["Submitted"] is True
    assert house.row(original)["Regulation ID"] == told["Regulation ID"]
    assert len(house.posts()) == 1


def test_a_copy_of_a_row_that_shares_a_result_shares_it_too_while_that_is_under_way(house: House) -> None:
    house.box.segment.put_pace(running_after=1e6, finished_after=2e6)
    first, later = house.ask("usr_1"), house.ask("usr_1")
    house.once()
    [sharing] = [record_id for record_id in (first, later) if house.note(record_id).startswith(SHARES)]
    house.box.clock.advance(2)
    copy = house.staff.add(house.row(sharing))
    swept(house)
    assert house.note(copy).startswith(SHARES)
    assert house.row(copy)["Regulation ID"] == house.row(first)["Regulation ID"]
    assert len(house.posts()) == 1


def sent(house: House, *, ended: bool) -> str:
    """A row whose regulation has ended an hour ago, or is under way and stays so."""
    original = house.ask("usr_1")
    house.once()
    if ended:
        house.later()
        house.once()
        assert house.status(original) == "Completed"
    else:
        house.box.clock.freeze()
    house.box.clock.advance(3600 if ended else 2)
    return original


@pytest.mark.parametrize("ended", [True, False])
def test_retry_on_a_copy_is_taken_out_and_sends_nothing_until_staff_have_read_what_the_row_is(
    house: House, ended: bool
) -> None:
    original = sent(house, ended=ended)
    told = house.row(original)
    copy = house.staff.add({**told, "Retry": True})
    house.once()
    told_to_be_no_request(house, copy)
    assert "Retry" not in house.row(copy)
    house.once()
    assert len(house.posts()) == 1
    assert house.row(original)["Regulation ID"] == told["Regulation ID"]
    house.staff.change(copy, {"Retry": True})
    house.once()
    assert "Retry" not in house.row(copy)
    assert house.row(copy)["Submitted"] is True
    assert len(house.posts()) == (2 if ended else 1)  # while the first is under way, the row shares its result
    assert house.note(copy).startswith(SHARES) is not ended


@pytest.mark.parametrize("ended", [True, False])
def test_a_row_that_was_cut_and_pasted_is_not_sent_again_and_says_in_words_what_it_is(
    house: House, ended: bool
) -> None:
    original = sent(house, ended=ended)
    cells = house.row(original)
    house.staff.remove(original)
    pasted = house.staff.add(cells)
    house.once()
    swept(house)
    swept(house)
    assert len(house.posts()) == 1
    told_to_be_no_request(house, pasted)
    assert "the row was copied from another" in house.note(pasted)
    assert "request.gone" in house.story(original)


def test_rows_deleted_and_added_between_two_pages_of_a_listing_are_neither_lost_nor_sent_twice(house: House) -> None:
    house.settings |= {"DSR_SYNC_SAFETY__MAX_SUBMISSIONS_PER_HOUR": "500"}
    house.settings |= {"DSR_SYNC_SEGMENT__REQUESTS_PER_REGULATION": "50"}
    rows = sorted(house.ask(f"usr_{number}") for number in range(105))  # as they are listed, a hundred on a page
    house.box.faults.add("segment", "delay", method="POST", seconds=2)  # for the first page, while staff work on
    with house.daemon():
        until(house.posts, "the first page is worked on")
        for record_id in (gone := rows[-2:]):
            house.staff.remove(record_id)
        added = [house.ask(f"new_{number}") for number in range(3)]
        until(lambda: all(cells.get("Submitted") for cells in house.staff.rows().values()), "all are sent", 60)
    told = house.staff.rows()
    assert told.keys() == {*rows, *added} - {*gone}
    people = [person for post in house.posts() for person in post.body["subjectIds"]]
    assert sorted(people) == sorted(str(cells["User identifier"]) for cells in told.values())
