"""Follow-ups: what is left to people, per request and destination, and how it ends."""

import pytest
from tests.contract.ledger.made import (
    DONE,
    NEEDS_PEOPLE,
    RUNNING,
    after,
    look,
    missing,
    regulation,
    report,
    row,
    sent,
    settled,
    stands,
)

from dsr_sync.core.model import Progress, RecordId, RegulationId, SubmissionId, Verdict
from dsr_sync.ports import Ledger, ReceiptKey

ANN, BOB, ANN_TOO = row("A", "ann"), row("B", "bob"), row("C", "ann")


def key(name: str, destination: str) -> ReceiptKey:
    return ReceiptKey(RecordId(f"rec{name}"), RegulationId("reg1"), destination)


def verdict_of(ledger: Ledger, name: str) -> Verdict | None:
    return ledger.entries([RecordId(f"rec{name}")])[RecordId(f"rec{name}")].verdict


def batch(ledger: Ledger) -> SubmissionId:
    """Two requests in one regulation, and a row that joined the first; Segment is done and people are needed."""
    submission_id = sent(ledger, ANN, BOB)
    ledger.join(ANN_TOO, submission_id, after(2))
    ledger.look(submission_id, look(NEEDS_PEOPLE))
    settled(ledger)
    return submission_id


def test_each_request_of_its_own_has_a_follow_up_per_destination_that_needs_one(ledger: Ledger) -> None:
    submission_id = batch(ledger)
    assert {item.key for item in ledger.open_follow_ups()} == {
        key(name, destination) for name in "AB" for destination in ("Braze", "Webhook")
    }
    assert {item.submission_id for item in ledger.open_follow_ups()} == {submission_id}
    assert stands(ledger, "A")


def test_a_request_is_completed_by_its_last_follow_up_and_its_joined_row_with_it(ledger: Ledger) -> None:
    batch(ledger)
    ledger.follow_up_done([key("A", "Braze")], after(100))
    assert (verdict_of(ledger, "A"), ledger.owed(10)) == (Verdict.FOLLOW_UP, ())
    ledger.follow_up_done([key("A", "Webhook")], after(200))
    entries = ledger.entries([ANN.record_id, ANN_TOO.record_id])
    assert [entry.followed_up_at for entry in entries.values()] == [after(200), after(200)]
    assert [entry.verdict for entry in entries.values()] == [Verdict.COMPLETED, Verdict.COMPLETED]
    assert [entry.record_id for entry in ledger.owed(10)] == [ANN.record_id, ANN_TOO.record_id]


def test_the_other_request_of_the_batch_goes_on_waiting(ledger: Ledger) -> None:
    batch(ledger)
    ledger.follow_up_done([key("A", "Braze"), key("A", "Webhook")], after(100))
    assert verdict_of(ledger, "B") is Verdict.FOLLOW_UP
    assert (stands(ledger, "A"), stands(ledger, "B")) == (False, True)
    assert {item.key.record_id for item in ledger.open_follow_ups()} == {BOB.record_id}


def test_a_follow_up_that_is_not_open_is_passed_over(ledger: Ledger) -> None:
    batch(ledger)
    ledger.follow_up_done([key("A", "Nobody"), key("Z", "Braze"), key("C", "Braze")], after(100))
    ledger.follow_up_done([ReceiptKey(ANN.record_id, RegulationId("other"), "Braze")], after(100))
    assert len(ledger.open_follow_ups()) == 4
    assert ledger.owed(10) == ()


def test_a_follow_up_that_is_done_twice_keeps_its_first_time(ledger: Ledger) -> None:
    batch(ledger)
    done = [key("A", "Braze"), key("A", "Webhook")]
    ledger.follow_up_done(done, after(100))
    ledger.follow_up_done(done, after(300))
    assert ledger.entries([ANN.record_id])[ANN.record_id].followed_up_at == after(100)


def test_a_follow_up_that_is_no_longer_needed_goes_and_the_rest_can_complete(ledger: Ledger) -> None:
    submission_id = sent(ledger, ANN)
    ledger.look(submission_id, look(NEEDS_PEOPLE))
    ledger.follow_up_done([key("A", "Webhook")], after(100))
    better = regulation("reg1", Progress.FAILED, report("Braze"), report("Webhook", Progress.NOT_SUPPORTED))
    ledger.look(submission_id, look(better, minutes=120))
    assert ledger.open_follow_ups() == ()
    assert ledger.entries([ANN.record_id])[ANN.record_id].followed_up_at == after(120)


def test_follow_ups_done_while_segment_works_on_count_once_it_is_done_again(ledger: Ledger) -> None:
    submission_id = sent(ledger, ANN)
    ledger.look(submission_id, look(NEEDS_PEOPLE))
    ledger.look(submission_id, look(RUNNING, minutes=20))
    assert ledger.open_follow_ups() == ()
    ledger.follow_up_done([key("A", "Braze"), key("A", "Webhook")], after(30))
    assert verdict_of(ledger, "A") is Verdict.RUNNING
    ledger.look(submission_id, look(NEEDS_PEOPLE, minutes=40))
    assert verdict_of(ledger, "A") is Verdict.COMPLETED


def test_follow_ups_are_pointless_once_everything_finished_after_all(ledger: Ledger) -> None:
    submission_id = batch(ledger)
    ledger.look(submission_id, look(DONE, minutes=120))
    assert (ledger.open_follow_ups(), verdict_of(ledger, "B")) == ((), Verdict.COMPLETED)


@pytest.mark.parametrize("later", [RUNNING, regulation("reg1", Progress.INVALID)])
def test_a_request_that_people_completed_stays_completed(ledger: Ledger, later: object) -> None:
    assert isinstance(later, type(RUNNING))
    submission_id = batch(ledger)
    ledger.follow_up_done([key("A", "Braze"), key("A", "Webhook")], after(100))
    ledger.look(submission_id, look(later, minutes=120))
    assert verdict_of(ledger, "A") is Verdict.COMPLETED
    assert ledger.history(ANN.record_id)[-1].kind == "verdict.later_change"


def test_what_had_ended_is_not_lost_when_segment_forgets_it(ledger: Ledger) -> None:
    submission_id = batch(ledger)
    ledger.look(submission_id, missing(Verdict.LOST, again=None))
    assert verdict_of(ledger, "A") is Verdict.FOLLOW_UP
    assert len(ledger.open_follow_ups()) == 4


def test_it_serves_its_people_until_their_follow_ups_are_done(ledger: Ledger) -> None:
    name = RegulationId("reg1")
    ledger.look(sent(ledger, ANN), look(NEEDS_PEOPLE, 90))
    assert ledger.over_since(name) is None
    ledger.follow_up_done([key("A", "Braze"), key("A", "Webhook")], after(200))
    assert ledger.over_since(name) == after(200)
