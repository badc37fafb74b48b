"""A repetition that Segment did not take: its requests are again where they were before it was intended."""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, select, update

from dsr_sync.adapters.ledger.events import Kind, append
from dsr_sync.adapters.ledger.rows import load_submission
from dsr_sync.adapters.ledger.sending import Release, refuse, release
from dsr_sync.adapters.ledger.tables import events, requests, submission_subjects, submissions
from dsr_sync.adapters.ledger.transaction import Parameters, Tx
from dsr_sync.core.model import Outcome, RecordId, SubjectKey, Submission, SubmissionId, Verdict
from dsr_sync.ports import Event

_s, _r, _p, _e = submissions.c, requests.c, submission_subjects.c, events.c


def take_back(tx: Tx, submission_id: SubmissionId, why: Release) -> None:
    """See `Ledger.take_back`."""
    _go_back(tx, submission_id, _replaced(tx, submission_id), why)


def refused(tx: Tx, submission_id: SubmissionId, at: datetime, reason: str) -> None:
    """See `Ledger.refuse`. An earlier attempt of a repetition may have come to nothing; it repeats the same."""
    repeated = _repeated(tx, submission_id) | _replaced(tx, submission_id)
    if repeated:
        _go_back(tx, submission_id, repeated, Release(at, reason, None))
    else:
        refuse(tx, submission_id, at, reason)


def _go_back(tx: Tx, submission_id: SubmissionId, formers: dict[RecordId, SubmissionId], why: Release) -> None:
    along = {leader: _joined(tx, submission_id, leader) for leader in formers}
    release(tx, submission_id, why)
    for leader, former in formers.items():
        before = load_submission(tx, former)
        _return(tx, [leader, *along[leader]], before, why)
        _revive(tx, before, leader, why)


def set_free(tx: Tx, submission_id: SubmissionId, why: Release) -> None:
    """See `Ledger.release`. A row that says something else by now was never to be sent for that: it goes back."""
    replaced = _replaced(tx, submission_id)
    differing = select(_r.record_id).where(_r.pipeline == tx.pipeline, _r.submission_id == submission_id)
    changed = tx.execute(differing.where(_r.row_changed != "")).scalars().all()
    release(tx, submission_id, why)
    for leader, former in replaced.items():
        if leader in changed:
            _return(tx, [leader], load_submission(tx, former), why)


def _replaced(tx: Tx, submission_id: SubmissionId) -> dict[RecordId, SubmissionId]:
    """What each request of a submission was to repeat, for those that repeat anything."""
    return _said(tx, submission_id, "replaces")


def _repeated(tx: Tx, submission_id: SubmissionId) -> dict[RecordId, SubmissionId]:
    """What an earlier attempt of each request was to repeat, which came to nothing."""
    return _said(tx, submission_id, "repeats")


def _said(tx: Tx, submission_id: SubmissionId, name: str) -> dict[RecordId, SubmissionId]:
    """The submissions that the intent of each request names so."""
    intended = select(_e.record_id, _e.details).where(
        _e.pipeline == tx.pipeline, _e.submission_id == submission_id, _e.kind == Kind.INTENDED
    )
    found = {record_id: json.loads(details).get(name) for record_id, details in tx.execute(intended)}
    return {record_id: SubmissionId(former) for record_id, former in found.items() if former is not None}


def _joined(tx: Tx, submission_id: SubmissionId, leader: RecordId) -> Sequence[RecordId]:
    sharing = select(_r.record_id).where(_r.pipeline == tx.pipeline, _r.submission_id == submission_id)
    return sorted(tx.execute(sharing.where(_r.joined_to == leader)).scalars())


def _return(tx: Tx, rows: Sequence[RecordId], former: Submission, why: Release) -> None:
    """Put a leader and the rows that came along with it back, unless another row has taken its place there."""
    leader, *along = rows
    number = former.submission_id
    mine = select(_p.subject_key, _p.sent).where(_p.submission_id == number, _p.record_id == leader)
    subjects = [(key, sent) for key, sent in tx.execute(mine.order_by(_p.subject_key))]
    if not subjects:
        return
    typed_key = _typed_key(tx, leader, dict(subjects))
    back: Parameters = {"submission_id": number, "typed_key": typed_key, "request_type": former.request_type.value}
    ours = update(requests).where(_r.pipeline == tx.pipeline)
    tx.execute(ours.where(_r.record_id == leader).values(back))
    tx.execute(ours.where(_r.record_id.in_(along)).values(submission_id=number, joined_to=leader))
    append(tx, (Event(why.at, Kind.RETURNED, record_id, number, {}) for record_id in rows))


def _typed_key(tx: Tx, leader: RecordId, subjects: dict[SubjectKey, bool]) -> SubjectKey:
    """What the leader named then: what it names now, unless that was not sent.

    Where an address was sent, it is the key that is no subject itself; a user id is the only one.
    """
    current = select(_r.typed_key).where(_r.pipeline == tx.pipeline, _r.record_id == leader)
    now = tx.execute(current).scalar_one()
    return now if now in subjects else next((key for key, sent in subjects.items() if not sent), min(subjects))


def _revive(tx: Tx, former: Submission, leader: RecordId, why: Release) -> None:
    """What is not over serves its persons again, is looked at again, and owes its receipts again."""
    if former.outcome is not Outcome.UNPROVABLE and former.verdict is not Verdict.FOLLOW_UP:
        return
    other = submission_subjects.alias()
    taken = exists().where(
        other.c.live,
        other.c.pipeline == _p.pipeline,
        other.c.subject_key == _p.subject_key,
        other.c.request_type == _p.request_type,
    )
    mine = update(submission_subjects).where(_p.submission_id == former.submission_id, _p.record_id == leader)
    tx.execute(mine.where(~taken).values(live=True))
    if former.verdict is Verdict.FOLLOW_UP:
        again = update(submissions).where(_s.submission_id == former.submission_id)
        tx.execute(again.values(next_look_at=why.at, receipts_changed_at=why.at))
