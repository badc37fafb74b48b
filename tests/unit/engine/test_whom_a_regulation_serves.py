"""A regulation may serve several rows, and hold persons whom nobody here asked for: each row answers for its own."""

from collections.abc import Callable

from tests.unit.engine.conftest import Bench

from dsr_sync.core.model import Identifier, Progress, RecordId
from dsr_sync.core.policy import EmailRule
from dsr_sync.ports import Transient

_DELETE = "SUPPRESS_WITH_DELETE"
_OUT_OF_ORDER = Transient("airtable", "out of order", 503)


def failed_together(benched: Callable[..., Bench]) -> tuple[Bench, list[RecordId]]:
    """Two addresses whose user ids went into one regulation, which Segment could not carry out."""
    bench = benched(requests_per_regulation=3, email=EmailRule.LOOKUP)
    bench.profiles.put("a@x.example", ["u1"])
    bench.profiles.put("b@x.example", ["u2"])
    rows = bench.ask(["a@x.example", "b@x.example"])
    bench.tick(2)
    assert bench.sent() == [("u1", "u2")]
    bench.segment.report(bench.regulation_of(rows[0]), Progress.FAILED)
    bench.tick()
    return bench, rows


def test_a_retry_repeats_only_the_persons_of_its_own_row(benched: Callable[..., Bench]) -> None:
    bench, rows = failed_together(benched)
    for row in reversed(rows):
        bench.table.edit(row, retry=True)
        bench.tick(2)
    assert bench.sent()[1:] == [("u2",), ("u1",)]


def test_a_person_whom_a_corrected_row_named_is_not_sent_again_by_another_rows_retry(
    benched: Callable[..., Bench],
) -> None:
    bench, (first, second) = failed_together(benched)
    bench.table.edit(second, identifier="right", retry=True)
    bench.tick(2)
    bench.table.edit(first, retry=True)
    bench.tick(2)
    assert bench.sent()[1:] == [("right",), ("u1",)]


def test_a_retry_leaves_out_a_stranger_of_a_regulation_that_somebody_made_by_hand(
    benched: Callable[..., Bench],
) -> None:
    bench = benched(email=EmailRule.LOOKUP)
    bench.profiles.put("a@x.example", ["u1"])
    (row,) = bench.ask(["a@x.example"])
    by_hand = bench.segment.create(_DELETE, [Identifier("u1"), Identifier("stranger")])
    bench.restart()
    bench.tick(2)
    assert bench.regulation_of(row) == by_hand
    bench.segment.report(by_hand, Progress.FAILED)
    bench.tick()
    bench.table.edit(row, retry=True)
    bench.tick(2)
    assert bench.sent()[1:] == [("u1",)]


def test_a_batch_whose_rows_were_not_told_is_found_for_each_of_them_after_the_ledger_is_lost(
    benched: Callable[..., Bench],
) -> None:
    bench = benched(requests_per_regulation=3)
    rows = bench.ask(["ann", "bob", "cid"])
    bench.table.fail("tell", _OUT_OF_ORDER, times=1)
    bench.tick()
    bench.lose_ledger()
    bench.tick(5)
    assert bench.sent() == [("ann", "bob", "cid")]
    assert {bench.regulation_of(row) for row in rows} == {bench.segment.created()[0].regulation_id}


def test_a_further_row_of_such_a_regulation_is_found_also_after_the_next_start(benched: Callable[..., Bench]) -> None:
    bench = benched()
    bench.segment.create(_DELETE, [Identifier("ann"), Identifier("bob")])
    bench.restart()
    bench.ask(["ann"])
    bench.tick(2)
    bench.restart()
    bench.ask(["bob"])
    bench.tick(2)
    assert bench.sent() == [("ann", "bob")]


def test_two_attempts_of_unknown_outcome_whose_persons_one_regulation_serves_are_both_settled(
    benched: Callable[..., Bench],
) -> None:
    bench = benched()
    rows = bench.ask(["ann", "bob"])
    bench.segment.lose_answer(after_effect=False)
    bench.segment.lose_answer(after_effect=False)
    bench.tick()
    by_hand = bench.segment.create(_DELETE, [Identifier("ann"), Identifier("bob")])
    bench.tick(40)
    assert bench.sent() == [("ann", "bob")]
    assert {bench.regulation_of(row) for row in rows} == {by_hand}


def test_after_a_lost_ledger_two_addresses_of_one_regulation_stay_two_persons(benched: Callable[..., Bench]) -> None:
    bench, (first, second) = failed_together(benched)
    bench.lose_ledger()
    bench.tick(3)
    assert [bench.cells(row).status for row in (first, second)] == ["Failed", "Failed"]
    assert not any("both share" in bench.cells(row).status_note for row in (first, second))
    bench.table.edit(first, retry=True)
    bench.tick(2)
    assert bench.sent()[1:] == [("u1",)]


def test_an_address_waits_while_a_regulation_made_by_hand_serves_one_of_its_user_ids(
    benched: Callable[..., Bench],
) -> None:
    bench = benched(email=EmailRule.LOOKUP)
    bench.profiles.put("a@x.example", ["u1", "u2"])
    (row,) = bench.ask(["a@x.example"])
    by_hand = bench.segment.create(_DELETE, [Identifier("u1")])
    bench.restart()
    bench.tick(3)
    assert bench.sent() == [("u1",)]
    assert (bench.cells(row).status, bench.cells(row).submitted) == ("On hold", False)
    assert "serves one of this person's user ids is under way" in bench.cells(row).status_note
    bench.segment.report(by_hand, Progress.FINISHED)
    bench.tick(2)
    assert bench.sent() == [("u1",), ("u1", "u2")]
    assert bench.cells(row).submitted


def test_one_of_another_type_or_that_is_over_holds_nothing_up(benched: Callable[..., Bench]) -> None:
    bench = benched(email=EmailRule.LOOKUP)
    bench.profiles.put("a@x.example", ["u1", "u2"])
    bench.segment.create("SUPPRESS_ONLY", [Identifier("u1")])
    over = bench.segment.create(_DELETE, [Identifier("u2")])
    bench.segment.report(over, Progress.FINISHED)
    bench.restart()
    bench.ask(["a@x.example"])
    bench.tick()
    assert bench.sent()[2:] == [("u1", "u2")]
