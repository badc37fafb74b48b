"""What looks at a regulation showed, and what people did about what Segment could not do."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from dsr_sync.adapters.ledger import membership
from dsr_sync.adapters.ledger.events import Kind, append
from dsr_sync.adapters.ledger.reading import followed_requests
from dsr_sync.adapters.ledger.rows import by_destination, load_submission
from dsr_sync.adapters.ledger.scrub import scrubbed
from dsr_sync.adapters.ledger.tables import follow_ups, reports, requests, submission_subjects, submissions
from dsr_sync.adapters.ledger.transaction import Parameters, Tx
from dsr_sync.core.model import (
    DestinationReport,
    Identifier,
    Outcome,
    RecordId,
    Regulation,
    Submission,
    SubmissionId,
    Verdict,
)
from dsr_sync.core.receipts import ended_at, needing_follow_up
from dsr_sync.ports import Details, Event, Look, Permanent, ReceiptKey

_s, _r, _p, _f = submissions.c, requests.c, submission_subjects.c, follow_ups.c


def look(tx: Tx, submission_id: SubmissionId, seen: Look) -> None:
    """See `Ledger.look`."""
    before = load_submission(tx, submission_id)
    if before.outcome is not Outcome.ACCEPTED:
        raise Permanent("ledger", "only an accepted submission is looked at")
    if _stands(tx, before, seen.verdict):
        _note_later_change(tx, before, seen)
        return
    mine = update(submissions).where(_s.submission_id == submission_id)
    tx.execute(mine.values(_values(before, seen)))
    if seen.regulation is not None:
        _keep_reports(tx, submission_id, seen.regulation.reports)
    if not seen.verdict.final:
        _want(tx, before, seen.by_hand, seen.at, by_hand=True)
    _tell_of(tx, before, load_submission(tx, submission_id), seen.at)


def follow_up_done(tx: Tx, keys: Sequence[ReceiptKey], at: datetime) -> None:
    """See `Ledger.follow_up_done`. Keys that no open follow-up has are passed over."""
    touched: dict[SubmissionId, None] = {}
    for key in keys:
        number = _open_one(tx, key)
        if number is not None:
            mine = update(follow_ups).where(_f.submission_id == number, _f.record_id == key.record_id)
            tx.execute(mine.where(_f.destination == key.destination).values(done_at=at))
            append(tx, [Event(at, Kind.FOLLOW_UP_DONE, key.record_id, number, {"destination": key.destination})])
            touched[number] = None
    for number in touched:
        _complete(tx, load_submission(tx, number), at)


def want_follow_ups(tx: Tx, submission: Submission, at: datetime) -> None:
    """Keep one follow-up for every request that is not done with, and every destination that needs a person.

    A follow-up that is no longer needed goes, unless it was done; a request that has none left open is completed.
    """
    if submission.verdict is None or submission.verdict.final:
        return
    _want(tx, submission, submission.by_hand, at, by_hand=True)
    if submission.verdict is Verdict.FOLLOW_UP:
        needed = sorted({receipt.destination for receipt in needing_follow_up(submission.receipts)})
        segments = delete(follow_ups).where(_f.submission_id == submission.submission_id, _f.by_hand.is_(False))
        tx.execute(segments.where(_f.done_at.is_(None), _f.destination.not_in(needed)))
        _want(tx, submission, needed, at, by_hand=False)
        _complete(tx, submission, at)


def scrubbed_for(tx: Tx, submission_id: SubmissionId, texts: Sequence[str]) -> tuple[str, ...]:
    """See `Ledger.scrubbed`."""
    return tuple(map(_scrubber(tx, submission_id), texts))


def _want(tx: Tx, submission: Submission, names: Sequence[str], at: datetime, *, by_hand: bool) -> None:
    """Keep one follow-up by each of these names for every request of the submission that is not done with.

    Where Segment's own is of that name, it is one to be done by hand too from now on: it stays when Segment's goes.
    """
    number = submission.submission_id
    if not names:
        return
    there = set(tx.execute(select(_f.record_id, _f.destination).where(_f.submission_id == number)))
    leaders = _leaders(tx, number, completed=False)
    fresh = sorted({(record_id, name) for record_id in leaders for name in names} - there)
    same = {"submission_id": number, "pipeline": tx.pipeline, "by_hand": by_hand}
    if fresh:
        tx.execute(insert(follow_ups), [same | {"record_id": record, "destination": name} for record, name in fresh])
        owe_receipts(tx, number, at)
    if by_hand:
        mine = update(follow_ups).where(_f.submission_id == number, _f.destination.in_(names))
        tx.execute(mine.where(_f.record_id.in_(leaders)).values(by_hand=True))
        append(tx, (Event(at, Kind.FOLLOW_UP_WANTED, row, number, {"destination": name}) for row, name in fresh))


def owe_receipts(tx: Tx, submission_id: SubmissionId, at: datetime) -> None:
    """The receipts in the base are behind the ledger."""
    tx.execute(update(submissions).where(_s.submission_id == submission_id).values(receipts_changed_at=at))


def _stands(tx: Tx, before: Submission, verdict: Verdict) -> bool:
    """Whether the verdict is kept whatever a look shows (promise 6).

    That is so for a final one, for one that had ended before Segment forgot it, and where a request was already
    completed by its follow-ups, unless all is well now.
    """
    if before.verdict is not None and before.verdict.final:
        return True
    if before.verdict is Verdict.FOLLOW_UP and verdict is Verdict.LOST:
        return True
    if verdict in (Verdict.FOLLOW_UP, Verdict.COMPLETED):
        return False
    return bool(_leaders(tx, before.submission_id, completed=True))


def _note_later_change(tx: Tx, before: Submission, seen: Look) -> None:
    """Keep the verdict; if Segment now says otherwise, the history says that it did. It is looked at no more."""
    mine = update(submissions).where(_s.submission_id == before.submission_id)
    tx.execute(mine.values(next_look_at=None))
    if seen.verdict is not before.verdict:
        details: Details = {"kept": before.verdict, "shown": seen.verdict.value}
        append(tx, [Event(seen.at, Kind.LATER_CHANGE, None, before.submission_id, details)])


def _values(before: Submission, seen: Look) -> Parameters:
    values: Parameters = {
        "verdict": seen.verdict.value,
        "missing_since": seen.missing_since,
        "next_look_at": None if seen.verdict.final else seen.next_look_at,
    }
    if seen.regulation is not None:
        values |= {
            "progress": seen.regulation.progress.value,
            "segment_status": seen.regulation.word,
            "created_at": seen.regulation.created_at,
            "finished_at": seen.regulation.finished_at,
            "ended_at": _ended_at(before, seen.regulation, seen),
        }
    return values


def _ended_at(before: Submission, regulation: Regulation, seen: Look) -> datetime | None:
    if seen.verdict not in (Verdict.COMPLETED, Verdict.FAILED, Verdict.FOLLOW_UP):
        return None
    return ended_at(regulation, before.ended_at or seen.at)


def _keep_reports(tx: Tx, number: SubmissionId, reported: Sequence[DestinationReport]) -> None:
    """Keep the reports as they are now, their error texts scrubbed."""
    clean = _scrubber(tx, number)
    rows = [
        {
            "submission_id": number,
            "position": position,
            "pipeline": tx.pipeline,
            "source_id": report.source_id,
            "destination_id": report.destination_id,
            "destination": report.destination,
            "progress": report.progress.value,
            "word": report.word,
            "finished_at": report.finished_at,
            "error": clean(report.error),
        }
        for position, report in enumerate(reported)
    ]
    tx.execute(delete(reports).where(reports.c.submission_id == number))
    if rows:
        tx.execute(insert(reports), rows)


def _scrubber(tx: Tx, number: SubmissionId) -> Callable[[str], str]:
    """Scrub texts of the persons of this submission too: their keyed hashes tell which words name them."""
    subjects = select(_p.subject_key).where(_p.submission_id == number)
    typed = select(_r.typed_key).where(_r.pipeline == tx.pipeline, _r.submission_id == number)
    keys = {*tx.execute(subjects).scalars(), *tx.execute(typed).scalars()}
    done: dict[str, str] = {"": ""}

    def clean(text: str) -> str:
        if text not in done:
            done[text] = scrubbed(text, lambda words: tx.hashed.of(Identifier(words)) in keys)
        return done[text]

    return clean


def _tell_of(tx: Tx, before: Submission, after: Submission, at: datetime) -> None:
    """Put into the history what a look changed, and owe it to the base."""
    if before == after:
        return
    append(tx, _differences(before, after, at))
    membership.owe(tx, after.submission_id, at)
    if (before.receipts, before.by_hand) != (after.receipts, after.by_hand):
        owe_receipts(tx, after.submission_id, at)
    if after.verdict is not None and after.verdict.final:
        membership.free_all(tx, after.submission_id)
    want_follow_ups(tx, after, at)


def _differences(before: Submission, after: Submission, at: datetime) -> Iterable[Event]:
    number = after.submission_id
    if (before.verdict, before.segment_status) != (after.verdict, after.segment_status):
        details: Details = {"verdict": after.verdict, "before": before.verdict, "segment_status": after.segment_status}
        yield Event(at, Kind.VERDICT, None, number, details)
    if (before.missing_since is None) != (after.missing_since is None):
        yield Event(at, Kind.MISSING if after.missing_since else Kind.FOUND_AGAIN, None, number, {})
    known = by_destination(before.receipts)
    for receipt in after.receipts:
        if receipt != known.get(receipt.destination):
            details = {
                "destination": receipt.destination,
                "status": receipt.progress.value,
                "segment_status": receipt.segment_status,
                "sources_finished": receipt.sources_finished,
                "sources_total": receipt.sources_total,
            }
            yield Event(at, Kind.RECEIPT, None, number, details)


def _open_one(tx: Tx, key: ReceiptKey) -> SubmissionId | None:
    statement = (
        select(_f.submission_id)
        .select_from(followed_requests)
        .where(_f.pipeline == tx.pipeline, _f.record_id == key.record_id, _f.destination == key.destination)
        .where(_s.regulation_id == key.regulation_id, _f.done_at.is_(None))
    )
    found = tx.execute(statement).scalar_one_or_none()
    return None if found is None else SubmissionId(found)


def _leaders(tx: Tx, number: SubmissionId, *, completed: bool) -> list[RecordId]:
    """The requests of a submission that were, or were not, completed by their follow-ups."""
    own = select(_r.record_id).where(_r.pipeline == tx.pipeline, _r.submission_id == number, _r.joined_to.is_(None))
    wanted = _r.followed_up_at.is_not(None) if completed else _r.followed_up_at.is_(None)
    return sorted(tx.execute(own.where(wanted)).scalars())


def _complete(tx: Tx, submission: Submission, at: datetime) -> None:
    """Complete the requests whose follow-ups are all done: they are free, and they and their joined rows are told."""
    if submission.verdict is not Verdict.FOLLOW_UP:
        return
    number = submission.submission_id
    state = dict[str, bool]()
    for record_id, done_at in tx.execute(select(_f.record_id, _f.done_at).where(_f.submission_id == number)):
        state[record_id] = state.get(record_id, True) and done_at is not None
    for record_id in _leaders(tx, number, completed=False):
        if state.get(record_id, False):
            _followed_up(tx, number, record_id, at)


def _followed_up(tx: Tx, number: SubmissionId, record_id: RecordId, at: datetime) -> None:
    mine = update(requests).where(_r.pipeline == tx.pipeline)
    tx.execute(mine.where(_r.record_id == record_id).values(followed_up_at=at, changed_at=at))
    joined = mine.where(_r.joined_to == record_id).values(changed_at=at).returning(_r.record_id)
    rows = [record_id, *sorted(tx.execute(joined).scalars())]
    append(tx, (Event(at, Kind.FOLLOWED_UP, row, number, {}) for row in rows))
    membership.free(tx, number, record_id)
