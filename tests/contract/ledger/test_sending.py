"""Submissions: intended, answered, refused, released, given up, adopted."""

from collections.abc import Callable

import pytest
from tests.contract.ledger.made import DELETE, SUPPRESS, after, asked, intent, noted, row, sent, settled

from dsr_sync.core.model import Identifier, Outcome, RegulationId, SubmissionId, Verdict
from dsr_sync.ports import AlreadyStanding, IntendedRequest, Ledger, Permanent

ANN, BOB, ANN_AGAIN = row("A", "ann"), row("B", "bob"), row("C", "ann")


def only(ledger: Ledger, submission_id: SubmissionId) -> str:
    """The one request of a submission, by the last letter of its row."""
    (entry,) = ledger.requests_of(submission_id)
    return entry.record_id[-1]


def test_an_intent_is_a_submission_of_unknown_outcome(ledger: Ledger) -> None:
    ledger.note([noted(ANN)])
    submission_id = ledger.intend(intent(ANN, minutes=2))
    (entry,) = ledger.requests_of(submission_id)
    assert entry.submission is not None
    assert entry.submission.outcome is Outcome.UNKNOWN
    assert entry.submission.intended_at == after(2)
    assert entry.submission.regulation_type == "SUPPRESS_WITH_DELETE"
    assert (entry.attempts, entry.verdict, entry.submission.regulation_id) == (1, None, None)


def test_an_intent_is_owed_to_the_row_and_counted_by_the_brake(ledger: Ledger) -> None:
    ledger.intend(intent(ANN, BOB, minutes=2))
    assert [entry.record_id for entry in ledger.owed(10)] == [ANN.record_id, BOB.record_id]
    assert ledger.sent_since(after(2)) == (after(2), after(2))
    assert ledger.sent_since(after(3)) == ()


def test_an_unknown_outcome_can_be_looked_for_by_its_subjects(ledger: Ledger) -> None:
    submission_id = ledger.intend(intent(ANN, BOB))
    ledger.join(ANN_AGAIN, submission_id, after(2))
    (item,) = ledger.unsettled()
    assert item.submission.submission_id == submission_id
    assert item.subject_keys == {ledger.key_of(ANN.identifier), ledger.key_of(BOB.identifier)}
    assert item.record_ids == (ANN.record_id, BOB.record_id, ANN_AGAIN.record_id)
    assert item.absent_at is None


def test_unknown_outcomes_come_oldest_first(ledger: Ledger) -> None:
    later, earlier = ledger.intend(intent(ANN, minutes=9)), ledger.intend(intent(BOB, minutes=3))
    assert [item.submission.submission_id for item in ledger.unsettled()] == [earlier, later]


def test_a_second_intent_for_the_same_person_and_action_is_refused(ledger: Ledger) -> None:
    ledger.intend(intent(ANN))
    with pytest.raises(AlreadyStanding):
        ledger.intend(intent(ANN_AGAIN))


def test_a_refused_intent_leaves_nothing_behind(ledger: Ledger) -> None:
    ledger.intend(intent(ANN))
    with pytest.raises(AlreadyStanding):
        ledger.intend(intent(BOB, ANN_AGAIN, minutes=5))
    assert ledger.entries([BOB.record_id, ANN_AGAIN.record_id]) == {}
    assert ledger.history(BOB.record_id) == ()
    assert len(ledger.unsettled()) == 1
    assert len(ledger.sent_since(after(0))) == 1


def test_two_requests_for_one_person_in_one_intent_are_refused(ledger: Ledger) -> None:
    with pytest.raises(AlreadyStanding):
        ledger.intend(intent(ANN, ANN_AGAIN))


def test_one_request_twice_in_one_intent_is_refused(ledger: Ledger) -> None:
    with pytest.raises(AlreadyStanding):
        ledger.intend(intent(ANN, row("A", "anna")))


def test_another_action_for_the_same_person_is_no_duplicate(ledger: Ledger) -> None:
    ledger.intend(intent(ANN))
    ledger.intend(intent(ANN_AGAIN, kind=SUPPRESS))
    key = ledger.key_of(ANN.identifier)
    assert set(ledger.standing([(key, DELETE), (key, SUPPRESS)])) == {(key, DELETE), (key, SUPPRESS)}


def test_what_was_looked_up_and_what_was_typed_both_stand_but_only_what_was_sent_is_looked_for(ledger: Ledger) -> None:
    typed, user_id = Identifier("ann@example.com"), Identifier("u1")
    ledger.intend(intent(IntendedRequest(ANN.record_id, typed, (user_id, user_id))))
    people = [(ledger.key_of(typed), DELETE), (ledger.key_of(user_id), DELETE)]
    assert set(ledger.standing(people)) == set(people)
    assert ledger.unsettled()[0].subject_keys == {ledger.key_of(user_id)}
    with pytest.raises(AlreadyStanding):
        ledger.intend(intent(IntendedRequest(BOB.record_id, user_id, (user_id,))))


def test_standing_names_only_the_persons_that_were_asked_for(ledger: Ledger) -> None:
    submission_id = sent(ledger, ANN)
    ann, bob = (ledger.key_of(ANN.identifier), DELETE), (ledger.key_of(BOB.identifier), DELETE)
    assert {person: found.submission_id for person, found in ledger.standing([ann, bob]).items()} == {
        ann: submission_id
    }


def test_an_accepted_submission_has_its_regulation_and_is_looked_at_at_once(ledger: Ledger) -> None:
    submission_id = sent(ledger, ANN, regulation_id="reg7", minutes=4)
    (submission,) = ledger.due(after(4), 10)
    assert submission.submission_id == submission_id
    assert (submission.outcome, submission.regulation_id) == (Outcome.ACCEPTED, "reg7")
    assert (submission.verdict, submission.accepted_at) == (Verdict.ACCEPTED, after(4))
    assert ledger.unsettled() == ()
    assert ledger.known([RegulationId("reg7"), RegulationId("reg8")]) == {"reg7"}


def test_the_same_answer_twice_changes_nothing(ledger: Ledger) -> None:
    submission_id = sent(ledger, ANN)
    settled(ledger)
    ledger.accept(submission_id, RegulationId("reg1"), after(30), after(1))
    assert ledger.owed(10) == ()


def test_what_is_found_in_the_list_was_accepted_when_segment_made_it(ledger: Ledger) -> None:
    submission_id = ledger.intend(intent(ANN))
    ledger.accept(submission_id, RegulationId("reg7"), after(600), after(2))
    (entry,) = ledger.requests_of(submission_id)
    assert entry.submission is not None
    assert entry.submission.accepted_at == after(2)
    found = ledger.history(ANN.record_id)[-1]
    assert (found.at, found.details["how"]) == (after(600), "found")
    assert [due.submission_id for due in ledger.due(after(600), 10)] == [submission_id]


def test_one_regulation_cannot_belong_to_two_submissions(ledger: Ledger) -> None:
    sent(ledger, ANN, regulation_id="reg1")
    with pytest.raises(Permanent):
        sent(ledger, BOB, regulation_id="reg1")
    assert len(ledger.unsettled()) == 1


def test_a_refusal_frees_the_person_and_stays_with_the_row(ledger: Ledger) -> None:
    submission_id = ledger.intend(intent(ANN))
    ledger.refuse(submission_id, after(2), "bad_request")
    (entry,) = ledger.requests_of(submission_id)
    assert entry.submission is not None
    assert entry.submission.outcome is Outcome.REFUSED
    assert ledger.standing([(ledger.key_of(ANN.identifier), DELETE)]) == {}
    assert only(ledger, ledger.intend(intent(ANN_AGAIN))) == "C"


def test_a_release_sets_every_request_free_to_be_sent_again(ledger: Ledger) -> None:
    submission_id = ledger.intend(intent(ANN))
    ledger.join(ANN_AGAIN, submission_id, after(2))
    ledger.release(submission_id, after(20), "absent from two complete listings", after(30))
    assert ledger.requests_of(submission_id) == ()
    for entry in ledger.entries([ANN.record_id, ANN_AGAIN.record_id]).values():
        assert (entry.submission, entry.joined_to, entry.not_before) == (None, None, after(30))
    assert ledger.sent_since(after(0)) == ()
    assert {entry.record_id for entry in ledger.owed(10)} == {ANN.record_id, ANN_AGAIN.record_id}


def test_attempts_count_submissions_and_a_new_one_ends_the_pause(ledger: Ledger) -> None:
    ledger.release(ledger.intend(intent(ANN)), after(2), "busy", after(30))
    ledger.intend(intent(ANN, minutes=31))
    (entry,) = ledger.entries([ANN.record_id]).values()
    assert (entry.attempts, entry.not_before) == (2, None)


def test_what_can_no_longer_be_proved_stays_live_until_a_person_decides(ledger: Ledger) -> None:
    submission_id = ledger.intend(intent(ANN))
    ledger.give_up(submission_id, after(2))
    assert ledger.unsettled() == ()
    with pytest.raises(AlreadyStanding):
        ledger.intend(intent(ANN_AGAIN))
    ledger.intend(intent(asked(ANN, submission_id)))
    assert len(ledger.unsettled()) == 1


def test_of_several_absences_the_first_counts(ledger: Ledger) -> None:
    submission_id = ledger.intend(intent(ANN))
    ledger.absent(submission_id, after(20))
    ledger.absent(submission_id, after(40))
    assert ledger.unsettled()[0].absent_at == after(20)


def test_an_absence_changes_nothing_that_a_row_says(ledger: Ledger) -> None:
    submission_id = ledger.intend(intent(ANN))
    settled(ledger)
    ledger.absent(submission_id, after(20))
    assert ledger.owed(10) == ()


Deed = Callable[[Ledger, SubmissionId], None]

DEEDS: dict[str, Deed] = {
    "accept": lambda ledger, number: ledger.accept(number, RegulationId("other"), after(9)),
    "refuse": lambda ledger, number: ledger.refuse(number, after(9), "no"),
    "release": lambda ledger, number: ledger.release(number, after(9), "no", None),
    "give up": lambda ledger, number: ledger.give_up(number, after(9)),
}


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("before", ["accept", "refuse", "release"])
def test_an_outcome_that_is_known_is_never_undone(ledger: Ledger, before: str, deed: str) -> None:
    submission_id = ledger.intend(intent(ANN))
    if before == "accept":
        ledger.accept(submission_id, RegulationId("reg1"), after(2))
    else:
        DEEDS[before](ledger, submission_id)
    history = ledger.history(ANN.record_id)
    with pytest.raises(Permanent):
        DEEDS[deed](ledger, submission_id)
    assert ledger.history(ANN.record_id) == history


@pytest.mark.parametrize("deed", DEEDS)
def test_a_submission_that_does_not_exist_cannot_be_settled(ledger: Ledger, deed: str) -> None:
    with pytest.raises(Permanent):
        DEEDS[deed](ledger, SubmissionId(999_999_999))


def test_a_regulation_is_adopted_with_its_own_time(ledger: Ledger) -> None:
    submission_id = ledger.adopt(intent(ANN, minutes=50), RegulationId("reg1"), after(5))
    (entry,) = ledger.requests_of(submission_id)
    assert entry.submission is not None
    assert entry.submission.outcome is Outcome.ACCEPTED
    assert (entry.submission.intended_at, entry.submission.accepted_at) == (after(5), after(5))
    assert ledger.sent_since(after(6)) == ()
    assert len(ledger.due(after(5), 10)) == 1


def test_a_person_who_is_served_already_is_not_adopted_for(ledger: Ledger) -> None:
    sent(ledger, ANN)
    with pytest.raises(AlreadyStanding):
        ledger.adopt(intent(ANN_AGAIN), RegulationId("reg2"), after(5))


def test_a_known_regulation_takes_further_requests(ledger: Ledger) -> None:
    first = ledger.adopt(intent(ANN), RegulationId("reg1"), after(5))
    assert ledger.adopt(intent(BOB), RegulationId("reg1"), after(5)) == first
    assert [entry.joined_to for entry in ledger.requests_of(first)] == [None, None]
    assert set(ledger.standing([(ledger.key_of(BOB.identifier), DELETE)])) == {(ledger.key_of(BOB.identifier), DELETE)}


def test_a_further_row_for_a_person_of_a_known_regulation_joins(ledger: Ledger) -> None:
    first = ledger.adopt(intent(ANN), RegulationId("reg1"), after(5))
    ledger.adopt(intent(ANN_AGAIN), RegulationId("reg1"), after(5))
    assert [entry.joined_to for entry in ledger.requests_of(first)] == [None, ANN.record_id]


def test_adopting_twice_changes_nothing(ledger: Ledger) -> None:
    ledger.adopt(intent(ANN), RegulationId("reg1"), after(5))
    settled(ledger)
    ledger.adopt(intent(ANN), RegulationId("reg1"), after(5))
    assert ledger.owed(10) == ()
    assert ledger.entries([ANN.record_id])[ANN.record_id].attempts == 1
