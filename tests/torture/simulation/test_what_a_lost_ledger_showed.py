"""What seeds have shown about ledgers that are lost or old, and about copied rows, as the shortest stories."""

from dataclasses import replace

import pytest
from tests.torture.simulation.scene import DONE, ENDLESS, FAILED, NEEDS_HELP, Scene
from tests.torture.simulation.services import Fate

from dsr_sync.core.model import Cells, RecordId, Status
from dsr_sync.core.notes import DUPLICATE
from dsr_sync.core.policy import EmailRule


def test_after_a_lost_ledger_a_completed_row_is_not_taken_back_to_submitted(scene: Scene) -> None:
    scene.world.segment.next_fates = [DONE]
    row = scene.add()
    scene.later(60, ticks=3)
    scene.lose_ledger()
    scene.fault("segment", "flaky")
    scene.later(180, ticks=20)
    statuses = [write.changes["status"] for write in scene.world.table.writes if "status" in write.changes]
    assert statuses[-1] == scene.row(row).cells.status == Status.COMPLETED
    assert statuses.count(Status.COMPLETED) == 1
    assert scene.broken() == ""


def test_after_a_lost_ledger_the_second_regulation_of_a_person_is_taken_over_too(scene: Scene) -> None:
    scene.world.segment.next_fates = [FAILED, ENDLESS]
    scene.add()
    scene.later(60, ticks=3)
    second = scene.add()
    live = scene.row(second).cells.regulation_id
    scene.lose_ledger()
    scene.later(60, ticks=3)
    third = scene.add()
    assert scene.row(third).cells.regulation_id == scene.row(second).cells.regulation_id == live
    assert scene.broken() == ""


def test_after_a_lost_ledger_follow_ups_that_were_done_make_room_for_what_came_after(scene: Scene) -> None:
    scene.world.segment.next_fates = [NEEDS_HELP, ENDLESS]
    first = scene.add()
    scene.later(60, ticks=3)
    for key in scene.world.table.receipts:
        scene.world.table.set_follow_up(key, "Done")
    scene.later(5)
    assert scene.row(first).cells.status == Status.COMPLETED
    second = scene.add()
    scene.lose_ledger()
    scene.later(60, ticks=3)
    assert scene.row(first).cells.status == Status.COMPLETED
    assert scene.row(second).cells.status == Status.IN_PROGRESS
    assert scene.broken() == ""


def test_after_a_lost_ledger_a_row_that_joined_an_earlier_one_still_does(scene: Scene) -> None:
    scene.world.segment.next_fates = [DONE]
    first = scene.add()
    scene.later(20, ticks=2)
    scene.change(first, retry=False)
    scene.world.segment.next_fates = [ENDLESS]
    leader = scene.add()
    scene.later(10)
    joined = scene.add()
    assert scene.row(joined).cells.regulation_id == scene.row(leader).cells.regulation_id
    scene.lose_ledger()
    scene.later(60, ticks=3)
    assert scene.row(joined).cells.regulation_id == scene.row(leader).cells.regulation_id
    assert scene.row(joined).cells.status == Status.IN_PROGRESS
    assert scene.broken() == ""


def test_after_a_lost_ledger_a_row_that_was_renamed_after_it_was_sent_keeps_its_regulation(scene: Scene) -> None:
    scene.world.segment.next_fates = [ENDLESS]
    row = scene.add()
    sent = scene.row(row).cells.regulation_id
    scene.change(row, identifier="bob")
    scene.lose_ledger()
    scene.later(60, ticks=3)
    assert scene.row(row).cells.regulation_id == sent
    assert "changed after this row was sent" in scene.row(row).cells.status_note
    assert len(scene.world.segment.created()) == 1


def test_an_old_copy_of_the_ledger_does_not_send_a_retry_again(scene: Scene) -> None:
    scene.world.segment.next_fates = [FAILED, ENDLESS]
    row = scene.add()
    scene.later(60, ticks=3)
    scene.world.shelf.keep_copy()
    scene.change(row, retry=True)
    scene.later(1)
    second = scene.row(row).cells.regulation_id
    scene.restore_ledger()
    scene.change(row, retry=True)
    scene.later(60, ticks=3)
    assert scene.row(row).cells.regulation_id == second
    assert scene.broken() == ""


def test_an_old_copy_of_the_ledger_does_not_make_a_second_live_regulation_for_a_new_row(scene: Scene) -> None:
    scene.world.segment.next_fates = [ENDLESS]
    scene.world.shelf.keep_copy()
    first = scene.add()
    scene.later(20)
    scene.restore_ledger()
    second = scene.add()
    scene.later(60, ticks=3)
    assert scene.row(first).cells.regulation_id == scene.row(second).cells.regulation_id
    assert scene.broken() == ""


def test_a_row_whose_regulation_is_not_listed_yet_when_the_ledger_is_lost_keeps_it(scene: Scene) -> None:
    scene.world.segment.next_fates = [ENDLESS]
    row = scene.add()
    sent = scene.row(row).cells.regulation_id
    scene.lose_ledger()
    scene.world.segment.hide(scene.world.segment.created()[0].regulation_id)
    scene.later(2)
    scene.world.segment.unhide(scene.world.segment.created()[0].regulation_id)
    scene.later(3_000, ticks=5)
    assert scene.row(row).cells.regulation_id == sent
    assert scene.row(row).cells.status == Status.IN_PROGRESS
    assert scene.broken() == ""


def test_after_a_lost_ledger_a_row_that_was_changed_to_an_address_is_not_taken_for_the_person_who_was_sent(
    scene: Scene,
) -> None:
    scene.world.policy = replace(scene.world.policy, email=EmailRule.LOOKUP)
    scene.world.start()
    scene.world.segment.next_fates = [FAILED]
    row = scene.add()
    scene.later(60, ticks=3)
    scene.change(row, identifier="none@example.com")
    scene.later(3_000, ticks=3)
    scene.lose_ledger()
    scene.later(60, ticks=3)
    scene.change(row, retry=True)
    scene.later(60, ticks=3)
    assert len(scene.world.segment.created()) == 1
    assert scene.broken() == ""


def copied(scene: Scene, record_id: RecordId) -> RecordId:
    """Staff copy a row with all its cells."""
    row = scene.row(record_id)
    cells = {name: getattr(row.cells, name) for name in Cells.__slots__}
    copy = scene.world.table.add(row.identifier.reveal(), **cells)
    scene.world.staff.note(copy, "copy", by_hand=True)
    return copy


@pytest.mark.parametrize("fate", [DONE, FAILED], ids=["completed", "failed"])
def test_a_copy_of_a_row_that_shared_a_regulation_does_not_share_it_once_that_is_over(scene: Scene, fate: Fate) -> None:
    scene.world.segment.next_fates = [fate]
    scene.add()
    second = scene.add()
    scene.later(60, ticks=3)
    assert scene.row(second).cells.status_note.startswith(DUPLICATE)
    copy = copied(scene, second)
    scene.later(3_000, ticks=5)
    assert scene.row(copy).cells.status == Status.NEEDS_ATTENTION
    assert "Nothing was sent to Segment for this row" in scene.row(copy).cells.status_note
    assert scene.row(second).cells.status_note.startswith(DUPLICATE)
    assert len(scene.world.segment.created()) == 1


def test_a_row_that_shared_a_regulation_still_does_after_a_lost_ledger_and_its_copy_does_not(scene: Scene) -> None:
    scene.world.segment.next_fates = [DONE]
    scene.add()
    second = scene.add()
    scene.later(60, ticks=3)
    before = scene.row(second).cells
    scene.lose_ledger()
    scene.later(60, ticks=3)
    assert scene.row(second).cells == before
    copy = copied(scene, second)
    scene.later(3_000, ticks=5)
    assert scene.row(second).cells == before
    assert scene.row(copy).cells.status == Status.NEEDS_ATTENTION
    assert scene.broken() == ""


def test_that_segment_knows_no_regulation_which_it_lists_does_not_prove_that_it_is_over(scene: Scene) -> None:
    scene.world.segment.next_fates = [ENDLESS, ENDLESS]
    first = scene.add()
    scene.lose_ledger()
    scene.world.table.remove(first)
    scene.later(60)
    scene.fault("segment", "amnesia", hours=1)
    second = scene.add()
    scene.later(30, ticks=3)
    assert len(scene.world.segment.created()) == 1
    assert not scene.row(second).cells.regulation_id
    scene.later(120, ticks=3)
    assert scene.row(second).cells.regulation_id == scene.world.segment.created()[0].regulation_id
    assert scene.broken() == ""
