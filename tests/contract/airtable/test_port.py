"""The promises of RequestTable, one by one, kept by the fake and by the adapter alike."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from tests.contract.airtable.worlds import World

from dsr_sync.core.actions import Tell
from dsr_sync.core.model import Cells, Progress, Receipt, RecordId, RegulationId, RequestRow
from dsr_sync.ports import ReceiptKey, Told, Transient

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
FULL = Cells(True, "Completed", "Done.\nAll of it.", "r1", "FINISHED", NOON, NOON, date(2026, 4, 2), "Braze: told")
REGULATION = RegulationId("1qJkfE1tpwvQcklImGksLN629wn")
OTHER = RegulationId("2qJkfE1tpwvQcklImGksLN629wn")
WAITING = Receipt("Braze", Progress.WAITING, "INITIALIZED", 0, 1)
FINISHED = Receipt("Braze", Progress.FINISHED, "FINISHED", 1, 1, NOON)
FAILED = Receipt("Amplitude · EU", Progress.FAILED, "FAILED, FINISHED", 1, 2, NOON, "no key for a@example.com")


def candidates(world: World) -> list[RequestRow]:
    return [row for page in world.table.candidates() for row in page]


def ids(rows: list[RequestRow]) -> set[RecordId]:
    return {row.record_id for row in rows}


def key(record_id: RecordId, receipt: Receipt, regulation_id: RegulationId = REGULATION) -> ReceiptKey:
    return ReceiptKey(record_id, regulation_id, receipt.destination)


# Reading.


def test_authenticated_and_unsubmitted_rows_are_candidates_also_while_held(world: World) -> None:
    wanted = {world.add("u1"), world.add("u2", hold=True)}
    assert ids(candidates(world)) == wanted


def test_unauthenticated_rows_never_are(world: World) -> None:
    world.add("u1", authenticated=False)
    world.add("u2", authenticated=False, retry=True)
    assert candidates(world) == []


def test_submitted_rows_are_candidates_only_with_retry(world: World) -> None:
    world.add("u1", submitted=True)
    again = world.add("u2", submitted=True, retry=True)
    assert ids(candidates(world)) == {again}


def test_a_row_comes_with_all_its_columns(world: World) -> None:
    record_id = world.add(
        "  Zoë 'q'  ",
        request_type="Suppress",
        hold=True,
        retry=True,
        law="CCPA",
        received_at=NOON,
        status="On hold",
        status_note="Wait.",
        due_by=date(2026, 4, 2),
    )
    (row,) = candidates(world)
    assert row.identifier.reveal() == "Zoë 'q'"
    assert row.cells == Cells(status="On hold", status_note="Wait.", due_by=date(2026, 4, 2))
    assert (row.record_id, row.request_type, row.law, row.received_at) == (record_id, "Suppress", "CCPA", NOON)
    assert (row.authenticated, row.hold, row.retry) == (True, True, True)
    assert (row.created_at.tzinfo, row.created_at.microsecond) == (UTC, 0)


def test_an_empty_row_reads_as_empty(world: World) -> None:
    world.add("")
    (row,) = candidates(world)
    assert (row.identifier.reveal(), row.request_type, row.law, row.received_at) == ("", "", "", None)
    assert row.cells == Cells()


def test_everything_gives_every_row(world: World) -> None:
    wanted = {world.add("u1"), world.add("u2", submitted=True), world.add("u3", authenticated=False)}
    assert ids([row for page in world.table.everything() for row in page]) == wanted


def test_rows_come_in_pages_of_a_hundred_each_once(world: World) -> None:
    wanted = {world.add(f"u{index}") for index in range(205)}
    pages = list(world.table.candidates())
    assert [len(page) for page in pages] == [100, 100, 5]
    assert ids([row for page in pages for row in page]) == wanted


@pytest.mark.parametrize("name", ["candidates", "everything"])
def test_a_listing_that_cannot_be_completed_raises_after_what_it_gave(world: World, name: str) -> None:
    for index in range(101):
        world.add(f"u{index}")
    world.break_listing(after_pages=1)
    pages = getattr(world.table, name)()
    assert len(next(pages)) == 100
    with pytest.raises(Transient):
        next(pages)


# Writing to rows.


def test_what_is_told_stands_in_the_row_and_reads_back_equal(world: World) -> None:
    record_id = world.add("u1")
    assert world.table.tell([Tell(record_id, FULL, Cells())]) == Told(done=(record_id,))
    assert world.cells(record_id) == FULL
    (row,) = (row for page in world.table.everything() for row in page)
    assert row.cells == FULL


def test_nothing_is_written_where_nothing_differs(world: World) -> None:
    record_id = world.add("u1")
    world.table.tell([Tell(record_id, FULL, Cells())])
    before = world.writes()
    late = replace(FULL, submitted_at=NOON.replace(microsecond=999_000))
    told = world.table.tell([Tell(record_id, FULL, FULL), Tell(record_id, late, FULL)])
    assert told == Told(unchanged=(record_id, record_id))
    assert world.table.tell([]) == Told()
    assert world.writes() == before


def test_only_columns_that_differ_from_what_was_read_are_written(world: World) -> None:
    record_id = world.add("u1", status="On hold", status_note="Wait.")
    read = world.cells(record_id)
    world.edit(record_id, status_note="Staff wrote this meanwhile.")
    world.table.tell([Tell(record_id, replace(read, status="Submitted"), read)])
    assert world.cells(record_id) == Cells(status="Submitted", status_note="Staff wrote this meanwhile.")


def test_all_columns_are_written_to_a_row_that_was_not_read(world: World) -> None:
    record_id = world.add("u1", status="On hold", status_note="Wait.", submitted=True)
    world.table.tell([Tell(record_id, Cells(status="Failed"), None)])
    assert world.cells(record_id) == Cells(status="Failed")


def test_columns_can_be_emptied(world: World) -> None:
    record_id = world.add("u1")
    world.table.tell([Tell(record_id, FULL, Cells())])
    world.table.tell([Tell(record_id, Cells(), FULL)])
    assert world.cells(record_id) == Cells()


def test_retry_is_unticked_only_when_asked(world: World) -> None:
    record_id = world.add("u1", retry=True)
    world.table.tell([Tell(record_id, Cells(status="Failed"), Cells())])
    assert world.is_retry_ticked(record_id)
    world.table.tell([Tell(record_id, Cells(status="Failed"), Cells(status="Failed"), untick_retry=True)])
    assert not world.is_retry_ticked(record_id)


def test_ten_rows_cost_one_call(world: World) -> None:
    records = [world.add(f"u{index}") for index in range(25)]
    told = world.table.tell([Tell(record_id, FULL, Cells()) for record_id in records])
    assert set(told.done) == set(records)
    assert world.writes() == 3
    assert {world.cells(record_id) for record_id in records} == {FULL}


def test_one_row_that_is_refused_costs_the_others_nothing(world: World) -> None:
    records = [world.add(f"u{index}") for index in range(10)]
    tells = [Tell(record_id, FULL, Cells()) for record_id in records]
    tells[3] = Tell(records[3], world.unwritable(records[3]), Cells())
    told = world.table.tell(tells)
    assert told.refused == ((records[3], "INVALID_MULTIPLE_CHOICE_OPTIONS"),)
    assert set(told.done) == set(records) - {records[3]}
    assert world.cells(records[3]) == Cells()


def test_a_row_that_is_gone_is_reported_and_costs_the_others_nothing(world: World) -> None:
    here, gone = world.add("u1"), world.add("u2")
    world.remove(gone)
    told = world.table.tell([Tell(here, FULL, Cells()), Tell(gone, FULL, Cells())])
    assert told == Told(done=(here,), gone=(gone,))
    assert world.table.tell([Tell(gone, FULL, Cells())]) == Told(gone=(gone,))


# Receipts.


def test_each_destination_gets_one_row_with_all_that_is_known(world: World) -> None:
    record_id = world.add("u1")
    assert world.table.put_receipts(record_id, REGULATION, [WAITING, FAILED]) == Told(done=(record_id,))
    shown = world.receipts()
    assert set(shown) == {key(record_id, WAITING), key(record_id, FAILED)}
    waiting, failed = shown[key(record_id, WAITING)], shown[key(record_id, FAILED)]
    assert (waiting.status, waiting.segment_status, waiting.sources) == (
        "Waiting",
        "INITIALIZED",
        "0 of 1 source finished",
    )
    assert (waiting.finished_at, waiting.error, waiting.follow_up) == (None, "", "")
    assert (failed.status, failed.segment_status, failed.sources) == (
        "Failed",
        "FAILED, FINISHED",
        "1 of 2 sources finished",
    )
    assert (failed.finished_at, failed.error, failed.follow_up) == (NOON, "no key for a@example.com", "Needed")


def test_the_same_receipts_again_change_nothing_and_new_ones_update_their_rows(world: World) -> None:
    record_id = world.add("u1")
    world.table.put_receipts(record_id, REGULATION, [WAITING, FAILED])
    first = world.receipts()
    assert world.table.put_receipts(record_id, REGULATION, [WAITING, FAILED]) == Told(unchanged=(record_id,))
    assert world.receipts() == first
    world.table.put_receipts(record_id, REGULATION, [FINISHED, FAILED])
    shown = world.receipts()
    assert len(shown) == 2
    assert (shown[key(record_id, FINISHED)].status, shown[key(record_id, FINISHED)].finished_at) == ("Finished", NOON)


@pytest.mark.parametrize(("word", "stays"), [("Done", "Done"), ("", "Needed"), ("Needed", "Needed")])
def test_follow_up_is_needed_unless_staff_have_said_done(world: World, word: str, stays: str) -> None:
    record_id = world.add("u1")
    world.table.put_receipts(record_id, REGULATION, [FAILED])
    world.set_follow_up(key(record_id, FAILED), word)
    world.table.put_receipts(record_id, REGULATION, [replace(FAILED, error="again")])
    shown = world.receipts()[key(record_id, FAILED)]
    assert (shown.follow_up, shown.error) == (stays, "again")


def test_a_follow_up_that_is_needed_no_more_is_taken_back(world: World) -> None:
    record_id = world.add("u1")
    world.table.put_receipts(record_id, REGULATION, [FAILED])
    world.table.put_receipts(record_id, REGULATION, [replace(FAILED, progress=Progress.FINISHED)])
    assert world.receipts()[key(record_id, FAILED)].follow_up == ""


def test_what_was_left_to_do_is_called_off_once_the_request_was_sent_again(world: World) -> None:
    record_id, other = world.add("u1"), world.add("u2")
    for row in (record_id, other):
        world.table.put_receipts(row, REGULATION, [FAILED, WAITING])
    world.table.put_receipts(record_id, OTHER, [FAILED])
    shown = world.receipts()
    assert shown[key(record_id, FAILED)].follow_up == ""
    assert shown[key(record_id, FAILED, OTHER)].follow_up == shown[key(other, FAILED)].follow_up == "Needed"
    assert world.table.put_receipts(record_id, OTHER, [FAILED]) == Told(unchanged=(record_id,))


def test_what_staff_had_done_before_the_request_was_sent_again_stays_done(world: World) -> None:
    record_id = world.add("u1")
    world.table.put_receipts(record_id, REGULATION, [FAILED])
    world.set_follow_up(key(record_id, FAILED), "Done")
    world.table.put_receipts(record_id, OTHER, [FAILED])
    assert world.receipts()[key(record_id, FAILED)].follow_up == "Done"


def test_requests_that_share_a_regulation_have_receipts_of_their_own(world: World) -> None:
    first, second = world.add("u1"), world.add("u1")
    for record_id in (first, second):
        world.table.put_receipts(record_id, REGULATION, [FAILED])
    world.table.put_receipts(first, OTHER, [FAILED])
    assert set(world.receipts()) == {key(first, FAILED), key(second, FAILED), key(first, FAILED, OTHER)}


def test_more_receipts_than_fit_into_a_call_are_all_written(world: World) -> None:
    record_id = world.add("u1")
    receipts = [replace(WAITING, destination=f"Destination {index}") for index in range(23)]
    world.table.put_receipts(record_id, REGULATION, receipts)
    assert len(world.receipts()) == 23


def test_receipts_of_a_row_that_is_gone_are_reported(world: World) -> None:
    record_id = world.add("u1")
    world.remove(record_id)
    assert world.table.put_receipts(record_id, REGULATION, [FAILED]) == Told(gone=(record_id,))


def test_the_receipts_that_a_deleted_row_left_are_kept_true_and_no_further_ones_are_made(world: World) -> None:
    record_id = world.add("u1")
    world.table.put_receipts(record_id, REGULATION, [WAITING])
    world.remove(record_id)
    assert world.table.put_receipts(record_id, REGULATION, [FINISHED, FAILED]) == Told(gone=(record_id,))
    assert world.receipts().keys() == {key(record_id, FINISHED)}
    assert world.receipts()[key(record_id, FINISHED)].status == "Finished"


def test_no_receipts_are_nothing_to_do(world: World) -> None:
    record_id = world.add("u1")
    assert world.table.put_receipts(record_id, REGULATION, []) == Told(unchanged=(record_id,))
    assert world.receipts() == {}


def test_only_what_staff_set_to_done_in_these_regulations_counts(world: World) -> None:
    first, second = world.add("u1"), world.add("u2")
    world.table.put_receipts(first, REGULATION, [FAILED, replace(FAILED, destination="Braze")])
    world.table.put_receipts(second, OTHER, [FAILED])
    world.set_follow_up(key(first, FAILED), "Done")
    world.set_follow_up(key(second, FAILED, OTHER), "Done")
    assert world.table.follow_ups_done([REGULATION]) == {key(first, FAILED)}
    assert world.table.follow_ups_done([REGULATION, OTHER]) == {key(first, FAILED), key(second, FAILED, OTHER)}
    assert world.table.follow_ups_done([]) == frozenset()
