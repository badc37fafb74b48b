"""Rows that share a submission, and what becomes of them when it is sent again."""

import pytest
from tests.contract.ledger.made import (
    DELETE,
    FOLLOW_UP,
    SUPPRESS,
    after,
    asked,
    failed,
    intent,
    look,
    noted,
    regulation,
    report,
    row,
    sent,
    settled,
    sharing,
)

from dsr_sync.core.model import Identifier, Outcome, Progress, RecordId, RegulationId, Verdict
from dsr_sync.ports import AlreadyStanding, Ledger, ReceiptKey

ANN, BOB, ANN_TOO, ANN_THREE = row("A", "ann"), row("B", "bob"), row("C", "ann"), row("D", "ann")


def test_a_further_row_shares_the_submission_of_the_first(ledger: Ledger) -> None:
    submission_id = sent(ledger, ANN)
    ledger.note([noted(ANN_TOO)])
    ledger.join(ANN_TOO, submission_id, after(5))
    entry = ledger.entries([ANN_TOO.record_id])[ANN_TOO.record_id]
    assert (entry.joined_to, entry.verdict, entry.attempts) == (ANN.record_id, Verdict.ACCEPTED, 0)
    assert ANN_TOO.record_id in {owed.record_id for owed in ledger.owed(10)}
    assert len(ledger.sent_since(after(0))) == 1


def test_a_row_joins_the_request_that_is_about_its_person(ledger: Ledger) -> None:
    submission_id = sent(ledger, row("0", "zoe"), BOB, ANN)
    ledger.join(ANN_TOO, submission_id, after(5))
    assert sharing(ledger, submission_id) == {"0": None, "A": None, "B": None, "C": "A"}


def test_a_row_that_goes_by_another_name_joins_the_first_request(ledger: Ledger) -> None:
    submission_id = sent(ledger, BOB, ANN)
    ledger.join(row("C", "ann@example.com"), submission_id, after(5))
    assert sharing(ledger, submission_id) == {"A": None, "B": None, "C": "A"}


def test_where_the_subjects_behind_that_name_are_known_it_joins_the_request_that_is_about_them(ledger: Ledger) -> None:
    submission_id = sent(ledger, BOB, ANN, row("E", "eve"))
    by_address = row("F", "eve@example.com")
    ledger.join(by_address, submission_id, after(5), [Identifier("eve")])
    assert sharing(ledger, submission_id) == {"A": None, "B": None, "E": None, "F": "E"}


def test_joining_twice_changes_nothing(ledger: Ledger) -> None:
    submission_id = sent(ledger, ANN)
    ledger.join(ANN_TOO, submission_id, after(5))
    settled(ledger)
    ledger.join(ANN_TOO, submission_id, after(6))
    assert ledger.owed(10) == ()


def test_nobody_joins_what_is_no_longer_live(ledger: Ledger) -> None:
    submission_id = failed(ledger, ANN)
    with pytest.raises(AlreadyStanding):
        ledger.join(ANN_TOO, submission_id, after(20))


def test_a_request_under_way_joins_nothing_else(ledger: Ledger) -> None:
    sent(ledger, ANN)
    other = sent(ledger, BOB, regulation_id="reg2")
    with pytest.raises(AlreadyStanding):
        ledger.join(row("A", "bob"), other, after(5))


def test_a_failed_request_can_join_and_brings_the_rows_that_joined_it(ledger: Ledger) -> None:
    old = sent(ledger, ANN)
    ledger.join(ANN_TOO, old, after(2))
    ledger.look(old, look(regulation("reg1", Progress.INVALID)))
    new = sent(ledger, ANN_THREE, regulation_id="reg2")
    ledger.join(ANN, new, after(20))
    assert sharing(ledger, new) == {"D": None, "A": "D", "C": "D"}
    assert sharing(ledger, old) == {}


def test_rows_that_joined_come_along_when_it_is_sent_again(ledger: Ledger) -> None:
    old = sent(ledger, ANN)
    ledger.join(ANN_TOO, old, after(2))
    ledger.look(old, look(regulation("reg1", Progress.INVALID)))
    settled(ledger)
    new = ledger.intend(intent(asked(ANN, old), minutes=20))
    assert sharing(ledger, new) == {"A": None, "C": "A"}
    assert sharing(ledger, old) == {}
    assert [entry.record_id for entry in ledger.owed(10)] == [ANN.record_id, ANN_TOO.record_id]
    assert [entry.attempts for entry in ledger.requests_of(new)] == [2, 0]


def test_of_a_batch_only_the_request_that_is_repeated_leaves(ledger: Ledger) -> None:
    old = failed(ledger, ANN, BOB)
    new = ledger.intend(intent(asked(ANN, old), minutes=20))
    assert sharing(ledger, old) == {"B": None}
    assert sharing(ledger, new) == {"A": None}


def test_a_whole_batch_can_be_repeated_at_once(ledger: Ledger) -> None:
    old = sent(ledger, ANN, BOB)
    ledger.look(old, look(regulation("reg1", Progress.FINISHED, *FOLLOW_UP)))
    new = ledger.intend(intent(asked(ANN, old), asked(BOB, old), minutes=20))
    assert sharing(ledger, new) == {"A": None, "B": None}
    assert ledger.owed_receipts(10) == ()  # nobody is left to show those of the old one to


def test_a_replaced_follow_up_is_no_longer_open_and_no_longer_live(ledger: Ledger) -> None:
    old = sent(ledger, ANN)
    ledger.look(old, look(regulation("reg1", Progress.FINISHED, *FOLLOW_UP)))
    new = ledger.intend(intent(asked(ANN, old), minutes=20))
    key = (ledger.key_of(ANN.identifier), DELETE)
    assert ledger.open_follow_ups() == ()
    assert ledger.standing([key])[key].submission_id == new


def test_a_refused_request_that_was_corrected_is_sent_without_a_wish(ledger: Ledger) -> None:
    old = ledger.intend(intent(ANN))
    ledger.refuse(old, after(2), "bad_request")
    new = ledger.intend(intent(row("A", "anna"), minutes=20))
    assert sharing(ledger, new) == {"A": None}


def test_rows_for_the_old_person_stay_and_one_of_them_leads(ledger: Ledger) -> None:
    old = ledger.intend(intent(ANN))
    ledger.note([noted(ANN_THREE, minutes=1), noted(ANN_TOO, minutes=2)])
    ledger.join(ANN_TOO, old, after(2))
    ledger.join(ANN_THREE, old, after(3))
    ledger.refuse(old, after(4), "bad_request")
    settled(ledger)
    new = ledger.intend(intent(row("A", "anna"), minutes=20))
    assert sharing(ledger, new) == {"A": None}
    assert sharing(ledger, old) == {"D": None, "C": "D"}  # D was seen first
    assert {entry.record_id[-1] for entry in ledger.owed(10)} == {"A", "C", "D"}
    (entry,) = ledger.entries([RecordId("recD")]).values()
    assert entry.submission is not None
    assert entry.submission.outcome is Outcome.REFUSED


def test_the_row_that_leads_now_takes_over_the_follow_ups_and_the_place_in_line(ledger: Ledger) -> None:
    old = sent(ledger, ANN)
    ledger.join(ANN_TOO, old, after(2))
    ledger.look(old, look(regulation("reg1", Progress.FINISHED, *FOLLOW_UP)))
    ledger.follow_up_done([ReceiptKey(ANN.record_id, RegulationId("reg1"), "Braze")], after(15))
    settled(ledger)
    ledger.intend(intent(asked(row("A", "anna"), old), minutes=20))
    (waiting,) = ledger.open_follow_ups()
    assert waiting.key == ReceiptKey(ANN_TOO.record_id, RegulationId("reg1"), "Webhook")
    key = (ledger.key_of(ANN.identifier), DELETE)
    assert ledger.standing([key])[key].submission_id == old
    assert [submission.submission_id for submission in ledger.owed_receipts(10)] == [old]


def test_rows_stay_when_the_request_asks_for_something_else_now(ledger: Ledger) -> None:
    old = sent(ledger, ANN)
    ledger.join(ANN_TOO, old, after(2))
    ledger.look(old, look(regulation("reg1", Progress.INVALID)))
    ledger.intend(intent(asked(ANN, old), minutes=20, kind=SUPPRESS))
    assert sharing(ledger, old) == {"C": None}


def test_a_joined_row_that_was_changed_goes_its_own_way(ledger: Ledger) -> None:
    old = sent(ledger, ANN)
    ledger.join(BOB, old, after(2))
    ledger.look(old, look(regulation("reg1", Progress.INVALID)))
    new = ledger.intend(intent(asked(BOB, old), minutes=20))
    assert (sharing(ledger, old), sharing(ledger, new)) == ({"A": None}, {"B": None})


def test_a_request_and_a_row_that_joined_it_can_be_repeated_side_by_side(ledger: Ledger) -> None:
    old = sent(ledger, ANN)
    ledger.join(ANN_TOO, old, after(2))
    ledger.look(old, look(regulation("reg1", Progress.INVALID)))
    new = ledger.intend(intent(asked(ANN, old), asked(row("C", "cleo"), old), minutes=20))
    assert sharing(ledger, new) == {"A": None, "C": None}


def test_a_retired_submission_is_looked_at_no_more(ledger: Ledger) -> None:
    old = sent(ledger, ANN)
    shown = look(regulation("reg1", Progress.FINISHED, *FOLLOW_UP))
    ledger.look(old, shown)
    ledger.intend(intent(asked(ANN, old), minutes=20))
    assert old not in {submission.submission_id for submission in ledger.due(after(1000), 10)}


def test_a_completed_regulation_takes_a_further_request_without_standing_for_its_person(ledger: Ledger) -> None:
    first = ledger.adopt(intent(ANN), RegulationId("reg1"), after(5))
    ledger.look(first, look(regulation("reg1", Progress.FINISHED, report("Braze"))))
    settled(ledger)
    ledger.adopt(intent(BOB), RegulationId("reg1"), after(5))
    (entry,) = ledger.entries([BOB.record_id]).values()
    assert entry.verdict is Verdict.COMPLETED
    assert ledger.standing([(ledger.key_of(BOB.identifier), DELETE)]) == {}
    assert [submission.submission_id for submission in ledger.owed_receipts(10)] == [first]


def test_a_further_request_of_a_regulation_gets_its_own_follow_ups(ledger: Ledger) -> None:
    first = ledger.adopt(intent(ANN), RegulationId("reg1"), after(5))
    ledger.look(first, look(regulation("reg1", Progress.FINISHED, *FOLLOW_UP)))
    ledger.adopt(intent(BOB), RegulationId("reg1"), after(5))
    waiting = {(item.key.record_id[-1], item.key.destination) for item in ledger.open_follow_ups()}
    assert waiting == {("A", "Braze"), ("A", "Webhook"), ("B", "Braze"), ("B", "Webhook")}
