"""Retry repeats what was sent, for whom it was sent, and what came of the first time is never lost by it."""

from dataclasses import replace

import pytest
from tests.torture.simulation.scene import DONE, ENDLESS, FAILED, NEEDS_HELP, Scene

from dsr_sync.core.model import Status
from dsr_sync.core.notes import CHANGED
from dsr_sync.core.policy import ByHand, EmailRule
from dsr_sync.ports import Permanent, Transient

ADDRESS = "both@example.com"
NAMED_IN_PART, BOTH = "user-0", ["user-0", "user-1"]


def looks_up(scene: Scene) -> Scene:
    """Addresses are looked up from now on."""
    scene.world.policy = replace(scene.world.policy, email=EmailRule.LOOKUP)
    scene.world.start()
    return scene


def sent(scene: Scene) -> list[list[str]]:
    """The user ids of each regulation, in the order of their making."""
    return [[subject.reveal() for subject in listed.subjects] for listed in scene.world.segment.created()]


def refuse(scene: Scene) -> None:
    """Segment says no to the next regulation."""
    scene.world.segment.fail("submit", Permanent("segment", "the request is invalid", 422))


def test_a_row_that_names_one_of_several_user_ids_that_were_sent_leaves_the_retry_to_the_first_row(
    scene: Scene,
) -> None:
    looks_up(scene).world.segment.next_fates = [FAILED, DONE]
    address, named = scene.add(ADDRESS), scene.add(NAMED_IN_PART)
    scene.later(60, ticks=3)
    scene.change(named, retry=True)
    scene.later(60, ticks=3)
    said = scene.row(named)
    assert (said.cells.status, said.retry, sent(scene)) == (Status.FAILED, False, [BOTH])
    assert said.cells.status_note.startswith("Not sent again: this row shares the result of an earlier row")
    scene.change(address, retry=True)
    scene.later(60, ticks=3)
    assert sent(scene) == [BOTH, BOTH]
    assert {scene.row(address).cells.status, scene.row(named).cells.status} == {Status.COMPLETED}
    assert scene.broken() == ""


@pytest.mark.parametrize(("first", "second"), [("one@example.com", "user-0"), ("user-0", "one@example.com")])
def test_a_retry_in_a_row_that_shares_a_result_changes_nothing_about_the_first_row(
    scene: Scene, first: str, second: str
) -> None:
    looks_up(scene).world.segment.next_fates = [FAILED, ENDLESS]
    leading, sharing = scene.add(first), scene.add(second)
    scene.later(60, ticks=3)
    scene.change(sharing, retry=True)
    scene.later(2_000, ticks=3)
    assert scene.row(leading).cells.regulation_id == scene.row(sharing).cells.regulation_id
    assert not scene.row(leading).cells.status_note.startswith(CHANGED)
    assert len(sent(scene)) == 2
    assert scene.broken() == ""


def test_where_segment_shows_no_more_whom_it_was_about_the_retry_is_sent_to_the_first_row(scene: Scene) -> None:
    looks_up(scene).world.segment.next_fates = [ENDLESS]
    address, named = scene.add(ADDRESS), scene.add(NAMED_IN_PART)
    scene.later(60 * 24 * 92, ticks=100)
    assert scene.row(named).cells.status == Status.NEEDS_ATTENTION
    scene.change(named, retry=True)
    scene.later(60, ticks=3)
    assert sent(scene) == [BOTH]
    assert scene.row(named).cells.status_note.startswith("Not sent again: this row shares the result of")
    assert not scene.row(named).retry
    scene.change(address, retry=True)
    scene.later(60, ticks=3)
    assert sent(scene) == [BOTH, BOTH]
    assert scene.row(named).cells.regulation_id == scene.row(address).cells.regulation_id
    assert scene.broken() == ""


def test_what_was_sent_first_stays_with_its_follow_ups_where_segment_refuses_to_repeat_it(scene: Scene) -> None:
    scene.world.segment.next_fates = [NEEDS_HELP]
    row = scene.add()
    scene.later(60, ticks=3)
    first = scene.row(row).cells
    refuse(scene)
    scene.change(row, retry=True)
    scene.later(5)
    now = scene.row(row)
    assert now.cells.status_note.startswith("Not sent again: Segment refused to take this deletion once more.")
    assert (now.cells.status, now.cells.regulation_id, now.cells.submitted, now.retry) == (
        *(first.status, first.regulation_id, True, False),
    )
    for key in scene.world.table.receipts:
        scene.world.table.set_follow_up(key, "Done")
    scene.later(5)
    assert scene.row(row).cells.status == Status.COMPLETED
    assert len(sent(scene)) == 1
    assert scene.broken() == ""


def test_a_failed_deletion_that_segment_refuses_to_repeat_is_repeated_by_the_next_retry(scene: Scene) -> None:
    scene.world.segment.next_fates = [FAILED, DONE]
    row, sharing = scene.add(), scene.add()
    scene.later(60, ticks=3)
    refuse(scene)
    scene.change(sharing, retry=True)
    scene.later(60, ticks=3)
    assert {scene.row(row).cells.status, scene.row(sharing).cells.status} == {Status.FAILED}
    scene.change(row, retry=True)
    scene.later(60, ticks=3)
    assert {scene.row(row).cells.status, scene.row(sharing).cells.status} == {Status.COMPLETED}
    assert len(sent(scene)) == 2
    assert scene.broken() == ""


def test_a_row_that_leads_since_the_first_one_was_deleted_can_be_repeated_after_a_pause(scene: Scene) -> None:
    looks_up(scene).world.segment.next_fates = [NEEDS_HELP, DONE]
    first, heir = scene.add("one@example.com"), scene.add("user-0")
    scene.world.table.remove(first)
    scene.later(60, ticks=3)
    scene.world.segment.fail("submit", Transient("segment", "busy", status=429))
    scene.change(heir, retry=True)
    scene.later(2_000, ticks=5)
    assert scene.row(heir).cells.status == Status.COMPLETED
    assert sent(scene) == [["user-0"], ["user-0"]]
    assert scene.broken() == ""


def test_after_a_lost_ledger_a_completed_row_says_when_its_follow_ups_had_completed_it(scene: Scene) -> None:
    scene.world.segment.next_fates = [NEEDS_HELP]
    row = scene.add()
    scene.later(60, ticks=3)
    for key in scene.world.table.receipts:
        scene.world.table.set_follow_up(key, "Done")
    scene.later(5)
    before = scene.row(row).cells
    assert before.status == Status.COMPLETED
    scene.later(60 * 24 * 20, ticks=20)
    scene.lose_ledger()
    scene.later(60, ticks=3)
    assert scene.row(row).cells == before
    assert scene.broken() == ""


def test_after_a_lost_ledger_a_system_that_was_named_later_opens_no_completed_row(scene: Scene) -> None:
    scene.world.segment.next_fates = [DONE]
    row = scene.add()
    scene.later(60, ticks=3)
    before = scene.row(row).cells
    scene.world.policy = replace(scene.world.policy, by_hand=(ByHand("Zendesk", "Support", "Delete the tickets."),))
    scene.lose_ledger()
    scene.later(60, ticks=3)
    assert scene.row(row).cells == before
    assert scene.broken() == ""


def test_that_a_retry_waits_and_then_does_not_is_nobodys_edit(scene: Scene) -> None:
    scene.world.segment.next_fates = [FAILED]
    row = scene.add()
    scene.later(60, ticks=3)
    scene.world.policy = replace(scene.world.policy, max_submissions_per_hour=1)
    scene.world.start()
    scene.add("bob")
    scene.change(row, retry=True)
    scene.later(1)
    assert scene.row(row).cells.status_note.startswith("Not sent again yet: so many requests came at once")
    scene.change(row, retry=False, hold=True)
    scene.later(2_000, ticks=3)
    assert scene.row(row).cells.status == Status.FAILED
    kinds = [event.kind for event in scene.world.shelf.ledger.history(row)]
    assert "request.put_right" not in kinds
    assert scene.broken() == ""


def test_what_was_sent_first_stays_with_its_follow_ups_where_a_retry_is_lost_and_then_refused(scene: Scene) -> None:
    scene.world.segment.next_fates = [NEEDS_HELP]
    row = scene.add()
    scene.later(60, ticks=3)
    first = scene.row(row).cells
    scene.world.segment.next_ghosts = [1e9]  # its effect never comes
    scene.change(row, retry=True)
    scene.later(1)
    assert scene.row(row).cells.status != first.status
    refuse(scene)
    scene.later(60, ticks=3)
    now = scene.row(row)
    assert now.cells.status_note.startswith("Not sent again: Segment refused to take this deletion once more.")
    assert (now.cells.status, now.cells.regulation_id, now.cells.submitted, now.retry) == (
        *(first.status, first.regulation_id, True, False),
    )
    for key in scene.world.table.receipts:
        scene.world.table.set_follow_up(key, "Done")
    scene.later(5)
    assert scene.row(row).cells.status == Status.COMPLETED
    assert len(sent(scene)) == 1
    assert scene.broken() == ""
