"""What staff read: every reason, with everything that a note may have to speak of."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from itertools import product

import pytest
from tests.unit.core.made import EARLIER, ENDED, NOW, PERSON, REGULATION, SENT, a_receipt, a_submission, an_entry

from dsr_sync.core.actions import Why
from dsr_sync.core.destinations import what_to_do
from dsr_sync.core.model import Entry, Outcome, Progress, Receipt, RequestType, Status, Submission, Verdict
from dsr_sync.core.receipts import SEGMENT_ITSELF
from dsr_sync.core.wording import MAX_NOTE, STATUS_OF, Facts, cells, day, moment, note

TOLD = [why for why in Why if why is not Why.NOT_AUTHENTICATED]
LATEST = datetime(2026, 9, 30, 23, 59, 59, tzinfo=UTC)
LONG_NAME = "Customer Engagement Platform (Actions) for the Nordics"

RECEIPTS: list[tuple[Receipt, ...]] = [
    (),
    (a_receipt("Amplitude"),),
    (a_receipt("Braze", Progress.FAILED), a_receipt("Amplitude")),
    (Receipt(SEGMENT_ITSELF, Progress.PARTLY_FINISHED, "A_WORD", 0, 0, error=PERSON),),
    tuple(a_receipt(f"{LONG_NAME} {number}", Progress.NOT_SUPPORTED) for number in range(105)),
]

BY_HAND = (LONG_NAME, *(f"Old CRM {number}" for number in range(11)))
"""Systems outside Segment that a person tells."""

REPORTED = [
    *((receipts, ()) for receipts in RECEIPTS),
    ((), BY_HAND),
    (RECEIPTS[1], BY_HAND[:1]),
    (RECEIPTS[-1], BY_HAND),
]
"""What Segment reported, and what is told by hand besides."""

JARGON = re.compile(
    r"""\b(API|POST|HTTP|JSON|URL|SQL|UUID|null|None|True|False|error|code|ledger|regulation|subject|intent|verdict
    |pipeline|payload|token|endpoint|database|server|timeout|exception|hash|poll|quota|webhook|record\ id|base|field
    |[45]\d\d|\w+_\w+|[A-Z]{4,}|\w+\.\w+)\b""",
    re.VERBOSE,
)
WHAT_TO_DO = re.compile(
    r"""\b([Tt]ick|[Uu]ntick|Write\ this|Choose|Put\ the\ old\ value|For\ each,\ do\ what|see\ to\ each|[Aa]sk\ (the|a)
    |[Yy]ou\ need\ do\ nothing|You\ can\ now)\b""",
    re.VERBOSE,
)
A_MOVING_TIME = re.compile(r"\b(in|within) \d+|\d+ (second|minute|hour)s?|\b(today|tomorrow|yesterday|now\+)\b")


def submissions() -> Iterator[Submission | None]:
    """Everything that can have been sent, with every kind of receipts."""
    yield None
    for kind in RequestType:
        yield from (a_submission(outcome, request_type=kind) for outcome in Outcome)
        for verdict, (receipts, by_hand) in product(Verdict, REPORTED):
            yield a_submission(
                verdict=verdict, request_type=kind, intended_at=LATEST, receipts=receipts, by_hand=by_hand
            )


def entries() -> Iterator[Entry | None]:
    """Everything that the ledger can hold of a request."""
    yield None
    for submission, joined in product(submissions(), (None, EARLIER)):
        yield an_entry(submission, joined_to=joined)


def facts_of(why: Why) -> Iterator[Facts]:
    """All that the note for one reason may have to speak of."""
    for entry, kind, until in product(entries(), (None, *RequestType), (None, LATEST)):
        yield Facts(why, entry, kind, date(2026, 6, 3), until, ticked=True)


@cache
def notes_of(why: Why) -> frozenset[str]:
    return frozenset(note(facts) for facts in facts_of(why))


@pytest.mark.parametrize("why", TOLD)
class TestEveryNote:
    def test_is_short_enough_to_be_read(self, why: Why) -> None:
        assert max(map(len, notes_of(why))) <= MAX_NOTE

    def test_is_whole_sentences(self, why: Why) -> None:
        for text in notes_of(why):
            assert text.endswith(".")
            assert text[0].isupper()
            assert text == " ".join(text.split())
            assert all(sentence[0].isupper() for sentence in text.split(". "))

    def test_is_plain_english(self, why: Why) -> None:
        for text in notes_of(why):
            found = JARGON.search(text.replace("dsr-sync", ""))
            assert found is None, f"{found}: {text}"

    def test_says_what_the_reader_can_do_or_that_nothing_needs_doing(self, why: Why) -> None:
        for text in notes_of(why):
            assert WHAT_TO_DO.search(text), text

    def test_names_no_time_that_moves(self, why: Why) -> None:
        for text in notes_of(why):
            assert A_MOVING_TIME.search(text) is None, text

    def test_names_no_person_and_no_number_of_segments(self, why: Why) -> None:
        for text in notes_of(why):
            assert PERSON not in text
            assert REGULATION not in text

    def test_is_the_same_for_the_same_facts(self, why: Why) -> None:
        for facts in facts_of(why):
            assert note(facts) == note(replace(facts))

    def test_does_not_change_within_the_minute_that_it_names(self, why: Why) -> None:
        facts = Facts(why, None, RequestType.DELETE, until=NOW)
        assert note(facts) == note(replace(facts, until=NOW + timedelta(seconds=59)))

    def test_goes_with_a_status(self, why: Why) -> None:
        assert STATUS_OF[why] in list(Status)
        for facts in facts_of(why):
            assert cells(facts).status in list(Status)


class TestNotesSayWhatIsTrue:
    @staticmethod
    def about(why: Why, submission: Submission | None, *, joined: bool = False) -> str:
        return note(Facts(why, an_entry(submission, joined_to=EARLIER if joined else None), RequestType.DELETE))

    def test_every_note_but_that_of_an_untouched_row_is_its_own(self) -> None:
        texts = [note(Facts(why, None, RequestType.DELETE)) for why in TOLD]
        assert len(set(texts)) == len(texts)
        assert note(Facts(Why.NOT_AUTHENTICATED)) == ""

    def test_a_destination_is_said_to_be_told_and_not_to_have_deleted(self) -> None:
        text = self.about(Why.COMPLETED, a_submission(verdict=Verdict.COMPLETED, receipts=(a_receipt(),)))
        assert "Passed on means told, not confirmed" in text

    def test_where_segment_named_no_destination_none_is_said_to_be_told(self) -> None:
        text = self.about(Why.COMPLETED, a_submission(verdict=Verdict.COMPLETED))
        assert "no destination" in text
        assert "told, not" not in text

    def test_a_completed_suppression_claims_no_deletion(self) -> None:
        for kind in (RequestType.SUPPRESS, RequestType.UNSUPPRESS):
            text = self.about(Why.COMPLETED, a_submission(verdict=Verdict.COMPLETED, request_type=kind))
            assert "delet" not in text

    def test_the_request_that_was_sent_is_named_and_not_what_the_row_says_now(self) -> None:
        sent = a_submission(verdict=Verdict.RUNNING, request_type=RequestType.SUPPRESS)
        assert "suppression" in self.about(Why.RUNNING, sent)

    def test_a_follow_up_names_the_first_three_destinations_and_counts_the_rest(self) -> None:
        receipts = tuple(a_receipt(name, Progress.FAILED) for name in "ABCDE")
        text = self.about(Why.FOLLOW_UP, a_submission(verdict=Verdict.FOLLOW_UP, receipts=receipts))
        assert "except for A, B, C and 2 more." in text

    def test_two_destinations_are_named_both(self) -> None:
        receipts = (a_receipt("A", Progress.FAILED), a_receipt("B"), a_receipt("C", Progress.INVALID))
        text = self.about(Why.FOLLOW_UP, a_submission(verdict=Verdict.FOLLOW_UP, receipts=receipts))
        assert "except for A and C." in text

    def test_what_segment_itself_left_undone_is_not_called_a_destination(self) -> None:
        receipts = (a_receipt(SEGMENT_ITSELF, Progress.PARTLY_FINISHED),)
        text = self.about(Why.FOLLOW_UP, a_submission(verdict=Verdict.FOLLOW_UP, receipts=receipts))
        assert "except for a part of its own work." in text

    @pytest.mark.parametrize("progress", [each for each in Progress if each.ended and each is not Progress.FINISHED])
    @pytest.mark.parametrize("name", ["Mixpanel", "Braze", "Vero", SEGMENT_ITSELF])
    def test_a_follow_up_names_retry_exactly_if_what_to_do_does(self, name: str, progress: Progress) -> None:
        receipts = (a_receipt(name, progress), a_receipt("Intercom", Progress.NOT_SUPPORTED))
        text = self.about(Why.FOLLOW_UP, a_submission(verdict=Verdict.FOLLOW_UP, receipts=receipts))
        assert ("tick Retry" in text) is any("Retry" in what_to_do(receipt) for receipt in receipts)

    def test_a_duplicate_is_sent_to_the_receipts_of_the_row_that_has_them(self) -> None:
        sent = a_submission(verdict=Verdict.FOLLOW_UP, receipts=(a_receipt("A", Progress.FAILED),))
        assert "what the earlier row's receipts say" in self.about(Why.FOLLOW_UP, sent, joined=True)
        assert "what this row's receipts say" in self.about(Why.FOLLOW_UP, sent)

    def test_who_has_to_be_told_by_hand_is_said_while_segment_works_and_when_it_is_done(self) -> None:
        for verdict, why in (
            (Verdict.ACCEPTED, Why.ACCEPTED),
            (Verdict.RUNNING, Why.RUNNING),
            (Verdict.FOLLOW_UP, Why.FOLLOW_UP),
        ):
            text = self.about(why, a_submission(verdict=verdict, by_hand=("Old CRM", "Paper files")))
            assert "Old CRM and 1 more must be told by hand" in text
            assert "need do nothing" not in text
            assert "Retry" not in text

    @pytest.mark.parametrize("verdict", Verdict)
    def test_a_duplicate_says_so_whatever_comes_of_it(self, verdict: Verdict) -> None:
        why = {Verdict.FOLLOW_UP: Why.FOLLOW_UP, Verdict.LOST: Why.LOST}.get(verdict) or Why(verdict.value)
        own, shared = (self.about(why, a_submission(verdict=verdict), joined=joined) for joined in (False, True))
        assert shared.startswith("An earlier row asks the same for this person")
        assert not own.startswith("An earlier row")

    @pytest.mark.parametrize("why", [Why.HELD, Why.PAUSED, Why.BRAKE, Why.QUOTA])
    def test_a_repeat_that_waits_is_not_said_never_to_have_been_sent(self, why: Why) -> None:
        assert self.about(why, a_submission(verdict=Verdict.FAILED)).startswith("Not sent again")
        assert self.about(why, a_submission(Outcome.UNPROVABLE)).startswith("Not sent again")
        assert not self.about(why, a_submission(Outcome.REFUSED)).startswith("Not sent again")

    @pytest.mark.parametrize("kind", RequestType)
    @pytest.mark.parametrize("joined", [False, True])
    def test_what_was_never_confirmed_has_a_next_step_whether_it_is_found_or_not(
        self, kind: RequestType, *, joined: bool
    ) -> None:
        text = self.about(Why.UNPROVABLE, a_submission(Outcome.UNPROVABLE, request_type=kind), joined=joined)
        assert "If it is not there, tick Retry to send it again." in text
        assert "If it is, do not tick Retry: it was made, and you can tell the person." in text

    @pytest.mark.parametrize("verdict", [Verdict.RUNNING, Verdict.FAILED])
    def test_a_change_afterwards_says_where_the_old_value_is_found(self, verdict: Verdict) -> None:
        text = self.about(Why.CHANGED_AFTERWARDS, a_submission(verdict=verdict))
        assert "put the old value back (the row's history in airtable shows it)" in text.lower()

    def test_an_address_that_nobody_has_may_mean_that_there_is_nothing_to_send(self) -> None:
        assert "nothing has to be sent: untick Authenticated" in self.about(Why.EMAIL_NO_PROFILE, None)
        again = self.about(Why.EMAIL_NO_PROFILE, a_submission(verdict=Verdict.FAILED))
        assert "untick Authenticated" not in again
        assert again.endswith("then tick Retry once more.")

    def test_a_change_afterwards_says_what_was_sent_and_when(self) -> None:
        text = self.about(Why.CHANGED_AFTERWARDS, a_submission(verdict=Verdict.RUNNING))
        assert "The deletion of 1 May 2026 was for what the row said then" in text
        assert "tick Retry" not in text

    def test_a_change_after_a_failure_offers_to_send_what_the_row_says_now(self) -> None:
        text = self.about(Why.CHANGED_AFTERWARDS, a_submission(verdict=Verdict.FAILED))
        assert "To send what the row says now, tick Retry" in text

    def test_a_cooling_off_note_stays_true_when_authenticated_is_unticked(self) -> None:
        """A row that is not authenticated is never written to, so the note stands there for good."""
        text = note(Facts(Why.COOLING_OFF, until=NOW))
        assert text.startswith(
            "Will be sent to Segment after 3 May 2026 at 14:05 UTC, if Authenticated is still ticked"
        )


class TestCells:
    @pytest.mark.parametrize("why", TOLD)
    def test_tick_and_regulation_id_come_and_go_together(self, why: Why) -> None:
        for facts in facts_of(why):
            told = cells(facts)
            if why is not Why.TICKED_BY_HAND:
                assert told.submitted is (told.regulation_id != "")

    def test_a_tick_made_by_hand_is_left_as_it_is(self) -> None:
        for ticked in (False, True):
            assert cells(Facts(Why.TICKED_BY_HAND, ticked=ticked)).submitted is ticked

    @pytest.mark.parametrize("verdict", Verdict)
    def test_a_change_afterwards_leaves_the_status_to_the_regulation(self, verdict: Verdict) -> None:
        entry = an_entry(a_submission(verdict=verdict))
        why = {Verdict.FOLLOW_UP: Why.FOLLOW_UP, Verdict.LOST: Why.LOST}.get(verdict) or Why(verdict.value)
        assert cells(Facts(Why.CHANGED_AFTERWARDS, entry)).status == cells(Facts(why, entry)).status

    def test_all_that_is_known_of_a_regulation_is_shown(self) -> None:
        sent = a_submission(verdict=Verdict.COMPLETED, receipts=(a_receipt("Braze"),))
        told = cells(Facts(Why.COMPLETED, an_entry(sent), due_by=date(2026, 6, 3)))
        assert (told.regulation_id, told.segment_status, told.due_by) == (REGULATION, "A_WORD", date(2026, 6, 3))
        assert (told.submitted_at, told.completed_at) == (SENT + timedelta(seconds=1), ENDED)
        assert told.receipt_summary == "Braze: told (Segment forwarded the request)"

    def test_a_request_is_completed_when_its_last_follow_up_was_seen_done(self) -> None:
        entry = an_entry(a_submission(verdict=Verdict.FOLLOW_UP), followed_up_at=NOW)
        assert cells(Facts(Why.FOLLOWED_UP, entry)).completed_at == NOW

    def test_what_ended_otherwise_has_no_time_of_completion(self) -> None:
        for why, verdict in (
            (Why.FAILED, Verdict.FAILED),
            (Why.LOST, Verdict.LOST),
            (Why.FOLLOW_UP, Verdict.FOLLOW_UP),
        ):
            assert cells(Facts(why, an_entry(a_submission(verdict=verdict)))).completed_at is None

    def test_times_are_in_utc_and_to_the_second_so_that_they_equal_what_is_read_back(self) -> None:
        in_delhi = timezone(timedelta(hours=5, minutes=30))
        ended = datetime(2026, 5, 2, 23, 30, 15, 987_654, tzinfo=in_delhi)
        told = cells(Facts(Why.COMPLETED, an_entry(a_submission(verdict=Verdict.COMPLETED, ended_at=ended))))
        assert told.completed_at is not None
        assert told.completed_at.isoformat() == "2026-05-02T18:00:15+00:00"


def test_times_are_written_as_people_write_them_and_in_utc() -> None:
    in_new_york = datetime(2026, 5, 3, 21, 5, tzinfo=timezone(timedelta(hours=-4)))
    assert moment(in_new_york) == "4 May 2026 at 01:05 UTC"
    assert day(in_new_york) == "4 May 2026"


def test_a_time_that_is_not_known_is_said_not_to_be() -> None:
    assert moment(None) == "a time not yet known"
