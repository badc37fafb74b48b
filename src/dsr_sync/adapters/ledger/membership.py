"""Which request belongs to which submission, and who leads.

A submission was made for some requests, its leaders; further rows for the same persons join one of them. Always true:
a joined request has the submission of its leader, and a live subject of a submission belongs to one of its leaders.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Update, insert, select, update

from dsr_sync.adapters.ledger.events import Kind, append, last_of
from dsr_sync.adapters.ledger.reading import entries
from dsr_sync.adapters.ledger.tables import follow_ups, requests, submission_subjects, submissions
from dsr_sync.adapters.ledger.transaction import Parameters, Tx, chunks
from dsr_sync.core.model import Entry, Outcome, RecordId, RequestType, SubjectKey, Submission, SubmissionId, Verdict
from dsr_sync.ports import GONE, AlreadyStanding, Event

_s, _r, _p, _f = submissions.c, requests.c, submission_subjects.c, follow_ups.c

_REPEATABLE = frozenset({Verdict.FAILED, Verdict.FOLLOW_UP, Verdict.LOST})


@dataclass(frozen=True, slots=True)
class Member:
    """A request on its way into a submission."""

    record_id: RecordId
    typed_key: SubjectKey
    request_type: RequestType


def standing_already() -> AlreadyStanding:
    """The error for a person who is served already."""
    return AlreadyStanding("ledger", "a live submission for one of the subjects exists")


def ensure_free(entry: Entry | None, replaces: SubmissionId | None) -> None:
    """A request leaves a submission only if that ended badly or was refused. Raises AlreadyStanding otherwise.

    `replaces` is the submission that staff want repeated; a refused one needs no such wish.
    """
    submission = entry.submission if entry else None
    if submission is None:
        if replaces is not None:
            raise standing_already()  # it was repeated or released since the row was looked at
        return
    if submission.outcome is Outcome.REFUSED and replaces in (None, submission.submission_id):
        return
    if replaces != submission.submission_id or not _ended_badly(submission, entry):
        raise standing_already()


def _ended_badly(submission: Submission, entry: Entry | None) -> bool:
    if submission.outcome is Outcome.UNPROVABLE:
        return True
    return entry is not None and entry.verdict in _REPEATABLE


def followers(tx: Tx, entry: Entry, member: Member, keys: Collection[SubjectKey]) -> list[RecordId]:
    """The rows that joined this request and go where it goes: those for the person whom it is now about."""
    statement = select(_r.record_id, _r.typed_key).where(_r.pipeline == tx.pipeline, _r.joined_to == entry.record_id)
    joined = tx.execute(statement.order_by(_r.seen_at, _r.record_id)).all()
    if entry.request_type is not member.request_type:
        return []
    same_person = entry.typed_key == member.typed_key
    return [record_id for record_id, typed_key in joined if same_person or typed_key in keys]


def detach(tx: Tx, departing: Iterable[Entry]) -> None:
    """Rows that joined another one and now go their own way, so that nobody takes them along or hands them anything."""
    alone = [entry.record_id for entry in departing if entry.joined_to is not None]
    for some in chunks(alone):
        theirs = update(requests).where(_r.pipeline == tx.pipeline, _r.record_id.in_(some))
        tx.execute(theirs.values(joined_to=None, submission_id=None))


def leave(tx: Tx, entry: Entry, followed_by: Sequence[RecordId], at: datetime) -> None:
    """A leader leaves its submission. Of the rows that joined it and stay, the one seen first leads from now on."""
    submission = entry.submission
    if submission is None or entry.joined_to is not None:
        return
    statement = select(_r.record_id).where(_r.pipeline == tx.pipeline, _r.joined_to == entry.record_id)
    joined = tx.execute(statement.order_by(_r.seen_at, _r.record_id)).scalars()
    staying = [record_id for record_id in joined if record_id not in set(followed_by)]
    if staying:
        _bequeath(tx, entry, submission, staying, at)
    else:
        free(tx, submission.submission_id, entry.record_id)


def hand_over(tx: Tx, entry: Entry, at: datetime) -> None:
    """The row of a leader was deleted: of the rows that joined it, the first that is still there leads from now on."""
    submission = entry.submission
    if submission is None or entry.joined_to is not None:
        return
    statement = select(_r.record_id).where(_r.pipeline == tx.pipeline, _r.joined_to == entry.record_id)
    joined = tx.execute(statement.order_by(_r.seen_at, _r.record_id)).scalars().all()
    heir = next((record_id for record_id in joined if not _is_gone(tx, record_id)), None)
    if heir is None:
        return
    _bequeath(tx, entry, submission, [heir, *(record_id for record_id in joined if record_id != heir)], at)
    mine = update(requests).where(_r.pipeline == tx.pipeline, _r.record_id == entry.record_id)
    tx.execute(mine.values(joined_to=heir))


def _is_gone(tx: Tx, record_id: RecordId) -> bool:
    """Whether its row was found to be deleted, and has not come back since."""
    last = last_of(tx, record_id)
    return last is not None and (last.kind, last.details.get("reason")) in _GONE


_GONE = frozenset({(Kind.GONE.value, None), (Kind.UNTELLABLE.value, GONE)})


def retire(tx: Tx, left: Iterable[Entry]) -> None:
    """A submission that no request shares any more is looked at no more, and its receipts are written no more."""
    for number in {entry.submission.submission_id for entry in left if entry.submission}:
        sharing = select(_r.record_id).where(_r.pipeline == tx.pipeline, _r.submission_id == number).limit(1)
        if tx.execute(sharing).first() is None:
            retired = update(submissions).where(_s.submission_id == number)
            tx.execute(retired.values(next_look_at=None, receipts_changed_at=None))


def enter(tx: Tx, submission_id: SubmissionId, members: Sequence[Member], at: datetime) -> None:
    """These requests are led into a submission. Rows that the ledger has not seen are noted on the way."""
    ensure_noted(tx, members, at)
    for member in members:
        values = {"typed_key": member.typed_key, "request_type": member.request_type.value, "joined_to": None}
        _move(tx, submission_id, member.record_id, {**values, "attempts": _r.attempts + 1}, at)


def join(tx: Tx, submission_id: SubmissionId, leader: RecordId, joining: Sequence[RecordId], at: datetime) -> None:
    """These rows share the submission of the leader; if its own row is gone, the first of them leads from now on."""
    for record_id in joining:
        _move(tx, submission_id, record_id, {"joined_to": leader}, at)
    append(tx, (Event(at, Kind.JOINED, record_id, submission_id, {"joined_to": leader}) for record_id in joining))
    if joining and _is_gone(tx, leader):
        hand_over(tx, entries(tx, [leader])[leader], at)


def ensure_noted(tx: Tx, members: Iterable[Member], at: datetime) -> None:
    """Note the rows that the ledger has not seen."""
    wanted = {member.record_id: member for member in members}
    for some in chunks(list(wanted)):
        present = select(_r.record_id).where(_r.pipeline == tx.pipeline, _r.record_id.in_(some))
        known = set(tx.execute(present).scalars())
        fresh: list[Parameters] = [
            {
                "pipeline": tx.pipeline,
                "record_id": member.record_id,
                "typed_key": member.typed_key,
                "request_type": member.request_type.value,
                "seen_at": at,
            }
            for member in map(wanted.__getitem__, some)
            if member.record_id not in known
        ]
        if fresh:
            tx.execute(insert(requests), fresh)
            append(tx, (Event(at, Kind.SEEN, row["record_id"], None, {}) for row in fresh))


def owe(tx: Tx, submission_id: SubmissionId, at: datetime) -> None:
    """Every row of this submission is to be told of a change."""
    tx.execute(
        update(requests).where(_r.pipeline == tx.pipeline, _r.submission_id == submission_id).values(changed_at=at)
    )


def free_all(tx: Tx, submission_id: SubmissionId) -> None:
    """Nobody is served by this submission any more: further requests for these persons are sent anew."""
    tx.execute(update(submission_subjects).where(_p.submission_id == submission_id).values(live=False))


def free(tx: Tx, submission_id: SubmissionId, record_id: RecordId) -> None:
    """The persons of this one request are no longer served by this submission."""
    tx.execute(_subjects_of(submission_id, record_id).values(live=False))


def _subjects_of(submission_id: SubmissionId, record_id: RecordId) -> Update:
    return update(submission_subjects).where(_p.submission_id == submission_id, _p.record_id == record_id)


def _move(tx: Tx, submission_id: SubmissionId, record_id: RecordId, values: dict[str, object], at: datetime) -> None:
    statement = update(requests).where(_r.pipeline == tx.pipeline, _r.record_id == record_id)
    arrived = {
        "submission_id": submission_id,
        "not_before": None,
        "followed_up_at": None,
        "changed_at": at,
        "row_changed": "",
    }
    tx.execute(statement.values({**arrived, **values}))


def _bequeath(tx: Tx, entry: Entry, submission: Submission, staying: Sequence[RecordId], at: datetime) -> None:
    """The first of the rows that stay takes over what the leader had in this submission."""
    number, heir = submission.submission_id, staying[0]
    mine = update(requests).where(_r.pipeline == tx.pipeline)
    tx.execute(mine.where(_r.record_id.in_(staying)).values(joined_to=heir, changed_at=at))
    inherited = {"joined_to": None, "followed_up_at": entry.followed_up_at}
    tx.execute(mine.where(_r.record_id == heir).values(inherited))
    tx.execute(_subjects_of(number, entry.record_id).values(record_id=heir))
    theirs = update(follow_ups).where(_f.submission_id == number, _f.record_id == entry.record_id)
    tx.execute(theirs.values(record_id=heir))
    if submission.receipts or submission.by_hand:  # they stand under the row that left
        tx.execute(update(submissions).where(_s.submission_id == number).values(receipts_changed_at=at))
    append(tx, [Event(at, Kind.LED, heir, number, {"instead_of": entry.record_id})])
