"""Staff ticked Retry, and it is proved that the repetition did not get into Segment: it is sent once more by itself."""

from collections.abc import Callable

from tests.unit.engine.conftest import Bench

from dsr_sync.core.model import DestinationReport, Progress, RecordId
from dsr_sync.core.policy import EmailRule
from dsr_sync.ports import Transient

_OUT_OF_ORDER = Transient("airtable", "out of order", 503)
_UNTIL_PROVED = 40
"""Minutes after which two complete listings have shown that something is not there."""


def partly_done(bench: Bench, identifier: str) -> RecordId:
    """A row of which Segment has done its part, and a destination has not."""
    (row,) = bench.ask([identifier])
    bench.tick(2)
    braze = DestinationReport("source", "destination", "Braze", Progress.FAILED, "FAILED")
    bench.segment.report(bench.regulation_of(row), Progress.PARTLY_FINISHED, [braze])
    bench.tick()
    assert bench.cells(row).status == "Follow-up needed"
    return row


def test_the_same_user_ids_are_sent_although_the_profile_is_gone_by_now(benched: Callable[..., Bench]) -> None:
    bench = benched(email=EmailRule.LOOKUP)
    bench.profiles.put("a@x.example", ["u1"])
    row = partly_done(bench, "a@x.example")
    bench.profiles.remove("a@x.example")
    bench.table.edit(row, retry=True)
    bench.segment.lose_answer(after_effect=False)
    bench.tick(_UNTIL_PROVED)
    assert bench.sent() == [("u1",), ("u1",)]
    assert bench.cells(row).status == "Submitted"


def test_so_are_they_when_the_next_attempt_does_not_arrive_either(benched: Callable[..., Bench]) -> None:
    bench = benched(email=EmailRule.LOOKUP)
    bench.profiles.put("a@x.example", ["u1"])
    row = partly_done(bench, "a@x.example")
    bench.profiles.remove("a@x.example")
    bench.table.edit(row, retry=True)
    for _ in range(3):
        bench.segment.lose_answer(after_effect=False)
    bench.tick(4 * _UNTIL_PROVED)
    assert bench.sent() == [("u1",), ("u1",)]
    assert bench.cells(row).status == "Submitted"


def test_where_they_are_not_listed_any_more_the_row_does_not_say_that_nothing_was_ever_sent(
    benched: Callable[..., Bench],
) -> None:
    bench = benched(email=EmailRule.LOOKUP)
    bench.profiles.put("a@x.example", ["u1"])
    row = partly_done(bench, "a@x.example")
    bench.profiles.remove("a@x.example")
    bench.ask(["zed"])
    bench.tick(2)
    bench.table.edit(row, retry=True)
    bench.segment.lose_answer(after_effect=False)
    bench.tick()
    bench.segment.hide(bench.segment.created()[0].regulation_id)
    bench.restart()
    bench.tick(_UNTIL_PROVED)
    assert "Nothing was sent" not in bench.cells(row).status_note
    assert bench.sent() == [("u1",), ("zed",)]


def test_a_row_that_is_held_meanwhile_says_that_it_is_not_sent_again(benched: Callable[..., Bench]) -> None:
    bench = benched()
    row = partly_done(bench, "ann")
    bench.table.edit(row, retry=True)
    bench.segment.lose_answer(after_effect=False)
    bench.tick()
    bench.table.edit(row, hold=True)
    bench.tick(_UNTIL_PROVED)
    assert bench.cells(row).status_note.startswith("Not sent again, because Hold is ticked.")
    bench.table.edit(row, hold=False)
    bench.tick(2)
    assert len(bench.sent()) == 2


def test_an_outage_of_airtable_meanwhile_makes_nobody_believe_that_the_tick_was_made_by_hand(
    benched: Callable[..., Bench],
) -> None:
    bench = benched()
    (row,) = bench.ask(["ann"])
    bench.tick(2)
    bench.segment.report(bench.regulation_of(row), Progress.FAILED)
    bench.tick()
    bench.table.edit(row, retry=True)
    bench.segment.lose_answer(after_effect=False)
    bench.table.fail("tell", _OUT_OF_ORDER, times=1)
    bench.tick()
    for call in ("candidates", "everything", "tell"):
        bench.table.fail(call, _OUT_OF_ORDER, times=60)
    bench.tick(60 + 2 * _UNTIL_PROVED)
    assert bench.sent() == [("ann",), ("ann",)]
    assert bench.cells(row).status == "Submitted"
