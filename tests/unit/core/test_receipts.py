"""From Segment's report to receipts and a verdict: every overall state × up to three destinations in every state."""

from datetime import timedelta
from itertools import product

import pytest
from tests.unit.core.made import ENDED, NOW, a_receipt, a_regulation, a_report

from dsr_sync.core.model import Progress, Receipt, Verdict
from dsr_sync.core.receipts import (
    SEGMENT_ITSELF,
    ended_at,
    needing_follow_up,
    one_line,
    receipts_of,
    sources_text,
    summary,
    verdict_on,
)

W, R, F, P = Progress.WAITING, Progress.RUNNING, Progress.FINISHED, Progress.PARTLY_FINISHED
X, N, V = Progress.FAILED, Progress.NOT_SUPPORTED, Progress.INVALID
DESTINATIONS = [states for count in range(4) for states in product(Progress, repeat=count)]


def expected(overall: Progress, destinations: tuple[Progress, ...]) -> Verdict:
    """The contract's rules, in the order in which a reader would apply them."""
    if overall is W:
        return Verdict.ACCEPTED
    if overall is R:
        return Verdict.RUNNING
    if overall is V:
        return Verdict.FAILED  # Segment called the whole request invalid
    if W in destinations or R in destinations:
        return Verdict.RUNNING  # Segment is done with its own part; a destination still reports
    if set(destinations) - {F}:
        return Verdict.FOLLOW_UP  # whatever Segment's overall word is
    return {F: Verdict.COMPLETED, P: Verdict.FOLLOW_UP, X: Verdict.FAILED, N: Verdict.FAILED}[overall]


@pytest.mark.parametrize("overall", Progress)
def test_every_overall_state_with_every_three_destinations_has_the_verdict_of_the_contract(overall: Progress) -> None:
    for destinations in DESTINATIONS:
        reports = [a_report(progress, f"Destination {place}") for place, progress in enumerate(destinations)]
        regulation = a_regulation(overall, *reports)
        receipts = receipts_of(regulation)
        assert verdict_on(regulation, receipts) is expected(overall, destinations), (overall, destinations)
        segments_own = [receipt for receipt in receipts if receipt.destination == SEGMENT_ITSELF]
        assert len(segments_own) == (1 if overall is P and not set(destinations) - {F} else 0)
        assert len(receipts) == len(destinations) + len(segments_own)


@pytest.mark.parametrize(
    ("overall", "destinations", "verdict"),
    [
        (F, (), Verdict.COMPLETED),
        (X, (), Verdict.FAILED),
        (V, (), Verdict.FAILED),
        (N, (), Verdict.FAILED),
        (P, (), Verdict.FOLLOW_UP),
        (W, (), Verdict.ACCEPTED),
        (R, (F, F), Verdict.RUNNING),
        (F, (F, F), Verdict.COMPLETED),
        (X, (F, F), Verdict.FAILED),
        (X, (F, N), Verdict.FOLLOW_UP),
        (F, (F, X), Verdict.FOLLOW_UP),
        (F, (F, R), Verdict.RUNNING),
        (P, (F, X), Verdict.FOLLOW_UP),
        (P, (F, R), Verdict.RUNNING),
        (P, (F, F), Verdict.FOLLOW_UP),
    ],
)
def test_the_fine_print_of_verdicts(overall: Progress, destinations: tuple[Progress, ...], verdict: Verdict) -> None:
    assert expected(overall, destinations) is verdict


class TestSegmentsOwnReceipt:
    def test_a_partial_success_without_destinations_is_owed_by_segment_itself(self) -> None:
        (receipt,) = receipts_of(a_regulation(P))
        assert (receipt.destination, receipt.progress, receipt.segment_status) == ("Segment", P, "OVERALL_WORD")
        assert receipt.follow_up_needed
        assert receipt.finished_at == ENDED

    def test_it_says_whom_to_ask_and_counts_no_sources(self) -> None:
        (receipt,) = receipts_of(a_regulation(P))
        assert "ask its support" in receipt.error
        assert sources_text(receipt) == ""
        assert summary([receipt]) == "Segment: finished only in part"

    def test_it_is_not_written_while_a_destination_may_yet_account_for_it(self) -> None:
        """A receipt once in the base stays there, so it must not be made too early."""
        assert [receipt.destination for receipt in receipts_of(a_regulation(P, a_report(R)))] == ["Amplitude"]

    def test_it_is_not_written_when_a_destination_accounts_for_it(self) -> None:
        assert [receipt.destination for receipt in receipts_of(a_regulation(P, a_report(X)))] == ["Amplitude"]


class TestOneReceiptPerDestination:
    def test_the_receipts_are_in_alphabetical_order_whatever_segments_order_was(self) -> None:
        reports = [a_report(F, name) for name in ("Iterable", "Amplitude", "Braze")]
        assert [receipt.destination for receipt in receipts_of(a_regulation(F, *reports))] == [
            "Amplitude",
            "Braze",
            "Iterable",
        ]

    @pytest.mark.parametrize(
        ("states", "together"),
        [
            *[((progress, progress), progress) for progress in Progress],
            ((W, F), R),
            ((R, X), R),
            ((W, R), R),
            ((F, X), P),
            ((F, N), P),
            ((P, X), P),
            ((P, V), P),
            ((X, N), X),
            ((X, V), X),
            ((N, V), V),
            ((W, F, X), R),
            ((F, X, N), P),
        ],
    )
    def test_its_sources_are_taken_together(self, states: tuple[Progress, ...], together: Progress) -> None:
        reports = [a_report(progress, source=f"src_{place}") for place, progress in enumerate(states)]
        (receipt,) = receipts_of(a_regulation(R, *reports))
        assert receipt.progress is together
        assert receipt.sources_total == len(states)
        assert receipt.sources_finished == states.count(F)

    @pytest.mark.parametrize("states", [states for count in (1, 2, 3) for states in product(Progress, repeat=count)])
    def test_it_ends_only_when_all_sources_ended_and_finishes_only_when_all_finished(
        self, states: tuple[Progress, ...]
    ) -> None:
        reports = [a_report(progress, source=f"src_{place}") for place, progress in enumerate(states)]
        (receipt,) = receipts_of(a_regulation(R, *reports))
        assert receipt.progress.ended is all(progress.ended for progress in states)
        assert (receipt.progress is F) is (set(states) == {F})

    def test_two_of_a_kind_on_one_source_are_one_source(self) -> None:
        both = receipts_of(a_regulation(F, a_report(F), a_report(F)))
        one = receipts_of(a_regulation(F, a_report(F), a_report(X)))
        assert [sources_text(receipt) for receipt in (*both, *one)] == [
            "1 of 1 source finished",
            "0 of 1 source finished",
        ]

    def test_it_shows_segments_words_each_once(self) -> None:
        words = [a_report(F, source="a", word="FINISHED"), a_report(X, source="b", word="FAILED")]
        (receipt,) = receipts_of(a_regulation(X, *words, a_report(F, source="c", word="FINISHED")))
        assert receipt.segment_status == "FAILED, FINISHED"

    def test_it_keeps_every_error_text_once_in_segments_order(self) -> None:
        texts = ["key revoked", "", "no such user", "key revoked"]
        reports = [a_report(X, source=f"src_{place}", error=text) for place, text in enumerate(texts)]
        (receipt,) = receipts_of(a_regulation(X, *reports))
        assert receipt.error == "key revoked\nno such user"

    def test_it_finished_when_its_last_source_did_and_not_before(self) -> None:
        early, late = a_report(F, source="a", finished_at=ENDED), a_report(F, source="b", finished_at=NOW)
        (done,) = receipts_of(a_regulation(F, early, late))
        (running,) = receipts_of(a_regulation(R, early, a_report(R, source="b")))
        (untimed,) = receipts_of(a_regulation(F, a_report(F)))
        assert (done.finished_at, running.finished_at, untimed.finished_at) == (NOW, None, None)


class TestSummary:
    def test_those_that_need_somebody_come_first(self) -> None:
        text = summary([a_receipt("Amplitude"), a_receipt("Braze", X), a_receipt("Iterable", N)])
        assert text.splitlines() == [
            "Braze: could not be told",
            "Iterable: cannot be told by Segment",
            "Amplitude: told (Segment forwarded the request)",
        ]

    @pytest.mark.parametrize(
        ("progress", "said"),
        [
            (W, "waiting"),
            (R, "being told"),
            (F, "told (Segment forwarded the request)"),
            (P, "only partly told"),
            (X, "could not be told"),
            (N, "cannot be told by Segment"),
            (V, "refused the request"),
        ],
    )
    def test_it_says_of_each_state_no_more_than_segment_knows(self, progress: Progress, said: str) -> None:
        assert summary([a_receipt("Braze", progress)]) == f"Braze: {said}"

    def test_several_sources_are_counted(self) -> None:
        receipt = Receipt("Braze", P, "A_WORD", 3, 4)
        assert summary([receipt]) == "Braze: only partly told, 3 of 4 sources finished"

    def test_a_regulation_without_destinations_has_an_empty_one(self) -> None:
        assert summary([]) == ""

    def test_a_name_with_line_breaks_stays_on_its_line(self) -> None:
        assert summary([a_receipt("My\n  Webhook")]).splitlines() == [
            "My Webhook: told (Segment forwarded the request)"
        ]
        assert one_line(" a \t b\nc ") == "a b c"

    def test_the_order_of_the_receipts_does_not_change_it(self) -> None:
        receipts = [a_receipt("Amplitude"), a_receipt("Braze", X), a_receipt("Iterable", N)]
        assert summary(receipts) == summary(receipts[::-1])


def test_only_receipts_that_ended_unfinished_need_somebody() -> None:
    receipts = [a_receipt(progress.value, progress) for progress in Progress]
    assert {receipt.progress for receipt in needing_follow_up(receipts)} == {P, X, N, V}


def test_the_end_is_segments_own_time_or_else_when_we_saw_it() -> None:
    seen_at = ENDED + timedelta(hours=2)
    assert ended_at(a_regulation(F), seen_at) == ENDED
    assert ended_at(a_regulation(R), seen_at) == seen_at
