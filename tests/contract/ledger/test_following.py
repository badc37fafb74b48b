"""Looks at regulations, verdicts that stay, and follow-ups."""

from dataclasses import replace

import pytest
from tests.contract.ledger.made import (
    DELETE,
    FOLLOW_UP,
    after,
    intent,
    look,
    regulation,
    report,
    row,
    sent,
    settled,
)

from dsr_sync.core.model import Progress, Receipt, RecordId, RegulationId, Submission, SubmissionId, Verdict
from dsr_sync.core.receipts import receipts_of
from dsr_sync.ports import Ledger, Look, Permanent, ReceiptKey

ANN, BOB, ANN_TOO = row("A", "ann"), row("B", "bob"), row("C", "ann")
DONE = regulation("reg1", Progress.FINISHED, report("Braze"))
NEEDS_PEOPLE = regulation("reg1", Progress.FAILED, *FOLLOW_UP)
RUNNING = regulation("reg1", Progress.RUNNING, report("Braze", Progress.RUNNING))


def key(name: str, destination: str) -> ReceiptKey:
    return ReceiptKey(RecordId(f"rec{name}"), RegulationId("reg1"), destination)


def now(ledger: Ledger, name: str = "A") -> Submission:
    submission = ledger.entries([RecordId(f"rec{name}")])[RecordId(f"rec{name}")].submission
    assert submission is not None
    return submission


def verdict_of(ledger: Ledger, name: str) -> Verdict | None:
    return ledger.entries([RecordId(f"rec{name}")])[RecordId(f"rec{name}")].verdict


def stands(ledger: Ledger, who: str = "A") -> bool:
    person = ledger.entries([RecordId(f"rec{who}")])[RecordId(f"rec{who}")].typed_key
    return bool(ledger.standing([(person, DELETE)]))


def missing(verdict: Verdict, minutes: float = 20, again: float | None = 30) -> Look:
    return Look(after(minutes), verdict, None if again is None else after(again), None, (), after(minutes))


def test_a_look_keeps_what_segment_says_and_when_to_look_again(ledger: Ledger) -> None:
    submission_id = sent(ledger, ANN)
    ledger.look(submission_id, look(RUNNING, minutes=10))
    submission = now(ledger)
    assert (submission.verdict, submission.segment_status, submission.ended_at) == (Verdict.RUNNING, "RUNNING", None)
    assert ledger.due(after(14), 10) == ()
    assert [item.submission_id for item in ledger.due(after(15), 10)] == [submission_id]


def test_receipts_come_back_as_they_were_computed(ledger: Ledger) -> None:
    shown = regulation(
        "reg1",
        Progress.PARTLY_FINISHED,
        report("Braze", Progress.FINISHED, source="src1"),
        report("Braze", Progress.FAILED, source="src2"),
        report("Amplitude", Progress.RUNNING),
        report("Webhook", Progress.NOT_SUPPORTED),
    )
    ledger.look(sent(ledger, ANN), look(shown))
    assert now(ledger).receipts == receipts_of(shown)


def test_the_receipt_of_segment_itself_comes_back_too(ledger: Ledger) -> None:
    shown = regulation("reg1", Progress.PARTLY_FINISHED, report("Braze"))
    ledger.look(sent(ledger, ANN), look(shown))
    assert [receipt.destination for receipt in now(ledger).receipts] == ["Braze", "Segment"]
    assert [item.key.destination for item in ledger.open_follow_ups()] == ["Segment"]


def test_error_texts_are_kept_without_the_person(ledger: Ledger) -> None:
    error = "User ann (ann@example.com, +1 555 010 9999) not found: 404"
    shown = regulation("reg1", Progress.FAILED, report("Braze", Progress.FAILED, error))
    ledger.look(sent(ledger, ANN), look(shown))
    assert now(ledger).receipts[0].error == "User […] not found 404"


def test_a_look_that_shows_something_new_is_owed_to_row_and_receipts(ledger: Ledger) -> None:
    submission_id = sent(ledger, ANN)
    settled(ledger)
    ledger.look(submission_id, look(RUNNING))
    assert [entry.record_id for entry in ledger.owed(10)] == [ANN.record_id]
    assert [item.submission_id for item in ledger.owed_receipts(10)] == [submission_id]


def test_a_look_that_shows_nothing_new_owes_nothing(ledger: Ledger) -> None:
    submission_id = sent(ledger, ANN)
    ledger.look(submission_id, look(RUNNING))
    settled(ledger)
    history = ledger.history(ANN.record_id)
    ledger.look(submission_id, look(RUNNING, minutes=20))
    assert (ledger.owed(10), ledger.owed_receipts(10)) == ((), ())
    assert ledger.history(ANN.record_id) == history


def test_receipts_are_not_owed_when_only_the_overall_word_changed(ledger: Ledger) -> None:
    submission_id = sent(ledger, ANN)
    ledger.look(submission_id, look(regulation("reg1", Progress.WAITING, report("Braze"))))
    settled(ledger)
    ledger.look(submission_id, look(regulation("reg1", Progress.RUNNING, report("Braze")), minutes=20))
    assert len(ledger.owed(10)) == 1
    assert ledger.owed_receipts(10) == ()


FINAL = {
    Verdict.COMPLETED: look(DONE),
    Verdict.FAILED: look(regulation("reg1", Progress.INVALID)),
    Verdict.LOST: missing(Verdict.LOST, again=None),
}


@pytest.mark.parametrize("verdict", FINAL)
def test_a_final_verdict_frees_the_person_and_ends_the_looking(ledger: Ledger, verdict: Verdict) -> None:
    submission_id = sent(ledger, ANN)
    ledger.look(submission_id, FINAL[verdict])
    assert now(ledger).verdict is verdict
    assert ledger.due(after(10_000), 10) == ()
    assert not stands(ledger)
    assert ledger.intend(intent(ANN_TOO, minutes=30)) != submission_id


@pytest.mark.parametrize("verdict", FINAL)
@pytest.mark.parametrize("later", [RUNNING, NEEDS_PEOPLE, regulation("reg1", Progress.WAITING)])
def test_a_final_verdict_is_never_overwritten(ledger: Ledger, verdict: Verdict, later: object) -> None:
    assert isinstance(later, type(RUNNING))
    submission_id = sent(ledger, ANN)
    ledger.look(submission_id, FINAL[verdict])
    settled(ledger)
    before = now(ledger)
    ledger.look(submission_id, look(later, minutes=99))
    assert now(ledger) == before
    assert (ledger.owed(10), ledger.owed_receipts(10), ledger.open_follow_ups()) == ((), (), ())
    last = ledger.history(ANN.record_id)[-1]
    assert (last.kind, last.at) == ("verdict.later_change", after(99))
    assert last.details == {"kept": verdict.value, "shown": look(later).verdict.value}


def test_a_regulation_that_is_missing_keeps_what_was_known(ledger: Ledger) -> None:
    submission_id = sent(ledger, ANN)
    ledger.look(submission_id, look(RUNNING))
    before = now(ledger)
    ledger.look(submission_id, missing(Verdict.RUNNING))
    assert now(ledger) == replace(before, missing_since=after(20))
    assert [item.submission_id for item in ledger.due(after(30), 10)] == [submission_id]
    assert ledger.history(ANN.record_id)[-1].kind == "regulation.missing"


def test_a_regulation_that_is_found_again_is_no_longer_missing(ledger: Ledger) -> None:
    submission_id = sent(ledger, ANN)
    ledger.look(submission_id, missing(Verdict.ACCEPTED))
    ledger.look(submission_id, look(RUNNING, minutes=40))
    assert now(ledger).missing_since is None
    assert "regulation.found_again" in [event.kind for event in ledger.history(ANN.record_id)]


def test_without_a_time_of_segments_own_the_end_is_when_it_was_first_seen(ledger: Ledger) -> None:
    submission_id = sent(ledger, ANN)
    untimed = replace(NEEDS_PEOPLE, finished_at=None)
    ledger.look(submission_id, look(untimed, minutes=70))
    ledger.look(submission_id, look(untimed, minutes=90))
    assert now(ledger).ended_at == after(70)


def test_only_an_accepted_submission_can_be_looked_at(ledger: Ledger) -> None:
    submission_id = ledger.intend(intent(ANN))
    with pytest.raises(Permanent):
        ledger.look(submission_id, look(RUNNING))
    with pytest.raises(Permanent):
        ledger.look(SubmissionId(999_999_999), look(RUNNING))


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


def test_receipts_of_many_submissions_do_not_mix(ledger: Ledger) -> None:
    rows = [row(f"{number:03}", f"user{number}") for number in range(60)]
    for number, each in enumerate(rows):
        submission_id = sent(ledger, each, regulation_id=f"reg{number}")
        ledger.look(submission_id, look(regulation(f"reg{number}", Progress.RUNNING, report(f"D{number}"))))
    found: dict[str, tuple[Receipt, ...]] = {
        entry.record_id: entry.submission.receipts
        for entry in ledger.entries([each.record_id for each in rows]).values()
        if entry.submission
    }
    assert [[receipt.destination for receipt in found[f"rec{n:03}"]] for n in range(60)] == [
        [f"D{n}"] for n in range(60)
    ]


def test_when_a_regulation_serves_nobody_any_more_is_known_by_when_that_was_learned(ledger: Ledger) -> None:
    name = RegulationId("reg1")
    assert ledger.over_since(name) is None
    submission_id = sent(ledger, ANN)
    ledger.look(submission_id, look(RUNNING, 20))
    assert ledger.over_since(name) is None
    ledger.look(submission_id, look(DONE, 90))
    assert ledger.over_since(name) == after(90)


def test_it_serves_its_people_until_their_follow_ups_are_done(ledger: Ledger) -> None:
    name = RegulationId("reg1")
    ledger.look(sent(ledger, ANN), look(NEEDS_PEOPLE, 90))
    assert ledger.over_since(name) is None
    ledger.follow_up_done([key("A", "Braze"), key("A", "Webhook")], after(200))
    assert ledger.over_since(name) == after(200)
