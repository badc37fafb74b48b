"""The row that leads was deleted: the first of those that joined it leads from then on."""

from dataclasses import replace

import pytest
from tests.contract.ledger.made import FOLLOW_UP, after, look, noted, regulation, row, sent, settled

from dsr_sync.core.model import Progress, RecordId, RegulationId, SubmissionId, Verdict
from dsr_sync.ports import GONE, Ledger, ReceiptKey

FIRST, SECOND, THIRD = row("A", "ann"), row("B", "ann"), row("C", "ann")


@pytest.fixture
def shared(ledger: Ledger) -> SubmissionId:
    """Three rows of one person, the second and third of which joined the first."""
    submission_id = sent(ledger, FIRST)
    for minutes, joining in ((5, SECOND), (6, THIRD)):
        ledger.note([noted(joining, minutes)])
        ledger.join(joining, submission_id, after(minutes))
    return submission_id


def leading(ledger: Ledger, submission_id: SubmissionId) -> dict[RecordId, RecordId | None]:
    return {entry.record_id: entry.joined_to for entry in ledger.requests_of(submission_id)}


def test_the_first_row_that_joined_leads_and_is_told_so(ledger: Ledger, shared: SubmissionId) -> None:
    settled(ledger)
    ledger.untellable(FIRST.record_id, after(9), GONE)
    heir = SECOND.record_id
    assert leading(ledger, shared) == {heir: None, FIRST.record_id: heir, THIRD.record_id: heir}
    assert {entry.record_id for entry in ledger.owed(10)} == {SECOND.record_id, THIRD.record_id}
    assert ledger.history(heir)[-1].kind == "request.leads"


def test_its_receipts_and_follow_ups_are_now_those_of_the_heir(ledger: Ledger, shared: SubmissionId) -> None:
    ledger.look(shared, look(regulation("reg1", Progress.FAILED, *FOLLOW_UP)))
    settled(ledger)
    ledger.untellable(FIRST.record_id, after(11), GONE)
    assert [submission.submission_id for submission in ledger.owed_receipts(10)] == [shared]
    keys = [item.key for item in ledger.open_follow_ups()]
    assert {(key.record_id, key.destination) for key in keys} == {
        (SECOND.record_id, "Braze"),
        (SECOND.record_id, "Webhook"),
    }
    ledger.follow_up_done([ReceiptKey(key.record_id, key.regulation_id, key.destination) for key in keys], after(12))
    assert {ledger.entries([each])[each].verdict for each in (SECOND.record_id, THIRD.record_id)} == {Verdict.COMPLETED}


def test_what_staff_had_done_is_done_for_the_heir_too(ledger: Ledger, shared: SubmissionId) -> None:
    ledger.look(shared, look(regulation("reg1", Progress.FAILED, *FOLLOW_UP)))
    braze = ReceiptKey(FIRST.record_id, RegulationId("reg1"), "Braze")
    assert ledger.done_follow_ups(shared) == frozenset()
    ledger.follow_up_done([braze], after(11))
    assert ledger.done_follow_ups(shared) == {braze}
    ledger.untellable(FIRST.record_id, after(12), GONE)
    assert ledger.done_follow_ups(shared) == {replace(braze, record_id=SECOND.record_id)}


def test_what_is_told_by_hand_is_owed_to_the_heir_at_once_also_where_nothing_was_reported(
    ledger: Ledger, shared: SubmissionId
) -> None:
    ledger.look(shared, replace(look(regulation("reg1", Progress.RUNNING)), by_hand=("CRM",)))
    settled(ledger)
    ledger.untellable(FIRST.record_id, after(11), GONE)
    assert [submission.submission_id for submission in ledger.owed_receipts(10)] == [shared]
    assert [item.key.record_id for item in ledger.open_follow_ups()] == [SECOND.record_id]


def test_a_row_that_is_gone_itself_inherits_nothing(ledger: Ledger, shared: SubmissionId) -> None:
    for minutes, gone in ((9, SECOND), (10, FIRST)):
        ledger.untellable(gone.record_id, after(minutes), GONE)
    assert leading(ledger, shared)[THIRD.record_id] is None
    ledger.untellable(THIRD.record_id, after(11), GONE)
    assert leading(ledger, shared)[THIRD.record_id] is None


def test_a_row_that_only_refuses_what_is_written_still_leads(ledger: Ledger, shared: SubmissionId) -> None:
    ledger.untellable(FIRST.record_id, after(9), "INVALID_VALUE_FOR_COLUMN")
    assert leading(ledger, shared)[FIRST.record_id] is None


@pytest.mark.parametrize("told", [True, False], ids=["as it was told", "by the daily look"])
def test_a_row_that_joins_one_that_is_gone_leads_from_then_on(ledger: Ledger, told: bool) -> None:
    submission_id = sent(ledger, FIRST)
    ledger.look(submission_id, look(regulation("reg1", Progress.FAILED, *FOLLOW_UP)))
    settled(ledger)
    if told:
        ledger.untellable(FIRST.record_id, after(20), GONE)
    else:
        ledger.note_gone(frozenset(), after(20))
    ledger.join(SECOND, submission_id, after(30))
    assert leading(ledger, submission_id) == {FIRST.record_id: SECOND.record_id, SECOND.record_id: None}
    assert {item.key.record_id for item in ledger.open_follow_ups()} == {SECOND.record_id}
    assert [each.submission_id for each in ledger.owed_receipts(10)] == [submission_id]


def test_a_row_that_joins_one_that_came_back_does_not_take_its_place(ledger: Ledger) -> None:
    submission_id = sent(ledger, FIRST)
    ledger.note_gone(frozenset(), after(20))
    ledger.note_gone(frozenset({FIRST.record_id}), after(25))
    ledger.join(SECOND, submission_id, after(30))
    assert leading(ledger, submission_id) == {FIRST.record_id: None, SECOND.record_id: FIRST.record_id}
