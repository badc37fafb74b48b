"""A row that shares a regulation follows the request that is about its own person, and no other one."""

from collections.abc import Callable
from dataclasses import fields

from tests.unit.engine.addresses import looking_up
from tests.unit.engine.conftest import Bench

from dsr_sync.core.model import Cells, DestinationReport, Progress, RecordId
from dsr_sync.core.policy import EmailRule

Benched = Callable[..., Bench]

_BRAZE = DestinationReport("source", "destination", "Braze", Progress.FAILED, "FAILED")


def two_in_one(benched: Benched) -> tuple[Bench, list[RecordId]]:
    """Two user ids in one regulation, and a later row whose address leads to the second of them."""
    bench = looking_up(benched(requests_per_regulation=5, email=EmailRule.LOOKUP), b="u2")
    rows = bench.ask(["u1", "u2"])
    bench.tick(2)
    rows += bench.ask(["b@x.example"])
    bench.tick(2)
    assert bench.sent() == [("u1", "u2")]
    return bench, rows


def test_an_address_shares_the_follow_ups_of_the_user_id_that_it_leads_to(benched: Benched) -> None:
    bench, (first, second, address) = two_in_one(benched)
    bench.segment.report(bench.regulation_of(first), Progress.PARTLY_FINISHED, [_BRAZE])
    bench.tick(2)
    for leader, others in ((first, [second, address]), (second, [])):
        for key in [key for key in bench.table.receipts if key.record_id == leader]:
            bench.table.set_follow_up(key, "Done")
        bench.tick(2)
        assert bench.cells(leader).status == "Completed"
        assert [bench.cells(other).status for other in others] == ["Follow-up needed"] * len(others)
    assert bench.cells(address).status == "Completed"


def test_its_retry_repeats_that_user_id_and_not_another_one(benched: Benched) -> None:
    bench, (first, second, address) = two_in_one(benched)
    bench.segment.report(bench.regulation_of(first), Progress.FAILED)
    bench.tick()
    bench.table.edit(address, retry=True)
    bench.tick(2)
    assert bench.sent()[1:] == [("u2",)]
    assert (bench.cells(first).status, bench.cells(second).status) == ("Failed", "Submitted")


def copied(bench: Bench, record_id: RecordId, identifier: str) -> RecordId:
    """Staff copy a row, and write somebody else into the copy."""
    cells = bench.cells(record_id)
    return bench.table.add(identifier, **{field.name: getattr(cells, field.name) for field in fields(Cells)})


def test_a_copied_row_with_another_persons_address_does_not_pass_for_one_that_was_served(benched: Benched) -> None:
    bench = looking_up(benched(email=EmailRule.LOOKUP), a="u1", b="u2")
    first, joined = bench.ask(["a@x.example"])[0], bench.ask(["a@x.example"])[0]
    bench.tick(2)
    copy = copied(bench, joined, "b@x.example")
    bench.tick(2, every=86_400)
    assert bench.cells(copy).status == "Needs attention"
    assert "Nothing was sent to Segment for this row" in bench.cells(copy).status_note
    assert bench.regulation_of(joined) == bench.regulation_of(first)
    assert bench.sent() == [("u1",)]


def test_nor_does_it_after_the_ledger_was_lost(benched: Benched) -> None:
    bench = looking_up(benched(email=EmailRule.LOOKUP), a="u1", b="u2")
    first, joined = bench.ask(["a@x.example"])[0], bench.ask(["a@x.example"])[0]
    bench.tick(2)
    copy = copied(bench, joined, "b@x.example")
    bench.lose_ledger()
    bench.tick(3)
    assert bench.cells(copy).status == "Needs attention"
    assert bench.regulation_of(joined) == bench.regulation_of(first)
    assert bench.sent() == [("u1",)]


def test_a_row_that_joins_one_that_was_deleted_gets_its_receipts_and_can_be_completed(benched: Benched) -> None:
    bench = benched()
    (deleted,) = bench.ask(["ann"])
    bench.tick(2)
    bench.table.remove(deleted)
    bench.segment.report(bench.segment.created()[0].regulation_id, Progress.PARTLY_FINISHED, [_BRAZE])
    bench.tick(3)
    (row,) = bench.ask(["ann"])
    bench.tick(3)
    assert bench.cells(row).status == "Follow-up needed"
    (key,) = [key for key in bench.table.receipts if key.record_id == row]
    bench.table.set_follow_up(key, "Done")
    bench.tick(2)
    assert bench.cells(row).status == "Completed"


def test_an_address_that_was_there_before_the_regulation_keeps_its_share_after_the_ledger_was_lost(
    benched: Benched,
) -> None:
    bench = looking_up(benched(email=EmailRule.LOOKUP), b="u2")
    first, address = bench.ask(["u2", "b@x.example"])
    bench.tick(2)
    bench.segment.report(bench.regulation_of(first), Progress.FAILED)
    bench.tick()
    before = bench.cells(address)
    assert before.status == "Failed"
    assert before.status_note.startswith("An earlier row asks the same")
    bench.lose_ledger()
    bench.tick(3)
    assert bench.cells(address) == before
    assert bench.sent() == [("u2",)]
