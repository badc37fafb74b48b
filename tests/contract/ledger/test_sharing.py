"""Rows that share a submission, and what becomes of them when it is sent again."""

import pytest
from tests.contract.ledger.made import (
    DELETE,
    FOLLOW_UP,
    SUPPRESS,
    after,
    asked,
    intent,
    look,
    noted,
    regulation,
    report,
    row,
    sent,
    settled,
)

from dsr_sync.core.model import Identifier, Outcome, Progress, RecordId, RegulationId, RequestRow, SubmissionId, Verdict
from dsr_sync.ports import AlreadyStanding, Ledger, ReceiptKey

ANN, BOB, ANN_TOO, ANN_THREE = row("A", "ann"), row("B", "bob"), row("C", "ann"), row("D", "ann")


def failed(ledger: Ledger, *rows: RequestRow, name: str = "reg1") -> SubmissionId:
    """Send these requests in one regulation that fails."""
    submission_id = sent(ledger, *rows, regulation_id=name)
    ledger.look(submission_id, look(regulation(name, Progress.INVALID)))
    return submission_id


def sharing(ledger: Ledger, submission_id: SubmissionId) -> dict[str, str | None]:
    """The rows of a submission by their last letter, each with the letter of the row that it joined."""
    return {
        entry.record_id[-1]: entry.joined_to[-1] if entry.joined_to else None
        for entry in ledger.requests_of(submission_id)
    }


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


@pytest.mark.parametrize("running", [Progress.WAITING, Progress.RUNNING, Progress.FINISHED])
def test_a_submission_that_did_not_end_badly_is_never_repeated(ledger: Ledger, running: Progress) -> None:
    submission_id = sent(ledger, ANN)
    ledger.look(submission_id, look(regulation("reg1", running)))
    with pytest.raises(AlreadyStanding):
        ledger.intend(intent(asked(ANN, submission_id), minutes=20))


def test_a_submission_of_unknown_outcome_is_never_repeated(ledger: Ledger) -> None:
    submission_id = ledger.intend(intent(ANN))
    with pytest.raises(AlreadyStanding):
        ledger.intend(intent(asked(ANN, submission_id), minutes=20))
    with pytest.raises(AlreadyStanding):
        ledger.intend(intent(row("A", "somebody else"), minutes=20))


def test_a_failed_submission_is_not_repeated_unless_that_is_wished(ledger: Ledger) -> None:
    failed(ledger, ANN)
    with pytest.raises(AlreadyStanding):
        ledger.intend(intent(ANN, minutes=20))


def test_a_wish_to_repeat_works_once(ledger: Ledger) -> None:
    old = failed(ledger, ANN)
    ledger.intend(intent(asked(ANN, old), minutes=20))
    with pytest.raises(AlreadyStanding):
        ledger.intend(intent(asked(ANN, old), minutes=21))


def test_a_wish_to_repeat_ends_with_a_release(ledger: Ledger) -> None:
    submission_id = ledger.intend(intent(ANN))
    ledger.release(submission_id, after(2), "busy", None)
    with pytest.raises(AlreadyStanding):
        ledger.intend(intent(asked(ANN, submission_id), minutes=20))


def test_a_repetition_that_was_not_taken_leaves_every_row_where_it_was(ledger: Ledger) -> None:
    old = sent(ledger, ANN)
    ledger.join(ANN_TOO, old, after(2))
    ledger.look(old, look(regulation("reg1", Progress.INVALID)))
    again = ledger.intend(intent(asked(ANN, old), minutes=20))
    ledger.take_back(again, after(21), "busy", after(30))
    assert sharing(ledger, old) == {"A": None, "C": "A"}
    entry = ledger.entries([ANN.record_id])[ANN.record_id]
    assert (entry.verdict, entry.not_before) == (Verdict.FAILED, after(30))
    assert ledger.intend(intent(asked(ANN, old), minutes=31))


def test_a_first_attempt_that_was_not_taken_is_as_if_nothing_was_sent(ledger: Ledger) -> None:
    ledger.take_back(ledger.intend(intent(ANN)), after(2), "busy", after(30))
    entry = ledger.entries([ANN.record_id])[ANN.record_id]
    assert (entry.submission, entry.not_before) == (None, after(30))


def test_what_needs_follow_ups_serves_its_person_again_after_a_repetition_that_was_not_taken(ledger: Ledger) -> None:
    old = sent(ledger, ANN)
    ledger.look(old, look(regulation("reg1", Progress.FINISHED, *FOLLOW_UP)))
    again = ledger.intend(intent(asked(ANN, old), minutes=20))
    ledger.take_back(again, after(21), "busy", None)
    person = (ledger.key_of(ANN.identifier), DELETE)
    assert ledger.standing([person])[person].submission_id == old
    assert [owed.submission_id for owed in ledger.owed_receipts(10)] == [old]


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


def test_a_regulation_is_taken_over_again_by_a_row_whose_repetition_was_refused(ledger: Ledger) -> None:
    first = failed(ledger, ANN)
    second = ledger.intend(intent(asked(ANN, first), minutes=20))
    ledger.refuse(second, after(21), "INVALID")
    assert ledger.adopt(intent(asked(ANN, second), minutes=30), RegulationId("reg1"), after(1)) == first
    assert sharing(ledger, first) == {"A": None}
