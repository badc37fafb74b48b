"""Each promise is broken once, by hand; a checker that let one pass would let the product break it too."""

from dataclasses import replace

import pytest
from tests.torture.checker import History, check, said
from tests.torture.checks.made import (
    ANN,
    EVENTS,
    REGULATION,
    ROW,
    a_booking,
    a_history,
    a_regulation,
    a_row,
    a_write,
    after,
    an_edit,
    an_entry,
    an_event,
    the_books,
)

from dsr_sync.core.model import Cells, Identifier, RecordId
from dsr_sync.ports import ReceiptKey


def found(history: History) -> str:
    return said(check(history))


def test_a_history_in_which_all_was_kept_has_no_violation() -> None:
    assert found(a_history()) == ""


# Promise 1


@pytest.mark.parametrize(
    "edits",
    [
        [an_edit(authenticated=False)],
        [an_edit(hold=True)],
        [an_edit(identifier="somebody else")],
        [an_edit(request_type="Suppress")],
        [an_edit(), an_edit(2, authenticated=False)],
        [an_edit(), an_edit(2, gone=True)],
    ],
    ids=["never authenticated", "held", "about another person", "of another type", "no longer authenticated", "gone"],
)
def test_a_regulation_that_no_row_asked_for_when_it_was_read_is_found(edits: list[object]) -> None:
    assert "promise 1: a regulation was made that no authenticated row" in found(a_history(edits=edits))


def test_a_row_changed_less_than_thirty_seconds_before_the_post_may_still_be_sent() -> None:
    late = [an_edit(), an_edit(5.6, hold=True)]
    assert "promise 1" not in found(a_history(edits=late, calm=False))


def test_a_write_to_a_row_that_nobody_authenticated_is_found() -> None:
    broken = a_history(edits=[an_edit(authenticated=False)], regulations=[], writes=[a_write(9, status="On hold")])
    assert "promise 1: a row was written to that was not authenticated" in found(broken)


# Promise 2


def test_a_second_regulation_for_one_request_is_found_also_when_the_first_has_ended() -> None:
    twice = [a_regulation(), a_regulation(500, regulation_id="again")]
    assert "promise 2: more regulations were made for a person than were asked for" in found(
        a_history(regulations=twice)
    )


def test_a_second_regulation_after_a_retry_is_no_violation() -> None:
    edits = [an_edit(), an_edit(400, retry=True)]
    twice = [a_regulation(), a_regulation(500, regulation_id="again", ended_at=None)]
    assert "promise 2" not in found(a_history(edits=edits, regulations=twice, calm=False))


def test_two_regulations_for_two_requests_of_one_person_are_found_if_the_first_was_live() -> None:
    edits = [an_edit(), replace(an_edit(1), record_id="recAgain")]
    twice = [a_regulation(), a_regulation(30, regulation_id="again")]
    assert "promise 2: a regulation was made while an earlier one" in found(a_history(edits=edits, regulations=twice))


def test_a_new_request_after_the_first_has_ended_is_no_violation() -> None:
    edits = [an_edit(), replace(an_edit(400), record_id="recAgain")]
    twice = [a_regulation(), a_regulation(500, regulation_id="again")]
    assert "promise 2" not in found(a_history(edits=edits, regulations=twice))


def test_a_regulation_made_by_hand_at_segment_is_not_ours_to_answer_for() -> None:
    foreign = a_regulation(30, regulation_id="by hand", foreign=True)
    assert found(a_history(regulations=[a_regulation(), foreign])) == ""


def test_two_live_submissions_in_the_ledger_are_found() -> None:
    key = frozenset({"key of user-ann"})
    live = {number: a_booking(submission_id=number, verdict="running", live=key) for number in (1, 2)}
    assert "promise 2: the ledger has 2 live submissions" in found(a_history(books=the_books(submissions=live)))


# Promise 3


def test_an_authenticated_row_that_says_nothing_is_found() -> None:
    forgotten = a_history(rows={ROW: a_row(cells=Cells())}, regulations=[], writes=[], books=None)
    assert "promise 3: an authenticated row is not submitted and does not say why" in found(forgotten)


def test_a_valid_row_that_waits_for_nothing_is_found_in_calm_weather_only() -> None:
    waiting = a_row(cells=Cells(status="On hold", status_note="Not sent yet."))
    stormy = a_history(rows={ROW: waiting}, regulations=[], writes=[], books=None, calm=False)
    assert found(stormy) == ""
    assert "promise 3: an authenticated, valid row was never submitted" in found(replace(stormy, calm=True))


def test_a_submission_that_was_never_settled_is_found() -> None:
    unknown = a_booking(outcome="unknown", regulation_id=None, verdict=None)
    broken = a_history(books=the_books(submissions={1: unknown}))
    assert "promise 3: a submission of unknown outcome was never settled" in found(broken)


# Promise 4


def test_a_tick_without_a_regulation_is_found() -> None:
    ticked = a_row(cells=Cells(submitted=True, status="Submitted", status_note="."))
    assert "promise 4: Submitted and Regulation ID do not go together" in found(a_history(rows={ROW: ticked}))


def test_a_tick_by_staffs_own_hand_is_theirs_to_answer_for() -> None:
    ticked = a_row(cells=Cells(submitted=True, status="Needs attention", status_note="."))
    assert "promise 4" not in found(a_history(rows={ROW: ticked}, edits=[an_edit(), an_edit(9, by_hand=True)]))


def test_a_row_that_names_a_regulation_that_there_never_was_is_found() -> None:
    assert "promise 4: a row names a regulation that there never was" in found(a_history(regulations=[]))


def test_a_row_that_names_somebody_elses_regulation_is_found() -> None:
    theirs = [a_regulation(subjects=("user-bob",), foreign=True)]
    assert "promise 4: a row names a regulation for somebody else" in found(a_history(regulations=theirs))


def test_a_completed_row_whose_address_leads_to_more_than_was_sent_is_found() -> None:
    address = "ann@example.com"
    edits = [an_edit(identifier=address)]
    both = {address: (ANN, "user-ann-2")}
    rows = {ROW: replace(a_row(), identifier=Identifier(address))}
    assert "not all whom it names were sent" in found(a_history(edits=edits, rows=rows, leads_to=both))
    assert "not all whom it names were sent" not in found(a_history(edits=edits, rows=rows, leads_to={address: (ANN,)}))


# Promise 5


def test_a_row_that_says_something_else_than_the_ledger_is_found() -> None:
    stale = a_row()
    stale = replace(stale, cells=replace(stale.cells, segment_status="RUNNING"))
    assert "promise 5: a row does not say what the ledger says" in found(a_history(rows={ROW: stale}))


def test_a_write_after_everything_was_settled_is_found() -> None:
    restless = a_history(settled_at=after(50))
    assert "promise 5: a row was written to though nothing about it had changed" in found(restless)


@pytest.mark.parametrize(
    ("receipts", "sentence"),
    [
        ({}, "a destination has no receipt in the base"),
        ({"Braze": ("Running", "")}, "a receipt in the base does not say what the ledger says"),
        ({"Braze": ("Finished", "Needed")}, "a receipt does not ask for its follow-up, or asks"),
    ],
)
def test_a_receipt_that_is_missing_or_wrong_is_found(receipts: dict[str, tuple[str, str]], sentence: str) -> None:
    shown = {ReceiptKey(ROW, REGULATION, name): cells for name, cells in receipts.items()}
    assert f"promise 5: {sentence}" in found(a_history(receipts=shown))


def test_what_is_still_owed_to_the_base_is_found() -> None:
    owing = found(a_history(books=the_books(owed=(ROW,), owed_receipts=(1,))))
    assert "promise 5: rows are still owed" in owing
    assert "promise 5: receipts are still owed" in owing


# Promise 6


def test_a_final_status_that_changes_by_itself_is_found() -> None:
    writes = [*a_history().writes, a_write(90, status="In progress")]
    assert "promise 6: a row went from Completed to In progress" in found(a_history(writes=writes))


def test_a_final_status_that_changes_after_a_retry_is_no_violation() -> None:
    writes = [a_write(67, status="Failed"), a_write(90, status="Submitted")]
    assert "promise 6" not in found(a_history(writes=writes, edits=[an_edit(), an_edit(80, retry=True)]))


def test_a_final_verdict_that_changes_in_the_ledger_is_found() -> None:
    events = [*EVENTS, an_event("verdict.changed", 90, verdict="running")]
    broken = a_history(books=the_books(events=events))
    assert "promise 6: a verdict went from completed to running" in found(broken)


def test_a_settled_submission_that_is_settled_again_is_found() -> None:
    events = [*EVENTS, an_event("submission.refused", 90)]
    assert "promise 6: a settled submission became refused" in found(a_history(books=the_books(events=events)))


# The ledger against itself


def test_a_regulation_that_only_the_ledger_knows_is_found() -> None:
    broken = a_history(regulations=[], rows={}, edits=[], writes=[])
    assert "promise 0: the ledger names a regulation that there never was" in found(broken)


def test_one_regulation_under_two_submissions_is_found() -> None:
    two = {1: a_booking(), 2: a_booking(submission_id=2)}
    assert "promise 0: two submissions of the ledger name one regulation" in found(
        a_history(books=the_books(submissions=two))
    )


def test_a_regulation_that_the_ledger_has_for_others_or_as_another_type_is_found() -> None:
    booked = a_booking(keys=frozenset({"key of somebody else"}), regulation_type="SUPPRESS_ONLY")
    broken = found(a_history(books=the_books(submissions={1: booked})))
    assert "under other persons" in broken
    assert "under another type" in broken


def test_a_state_that_the_events_do_not_tell_is_found() -> None:
    assert "promise 0: the events say" in found(a_history(books=the_books(events=EVENTS[:2])))


def test_a_request_that_the_events_put_elsewhere_is_found() -> None:
    events = [*EVENTS, an_event("request.joined", 70), an_event("submission.not_accepted", 71)]
    assert "promise 0: the events put a request into another submission" in found(
        a_history(books=the_books(events=events))
    )


def test_a_joined_request_without_its_leaders_submission_is_found() -> None:
    alone = an_entry(joined_to=RecordId("recNobody"))
    broken = a_history(books=the_books(entries={ROW: alone}))
    assert "promise 0: a joined request does not share its leader's submission" in found(broken)


@pytest.mark.parametrize("facts", [{"regulation_id": None}, {"outcome": "unknown", "verdict": None}])
def test_an_accepted_submission_without_a_regulation_is_found_and_the_reverse(facts: dict[str, object]) -> None:
    broken = a_history(books=the_books(submissions={1: a_booking(**facts)}))
    assert "promise 0: accepted and having a regulation do not go together" in found(broken)


def test_a_row_that_is_taken_for_gone_while_it_is_there_is_found() -> None:
    gone = the_books(events=[*EVENTS, an_event("request.gone", 100)])
    assert "promise 0: a row was taken for gone that is in the base" in found(a_history(books=gone))
    edits = [an_edit(), an_edit(90, gone=True)]
    assert "taken for gone" not in found(a_history(books=gone, edits=edits, rows={}))


def test_a_submission_that_is_over_and_counts_as_live_is_found() -> None:
    live = a_booking(live=frozenset({"key of user-ann"}))
    broken = a_history(books=the_books(submissions={1: live}))
    assert "promise 0: a submission that is over still counts as live" in found(broken)


# What it says


def test_a_violation_names_no_person() -> None:
    twice = [a_regulation(), a_regulation(500, regulation_id="again")]
    broken = a_history(regulations=twice, rows={ROW: a_row(cells=Cells())})
    assert found(broken)
    assert ANN not in found(broken)
    assert ANN not in repr(check(broken))


def test_a_verdict_that_is_not_final_may_change() -> None:
    events = [*EVENTS[:2], an_event("verdict.changed", 60, verdict="running"), EVENTS[2]]
    assert found(a_history(books=the_books(events=events))) == ""
