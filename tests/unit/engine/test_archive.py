"""After a lost ledger, a row that Segment has forgotten is all that is left of a request: nobody may wipe it."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from tests.unit.engine.conftest import Bench

from dsr_sync.core.model import Cells, Progress, RecordId, Status


def completed_with_a_refused_extension(bench: Bench) -> RecordId:
    """Each poll lists such a row, because its extension is another date than Due by."""
    (row,) = bench.ask(["ann"])
    bench.tick()
    bench.segment.report(bench.regulation_of(row), Progress.FINISHED)
    bench.tick()
    bench.table.edit(row, extended_until=date(2026, 5, 1))  # and no reason for it
    bench.tick()
    return row


@pytest.fixture
def archived(benched: Callable[..., Bench]) -> tuple[Bench, RecordId, Cells]:
    """Such a row a hundred days later, with a new ledger; and what it says."""
    bench = benched()
    row = completed_with_a_refused_extension(bench)
    says = bench.cells(row)
    assert says.status == Status.COMPLETED
    bench.clock.advance(timedelta(days=100).total_seconds())
    bench.lose_ledger()
    bench.tick()
    return bench, row, says


def test_the_poll_leaves_it_as_it_is(archived: tuple[Bench, RecordId, Cells]) -> None:
    bench, row, says = archived
    bench.tick(3)
    assert bench.cells(row) == says


def test_it_costs_no_listing_of_segment_at_each_tick(archived: tuple[Bench, RecordId, Cells]) -> None:
    bench, _, _ = archived
    before = bench.segment.calls["listing"]
    bench.tick(5)
    assert bench.segment.calls["listing"] == before


def test_retry_in_a_row_that_says_completed_sends_nothing_and_costs_the_record_nothing(
    archived: tuple[Bench, RecordId, Cells],
) -> None:
    bench, row, says = archived
    bench.table.edit(row, retry=True)
    bench.tick(2)
    assert (bench.sent(), bench.cells(row)) == ([("ann",)], says)


def test_retry_in_one_that_came_to_nothing_is_answered_with_how_to_send_it(
    archived: tuple[Bench, RecordId, Cells],
) -> None:
    bench, row, _ = archived
    bench.table.edit(row, status=Status.FAILED, retry=True)
    bench.tick()
    assert (bench.sent(), bench.table.row(row).retry) == ([("ann",)], False)
    assert "If it still has to be sent, untick Submitted." in bench.cells(row).status_note
    bench.table.edit(row, submitted=False)
    bench.tick()
    assert bench.sent() == [("ann",), ("ann",)]


def test_if_staff_untick_submitted_it_is_no_record_but_a_row_to_be_sent(
    archived: tuple[Bench, RecordId, Cells],
) -> None:
    """Else a row that was copied from an old one, and unticked to be sent, would be lost without a word."""
    bench, row, _ = archived
    bench.table.edit(row, identifier="bob", submitted=False)
    bench.tick()
    assert bench.sent() == [("ann",), ("bob",)]


def test_while_the_ledger_knows_it_the_row_is_put_right_however_old(benched: Callable[..., Bench]) -> None:
    bench = benched()
    row = completed_with_a_refused_extension(bench)
    says = bench.cells(row)
    bench.clock.advance(timedelta(days=100).total_seconds())
    bench.table.edit(row, status_note="?")
    bench.tick()
    assert bench.cells(row) == says


@pytest.mark.parametrize("days", [100, 300])
def test_without_the_column_submitted_at_the_age_of_the_row_counts(benched: Callable[..., Bench], days: int) -> None:
    bench = benched()
    (row,) = bench.ask(["ann"])
    bench.tick()
    bench.segment.report(bench.regulation_of(row), Progress.FINISHED)
    bench.tick()
    bench.table.edit(row, submitted_at=None, completed_at=None)
    says = bench.cells(row)
    bench.clock.advance(timedelta(days=days).total_seconds())
    bench.lose_ledger()
    bench.tick(3)
    assert bench.cells(row) == says
    assert says.status == Status.COMPLETED


def test_without_the_column_an_old_row_that_was_sent_of_late_is_followed_again(benched: Callable[..., Bench]) -> None:
    bench = benched()
    row = bench.table.add("ann", hold=True)
    bench.clock.advance(timedelta(days=100).total_seconds())
    bench.table.edit(row, hold=False)
    bench.tick()
    bench.table.edit(row, submitted_at=None)
    bench.lose_ledger()
    bench.tick(2)
    bench.segment.report(bench.regulation_of(row), Progress.FINISHED)
    bench.tick(2)
    assert bench.cells(row).status == Status.COMPLETED
    assert len(bench.sent()) == 1
