"""What is remembered of rows that were not sent."""

from datetime import date

import pytest
from tests.contract.ledger.made import DELETE, SUPPRESS, after, intent, noted, row, sent

from dsr_sync.adapters.ledger import SqlLedger
from dsr_sync.core.model import Entry, Identifier, RecordId
from dsr_sync.ports import Ledger, LedgerUnusable

ANN, BOB = row("A", "ann"), row("B", "bob")


def entry_of(ledger: Ledger, name: str) -> Entry:
    return ledger.entries([RecordId(f"rec{name}")])[RecordId(f"rec{name}")]


def test_a_row_that_was_never_noted_is_left_out(ledger: Ledger) -> None:
    ledger.note([noted(ANN)])
    assert list(ledger.entries([ANN.record_id, BOB.record_id])) == [ANN.record_id]


def test_a_noted_row_is_remembered_with_the_time_and_the_day_when_it_is_due(ledger: Ledger) -> None:
    ledger.note([noted(ANN)])
    assert entry_of(ledger, "A") == Entry(
        record_id=ANN.record_id,
        seen_at=after(0),
        typed_key=ledger.key_of(ANN.identifier),
        request_type=DELETE,
        due_by=date(2026, 4, 2),
    )


def test_the_first_time_is_kept_and_the_rest_follows_the_row(ledger: Ledger) -> None:
    ledger.note([noted(ANN)])
    ledger.note([noted(row("A", "anna", law="CCPA"), minutes=9, kind=SUPPRESS)])
    entry = entry_of(ledger, "A")
    assert entry.seen_at == after(0)
    assert entry.typed_key == ledger.key_of(Identifier("anna"))
    assert entry.request_type is SUPPRESS
    assert entry.due_by == date(2026, 4, 16)


def test_a_request_type_that_is_not_known_is_remembered_as_none(ledger: Ledger) -> None:
    ledger.note([noted(ANN, kind=None)])
    assert entry_of(ledger, "A").request_type is None


def test_of_a_request_that_was_sent_only_the_due_date_follows_the_row(ledger: Ledger) -> None:
    sent(ledger, ANN)
    ledger.note([noted(row("A", "somebody else", law="CCPA"), minutes=9, kind=SUPPRESS)])
    entry = entry_of(ledger, "A")
    assert entry.typed_key == ledger.key_of(ANN.identifier)
    assert entry.request_type is DELETE
    assert entry.due_by == date(2026, 4, 16)


def test_a_row_that_is_noted_twice_at_once_counts_as_it_was_last(ledger: Ledger) -> None:
    ledger.note([noted(ANN), noted(row("A", "anna"))])
    assert entry_of(ledger, "A").typed_key == ledger.key_of(Identifier("anna"))


def test_a_page_of_many_rows_is_remembered_whole(ledger: Ledger) -> None:
    rows = [row(f"{number:04}", f"user{number}") for number in range(1_201)]
    ledger.note([noted(each) for each in rows])
    assert len(ledger.entries([each.record_id for each in rows])) == 1_201


def test_equal_identifiers_have_equal_keys_and_different_ones_have_not(ledger: Ledger) -> None:
    assert ledger.key_of(Identifier("ann")) == ledger.key_of(Identifier("ann"))
    assert ledger.key_of(Identifier("ann")) != ledger.key_of(Identifier("Ann"))
    assert "ann" not in ledger.key_of(Identifier("ann"))


@pytest.mark.parametrize("odd", ["", "\ud800", "a\0b", "née", "x" * 10_000])
def test_a_key_is_found_for_whatever_stands_in_a_cell(ledger: Ledger, odd: str) -> None:
    ledger.note([noted(row("A", odd))])
    assert entry_of(ledger, "A").typed_key == ledger.key_of(Identifier(odd))


def test_unsent_requests_that_a_complete_poll_did_not_show_are_forgotten(ledger: Ledger) -> None:
    sent(ledger, ANN)
    ledger.note([noted(BOB), noted(row("C", "cleo"))])
    assert ledger.forget_unseen(frozenset({BOB.record_id})) == 1
    assert set(ledger.entries([ANN.record_id, BOB.record_id, RecordId("recC")])) == {ANN.record_id, BOB.record_id}


def test_an_unsent_request_is_not_forgotten_before_its_row_was_told(ledger: Ledger) -> None:
    ledger.release(ledger.intend(intent(ANN)), after(2), "busy", None)
    assert ledger.forget_unseen(frozenset()) == 0
    ledger.told([ANN.record_id])
    assert ledger.forget_unseen(frozenset()) == 1


def test_of_two_first_times_the_earlier_is_kept(ledger: Ledger) -> None:
    ledger.note([noted(ANN, minutes=30)])
    ledger.note([noted(ANN, minutes=-30)])  # the clock was set back, and the wait must not become longer by it
    assert entry_of(ledger, "A").seen_at == after(-30)


def test_a_forgotten_row_that_is_seen_again_begins_anew(ledger: Ledger) -> None:
    ledger.note([noted(ANN)])
    ledger.forget_unseen(frozenset())
    ledger.note([noted(ANN, minutes=30)])
    assert entry_of(ledger, "A").seen_at == after(30)


def test_a_time_without_a_zone_is_refused(sqlite: SqlLedger) -> None:
    with pytest.raises(LedgerUnusable):
        sqlite.set_mark("tick", after(0).replace(tzinfo=None))
    assert sqlite.mark("tick") is None


def test_noting_alone_owes_the_base_nothing(ledger: Ledger) -> None:
    ledger.note([noted(ANN)])
    assert ledger.owed(10) == ()


def test_an_intent_for_a_row_that_was_never_noted_notes_it(ledger: Ledger) -> None:
    ledger.intend(intent(ANN, minutes=3))
    assert entry_of(ledger, "A").seen_at == after(3)
