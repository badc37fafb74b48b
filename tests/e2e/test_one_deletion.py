"""The whole life of one deletion, with `once`, and of the rows beside it."""

from dataclasses import dataclass
from typing import Any

import pytest
from tests.e2e.conftest import Build
from tests.e2e.house import House

ACCEPTED, RUNNING, ENDED = "accepted", "running", "ended"


@dataclass(frozen=True)
class Told:
    """The house after the last tick, the ids of its rows, and the deletion's cells after each tick."""

    house: House
    deletion: str
    unauthenticated: str
    held: str
    cells: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def told(build: Build) -> Told:
    house = build()
    house.box.clock.freeze()
    deletion = house.ask("usr_1")
    unauthenticated = house.staff.add({"User identifier": "usr_2", "Hold": True})
    held = house.ask("usr_3", Hold=True)
    cells = {}
    for stage, seconds in ((ACCEPTED, 0), (RUNNING, 3), (ENDED, 60)):
        house.later(seconds)
        house.once()
        cells[stage] = house.row(deletion)
    return Told(house, deletion, unauthenticated, held, cells)


def test_the_row_is_submitted_with_its_regulation_id_in_one_write(told: Told) -> None:
    assert told.cells[ACCEPTED]["Status"] == "Submitted"
    tick = told.house.written(told.deletion)[0]
    [regulation] = told.house.box.segment.workspace.regulations()
    assert tick["Submitted"] is True
    assert tick["Regulation ID"] == regulation.id
    assert tick["Status"] == "Submitted"
    assert "Submitted at" in tick


def test_one_regulation_of_the_right_type_is_asked_for_once(told: Told) -> None:
    assert told.house.regulations("usr_1") == ["SUPPRESS_WITH_DELETE"]
    [post] = told.house.posts()
    assert post.body == {"regulationType": "SUPPRESS_WITH_DELETE", "subjectType": "USER_ID", "subjectIds": ["usr_1"]}


def test_the_row_says_in_progress_while_segment_works(told: Told) -> None:
    assert told.cells[RUNNING]["Status"] == "In progress"
    assert told.cells[RUNNING]["Segment status"] == "RUNNING"
    assert "Completed at" not in told.cells[RUNNING]


def test_the_row_ends_completed_with_segments_own_time_and_a_summary(told: Told) -> None:
    cells = told.cells[ENDED]
    assert cells["Status"] == "Completed"
    assert cells["Segment status"] == "FINISHED"
    assert cells["Receipt summary"].splitlines() == [
        "Amplitude (Actions): told (Segment forwarded the request)",
        "Braze Cloud Mode (Actions): told (Segment forwarded the request)",
    ]
    [shown] = told.house.box.segment.snapshot()["regulations"]
    assert cells["Completed at"][:19] == shown["finishedAt"][:19]
    assert cells["Due by"] > cells["Submitted at"][:10]


def test_the_note_says_that_a_destination_was_told_and_no_more(told: Told) -> None:
    note = told.cells[ENDED]["Status note"]
    assert note.startswith("Done.")
    assert "told, not confirmed" in note


def test_each_destination_has_one_receipt_row(told: Told) -> None:
    receipts = told.house.receipts(told.deletion)
    assert set(receipts) == {"Amplitude (Actions)", "Braze Cloud Mode (Actions)"}
    for receipt in receipts.values():
        assert receipt["Status"] == "Finished"
        assert receipt["Segment status"] == "FINISHED"
        assert receipt["Sources"] == "1 of 1 source finished"
        assert receipt["Regulation ID"] == told.cells[ENDED]["Regulation ID"]
        assert "Follow-up" not in receipt


def test_a_row_that_is_not_authenticated_is_never_written_even_if_held(told: Told) -> None:
    assert told.house.written(told.unauthenticated) == []
    assert told.house.row(told.unauthenticated) == {"User identifier": "usr_2", "Hold": True}
    assert all(told.unauthenticated not in str(entry.body) for entry in told.house.writes())


def test_a_held_row_says_so_and_is_not_sent(told: Told) -> None:
    assert told.house.status(told.held) == "On hold"
    assert "Hold is ticked" in told.house.note(told.held)
    assert told.house.regulations("usr_3") == []


def test_what_is_told_once_is_not_written_again(told: Told) -> None:
    assert len(told.house.written(told.held)) == 1
    before = len(told.house.writes())
    told.house.once()
    assert len(told.house.writes()) == before


def test_explain_tells_the_story_of_the_deletion_and_names_nobody(told: Told) -> None:
    story = told.house.dsr("explain", told.deletion)
    assert story.code == 0
    assert told.cells[ENDED]["Regulation ID"] in story.out
    order = [story.out.index(word) for word in ("request.seen", "submission.intended", "submission.accepted")]
    assert order == sorted(order)
    assert "completed" in story.out
    assert "usr_1" not in story.said


def test_status_counts_what_is_there(told: Told) -> None:
    status = told.house.dsr("status", "--json")
    assert status.code == 0
    assert status.json()["by_state"] == {"completed": 1, "seen": 1}
    assert status.json()["last_tick_at"]
    assert "completed" in told.house.dsr("status").out
