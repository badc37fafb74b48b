"""What may be sent again, and where the rows are when Segment does not take it."""

import pytest
from tests.contract.ledger.made import (
    DELETE,
    FOLLOW_UP,
    after,
    asked,
    failed,
    intent,
    look,
    regulation,
    row,
    sent,
    sharing,
)

from dsr_sync.core.model import Progress, RegulationId, Verdict
from dsr_sync.ports import AlreadyStanding, Ledger

ANN, ANN_TOO = row("A", "ann"), row("C", "ann")


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


def test_a_regulation_is_taken_over_again_by_a_row_whose_repetition_was_refused(ledger: Ledger) -> None:
    first = failed(ledger, ANN)
    second = ledger.intend(intent(asked(ANN, first), minutes=20))
    ledger.refuse(second, after(21), "INVALID")
    assert ledger.adopt(intent(asked(ANN, second), minutes=30), RegulationId("reg1"), after(1)) == first
    assert sharing(ledger, first) == {"A": None}


def test_a_repetition_that_was_lost_once_and_is_then_refused_leaves_every_row_where_it_was(ledger: Ledger) -> None:
    old = sent(ledger, ANN)
    ledger.look(old, look(regulation("reg1", Progress.FINISHED, *FOLLOW_UP)))
    lost = ledger.intend(intent(asked(ANN, old), minutes=20))
    ledger.release(lost, after(40), "absent from two complete listings", None)
    again = ledger.intend(intent(ANN, minutes=41))
    ledger.join(ANN_TOO, again, after(42))
    ledger.refuse(again, after(43), "INVALID")
    assert sharing(ledger, old) == {"A": None, "C": "A"}
    person = (ledger.key_of(ANN.identifier), DELETE)
    assert ledger.standing([person])[person].submission_id == old
    assert [owed.submission_id for owed in ledger.owed_receipts(10)] == [old]


def test_a_repetition_that_is_refused_is_no_longer_wished_for(ledger: Ledger) -> None:
    old = failed(ledger, ANN)
    ledger.refuse(ledger.intend(intent(asked(ANN, old), minutes=20)), after(21), "INVALID")
    assert sharing(ledger, old) == {"A": None}
    assert ledger.standing([(ledger.key_of(ANN.identifier), DELETE)]) == {}
    assert ledger.intend(intent(asked(ANN, old), minutes=31))
