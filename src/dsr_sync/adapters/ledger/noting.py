"""What the ledger remembers of the rows of the base, and what it still has to tell them."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select, update

from dsr_sync.adapters.ledger import membership
from dsr_sync.adapters.ledger.events import Kind, append, last_of
from dsr_sync.adapters.ledger.heeding import heed
from dsr_sync.adapters.ledger.membership import Member
from dsr_sync.adapters.ledger.reading import entries
from dsr_sync.adapters.ledger.rows import load_submission
from dsr_sync.adapters.ledger.scrub import plain_reason
from dsr_sync.adapters.ledger.tables import marks, requests, submission_subjects, submissions
from dsr_sync.adapters.ledger.transaction import Parameters, Tx, chunks
from dsr_sync.core.deadlines import due_by
from dsr_sync.core.model import Identifier, RecordId, RequestRow, SubjectKey, SubmissionId
from dsr_sync.ports import GONE, Details, Event, Noted

_s, _r, _p = submissions.c, requests.c, submission_subjects.c


def note(tx: Tx, rows: Sequence[Noted]) -> None:
    """See `Ledger.note`."""
    latest = {noted.row.record_id: noted for noted in rows}
    sent = _sent(tx, list(latest))
    fresh = [_first_noted(tx, noted) for record_id, noted in latest.items() if record_id not in sent]
    if fresh:
        tx.execute(insert(requests), fresh)
        append(tx, (Event(one["seen_at"], Kind.SEEN, one["record_id"], None, {}) for one in fresh))
    mine = update(requests).where(_r.pipeline == tx.pipeline, _r.record_id == bindparam("of"))
    follows = [_as_it_is(tx, latest[key]) for key, was_sent in sent.items() if not was_sent]
    if follows:
        tx.execute(mine.values(typed_key=bindparam("typed"), request_type=bindparam("kind")), follows)
        tx.execute(mine.where(_r.seen_at > bindparam("seen")).values(seen_at=bindparam("seen")), _seen(latest, follows))
    heed(tx, list(latest.values()))


def _sent(tx: Tx, record_ids: Sequence[RecordId]) -> dict[RecordId, bool]:
    """Of the rows that the ledger remembers: whether each was sent."""
    found: dict[RecordId, bool] = {}
    for some in chunks(record_ids):
        statement = select(_r.record_id, _r.submission_id).where(_r.pipeline == tx.pipeline, _r.record_id.in_(some))
        found.update((record_id, number is not None) for record_id, number in tx.execute(statement))
    return found


def _first_noted(tx: Tx, noted: Noted) -> Parameters:
    return {
        "pipeline": tx.pipeline,
        "record_id": noted.row.record_id,
        "typed_key": tx.hashed.of(noted.row.identifier),
        "request_type": noted.request_type.value if noted.request_type else None,
        "due_by": noted.deadline.due_by if noted.deadline else due_by(noted.row),
        "seen_at": noted.seen_at,
    }


def _as_it_is(tx: Tx, noted: Noted) -> Parameters:
    kind = noted.request_type.value if noted.request_type else None
    return {"of": noted.row.record_id, "typed": tx.hashed.of(noted.row.identifier), "kind": kind}


def _seen(latest: dict[RecordId, Noted], follows: Sequence[Parameters]) -> list[Parameters]:
    return [{"of": one["of"], "seen": latest[one["of"]].seen_at} for one in follows]


def forget_unseen(tx: Tx, seen: frozenset[RecordId]) -> int:
    """See `Ledger.forget_unseen`."""
    told = _r.changed_at.is_(None)
    unsent = select(_r.record_id).where(_r.pipeline == tx.pipeline, _r.submission_id.is_(None), told)
    gone = sorted(record_id for record_id in tx.execute(unsent).scalars() if record_id not in seen)
    for some in chunks(gone):
        tx.execute(delete(requests).where(_r.pipeline == tx.pipeline, _r.record_id.in_(some)))
    return len(gone)


def join(
    tx: Tx, row: RequestRow, submission_id: SubmissionId, at: datetime, subjects: Sequence[Identifier] = ()
) -> None:
    """See `Ledger.join`. Raises AlreadyStanding if the submission is no longer live, or the row's own one stands."""
    submission = load_submission(tx, submission_id)
    entry = entries(tx, [row.record_id]).get(row.record_id)
    if entry and entry.submission and entry.submission.submission_id == submission_id:
        return
    membership.ensure_free(entry, entry.submission.submission_id if entry and entry.submission else None)
    member = Member(row.record_id, tx.hashed.of(row.identifier), submission.request_type)
    keys = {member.typed_key, *map(tx.hashed.of, subjects)}
    leader = _leader_for(tx, submission_id, keys)
    along = membership.followers(tx, entry, member, keys) if entry else []
    if entry:
        membership.leave(tx, entry, along, at)
    membership.ensure_noted(tx, [member], at)
    same = update(requests).where(_r.pipeline == tx.pipeline, _r.record_id == row.record_id)
    tx.execute(same.values(typed_key=member.typed_key, request_type=member.request_type.value))
    membership.join(tx, submission_id, leader, [row.record_id, *along], at)
    membership.retire(tx, [entry] if entry else [])


def _leader_for(tx: Tx, submission_id: SubmissionId, keys: Collection[SubjectKey]) -> RecordId:
    """The request of a live submission that is about this person; where none is by these names, the first."""
    statement = select(_p.record_id).where(_p.submission_id == submission_id, _p.live.is_(True))
    about_them_first = statement.order_by(_p.subject_key.not_in(sorted(keys)), _p.record_id)
    found = tx.execute(about_them_first.limit(1)).scalar_one_or_none()
    if found is None:
        raise membership.standing_already()
    return RecordId(found)


def told(tx: Tx, record_ids: Sequence[RecordId]) -> None:
    """See `Ledger.told`."""
    for some in chunks(record_ids):
        theirs = update(requests).where(_r.pipeline == tx.pipeline, _r.record_id.in_(some))
        tx.execute(theirs.where(_r.changed_at.is_not(None)).values(changed_at=None))


def told_receipts(tx: Tx, submission_id: SubmissionId) -> None:
    """See `Ledger.told_receipts`."""
    mine = update(submissions).where(_s.pipeline == tx.pipeline, _s.submission_id == submission_id)
    tx.execute(mine.values(receipts_changed_at=None))


def untellable(tx: Tx, record_id: RecordId, at: datetime, reason: str) -> None:
    """See `Ledger.untellable`. A row that is refused at every tick makes one line in the history, not thousands."""
    told(tx, [record_id])
    event = Event(at, Kind.UNTELLABLE, record_id, None, {"reason": plain_reason(reason)})
    last = last_of(tx, record_id)
    if last is None or (last.kind, last.details) != (event.kind, event.details):
        append(tx, [event])
    entry = entries(tx, [record_id]).get(record_id)
    if reason == GONE and entry is not None:
        membership.hand_over(tx, entry, at)


def set_mark(tx: Tx, name: str, at: datetime) -> None:
    """See `Ledger.set_mark`."""
    known = update(marks).where(marks.c.pipeline == tx.pipeline, marks.c.name == name)
    if tx.execute(known.values(at=at)).rowcount == 0:
        tx.execute(insert(marks), [{"pipeline": tx.pipeline, "name": name, "at": at}])


def report(tx: Tx, kind: str, at: datetime, details: Details) -> None:
    """See `Ledger.report`."""
    append(tx, [Event(at, kind, None, None, details)])
