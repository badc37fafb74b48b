"""From what Segment reports to what it means: one receipt per destination, and one verdict.

Segment says FAILED overall as soon as an unsupported destination failed, even where everything else was done
(segment-docs, user deletion and suppression). So the verdict is computed from the destinations.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import assert_never

from dsr_sync.core.model import DestinationReport, Progress, Receipt, Regulation, Submission, Verdict

SEGMENT_ITSELF = "Segment"
"""The name on the receipt for what Segment itself did not finish."""

_ASK_SEGMENT = "Segment says that it finished only in part, and no destination accounts for that: ask its support."


def receipts_of(regulation: Regulation) -> tuple[Receipt, ...]:
    """One receipt per destination name, in alphabetical order, over all sources.

    A partial success that no destination accounts for is Segment's own, and gets a receipt of its own; not before
    every destination has ended, since one that still runs may yet account for it.
    """
    by_name: dict[str, list[DestinationReport]] = {}
    for report in regulation.reports:
        by_name.setdefault(report.destination, []).append(report)
    receipts = tuple(_merged(name, by_name[name]) for name in sorted(by_name))
    all_finished = all(receipt.progress is Progress.FINISHED for receipt in receipts)
    if regulation.progress is Progress.PARTLY_FINISHED and all_finished:
        return (*receipts, _of_segment(regulation))
    return receipts


def verdict_on(regulation: Regulation, receipts: Sequence[Receipt]) -> Verdict:
    """What the regulation came to. Total: every combination of Segment's words has an answer."""
    match regulation.progress:
        case Progress.WAITING:
            return Verdict.ACCEPTED
        case Progress.RUNNING:
            return Verdict.RUNNING
        case Progress.INVALID:
            return Verdict.FAILED
        case Progress.FINISHED | Progress.PARTLY_FINISHED | Progress.FAILED | Progress.NOT_SUPPORTED:
            return _ended(regulation.progress, receipts)
    assert_never(regulation.progress)


def ended_at(regulation: Regulation, seen_at: datetime) -> datetime:
    """When the regulation ended: Segment's own time, else when we saw it."""
    return regulation.finished_at or seen_at


def by_hand_receipt(name: str) -> Receipt:
    """The receipt of a system outside Segment: only a person can tell it."""
    return Receipt(name, Progress.NOT_SUPPORTED, "", 0, 0, by_hand=True)


def all_receipts(submission: Submission) -> tuple[Receipt, ...]:
    """What Segment reported, and the systems that a person has to see to; one receipt per name."""
    ours = (receipt for receipt in submission.receipts if receipt.destination not in submission.by_hand)
    return (*ours, *map(by_hand_receipt, submission.by_hand))


def summary(receipts: Sequence[Receipt], *, followed_up: bool = False) -> str:
    """The receipts in a few lines for the row, the ones that need somebody first.

    `followed_up`: staff have set every follow-up to Done, so nobody is owed anything any more.
    """
    ordered = sorted(receipts, key=lambda receipt: (not receipt.follow_up_needed, receipt.destination))
    done = "; seen to by your team" if followed_up else ""
    return "\n".join(
        f"{one_line(receipt.destination)}: {_said(receipt)}{done if receipt.follow_up_needed else ''}"
        for receipt in ordered
    )


def sources_text(receipt: Receipt) -> str:
    """Such as `3 of 4 sources finished`; empty for Segment's own receipt, which is about no source."""
    if not receipt.sources_total:
        return ""
    noun = "source" if receipt.sources_total == 1 else "sources"
    return f"{receipt.sources_finished} of {receipt.sources_total} {noun} finished"


def needing_follow_up(receipts: Iterable[Receipt]) -> tuple[Receipt, ...]:
    """The receipts that a person must see to."""
    return tuple(receipt for receipt in receipts if receipt.follow_up_needed)


def one_line(name: str) -> str:
    """A name as it can stand in a sentence: without line breaks and doubled spaces."""
    return " ".join(name.split())


def _ended(overall: Progress, receipts: Sequence[Receipt]) -> Verdict:
    if any(not receipt.progress.ended for receipt in receipts):
        return Verdict.RUNNING  # Segment is done with its own part; a destination still reports
    if any(receipt.follow_up_needed for receipt in receipts):
        return Verdict.FOLLOW_UP
    return Verdict.COMPLETED if overall is Progress.FINISHED else Verdict.FAILED


def _merged(name: str, reports: Sequence[DestinationReport]) -> Receipt:
    finished = [report.finished_at for report in reports if report.finished_at is not None]
    progress = _overall({report.progress for report in reports})
    sources = {report.source_id for report in reports}
    unfinished = {report.source_id for report in reports if report.progress is not Progress.FINISHED}
    return Receipt(
        destination=name,
        progress=progress,
        segment_status=", ".join(sorted({report.word for report in reports})),
        sources_finished=len(sources - unfinished),
        sources_total=len(sources),
        finished_at=max(finished) if finished and progress.ended else None,
        error="\n".join(dict.fromkeys(report.error for report in reports if report.error)),
    )


def _overall(kinds: set[Progress]) -> Progress:
    if len(kinds) == 1:
        return next(iter(kinds))
    if Progress.WAITING in kinds or Progress.RUNNING in kinds:
        return Progress.RUNNING
    if Progress.FINISHED in kinds or Progress.PARTLY_FINISHED in kinds:
        return Progress.PARTLY_FINISHED
    # Several ways of not doing it: a failure can perhaps be mended, so it is the one to name first.
    return Progress.FAILED if Progress.FAILED in kinds else Progress.INVALID


def _of_segment(regulation: Regulation) -> Receipt:
    return Receipt(
        destination=SEGMENT_ITSELF,
        progress=Progress.PARTLY_FINISHED,
        segment_status=regulation.word,
        sources_finished=0,
        sources_total=0,
        finished_at=regulation.finished_at,
        error=_ASK_SEGMENT,
    )


def _said(receipt: Receipt) -> str:
    if receipt.by_hand:
        return "to be told by hand"
    if not receipt.sources_total:
        return "finished only in part"
    words = {
        Progress.WAITING: "waiting",
        Progress.RUNNING: "being told",
        Progress.FINISHED: "told (Segment forwarded the request)",
        Progress.PARTLY_FINISHED: "only partly told",
        Progress.FAILED: "could not be told",
        Progress.NOT_SUPPORTED: "cannot be told by Segment",
        Progress.INVALID: "refused the request",
    }
    more = f", {sources_text(receipt)}" if receipt.sources_total > 1 else ""
    return f"{words[receipt.progress]}{more}"
