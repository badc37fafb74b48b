"""A new ledger with the token of another workspace: by that one's list, nothing in the base was ever sent."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from tests.fakes.deletion import FakeDeletionService
from tests.unit.engine.conftest import Bench

from dsr_sync.core.model import Cells, Progress, RecordId, Status
from dsr_sync.ports import Transient

Benched = Callable[..., Bench]
WRONG = "the list of regulations misses one that must be in it"


def served(bench: Bench, **columns: Any) -> tuple[list[RecordId], list[Cells]]:
    """Two rows that were sent an hour ago, of which one is completed; and what they say."""
    rows = bench.ask(["ann", "bob"])
    bench.tick()
    bench.segment.report(bench.regulation_of(rows[0]), Progress.FINISHED)
    bench.tick()
    for row in rows:
        bench.table.edit(row, **columns)
    bench.clock.advance(3_600)
    return rows, [bench.cells(row) for row in rows]


def elsewhere(bench: Bench) -> None:
    """From now on it is another workspace, and the ledger is new."""
    bench.segment = FakeDeletionService(bench.clock.now)
    bench.lose_ledger()


def test_nothing_is_written_or_sent_and_the_tick_says_why(benched: Benched) -> None:
    bench = benched()
    rows, says = served(bench)
    elsewhere(bench)
    (further,) = bench.ask(["cid"])
    report = bench.tick()
    assert {(type(problem), problem.service, problem.reason) for problem in report.problems} == {
        (Transient, "segment", WRONG)
    }
    bench.tick(3)
    assert [bench.cells(row) for row in rows] == says
    assert not bench.cells(further).submitted
    assert bench.sent() == []


def test_a_row_whose_retry_is_ticked_keeps_its_regulation_too(benched: Benched) -> None:
    bench = benched()
    rows, says = served(bench)
    elsewhere(bench)
    bench.table.edit(rows[1], retry=True)
    bench.tick(3)
    assert [bench.cells(row) for row in rows] == says


def test_the_whole_table_is_not_read_twice_in_a_tick_for_that(benched: Benched) -> None:
    bench = benched()
    served(bench)
    elsewhere(bench)
    before = bench.table.calls["everything"]
    bench.tick()
    assert bench.table.calls["everything"] == before + 1


def test_with_the_right_list_it_goes_on_by_itself(benched: Benched) -> None:
    """A list that was served late is read again at the next tick."""
    bench = benched()
    rows, says = served(bench)
    for row in rows:
        bench.segment.hide(bench.regulation_of(row))
    bench.lose_ledger()
    bench.tick()
    for row in rows:
        bench.segment.unhide(bench.regulation_of(row))
    (further,) = bench.ask(["cid"])
    bench.tick()
    assert [bench.cells(row) for row in rows] == says
    assert bench.cells(further).submitted
    assert len(bench.sent()) == 3


@pytest.mark.parametrize(("many", "waits"), [(2, False), (3, True)])
def test_without_the_column_submitted_at_it_takes_three(benched: Benched, many: int, waits: bool) -> None:
    bench = benched()
    rows = bench.ask([f"user-{number}" for number in range(many)])
    bench.tick()
    for row in rows:
        bench.table.edit(row, submitted_at=None)
    bench.clock.advance(3_600)
    elsewhere(bench)
    report = bench.tick()
    assert bool(report.problems) is waits
    assert [bool(bench.cells(row).regulation_id) for row in rows] == [waits] * many


def forged(bench: Bench, **columns: Any) -> RecordId:
    """A row that looks as if it had been sent yesterday, and was not."""
    yesterday = bench.clock.now() - timedelta(days=1)
    says = {"submitted": True, "status": Status.COMPLETED, "submitted_at": yesterday, "regulation_id": "typed"}
    return bench.table.add("ann", **{"created_at": yesterday, **says, **columns})


@pytest.mark.parametrize(
    "columns",
    [
        pytest.param({"submitted_at": None, "status": ""}, id="an id that somebody typed"),
        pytest.param({"status": Status.NEEDS_ATTENTION}, id="lost by Segment"),
        pytest.param({"authenticated": False}, id="not authenticated"),
        pytest.param({"submitted": False}, id="not ticked"),
    ],
)
def test_what_the_daemon_has_not_written_as_a_whole_keeps_nobody_waiting(
    benched: Benched, columns: dict[str, Any]
) -> None:
    bench = benched()
    forged(bench, **columns)
    bench.lose_ledger()
    (row,) = bench.ask(["bob"])
    assert bench.tick().problems == []
    assert bench.cells(row).submitted


@pytest.mark.parametrize("days", [0, 1, 85])
def test_a_copied_row_or_an_old_one_or_one_of_just_now_keeps_nobody_waiting(benched: Benched, days: int) -> None:
    bench = benched()
    now = bench.clock.now()
    copied = {"created_at": now} if days == 1 else {"created_at": now - timedelta(days=days)}
    forged(bench, submitted_at=now - timedelta(days=days), **copied)
    bench.lose_ledger()
    (row,) = bench.ask(["bob"])
    assert bench.tick().problems == []
    assert bench.cells(row).submitted


def test_one_regulation_that_is_found_on_any_page_proves_that_the_list_is_the_right_one(benched: Benched) -> None:
    bench = benched(max_submissions_per_hour=1_000)
    for number in range(5):
        forged(bench, regulation_id=f"typed-{number}")
    bench.ask([f"user-{number}" for number in range(200)])
    (row,) = bench.ask(["zoe"])
    bench.tick()
    for each in bench.table.rows():
        if each.identifier.reveal().startswith("user-"):
            bench.table.remove(each.record_id)
    for _ in range(150):
        bench.table.add("later", authenticated=False)
    bench.clock.advance(3_600)
    bench.lose_ledger()
    report = bench.tick()
    assert report.problems == []
    assert bench.cells(row).submitted
