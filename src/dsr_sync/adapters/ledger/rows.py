"""From rows of the tables to the words of the core."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, and_, select

from dsr_sync.adapters.ledger.tables import follow_ups, reports, requests, submissions
from dsr_sync.adapters.ledger.transaction import Tx, chunks
from dsr_sync.core.model import (
    DestinationReport,
    Entry,
    Extension,
    ExtensionRefused,
    Outcome,
    Progress,
    Receipt,
    Regulation,
    RegulationId,
    RequestType,
    Submission,
    SubmissionId,
    Verdict,
)
from dsr_sync.core.receipts import receipts_of
from dsr_sync.ports import Permanent

leaders = requests.alias("leaders")
"""The requests again, for what a joined request takes from the one that it joined."""

with_leaders = requests.outerjoin(
    leaders, and_(leaders.c.pipeline == requests.c.pipeline, leaders.c.record_id == requests.c.joined_to)
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows, in which order, how many; None for all."""

    conditions: Sequence[ColumnElement[bool]]
    order: Sequence[ColumnElement[Any]] = ()
    limit: int | None = None


def load_submissions(tx: Tx, wanted: Wanted) -> tuple[Submission, ...]:
    """Submissions of this pipeline, with their receipts."""
    statement = select(submissions).where(submissions.c.pipeline == tx.pipeline)
    return _with_receipts(tx, _narrowed(statement, wanted))


def submissions_by_number(tx: Tx, numbers: Iterable[int]) -> dict[int, Submission]:
    """The submissions that rows of this pipeline name.

    The pipeline is no condition here: SQLite would rather walk through all of it than look up a list of numbers.
    """
    found: dict[int, Submission] = {}
    for some in chunks(sorted(set(numbers))):
        loaded = _with_receipts(tx, select(submissions).where(submissions.c.submission_id.in_(some)))
        found.update((submission.submission_id, submission) for submission in loaded)
    return found


def load_submission(tx: Tx, submission_id: SubmissionId) -> Submission:
    """One submission. Raises Permanent if this pipeline has none of this number."""
    found = load_submissions(tx, Wanted([submissions.c.submission_id == submission_id]))
    if not found:
        raise Permanent("ledger", "no such submission")
    return found[0]


def load_entries(tx: Tx, wanted: Wanted) -> tuple[Entry, ...]:
    """Requests of this pipeline, with their submissions."""
    followed_up_at = leaders.c.followed_up_at.label("leader_followed_up_at")
    statement = select(requests, followed_up_at).select_from(with_leaders).where(requests.c.pipeline == tx.pipeline)
    found = tx.execute(_narrowed(statement, wanted)).mappings().all()
    numbers = [row[requests.c.submission_id] for row in found if row[requests.c.submission_id] is not None]
    by_number = submissions_by_number(tx, numbers)
    return tuple(_entry(row, by_number.get(row[requests.c.submission_id])) for row in found)


def load_reports(tx: Tx, numbers: Sequence[int]) -> dict[int, tuple[DestinationReport, ...]]:
    """What the destinations reported, by submission, in Segment's order; nothing for an unknown one."""
    found: defaultdict[int, tuple[DestinationReport, ...]] = defaultdict(tuple)
    for some in chunks(numbers):
        statement = select(reports).where(reports.c.submission_id.in_(some))
        for row in tx.execute(statement.order_by(reports.c.submission_id, reports.c.position)).mappings():
            found[row[reports.c.submission_id]] += (_report(row),)
    return found


def by_destination(receipts: Iterable[Receipt]) -> dict[str, Receipt]:
    """Receipts by the name of their destination, which is what identifies them."""
    return {receipt.destination: receipt for receipt in receipts}


def _narrowed(statement: Select[Any], wanted: Wanted) -> Select[Any]:
    return statement.where(*wanted.conditions).order_by(*wanted.order).limit(wanted.limit)


def _with_receipts(tx: Tx, statement: Select[Any]) -> tuple[Submission, ...]:
    found = tx.execute(statement).mappings().all()
    looked_at = [row[submissions.c.submission_id] for row in found if row[submissions.c.progress] is not None]
    reported = load_reports(tx, looked_at)
    by_hand = _by_hand(tx, [row[submissions.c.submission_id] for row in found])
    return tuple(
        _submission(row, reported[row[submissions.c.submission_id]], by_hand[row[submissions.c.submission_id]])
        for row in found
    )


def _by_hand(tx: Tx, numbers: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The systems outside Segment that were to be told, by submission."""
    found: defaultdict[int, tuple[str, ...]] = defaultdict(tuple)
    column = follow_ups.c
    for some in chunks(numbers):
        wanted = select(column.submission_id, column.destination).where(column.submission_id.in_(some))
        for number, name in sorted(tx.execute(wanted.where(column.by_hand.is_(True)).distinct())):
            found[number] += (name,)
    return found


def _report(row: RowMapping) -> DestinationReport:
    column = reports.c
    return DestinationReport(
        source_id=row[column.source_id],
        destination_id=row[column.destination_id],
        destination=row[column.destination],
        progress=Progress(row[column.progress]),
        word=row[column.word],
        finished_at=row[column.finished_at],
        error=row[column.error],
    )


def _submission(row: RowMapping, reported: tuple[DestinationReport, ...], by_hand: tuple[str, ...]) -> Submission:
    column = submissions.c
    verdict, regulation_id = row[column.verdict], row[column.regulation_id]
    return Submission(
        submission_id=SubmissionId(row[column.submission_id]),
        outcome=Outcome(row[column.outcome]),
        intended_at=row[column.intended_at],
        request_type=RequestType(row[column.request_type]),
        regulation_type=row[column.regulation_type],
        regulation_id=None if regulation_id is None else RegulationId(regulation_id),
        verdict=None if verdict is None else Verdict(verdict),
        segment_status=row[column.segment_status],
        accepted_at=row[column.accepted_at],
        ended_at=row[column.ended_at],
        missing_since=row[column.missing_since],
        receipts=_receipts(row, reported),
        by_hand=by_hand,
    )


def _receipts(row: RowMapping, reported: tuple[DestinationReport, ...]) -> tuple[Receipt, ...]:
    """The receipts as they were made of the last report: by the same function, from what is kept of it."""
    column = submissions.c
    if row[column.progress] is None:
        return ()
    regulation = Regulation(
        regulation_id=row[column.regulation_id],
        progress=Progress(row[column.progress]),
        word=row[column.segment_status],
        created_at=row[column.created_at],
        finished_at=row[column.finished_at],
        reports=reported,
    )
    return receipts_of(regulation)


def extension_of(row: RowMapping) -> Extension | None:
    """The first lawful extension of a request."""
    until, seen_at = row[requests.c.extended_until], row[requests.c.extension_seen_at]
    return None if until is None or seen_at is None else Extension(until, seen_at)


def _entry(row: RowMapping, submission: Submission | None) -> Entry:
    column = requests.c
    kind, joined_to = row[column.request_type], row[column.joined_to]
    refused = row[column.extension_refused]
    return Entry(
        record_id=row[column.record_id],
        seen_at=row[column.seen_at],
        typed_key=row[column.typed_key],
        request_type=None if kind is None else RequestType(kind),
        due_by=row[column.due_by],
        joined_to=joined_to,
        not_before=row[column.not_before],
        attempts=row[column.attempts],
        submission=submission,
        followed_up_at=row[column.followed_up_at] if joined_to is None else row["leader_followed_up_at"],
        extension=extension_of(row),
        extension_refused=None if refused is None else ExtensionRefused(refused),
        changed=row[column.row_changed],
        owed=row[column.changed_at] is not None,
        gone=row[column.gone_at] is not None,
    )
