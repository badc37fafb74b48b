"""Looks at regulations, and verdicts that stay."""

from dataclasses import replace

import pytest
from tests.contract.ledger.made import (
    DONE,
    NEEDS_PEOPLE,
    RUNNING,
    after,
    intent,
    look,
    missing,
    regulation,
    report,
    row,
    sent,
    settled,
    stands,
)

from dsr_sync.core.model import Progress, Receipt, RecordId, RegulationId, Submission, SubmissionId, Verdict
from dsr_sync.core.receipts import receipts_of
from dsr_sync.ports import Ledger, Permanent

ANN, BOB, ANN_TOO = row("A", "ann"), row("B", "bob"), row("C", "ann")


def now(ledger: Ledger, name: str = "A") -> Submission:
    submission = ledger.entries([RecordId(f"rec{name}")])[RecordId(f"rec{name}")].submission
    assert submission is not None
    return submission


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
