"""Staff have unticked Submitted in a row that still says which regulation was made for it, and when."""

from collections.abc import Callable

import pytest
from tests.unit.engine.conftest import Bench

from dsr_sync.core.notes import CHANGED

Benched = Callable[..., Bench]
DAY = 86_400.0


@pytest.mark.parametrize("sweeps", [True, False], ids=["found by the sweep", "found by a poll"])
def test_after_a_lost_ledger_it_is_not_sent_for_somebody_else_whom_staff_wrote_into_it(
    benched: Benched, sweeps: bool
) -> None:
    bench = benched()
    (row,) = bench.ask(["ann"])
    bench.tick(2)
    bench.lose_ledger()
    if not sweeps:
        bench.ledger.set_mark("sweep", bench.clock.now())
    bench.table.edit(row, submitted=False, identifier="bob")
    bench.tick(3)
    assert bench.sent() == [("ann",)]
    assert bench.cells(row).submitted
    assert bench.cells(row).status_note.startswith(CHANGED)


def test_a_copy_of_it_is_sent_for_whom_it_names(benched: Benched) -> None:
    bench = benched()
    (row,) = bench.ask(["ann"])
    bench.tick(10)
    bench.lose_ledger()
    (copy,) = bench.ask(["bob"])
    said = bench.cells(row)
    bench.table.edit(copy, regulation_id=said.regulation_id, submitted_at=said.submitted_at, status=said.status)
    bench.tick(3)
    assert bench.sent() == [("ann",), ("bob",)]
    assert bench.regulation_of(copy) != bench.regulation_of(row)


def test_while_the_ledger_knows_the_regulation_words_pasted_from_another_row_keep_nobody_from_being_served(
    benched: Benched,
) -> None:
    bench = benched()
    (waits,) = bench.ask(["ann"])
    bench.table.edit(waits, hold=True)
    (sent,) = bench.ask(["bob"])
    bench.tick(1, every=2 * DAY)
    said = bench.cells(sent)
    bench.table.edit(waits, hold=False, regulation_id=said.regulation_id, submitted_at=said.submitted_at)
    bench.tick(3)
    assert bench.sent() == [("bob",), ("ann",)]
    assert bench.regulation_of(waits) != bench.regulation_of(sent)
