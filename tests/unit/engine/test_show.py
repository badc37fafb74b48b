"""What rows are told that the poll does not come by."""

from collections.abc import Callable

from tests.unit.engine.conftest import Bench

from dsr_sync.core.model import RecordId, Status


def sent_in_vain(bench: Bench) -> RecordId:
    """A row that was sent, whose answer was lost, and of which Segment has nothing."""
    (row,) = bench.ask(["ann"])
    bench.segment.lose_answer(after_effect=False)
    bench.tick()
    assert "the answer did not arrive" in bench.cells(row).status_note
    return row


def test_a_row_that_was_unticked_before_its_absence_was_proved_is_not_told_that_it_is_sent_by_itself(
    benched: Callable[..., Bench],
) -> None:
    bench = benched()
    row = sent_in_vain(bench)
    bench.table.edit(row, authenticated=False)
    bench.tick(40)
    assert bench.sent() == []
    assert bench.cells(row).status == Status.ON_HOLD
    assert bench.cells(row).status_note == (
        "The deletion that was last sent for this row did not get into Segment. While Authenticated is ticked, it is "
        "sent again by itself and you need do nothing; while it is not, nothing is sent."
    )


def test_it_is_told_once_and_never_written_to_again(benched: Callable[..., Bench]) -> None:
    bench = benched()
    row = sent_in_vain(bench)
    bench.table.edit(row, authenticated=False)
    bench.tick(40)
    writes = len(bench.table.written)
    bench.tick(40, every=3600)
    assert len(bench.table.written) == writes


def test_once_it_is_ticked_again_it_is_sent(benched: Callable[..., Bench]) -> None:
    bench = benched()
    row = sent_in_vain(bench)
    bench.table.edit(row, authenticated=False)
    bench.tick(40)
    bench.table.edit(row, authenticated=True)
    bench.tick()
    assert bench.sent() == [("ann",)]
    assert bench.cells(row).status == Status.SUBMITTED
