"""How old a row is counts from when Airtable was asked for it, not from when its page had come."""

from collections.abc import Callable, Iterator, Sequence

import pytest
from tests.unit.engine.conftest import Bench

from dsr_sync.core.model import RequestRow, Status
from dsr_sync.core.policy import FRESHNESS

Benched = Callable[..., Bench]


class OnTheirWay:
    """Pages that Airtable has read and that take so many seconds to come."""

    def __init__(self, bench: Bench, seconds: float) -> None:
        self._bench, self._candidates = bench, bench.table.candidates
        self.seconds = seconds

    def __call__(self) -> Iterator[Sequence[RequestRow]]:
        for page in self._candidates():
            self._bench.clock.advance(self.seconds)
            yield page


def test_a_row_whose_page_was_long_on_its_way_is_not_sent(benched: Benched, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = benched()
    (row,) = bench.ask(["ann"])
    slow = OnTheirWay(bench, FRESHNESS.total_seconds() + 1)
    monkeypatch.setattr(bench.table, "candidates", slow)
    bench.tick()
    assert bench.sent() == []
    assert bench.cells(row).status == Status.ON_HOLD
    slow.seconds = 1
    bench.tick()
    assert bench.sent() == [("ann",)]


def test_the_time_that_the_pages_before_it_took_does_not_count(
    benched: Benched, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = benched(max_submissions_per_hour=1_000)
    people = [f"user-{number}" for number in range(250)]
    bench.ask(people)
    monkeypatch.setattr(bench.table, "candidates", OnTheirWay(bench, FRESHNESS.total_seconds() * 2 / 3))
    bench.tick()
    assert len(bench.sent()) == len(people)
