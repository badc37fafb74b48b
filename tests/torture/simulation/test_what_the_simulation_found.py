"""Every bug that a seed has shown, as the shortest story that shows it again. Seeds may change; these do not."""

from datetime import timedelta

from tests.torture.simulation.scene import DONE, ENDLESS, FAILED, NEEDS_HELP, Scene

from dsr_sync.core.model import Cells, Status
from dsr_sync.ports import BaseProblem, Flaw


def test_a_row_that_shares_a_retry_which_segment_could_not_take_is_not_called_ticked_by_hand(scene: Scene) -> None:
    scene.world.segment.next_fates = [FAILED, DONE]
    first, second = scene.add(), scene.add()
    scene.later(60, ticks=3)
    assert {scene.row(first).cells.status, scene.row(second).cells.status} == {Status.FAILED}
    scene.fault("segment", "down")
    scene.change(first, retry=True)
    scene.later(60, ticks=3)
    assert scene.row(second).cells.status != Status.NEEDS_ATTENTION
    scene.later(2_000, ticks=5)
    assert scene.row(first).cells.regulation_id == scene.row(second).cells.regulation_id
    assert scene.broken() == ""


def test_one_tick_of_retry_sends_once_also_when_it_could_not_be_unticked(scene: Scene) -> None:
    scene.world.segment.next_fates = [FAILED, FAILED, ENDLESS]
    row = scene.add()
    scene.later(60, ticks=3)
    scene.change(row, retry=True)
    scene.world.table.fail_tells = True
    scene.later(60, ticks=3)
    scene.world.table.fail_tells = False
    scene.later(60, ticks=3)
    assert len(scene.world.segment.created()) == 2
    assert scene.row(row).cells.status == Status.FAILED
    assert not scene.row(row).retry
    assert scene.broken() == ""


def test_a_copy_made_within_minutes_of_the_sending_is_told_that_nothing_was_sent_for_it(scene: Scene) -> None:
    scene.world.segment.next_fates = [ENDLESS]
    row = scene.row(scene.add())
    cells = {name: getattr(row.cells, name) for name in Cells.__slots__}
    copied = scene.world.table.add("ann", **cells)
    scene.world.staff.note(copied, "copy", by_hand=True)
    scene.later(3_000, ticks=5)
    assert scene.row(copied).cells.status == Status.NEEDS_ATTENTION
    assert "Nothing was sent to Segment for this row" in scene.row(copied).cells.status_note


def test_an_intent_that_a_clock_far_ahead_would_date_is_not_made(scene: Scene) -> None:
    scene.world.segment.next_fates = [ENDLESS]
    scene.world.shift_clock(timedelta(days=90))
    scene.world.wire.set_on("intend", afterwards=True)
    row = scene.add()
    assert scene.world.crashes == 0, "an intent was written down while the clock was wrong"
    scene.world.wire.unset()
    scene.world.shift_clock(timedelta(0))
    scene.later(60, ticks=3)
    assert scene.row(row).cells.submitted
    assert scene.broken() == ""


def test_a_retry_on_a_row_whose_request_type_is_unknown_keeps_its_answer(scene: Scene) -> None:
    scene.world.segment.next_fates = [FAILED]
    row = scene.add()
    scene.later(60, ticks=3)
    scene.change(row, request_type="Erase", retry=True)
    scene.later(3)
    answer = scene.row(row).cells
    assert answer.status == Status.FAILED
    assert "Nothing was sent again" in answer.status_note
    scene.later(3_000, ticks=5)
    assert scene.row(row).cells == answer
    assert scene.broken() == ""


def test_a_retry_that_segment_cannot_take_now_leaves_the_regulation_in_the_row(scene: Scene) -> None:
    scene.world.segment.next_fates = [FAILED, DONE]
    row = scene.add()
    scene.later(60, ticks=3)
    first = scene.row(row).cells.regulation_id
    scene.fault("segment", "limited")
    scene.change(row, retry=True)
    scene.later(10, ticks=3)
    assert (scene.row(row).cells.regulation_id, scene.row(row).cells.submitted) == (first, True)
    assert scene.row(row).retry
    scene.later(3_000, ticks=6)
    assert scene.row(row).cells.status == Status.COMPLETED
    assert scene.broken() == ""


def test_a_shared_retry_that_never_arrived_sends_nothing_for_a_row_that_says_something_else_by_now(
    scene: Scene,
) -> None:
    scene.world.segment.next_fates = [NEEDS_HELP, DONE]
    first = scene.add()
    scene.later(60, ticks=3)
    second = scene.add()
    scene.change(first, request_type="Suppress", submitted=False)
    scene.later(2)
    scene.world.segment.next_ghosts = [1e9]  # its effect never comes
    scene.change(second, retry=True)
    scene.later(60, ticks=6)
    scene.later(1_500)
    kinds = [made.regulation_type for made in scene.world.segment.created()]
    assert "SUPPRESS_ONLY" not in kinds
    assert "changed after this row was sent" in scene.row(first).cells.status_note
    assert scene.broken() == ""


def test_what_a_missing_option_cost_is_made_up_for_at_the_tick_after_it_was_put_back(scene: Scene) -> None:
    scene.world.segment.next_fates = [DONE]
    row = scene.add()
    scene.later(60, ticks=3)
    lacking = BaseProblem(Flaw.MISSING_OPTION, "Requests", "Status", required=False, creatable=False, advice="")
    scene.world.table.hampering = (lacking,)
    scene.world.table.edit(row, status="")
    scene.later(2, ticks=1)
    assert scene.row(row).cells.status == ""  # a completed row is read again once a day, or when something is mended
    scene.world.table.hampering = ()
    scene.later(2, ticks=2)
    assert scene.row(row).cells.status == Status.COMPLETED


def test_a_retry_that_was_obeyed_does_not_count_again_while_the_row_cannot_be_written(scene: Scene) -> None:
    scene.world.segment.next_fates = [NEEDS_HELP]
    row = scene.world.table.add("ann", retry=True, hold=True)
    scene.world.staff.note(row, "add", retry=True)
    scene.later(1)
    scene.world.table.refuse(row)
    scene.change(row, hold=False)
    scene.later(300, ticks=5)
    scene.world.table.refuse(row, "")
    scene.later(3_000, ticks=5)
    assert len(scene.world.segment.created()) == 1
    assert not scene.row(row).retry
    assert scene.broken() == ""
