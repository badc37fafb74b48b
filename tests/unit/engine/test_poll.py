"""What is sent is fresh, and what rows are told of it is true."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from tests.unit.engine.conftest import Bench

from dsr_sync.core.model import Identifier, Progress, RegulationId, Status, SubmissionId
from dsr_sync.ports import Intent, Permanent, Transient

REFUSED = Permanent("segment", "the request is invalid", 422)
LOCKED_OUT = Transient("segment", "too many requests", 429, timedelta(minutes=50))
PACE = timedelta(seconds=60)

Benched = Callable[..., Bench]


def test_of_a_refused_batch_the_rows_that_were_sent_alone_are_told_so_and_only_the_others_that_they_wait(
    benched: Benched,
) -> None:
    bench = benched(requests_per_regulation=3)
    rows = bench.ask(["ann", "bob", "cid"])
    bench.segment.fail("submit", REFUSED)
    bench.segment.fail("submit", LOCKED_OUT, skip=1)
    bench.tick()
    assert bench.sent() == [("ann",)]
    told = [(bench.cells(row).submitted, bench.cells(row).status) for row in rows]
    assert told == [(True, Status.SUBMITTED), (False, Status.ON_HOLD), (False, Status.ON_HOLD)]
    notes = [bench.cells(row).status_note for row in rows]
    assert [note.startswith("Not sent yet: Segment cannot take requests") for note in notes] == [False, True, True]


class Slow:
    """Segment takes so many submissions, and then none for a minute; each takes a while."""

    def __init__(self, bench: Bench, most: int, takes: float = 0.0) -> None:
        self._bench, self._most, self._takes = bench, most, takes
        self._submit = bench.segment.submit

    def __call__(self, regulation_type: str, subjects: Sequence[Identifier]) -> RegulationId:
        made = self._submit(regulation_type, subjects)
        self._bench.clock.advance(self._takes)
        if len(self._bench.sent()) >= self._most:
            self._bench.segment.pace = PACE
        return made


def test_a_row_is_not_sent_now_if_it_would_be_stale_when_its_turn_comes(
    benched: Benched, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = benched()
    first, second = bench.ask(["ann", "bob"])
    monkeypatch.setattr(bench.segment, "submit", Slow(bench, most=1))
    report = bench.tick()
    assert bench.sent() == [("ann",)]
    assert report.problems == []
    assert bench.cells(first).status == Status.SUBMITTED
    assert bench.cells(second).status == Status.ON_HOLD
    assert bench.cells(second).status_note.startswith("Next in line to be sent to Segment")
    assert [event.kind for event in bench.ledger.history(second)] == ["request.seen"]
    bench.table.edit(second, hold=True)
    bench.segment.pace = timedelta(0)
    bench.tick()
    assert bench.sent() == [("ann",)]


@pytest.mark.parametrize(("already", "sent"), [(5.0, 2), (15.0, 1)])
def test_a_turn_may_be_as_far_away_as_the_row_stays_fresh(
    benched: Benched, monkeypatch: pytest.MonkeyPatch, already: float, sent: int
) -> None:
    bench = benched()
    bench.ask(["ann", "bob"])
    bench.segment.pace = timedelta(seconds=20)
    monkeypatch.setattr(bench.segment, "submit", Slow(bench, most=9, takes=already))
    bench.tick()
    assert len(bench.sent()) == sent


def test_a_row_that_went_stale_while_the_ledger_wrote_the_intent_is_not_sent_now(
    benched: Benched, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = benched()
    (asked,) = bench.ask(["ann"])
    intend = bench.ledger.intend

    def slowly(intent: Intent) -> SubmissionId:
        bench.clock.advance(31.0)
        return intend(intent)

    with monkeypatch.context() as patched:
        patched.setattr(bench.ledger, "intend", slowly)
        bench.tick()
    assert bench.sent() == []
    assert bench.cells(asked).status == Status.ON_HOLD
    assert bench.cells(asked).status_note.startswith("Next in line to be sent to Segment")
    bench.tick()
    assert bench.sent() == [("ann",)]
    assert bench.cells(asked).status == Status.SUBMITTED


def test_the_rows_of_a_refused_batch_are_not_sent_alone_either_if_their_turn_comes_too_late(
    benched: Benched, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = benched(requests_per_regulation=3)
    bench.ask(["ann", "bob", "cid"])
    bench.segment.fail("submit", REFUSED)
    monkeypatch.setattr(bench.segment, "submit", Slow(bench, most=1))
    bench.tick()
    assert bench.sent() == [("ann",)]


def test_a_retry_whose_turn_comes_too_late_stays_ticked_and_is_sent_later(
    benched: Benched,
) -> None:
    bench = benched()
    (row,) = bench.ask(["ann"])
    bench.tick()
    bench.segment.report(bench.regulation_of(row), Progress.FAILED)
    bench.tick()
    bench.table.edit(row, retry=True)
    bench.segment.pace = PACE
    bench.tick()
    assert bench.table.row(row).retry
    bench.segment.pace = timedelta(0)
    bench.tick()
    assert len(bench.sent()) == 2
    assert not bench.table.row(row).retry
