"""Of several requests of one person, the last one made is the last one sent."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from tests.unit.engine.addresses import looking_up
from tests.unit.engine.conftest import Bench

from dsr_sync.core.model import Progress, RequestType
from dsr_sync.core.policy import EmailRule, Policy
from dsr_sync.ports import Permanent

Benched = Callable[..., Bench]


def sent(bench: Bench) -> list[tuple[str, ...]]:
    """The type of each regulation and whom it is about."""
    return [(each.regulation_type, *(person.reveal() for person in each.subjects)) for each in bench.segment.created()]


def test_a_suppression_that_is_asked_for_after_it_was_lifted_is_sent_after_that(benched: Benched) -> None:
    bench = benched()
    bench.table.add("ann", request_type="Unsuppress")
    bench.clock.advance(5)
    bench.table.add("ann", request_type="Suppress")
    bench.tick()
    assert sent(bench) == [("UNSUPPRESS", "ann"), ("SUPPRESS_ONLY", "ann")]


def test_a_user_id_does_not_overtake_the_address_of_the_same_person_that_asks_for_the_opposite(
    benched: Benched,
) -> None:
    bench = looking_up(benched(email=EmailRule.LOOKUP, requests_per_regulation=5), a="ann")
    bench.table.add("bob", request_type="Suppress")
    bench.table.add("a@x.example", request_type="Unsuppress")
    bench.table.add("ann", request_type="Suppress")
    bench.tick()
    assert sent(bench) == [("SUPPRESS_ONLY", "bob"), ("UNSUPPRESS", "ann"), ("SUPPRESS_ONLY", "ann")]


def test_nor_does_it_overtake_one_that_waits_for_an_address(benched: Benched) -> None:
    bench = looking_up(benched(email=EmailRule.LOOKUP), a="zoe")
    bench.table.add("a@x.example")
    bench.table.add("ann", request_type="Unsuppress")
    bench.table.add("ann", request_type="Suppress")
    bench.tick()
    assert sent(bench) == [("SUPPRESS_WITH_DELETE", "zoe"), ("UNSUPPRESS", "ann"), ("SUPPRESS_ONLY", "ann")]


def test_user_ids_still_go_before_addresses_that_ask_for_nothing_opposite(benched: Benched) -> None:
    bench = looking_up(benched(email=EmailRule.LOOKUP), a="ann")
    bench.table.add("a@x.example")
    bench.table.add("bob", request_type="Suppress")
    bench.tick()
    assert sent(bench) == [("SUPPRESS_ONLY", "bob"), ("SUPPRESS_WITH_DELETE", "ann")]


@pytest.mark.parametrize("kind", ["Delete", "Suppress"])
def test_a_wish_that_was_undone_since_is_sent_once_more_when_the_first_one_is_over(benched: Benched, kind: str) -> None:
    bench = benched()
    first, undone, last = (bench.table.add("ann", request_type=wish) for wish in (kind, "Unsuppress", kind))
    bench.tick(2)
    assert len(bench.sent()) == 2
    assert (bench.cells(last).status, bench.cells(last).submitted) == ("On hold", False)
    assert "and the opposite asked for since" in bench.cells(last).status_note
    for row in (first, undone):
        bench.segment.report(bench.regulation_of(row), Progress.FINISHED)
    bench.tick(2)
    assert sent(bench)[2:] == [(Policy().regulation_types[RequestType(kind)], "ann")]
    assert bench.cells(last).submitted


def test_so_is_one_that_was_asked_for_later(benched: Benched) -> None:
    bench = benched()
    bench.table.add("ann", request_type="Suppress")
    bench.tick(2)
    bench.table.add("ann", request_type="Unsuppress")
    bench.tick(2)
    last = bench.table.add("ann", request_type="Suppress")
    bench.tick(2)
    assert bench.cells(last).status == "On hold"


def test_an_address_undoes_what_a_user_id_asked_for(benched: Benched) -> None:
    bench = looking_up(benched(email=EmailRule.LOOKUP), a="ann")
    bench.table.add("ann", request_type="Suppress")
    bench.tick(2)
    bench.table.add("a@x.example", request_type="Unsuppress")
    bench.tick(2)
    last = bench.table.add("ann", request_type="Suppress")
    bench.tick(2)
    assert sent(bench) == [("SUPPRESS_ONLY", "ann"), ("UNSUPPRESS", "ann")]
    assert bench.cells(last).status == "On hold"


def test_a_further_row_still_shares_a_wish_that_came_after_its_opposite(benched: Benched) -> None:
    bench = benched()
    bench.table.add("ann", request_type="Unsuppress")
    first = bench.table.add("ann", request_type="Suppress")
    bench.tick(2)
    further = bench.table.add("ann", request_type="Suppress")
    bench.tick(2)
    assert bench.regulation_of(further) == bench.regulation_of(first)


@pytest.mark.parametrize(
    "choices",
    [
        {"cooling_off": timedelta(minutes=5)},
        {"max_submissions_per_hour": 1},
        {},
    ],
    ids=["it cools off", "the brake holds it up", "it is sent in the same tick"],
)
def test_a_wish_whose_opposite_was_asked_for_before_it_and_is_not_sent_yet_shares_no_earlier_result(
    benched: Benched, choices: dict[str, Any]
) -> None:
    bench = benched(**choices)
    bench.table.add("ann", request_type="Suppress")
    bench.tick(8)
    bench.table.add("ann", request_type="Unsuppress")
    bench.clock.advance(5)
    last = bench.table.add("ann", request_type="Suppress")
    bench.tick()
    assert (bench.cells(last).status, bench.cells(last).submitted) == ("On hold", False)
    assert "and the opposite asked for since" in bench.cells(last).status_note
    bench.tick(70)
    assert sent(bench) == [("SUPPRESS_ONLY", "ann"), ("UNSUPPRESS", "ann")]
    bench.segment.report(bench.segment.created()[0].regulation_id, Progress.FINISHED)
    bench.tick(70)
    assert sent(bench)[2:] == [("SUPPRESS_ONLY", "ann")]


def test_a_wish_that_was_refused_keeps_no_later_one_from_sharing_a_result(benched: Benched) -> None:
    bench = benched()
    bench.segment.fail("submit", Permanent("segment", "the request is malformed", 400))
    bench.table.add("ann", request_type="Unsuppress")
    bench.tick()
    first = bench.table.add("ann", request_type="Suppress")
    bench.tick()
    further = bench.table.add("ann", request_type="Suppress")
    bench.tick(2)
    assert bench.regulation_of(further) == bench.regulation_of(first)


def test_nor_does_an_opposite_wish_that_is_younger(benched: Benched) -> None:
    bench = benched(cooling_off=timedelta(minutes=5))
    first = bench.table.add("ann", request_type="Suppress")
    bench.tick(8)
    further = bench.table.add("ann", request_type="Suppress")
    bench.clock.advance(5)
    bench.table.add("ann", request_type="Unsuppress")
    bench.tick()
    assert bench.regulation_of(further) == bench.regulation_of(first)


def test_an_address_that_leads_to_a_person_waits_for_the_opposite_asked_for_before_it(benched: Benched) -> None:
    bench = looking_up(benched(email=EmailRule.LOOKUP, cooling_off=timedelta(minutes=5)), a="ann")
    bench.table.add("ann", request_type="Suppress")
    bench.tick(8)
    bench.table.add("ann", request_type="Unsuppress")
    bench.tick(3)
    last = bench.table.add("a@x.example", request_type="Suppress")
    bench.tick(12)
    assert sent(bench) == [("SUPPRESS_ONLY", "ann"), ("UNSUPPRESS", "ann")]
    assert not bench.cells(last).submitted
