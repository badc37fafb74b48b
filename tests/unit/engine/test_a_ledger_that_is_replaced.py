"""An older copy of the ledger is put in place while the process lives: a restored database, or a replica behind."""

import copy
from collections.abc import Callable

import pytest
from tests.unit.engine.conftest import Bench

from dsr_sync.ports import Transient

_OUT_OF_ORDER = Transient("airtable", "out of order", 503)


@pytest.mark.parametrize("told", [True, False], ids=["the row was told", "the row was not told"])
def test_what_the_copy_does_not_know_is_not_sent_again(benched: Callable[..., Bench], told: bool) -> None:
    bench = benched()
    bench.ask(["zed"])
    bench.tick(2)
    older = copy.deepcopy(bench.ledger.book)
    (row,) = bench.ask(["ann"])
    if not told:
        bench.table.fail("tell", _OUT_OF_ORDER, times=1)
    bench.tick()
    bench.ledger.book = older
    further = bench.ask(["ann"])
    bench.tick(3)
    assert bench.sent() == [("zed",), ("ann",)]
    assert {bench.regulation_of(each) for each in (row, *further)} == {bench.segment.created()[1].regulation_id}


def test_a_ledger_that_only_grows_costs_no_further_listing(benched: Callable[..., Bench]) -> None:
    bench = benched()
    bench.ask(["ann"])
    bench.tick(2)
    before = len(bench.heard.named("coldstart.finished"))
    bench.tick(20)
    assert len(bench.heard.named("coldstart.finished")) == before == 1
