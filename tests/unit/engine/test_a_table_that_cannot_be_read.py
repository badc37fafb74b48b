"""Something in the table keeps it from being read as a whole, day after day: what else is to be done is done."""

from collections.abc import Callable
from datetime import timedelta

from tests.unit.engine.conftest import Bench

from dsr_sync.core.model import Progress, RecordId, Status
from dsr_sync.ports import Transient

Benched = Callable[..., Bench]
FOR_EVER = 1_000_000


def sent_a_day_ago(bench: Bench, problem: Transient) -> RecordId:
    """A row that was sent and told; since then a day has passed, the sweep fails, and Segment is done."""
    (row,) = bench.ask(["ann"])
    bench.tick()
    bench.clock.advance(86_400)
    bench.table.fail("everything", problem, times=FOR_EVER)
    bench.segment.report(bench.regulation_of(row), Progress.FINISHED)
    return row


def test_rows_are_told_what_they_are_owed_though_the_daily_sweep_always_fails(benched: Benched) -> None:
    bench = benched()
    row = sent_a_day_ago(bench, Transient("airtable", "larger than an answer may be"))
    report = bench.tick()
    assert bench.cells(row).status == Status.COMPLETED
    assert [str(problem) for problem in report.problems] == ["airtable: larger than an answer may be"]


def test_further_rows_are_sent_and_told_while_it_fails(benched: Benched) -> None:
    bench = benched()
    sent_a_day_ago(bench, Transient("airtable", "larger than an answer may be"))
    (further,) = bench.ask(["bob"])
    bench.tick(3)
    assert bench.cells(further).status == Status.SUBMITTED


def test_a_pause_that_airtable_asks_for_in_the_sweep_binds_what_comes_after_it(benched: Benched) -> None:
    bench = benched()
    row = sent_a_day_ago(bench, Transient("airtable", "too many requests", 429, timedelta(seconds=30)))
    bench.tick()
    assert bench.cells(row).status == Status.SUBMITTED
