"""Every call to Airtable, one cassette each."""

from dataclasses import replace
from datetime import UTC, date, datetime

from tests.contract.cassettes.stage import REGULATION, Stage

from dsr_sync.adapters.airtable import Names, ReceiptColumns, RequestColumns
from dsr_sync.core.actions import Tell
from dsr_sync.core.model import Cells, Progress, Receipt
from dsr_sync.ports import Flaw, ReceiptKey

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ROW = {"User identifier": "cassette-person", "Authenticated": True}
CELLS = Cells(
    True, "Follow-up needed", "A cassette note.", REGULATION, "FAILED", NOON, None, date(2026, 4, 2), "A cassette: told"
)
FAILED = Receipt("Cassette destination", Progress.FAILED, "FAILED", 1, 2, NOON, "A cassette error")


def test_the_base_is_read(stage: Stage) -> None:
    with stage.design(Names()) as design:
        assert design.problems() == ()


def test_candidates_are_listed(stage: Stage) -> None:
    stage.add_rows(ROW, {"User identifier": "cassette-stranger"})
    with stage.table() as table:
        (page,) = table.candidates()
    assert [(row.identifier.reveal(), row.cells) for row in page] == [("cassette-person", Cells())]


def test_everything_is_listed(stage: Stage) -> None:
    stage.add_rows({**ROW, "Status": "On hold", "Hold": True, "Due by": "2026-04-02"}, {})
    with stage.table() as table:
        (page,) = table.everything()
    assert {row.cells for row in page} == {Cells(status="On hold", due_by=date(2026, 4, 2)), Cells()}


def test_a_listing_goes_on_where_its_offset_leads(stage: Stage) -> None:
    for _ in range(11):
        stage.add_rows(*[ROW] * 10)
    with stage.table() as table:
        assert [len(page) for page in table.candidates()] == [100, 10]


def test_rows_are_told(stage: Stage) -> None:
    stage.add_rows({**ROW, "Retry": True})
    with stage.table() as table:
        (page,) = table.candidates()
        told = table.tell([Tell(row.record_id, CELLS, row.cells, untick_retry=True) for row in page])
    assert [row.retry for row in page] == [True]
    assert told.done == tuple(row.record_id for row in page)


def test_receipts_are_put(stage: Stage) -> None:
    stage.add_rows(ROW)
    with stage.table() as table:
        (page,) = table.candidates()
        put = table.put_receipts(page[0].record_id, REGULATION, [FAILED])
        finished = replace(FAILED, destination="Another cassette destination", progress=Progress.FINISHED)
        changed = table.put_receipts(page[0].record_id, REGULATION, [replace(FAILED, sources_finished=0), finished])
    assert put.done == changed.done == (page[0].record_id,)


def test_follow_ups_are_asked_for(stage: Stage) -> None:
    key = f"recCassette000001 · {REGULATION} · Cassette destination"
    stage.add_rows({"Receipt": key, "Follow-up": "Done"}, table="Receipts")
    with stage.table() as table:
        done = table.follow_ups_done([REGULATION])
    assert [(found.regulation_id, found.destination) for found in done] == [(REGULATION, "Cassette destination")]
    assert all(isinstance(found, ReceiptKey) for found in done)


def test_a_table_is_made(stage: Stage) -> None:
    with stage.design(Names(receipts_table="Cassette receipts")) as design:
        (problem,) = design.problems()
        assert problem.flaw is Flaw.MISSING_TABLE
        design.create(problem)


def test_a_column_is_made(stage: Stage) -> None:
    names = Names(requests=RequestColumns(hold="Cassette hold"), receipts=ReceiptColumns(status="Cassette status"))
    with stage.design(names) as design:
        problems = design.problems()
        assert [problem.column for problem in problems] == ["Cassette hold", "Cassette status"]
        for problem in problems:
            design.create(problem)
