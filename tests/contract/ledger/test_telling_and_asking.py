"""What the base is still owed, and what the ledger can be asked."""

from datetime import UTC, date, datetime, timedelta

from tests.contract.ledger.made import (
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

from dsr_sync.core.model import Identifier, Progress, RecordId, RegulationId, Verdict
from dsr_sync.ports import Details, Event, IntendedRequest, Ledger, Look, ReceiptKey, SentBefore

ANN, BOB, CLEO, ANN_TOO = row("A", "ann"), row("B", "bob"), row("C", "cleo", law="CCPA"), row("D", "ann")


def test_what_is_owed_comes_in_the_order_of_the_changes(ledger: Ledger) -> None:
    ledger.intend(intent(ANN, minutes=9))
    ledger.intend(intent(BOB, minutes=3))
    ledger.intend(intent(CLEO, minutes=5))
    assert [entry.record_id[-1] for entry in ledger.owed(10)] == ["B", "C", "A"]
    assert [entry.record_id[-1] for entry in ledger.owed(2)] == ["B", "C"]


def test_a_row_that_was_told_is_owed_nothing_until_the_next_change(ledger: Ledger) -> None:
    submission_id = ledger.intend(intent(ANN))
    ledger.told([ANN.record_id, RecordId("recUnknown")])
    assert ledger.owed(10) == ()
    ledger.accept(submission_id, RegulationId("reg1"), after(3))
    assert len(ledger.owed(10)) == 1


def test_a_row_that_cannot_be_told_is_owed_nothing_until_the_next_change(ledger: Ledger) -> None:
    submission_id = ledger.intend(intent(ANN))
    ledger.untellable(ANN.record_id, after(2), "gone")
    assert ledger.owed(10) == ()
    ledger.accept(submission_id, RegulationId("reg1"), after(3))
    assert len(ledger.owed(10)) == 1


def test_a_row_that_cannot_be_told_at_every_tick_makes_one_line_in_the_history(ledger: Ledger) -> None:
    ledger.intend(intent(ANN))
    for minutes in range(5):
        ledger.untellable(ANN.record_id, after(minutes), "gone")
    ledger.untellable(ANN.record_id, after(9), "INVALID_VALUE_FOR_COLUMN")
    reasons = [event.details for event in ledger.history(ANN.record_id) if event.kind == "request.untellable"]
    assert reasons == [{"reason": "gone"}, {"reason": "INVALID_VALUE_FOR_COLUMN"}]


def test_a_row_that_the_ledger_does_not_know_can_be_untellable_too(ledger: Ledger) -> None:
    ledger.untellable(RecordId("recUnknown"), after(1), "gone")
    assert [event.kind for event in ledger.history(RecordId("recUnknown"))] == ["request.untellable"]


def test_receipts_that_are_in_the_base_are_owed_no_more(ledger: Ledger) -> None:
    submission_id = sent(ledger, ANN)
    ledger.look(submission_id, look(regulation("reg1", Progress.RUNNING, report("Braze"))))
    ledger.told_receipts(submission_id)
    assert ledger.owed_receipts(10) == ()


def test_receipts_are_owed_in_the_order_of_the_changes(ledger: Ledger) -> None:
    for name, each, minutes in (("reg1", ANN, 30), ("reg2", BOB, 10), ("reg3", CLEO, 20)):
        submission_id = sent(ledger, each, regulation_id=name)
        ledger.look(submission_id, look(regulation(name, Progress.RUNNING, report("Braze")), minutes=minutes))
    assert [item.regulation_id for item in ledger.owed_receipts(2)] == ["reg2", "reg3"]


def test_regulations_that_are_due_come_longest_overdue_first(ledger: Ledger) -> None:
    for name, each, minutes in (("reg1", ANN, 9), ("reg2", BOB, 3), ("reg3", CLEO, 6)):
        sent(ledger, each, regulation_id=name, minutes=minutes)
    assert [item.regulation_id for item in ledger.due(after(8), 10)] == ["reg2", "reg3"]
    assert [item.regulation_id for item in ledger.due(after(99), 1)] == ["reg2"]


def test_a_look_that_was_put_off_too_far_is_due(ledger: Ledger) -> None:
    for name, each, minutes in (("reg1", ANN, 9), ("reg2", BOB, 500), ("reg3", CLEO, 60)):
        sent(ledger, each, regulation_id=name, minutes=minutes)
    assert [item.regulation_id for item in ledger.due(after(10), 10, after(400))] == ["reg1", "reg2"]


def test_the_brake_sees_every_request_at_its_time(ledger: Ledger) -> None:
    ledger.intend(intent(ANN, minutes=9))
    ledger.intend(intent(BOB, CLEO, minutes=3))
    assert ledger.sent_since(after(3)) == (after(3), after(3), after(9))
    assert ledger.sent_since(after(4)) == (after(9),)


def test_a_refused_request_still_counts_for_the_brake(ledger: Ledger) -> None:
    ledger.refuse(ledger.intend(intent(ANN)), after(2), "no")
    assert len(ledger.sent_since(after(0))) == 1


def test_a_mark_is_what_was_last_set(ledger: Ledger) -> None:
    assert ledger.mark("sweep") is None
    ledger.set_mark("sweep", after(1))
    ledger.set_mark("sweep", after(5))
    ledger.set_mark("tick", after(7))
    assert (ledger.mark("sweep"), ledger.mark("tick")) == (after(5), after(7))


def test_the_witness_is_the_newest_regulation_of_the_time(ledger: Ledger) -> None:
    for name, each, minutes in (("reg1", ANN, 10), ("reg2", BOB, 20), ("reg3", CLEO, 30)):
        sent(ledger, each, regulation_id=name, minutes=minutes)
    assert ledger.witness(after(10), after(25)) == "reg2"
    assert ledger.witness(after(20), after(20)) == "reg2"
    assert ledger.witness(after(31), after(99)) is None


def test_a_regulation_that_segment_misses_bears_no_witness(ledger: Ledger) -> None:
    submission_id = sent(ledger, ANN)
    ledger.look(submission_id, Look(after(5), Verdict.ACCEPTED, after(9), None, (), after(5)))
    assert ledger.witness(after(0), after(99)) is None


def test_the_history_tells_the_whole_story_of_a_row(ledger: Ledger) -> None:
    ledger.note([noted(ANN)])
    first = ledger.intend(intent(ANN, minutes=1))
    ledger.release(first, after(2), "busy", after(4))
    second = ledger.intend(intent(ANN, minutes=5))
    ledger.accept(second, RegulationId("reg1"), after(6))
    ledger.look(second, look(regulation("reg1", Progress.FINISHED, report("Braze"))))
    types: Details = {"request_type": "Delete", "regulation_type": "SUPPRESS_WITH_DELETE"}
    assert ledger.history(ANN.record_id) == (
        Event(after(0), "request.seen", ANN.record_id, None, {}),
        Event(after(1), "submission.intended", ANN.record_id, first, types),
        Event(
            after(2),
            "submission.not_accepted",
            None,
            first,
            {"reason": "busy", "not_before": "2026-03-02T09:04:00+00:00"},
        ),
        Event(after(5), "submission.intended", ANN.record_id, second, types),
        Event(after(6), "submission.accepted", None, second, {"regulation_id": "reg1", "how": "answered"}),
        Event(
            after(10),
            "verdict.changed",
            None,
            second,
            {"verdict": "completed", "before": "accepted", "segment_status": "FINISHED"},
        ),
        Event(
            after(10),
            "receipt.changed",
            None,
            second,
            {
                "destination": "Braze",
                "status": "Finished",
                "segment_status": "FINISHED",
                "sources_finished": 1,
                "sources_total": 1,
            },
        ),
    )


def test_the_history_of_a_joined_row_holds_what_happened_to_the_shared_submission(ledger: Ledger) -> None:
    submission_id = sent(ledger, ANN, BOB)
    ledger.join(ANN_TOO, submission_id, after(2))
    ledger.look(submission_id, look(regulation("reg1", Progress.FINISHED, *FOLLOW_UP)))
    for destination in ("Braze", "Webhook"):
        ledger.follow_up_done([ReceiptKey(ANN.record_id, RegulationId("reg1"), destination)], after(20))
    kinds = [event.kind for event in ledger.history(ANN_TOO.record_id)]
    assert kinds[:3] == ["submission.accepted", "request.seen", "request.joined"]
    assert kinds[-1] == "request.followed_up"
    assert "follow_up.done" not in kinds  # that was done for the other row


def test_an_anomaly_is_in_no_rows_history(ledger: Ledger) -> None:
    ledger.note([noted(ANN)])
    ledger.report("outcome.duplicate_found", after(1), {"kept": "reg1", "more": 2, "sure": True, "share": 0.5})
    assert [event.kind for event in ledger.history(ANN.record_id)] == ["request.seen"]


def test_the_summary_counts_by_outcome_and_verdict(ledger: Ledger) -> None:
    ledger.note([noted(row("0", "zoe"))])
    ledger.intend(intent(row("1", "yan")))
    ledger.refuse(ledger.intend(intent(row("2", "xia"))), after(2), "no")
    ledger.give_up(ledger.intend(intent(row("3", "wim"))), after(2))
    sent(ledger, row("4", "val"), regulation_id="reg4")
    for number, progress in enumerate((Progress.RUNNING, Progress.FINISHED, Progress.INVALID), start=5):
        submission_id = sent(ledger, row(f"{number}", f"u{number}"), regulation_id=f"reg{number}")
        ledger.look(submission_id, look(regulation(f"reg{number}", progress)))
    submission_id = sent(ledger, row("8", "ugo"), row("9", "tom"), regulation_id="reg8")
    ledger.join(row("a", "ugo"), submission_id, after(2))
    ledger.look(submission_id, look(regulation("reg8", Progress.FINISHED, report("Braze", Progress.FAILED))))
    ledger.follow_up_done([ReceiptKey(RecordId("rec8"), RegulationId("reg8"), "Braze")], after(20))
    summary = ledger.summary(after(30))
    assert summary.by_state == {
        "seen": 1,
        "unknown": 1,
        "refused": 1,
        "unprovable": 1,
        "accepted": 1,
        "running": 1,
        "completed": 3,  # one by Segment, one by its follow-up, and the row that joined that one
        "failed": 1,
        "follow-up": 1,
    }
    assert (summary.unsettled, summary.open_follow_ups, summary.sent_last_hour) == (1, 1, 9)


def test_the_summary_knows_the_oldest_open_request_and_the_first_that_is_due(ledger: Ledger) -> None:
    submission_id = sent(ledger, ANN)
    ledger.look(submission_id, look(regulation("reg1", Progress.FINISHED)))
    ledger.note([noted(CLEO, minutes=4), noted(BOB, minutes=7)])
    summary = ledger.summary(after(200))
    assert (summary.oldest_open_seen_at, summary.earliest_due_by) == (after(4), date(2026, 4, 2))
    assert (summary.sent_last_hour, summary.owed) == (0, 1)


def test_the_summary_counts_open_requests_by_how_near_their_due_date_is(ledger: Ledger) -> None:
    ledger.note([noted(CLEO), noted(BOB)])
    ledger.look(sent(ledger, ANN), look(regulation("reg1", Progress.FINISHED)))
    due, before = datetime(2026, 4, 2, 12, tzinfo=UTC), []
    for days in (8, 7, 4, 3, 0, -1):
        counts = ledger.summary(due - timedelta(days=days)).due
        before.append((counts["overdue"], counts["3d"], counts["7d"]))
    assert before == [(0, 0, 0), (0, 0, 1), (0, 0, 1), (0, 1, 0), (0, 1, 0), (1, 0, 0)]


def test_the_summary_leaves_out_what_is_due_for_a_deleted_row_until_it_is_back(ledger: Ledger) -> None:
    ledger.look(sent(ledger, ANN), look(regulation("reg1", Progress.FAILED)))
    late = datetime(2026, 5, 1, tzinfo=UTC)
    assert (ledger.summary(late).earliest_due_by, ledger.summary(late).due["overdue"]) == (date(2026, 4, 2), 1)
    ledger.note_gone(frozenset(), after(5))
    summary = ledger.summary(late)
    assert (summary.oldest_open_seen_at, summary.earliest_due_by, summary.due["overdue"]) == (None, None, 0)
    assert summary.by_state == {"failed": 1}
    ledger.note_gone(frozenset({ANN.record_id}), after(6))
    assert ledger.summary(late).due["overdue"] == 1


def test_the_summary_of_an_empty_ledger_is_empty(ledger: Ledger) -> None:
    summary = ledger.summary(after(0))
    assert (summary.by_state, summary.oldest_open_seen_at, summary.earliest_due_by) == ({}, None, None)
    assert (summary.unsettled, summary.owed, summary.last_tick_at) == (0, 0, None)


def test_the_summary_counts_what_is_owed_and_knows_the_last_tick(ledger: Ledger) -> None:
    sent(ledger, ANN, BOB)
    ledger.set_mark("tick", after(5))
    assert (ledger.summary(after(6)).owed, ledger.summary(after(6)).last_tick_at) == (2, after(5))
    settled(ledger)
    assert ledger.summary(after(6)).owed == 0


def test_a_regulation_serves_the_subjects_that_were_sent_for_its_requests(ledger: Ledger) -> None:
    sent(ledger, ANN, BOB)
    adopted = IntendedRequest(CLEO.record_id, Identifier("cleo@example.com"), (Identifier("cleo"),))
    ledger.adopt(intent(adopted), RegulationId("reg2"), after(1))
    ann, bob, cleo = (ledger.key_of(Identifier(who)) for who in ("ann", "bob", "cleo"))
    wanted = [RegulationId(name) for name in ("reg1", "reg2", "reg3")]
    assert ledger.served(wanted) == {"reg1": {ann, bob}, "reg2": {cleo}}
    assert ledger.served([]) == {}


def test_what_was_sent_for_one_request_leaves_out_the_others_of_its_regulation(ledger: Ledger) -> None:
    by_address = IntendedRequest(ANN.record_id, Identifier("ann@example.com"), (Identifier("u1"), Identifier("u2")))
    number = ledger.intend(intent(by_address, BOB))
    assert ledger.sent_before(ANN.record_id, number) is None
    ledger.accept(number, RegulationId("reg1"), after(2))
    typed, *subjects = (ledger.key_of(Identifier(who)) for who in ("ann@example.com", "u1", "u2"))
    assert ledger.sent_before(ANN.record_id, number) == SentBefore(
        RegulationId("reg1"), frozenset(subjects), frozenset({typed, *subjects})
    )
    assert ledger.sent_before(CLEO.record_id, number) is None


def test_a_request_remembers_what_it_was_to_repeat_until_something_is_sent_for_it(ledger: Ledger) -> None:
    former = sent(ledger, ANN)
    ledger.look(former, look(regulation("reg1", Progress.FAILED)))
    second = ledger.intend(intent(asked(ANN, former), minutes=20))
    assert ledger.entries([ANN.record_id])[ANN.record_id].repeats is None
    ledger.release(second, after(40), "absent", None)
    assert ledger.entries([ANN.record_id])[ANN.record_id].repeats == former
    third = ledger.intend(intent(ANN, minutes=50))
    ledger.release(third, after(70), "absent", None)
    assert ledger.entries([ANN.record_id])[ANN.record_id].repeats == former
    ledger.note([noted(ANN, 75, SUPPRESS)])
    other = ledger.intend(intent(ANN, minutes=80, kind=SUPPRESS))
    ledger.release(other, after(90), "absent", None)
    assert ledger.entries([ANN.record_id])[ANN.record_id].repeats is None


def test_the_ledger_grows_with_every_event(ledger: Ledger) -> None:
    before = ledger.height()
    sent(ledger, ANN)
    assert ledger.height() > before
