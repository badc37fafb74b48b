"""Regulations in Segment's list that the ledger does not know: an old copy of it, or somebody at Segment's own page."""

from collections.abc import Callable
from datetime import timedelta

from tests.unit.engine.conftest import BROKEN, ODD, Bench, Let

from dsr_sync.core.model import Identifier, Progress, RegulationId, Status
from dsr_sync.core.policy import EmailRule
from dsr_sync.ports import PortError

Benched = Callable[..., Bench]


def made(bench: Bench, *persons: str) -> list[RegulationId]:
    """A deletion for each of these persons that the ledger does not know, and that Segment lists since yesterday."""
    at = bench.clock.now() - timedelta(days=1)
    kind = "SUPPRESS_WITH_DELETE"
    regulations = [bench.segment.create(kind, [Identifier(person)], at) for person in persons]
    bench.lose_ledger()
    bench.tick()
    return regulations


@ODD
def test_one_that_segment_cannot_answer_about_holds_up_its_own_person_alone(
    benched: Benched, stick: Let, odd: PortError
) -> None:
    bench = benched()
    (stuck,) = made(bench, "ann")
    stick(bench, {stuck}, odd)
    ann, bob = bench.ask(["ann", "bob"])
    report = bench.tick()
    assert report.problems == []
    assert (bench.cells(ann).status, bench.cells(bob).status) == (Status.ON_HOLD, Status.SUBMITTED)
    assert "Segment cannot take requests just now" in bench.cells(ann).status_note
    assert bench.sent() == [("ann",), ("bob",)]


@ODD
def test_nor_more_than_its_own_person_where_it_is_about_one_user_id_of_several(
    benched: Benched, stick: Let, odd: PortError
) -> None:
    bench = benched(email=EmailRule.LOOKUP)
    bench.profiles.put("a@x.example", ["ann", "ann-2"])
    (stuck,) = made(bench, "ann")
    stick(bench, {stuck}, odd)
    bench.ask(["a@x.example", "bob"])
    assert bench.tick(2).problems == []
    assert bench.sent() == [("ann",), ("bob",)]


def test_the_others_are_followed_on_meanwhile(benched: Benched, stick: Let) -> None:
    bench = benched()
    (stuck,) = made(bench, "ann")
    (zoe,) = bench.ask(["zoe"])
    bench.tick()
    stick(bench, {stuck}, BROKEN)
    bench.ask(["ann"])
    bench.segment.report(bench.regulation_of(zoe), Progress.FINISHED)
    bench.tick(2)
    assert bench.cells(zoe).status == Status.COMPLETED


def test_it_is_asked_about_again_after_five_minutes_and_not_at_every_tick(benched: Benched, stick: Let) -> None:
    bench = benched()
    (regulation,) = made(bench, "ann")
    unanswered = {regulation}
    stuck = stick(bench, unanswered, BROKEN)
    (ann,) = bench.ask(["ann"])
    bench.tick(5)
    assert stuck.asked == 1
    bench.segment.report(regulation, Progress.FINISHED)
    unanswered.clear()
    bench.tick(2)
    assert bench.sent() == [("ann",)] * 2
    assert bench.cells(ann).submitted


def test_even_many_of_them_keep_no_others_waiting_and_no_more_than_three_are_asked_about_in_a_tick(
    benched: Benched, stick: Let
) -> None:
    persons = [f"person-{number}" for number in range(8)]
    bench = benched()
    stick(bench, set(made(bench, *persons)), BROKEN)
    *_, bob = bench.ask([*persons, "bob"])
    report = bench.tick()
    assert (report.problems, report.unanswered) == ([], 3)
    assert bench.cells(bob).submitted


def test_of_one_that_has_ended_segment_is_not_asked_again(benched: Benched, stick: Let) -> None:
    bench = benched(email=EmailRule.LOOKUP)
    bench.profiles.put("a@x.example", ["ann", "ann-2"])
    over, open_still = made(bench, "ann", "ann-2")
    bench.segment.report(over, Progress.FINISHED)
    stuck = stick(bench, set(), BROKEN)
    bench.ask(["a@x.example"])
    bench.tick()
    assert stuck.asked == 2
    bench.tick(5)
    assert stuck.asked == 7
    assert bench.sent() == [("ann",), ("ann-2",)]
    bench.segment.report(open_still, Progress.FINISHED)
    bench.tick()
    assert bench.sent()[2:] == [("ann", "ann-2")]
