"""One regulation that Segment cannot answer about must not cost the others anything, nor pass for an outage."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from tests.unit.engine.conftest import BROKEN, ODD, REFUSED, Bench, Let

from dsr_sync.core.model import Progress, Status
from dsr_sync.ports import PortError, TokenRefused, Transient

Benched = Callable[..., Bench]


@ODD
def test_a_regulation_that_segment_cannot_answer_about_does_not_keep_the_others_from_being_followed(
    benched: Benched, stick: Let, odd: PortError
) -> None:
    bench = benched()
    stuck, *others = bench.ask(["ann", "bob", "cid"])
    bench.tick()
    stick(bench, bench.regulations_of([stuck]), odd)
    for row in others:
        bench.segment.report(bench.regulation_of(row), Progress.FINISHED)
    report = bench.tick()
    assert [bench.cells(row).status for row in (stuck, *others)] == [Status.SUBMITTED, *[Status.COMPLETED] * 2]
    assert report.problems == []
    assert report.unanswered == 1
    assert bench.heard.named("regulation.unanswered") == [
        {"regulation_id": bench.regulation_of(stuck), "reason": odd.reason, "status": odd.status}
    ]


@ODD
def test_a_regulation_that_was_not_answered_about_is_asked_about_again_after_five_minutes(
    benched: Benched, stick: Let, odd: PortError
) -> None:
    bench = benched()
    (row,) = bench.ask(["ann"])
    bench.tick()
    stuck = stick(bench, bench.regulations_of([row]), odd)
    bench.tick(6)
    assert stuck.asked == 2
    assert bench.cells(row).status == Status.SUBMITTED


def test_where_looks_are_further_apart_than_five_minutes_so_is_the_next_one(benched: Benched, stick: Let) -> None:
    bench = benched(follow=timedelta(hours=1))
    (row,) = bench.ask(["ann"])
    bench.tick()
    stuck = stick(bench, bench.regulations_of([row]), REFUSED)
    bench.clock.advance(3600)
    bench.tick(59)
    assert stuck.asked == 1
    bench.tick(2)
    assert stuck.asked == 2


def test_one_refusal_is_no_failure_of_segment_even_if_nothing_else_was_asked(benched: Benched, stick: Let) -> None:
    bench = benched()
    rows = bench.ask(["ann"])
    bench.tick()
    stick(bench, bench.regulations_of(rows), REFUSED)
    report = bench.tick()
    assert report.problems == []
    assert report.complete


def test_three_refusals_and_no_answer_are_a_failure_of_segment(benched: Benched, stick: Let) -> None:
    bench = benched()
    rows = bench.ask(["ann", "bob", "cid", "dan"])
    bench.tick()
    stuck = stick(bench, bench.regulations_of(rows), REFUSED)
    assert bench.tick().problems == [REFUSED]
    assert stuck.asked == 3


def test_if_segment_answers_nothing_it_is_asked_three_times_and_then_once_after_each_pause(
    benched: Benched, stick: Let
) -> None:
    bench = benched()
    rows = bench.ask([f"person-{number}" for number in range(20)])
    bench.tick()
    stuck = stick(bench, bench.regulations_of(rows), BROKEN)
    assert bench.tick(every=1).problems == [BROKEN]
    assert stuck.asked == 3
    assert bench.tick(every=60).paused == {"segment"}
    for probe in (4, 5, 6):
        assert bench.tick(every=90).problems == [BROKEN]
        assert stuck.asked == probe


def test_three_stuck_regulations_end_the_looks_of_a_tick_and_the_others_come_first_in_the_next(
    benched: Benched, stick: Let
) -> None:
    bench = benched()
    *stuck, last = bench.ask(["ann", "bob", "cid", "dan"])
    bench.tick()
    stick(bench, bench.regulations_of(stuck), REFUSED)
    bench.segment.report(bench.regulation_of(last), Progress.FINISHED)
    bench.tick()
    assert bench.cells(last).status == Status.SUBMITTED
    assert bench.tick().problems == []
    assert bench.cells(last).status == Status.COMPLETED


@pytest.mark.parametrize(
    "problem",
    [
        TokenRefused("segment", "the token is refused", 401, "segment.token", "read access"),
        Transient("segment", "too many requests", 429, timedelta(seconds=90)),
        Transient("segment", "server error", 503, timedelta(seconds=90)),
        Transient("segment", "no complete answer in time"),
    ],
    ids=["a refused token", "a 429", "a 503 that says when to come back", "silence"],
)
def test_what_is_about_segment_as_a_whole_ends_the_looks_at_once(
    benched: Benched, stick: Let, problem: PortError
) -> None:
    bench = benched()
    rows = bench.ask(["ann", "bob", "cid"])
    bench.tick()
    stuck = stick(bench, bench.regulations_of(rows), problem)
    report = bench.tick(every=1)
    assert report.problems == [problem]
    assert report.unanswered == 0
    assert stuck.asked == 1
    assert bench.tick().paused == {"segment"}


@ODD
def test_a_lost_ledger_is_rebuilt_although_segment_cannot_answer_about_one_regulation(
    benched: Benched, stick: Let, odd: PortError
) -> None:
    bench = benched()
    stuck, other = bench.ask(["ann", "bob"])
    bench.tick()
    stick(bench, bench.regulations_of([stuck]), odd)
    bench.lose_ledger()
    (new,) = bench.ask(["cid"])
    bench.tick()
    assert bench.ledger.mark("sweep") is not None
    assert [bench.cells(row).status for row in (stuck, other, new)] == [Status.SUBMITTED] * 3
    assert bench.sent() == [("ann",), ("bob",), ("cid",)]
