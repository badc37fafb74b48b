"""What staff are told to do about a destination."""

from dataclasses import replace

import pytest
from tests.unit.core.made import PERSON, a_receipt, a_submission
from tests.unit.core.test_wording import JARGON

from dsr_sync.core.destinations import KNOWN, Known, known, shown, what_to_do
from dsr_sync.core.model import Progress, RequestType
from dsr_sync.core.policy import ByHand
from dsr_sync.core.receipts import SEGMENT_ITSELF, all_receipts, summary

CRM = ByHand("Old CRM", "Sales\noperations", " Delete the contact. ")
ENDED_BADLY = [Progress.PARTLY_FINISHED, Progress.FAILED, Progress.NOT_SUPPORTED, Progress.INVALID]
NAMES = [*(entry.begins.title() for entry in KNOWN), "Vero", SEGMENT_ITSELF]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("progress", ENDED_BADLY)
def test_every_receipt_that_needs_a_person_says_what_to_do_in_plain_words(name: str, progress: Progress) -> None:
    text = what_to_do(replace(a_receipt(name, progress), error=f"{PERSON} is unknown"))
    assert text.endswith(".") or "Retry" in text
    assert "Follow-up to Done" in text
    assert PERSON not in text
    assert len(text) <= 400
    assert JARGON.search(text.replace("dsr-sync", "")) is None, text


@pytest.mark.parametrize("progress", [Progress.WAITING, Progress.RUNNING])
def test_while_segment_is_at_work_there_is_nothing_to_do(progress: Progress) -> None:
    assert {what_to_do(a_receipt(name, progress)) for name in NAMES} == {""}


@pytest.mark.parametrize("entry", KNOWN, ids=lambda entry: entry.begins)
def test_a_destination_that_was_told_comes_with_a_warning_only_if_it_is_known_to_do_less(entry: Known) -> None:
    text = what_to_do(a_receipt(f"{entry.begins} (Actions)", Progress.FINISHED))
    assert (entry.beware in text) is True
    assert bool(text) is bool(entry.beware)


def test_a_missing_setting_is_named_where_it_is_known_and_retry_is_offered() -> None:
    assert "Secret Key" in what_to_do(a_receipt("Amplitude (Actions)", Progress.FAILED))
    assert "tick Retry" in what_to_do(a_receipt("Vero", Progress.FAILED))
    assert "Retry" not in what_to_do(a_receipt("Mixpanel", Progress.NOT_SUPPORTED))


def test_retry_is_not_the_way_where_segment_is_not_known_to_tell_the_vendor_at_all() -> None:
    for progress in (Progress.FAILED, Progress.INVALID, Progress.PARTLY_FINISHED):
        text = what_to_do(a_receipt("Mixpanel (Actions)", progress))
        assert "not among the vendors" in text
        assert "tick Retry on" not in text
        assert "not among" not in what_to_do(a_receipt("Customer.io (Actions)", progress))


def test_names_are_found_by_their_beginning_whatever_their_case_and_the_longer_one_first() -> None:
    assert known("  BRAZE   Cloud Mode (Actions)") == next(entry for entry in KNOWN if entry.begins == "braze")
    assert known("Google Analytics 4 Web") != known("Google Analytics")
    assert known("My Braze") is None


def test_the_systems_told_by_hand_are_shown_with_their_owner_and_what_to_do() -> None:
    submission = a_submission(receipts=(a_receipt("Braze"),), by_hand=("Old CRM",))
    braze, crm = shown(submission, submission.receipts, [CRM])
    assert (braze.destination, braze.what_to_do) == ("Braze", "")
    assert (crm.progress, crm.follow_up_needed, crm.by_hand) == (Progress.NOT_SUPPORTED, True, True)
    assert crm.what_to_do.startswith("Sales operations: Delete the contact. ")
    assert "Follow-up to Done" in crm.what_to_do


def test_a_system_that_the_settings_no_longer_name_is_still_owed() -> None:
    (crm,) = shown(a_submission(by_hand=("Old CRM",)), (), [])
    assert "See to Old CRM by hand" in crm.what_to_do


def test_what_a_person_has_to_do_stands_where_segment_has_a_destination_of_the_same_name() -> None:
    submission = a_submission(receipts=(a_receipt("Old CRM"),), by_hand=("Old CRM",))
    assert [receipt.by_hand for receipt in shown(submission, submission.receipts, [CRM])] == [True]
    assert [receipt.by_hand for receipt in all_receipts(submission)] == [True]


def test_the_summary_says_who_was_seen_to() -> None:
    submission = a_submission(
        request_type=RequestType.DELETE, receipts=(a_receipt("A", Progress.FAILED), a_receipt("B")), by_hand=("C",)
    )
    receipts = all_receipts(submission)
    assert summary(receipts).splitlines() == [
        "A: could not be told",
        "C: to be told by hand",
        "B: told (Segment forwarded the request)",
    ]
    assert summary(receipts, followed_up=True).splitlines()[:2] == [
        "A: could not be told; seen to by your team",
        "C: to be told by hand; seen to by your team",
    ]
