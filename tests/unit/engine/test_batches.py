"""One row never keeps the others of its batch from being sent."""

from collections.abc import Callable

from tests.unit.engine.addresses import looking_up
from tests.unit.engine.conftest import Bench

from dsr_sync.core.model import Progress
from dsr_sync.core.policy import EmailRule

Benched = Callable[..., Bench]


def test_a_row_that_the_ledger_refuses_beside_another_does_not_keep_the_whole_batch_waiting(benched: Benched) -> None:
    """Its Retry repeats what was sent for an address, and a new row names that address, which leads elsewhere now."""
    bench = looking_up(benched(requests_per_regulation=3, email=EmailRule.LOOKUP), a="u1")
    (first,) = bench.ask(["a@x.example"])
    bench.tick()
    (joined,) = bench.ask(["u1"])
    bench.tick()
    bench.segment.report(bench.regulation_of(first), Progress.FAILED)
    bench.tick()
    looking_up(bench, a="u7", d="u9")
    bench.table.edit(joined, retry=True)
    again, unrelated = bench.ask(["a@x.example", "d@x.example"])
    bench.tick(2)
    assert bench.sent() == [("u1",), ("u1",), ("u9",)]
    assert bench.regulation_of(first) == bench.regulation_of(joined) == bench.regulation_of(again)
    assert bench.cells(unrelated).submitted
