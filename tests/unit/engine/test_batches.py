"""One row never keeps the others of its batch from being sent."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from tests.unit.engine.addresses import looking_up
from tests.unit.engine.conftest import Bench

from dsr_sync.core.model import Identifier, Progress, RegulationId, Status
from dsr_sync.core.policy import EmailRule
from dsr_sync.ports import OutcomeUnknown, QuotaExhausted

Benched = Callable[..., Bench]
DAY = timedelta(days=1)


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


def test_one_id_over_which_segment_stumbles_holds_up_the_others_for_a_few_rounds_only(benched: Benched) -> None:
    """Segment answers 500 whenever it is in a batch: each time that none of it arrived, the batches are halved."""
    bench = benched(requests_per_regulation=8)
    submit = bench.segment.submit

    def stumbling(regulation_type: str, subjects: Sequence[Identifier]) -> RegulationId:
        if "bad" in [subject.reveal() for subject in subjects]:
            raise OutcomeUnknown("segment", "server error", 500)
        return submit(regulation_type, subjects)

    bench.segment.submit = stumbling  # type: ignore[method-assign]  # no failure of the fake's is about a person
    people = ["a", "b", "bad", "d", "e", "f", "g", "h"]
    rows = bench.ask(people)
    bench.tick(60 * 4)
    assert [bench.cells(row).submitted for row in rows] == [person != "bad" for person in people]
    assert sorted(map(len, bench.sent())) == [1, 2, 4]


def full_but_for(bench: Bench, left: int) -> None:
    """The month's quota does not hold the next batch, and has room for so many more."""
    until = bench.clock.now() + DAY * 10
    bench.segment.fail("submit", QuotaExhausted("segment", "used up", 429, until=until, left=left))


def test_a_batch_that_the_quota_does_not_hold_goes_row_by_row_until_one_does_not_fit(benched: Benched) -> None:
    bench = benched(requests_per_regulation=3)
    rows = bench.ask(["ann", "bob", "cid"])
    full_but_for(bench, 2)
    bench.segment.fail("submit", QuotaExhausted("segment", "used up", 429, until=bench.clock.now() + DAY * 10), skip=2)
    bench.tick(3)
    assert bench.sent() == [("ann",), ("bob",)]
    assert bench.segment.calls["submit"] == 4
    assert [bench.cells(row).status for row in rows] == [Status.SUBMITTED, Status.SUBMITTED, Status.ON_HOLD]
    assert "this month's number of requests" in bench.cells(rows[2]).status_note


def test_a_batch_is_not_taken_apart_for_a_quota_that_has_nothing_left(benched: Benched) -> None:
    bench = benched(requests_per_regulation=3)
    bench.ask(["ann", "bob", "cid"])
    full_but_for(bench, 0)
    bench.tick(3)
    assert (bench.sent(), bench.segment.calls["submit"]) == ([], 1)
