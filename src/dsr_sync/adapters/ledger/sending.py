"""Submissions: intended, answered, or never heard of again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exc, insert, select, update

from dsr_sync.adapters.ledger import membership
from dsr_sync.adapters.ledger.events import Kind, append
from dsr_sync.adapters.ledger.following import owe_receipts, want_follow_ups
from dsr_sync.adapters.ledger.membership import Member, standing_already
from dsr_sync.adapters.ledger.persons import known
from dsr_sync.adapters.ledger.reading import entries
from dsr_sync.adapters.ledger.rows import load_submission
from dsr_sync.adapters.ledger.scrub import plain_reason
from dsr_sync.adapters.ledger.tables import requests, submission_subjects, submissions
from dsr_sync.adapters.ledger.transaction import Parameters, Tx
from dsr_sync.core.model import (
    Entry,
    Outcome,
    RecordId,
    RegulationId,
    SubjectKey,
    Submission,
    SubmissionId,
    Verdict,
)
from dsr_sync.ports import Details, Event, IntendedRequest, Intent, Permanent

_s, _r, _p = submissions.c, requests.c, submission_subjects.c


@dataclass(frozen=True, slots=True)
class _Arriving:
    """A request of an intent, and what the ledger remembers of it."""

    member: Member
    sent: frozenset[SubjectKey]
    entry: Entry | None
    replaces: SubmissionId | None

    def keys(self) -> frozenset[SubjectKey]:
        """Under all of these the person is known: the subjects as sent, and the identifier as typed."""
        return self.sent | {self.member.typed_key}


def intend(tx: Tx, intent: Intent) -> SubmissionId:
    """See `Ledger.intend`."""
    arriving = _arriving(tx, intent)
    number = _made(tx, intent, {"intended_at": intent.at, "outcome": Outcome.UNKNOWN.value})
    _admit(tx, number, arriving, intent.at, live=True)
    append(tx, [_intended(tx, intent, one, number) for one in arriving])
    return number


def adopt(tx: Tx, intent: Intent, regulation_id: RegulationId, created_at: datetime) -> SubmissionId:
    """See `Ledger.adopt`."""
    arriving = _arriving(tx, intent)
    found = select(_s.submission_id).where(_s.pipeline == tx.pipeline, _s.regulation_id == regulation_id)
    existing = tx.execute(found).scalar_one_or_none()
    if existing is not None:
        return _add(tx, arriving, load_submission(tx, SubmissionId(existing)), intent.at)
    values = {"intended_at": created_at, "outcome": Outcome.ACCEPTED.value, **_accepted(regulation_id, created_at)}
    number = _made(tx, intent, values)
    _admit(tx, number, arriving, intent.at, live=True)
    append(tx, (_adopted(one, number, regulation_id, intent.at) for one in arriving))
    return number


def accept(
    tx: Tx, submission_id: SubmissionId, regulation_id: RegulationId, at: datetime, created_at: datetime | None
) -> None:
    """See `Ledger.accept`. The same answer twice changes nothing. Raises Permanent for another one."""
    before = load_submission(tx, submission_id)
    if before.regulation_id == regulation_id:
        return
    if known(tx, [regulation_id]):
        raise Permanent("ledger", "the regulation belongs to another submission")
    answered = {"outcome": Outcome.ACCEPTED.value, **_accepted(regulation_id, created_at or at)}
    _settle(tx, submission_id, answered, (Outcome.UNKNOWN, Outcome.UNPROVABLE))
    how = "answered" if created_at is None else "found"
    _changed(tx, submission_id, at, Kind.ACCEPTED, {"regulation_id": regulation_id, "how": how})


def refuse(tx: Tx, submission_id: SubmissionId, at: datetime, reason: str) -> None:
    """What `Ledger.refuse` does to a first attempt."""
    _settle(tx, submission_id, {"outcome": Outcome.REFUSED.value})
    membership.free_all(tx, submission_id)
    _changed(tx, submission_id, at, Kind.REFUSED, {"reason": plain_reason(reason)})


@dataclass(frozen=True, slots=True)
class Release:
    """Why and until when the requests of a submission wait that was certainly not accepted."""

    at: datetime
    reason: str
    not_before: datetime | None


def release(tx: Tx, submission_id: SubmissionId, release: Release) -> None:
    """See `Ledger.release`."""
    _settle(tx, submission_id, {"outcome": Outcome.NOT_ACCEPTED.value})
    membership.free_all(tx, submission_id)
    not_before = release.not_before.isoformat() if release.not_before else None
    details: Details = {"reason": plain_reason(release.reason), "not_before": not_before}
    _changed(tx, submission_id, release.at, Kind.RELEASED, details)
    unsent = {"submission_id": None, "joined_to": None, "not_before": release.not_before}
    mine = update(requests).where(_r.pipeline == tx.pipeline, _r.submission_id == submission_id)
    tx.execute(mine.values(unsent))


def give_up(tx: Tx, submission_id: SubmissionId, at: datetime) -> None:
    """See `Ledger.give_up`. It stays live: nothing more is sent for these persons unless a person says so."""
    _settle(tx, submission_id, {"outcome": Outcome.UNPROVABLE.value})
    _changed(tx, submission_id, at, Kind.UNPROVABLE, {})


def absent(tx: Tx, submission_id: SubmissionId, at: datetime) -> None:
    """See `Ledger.absent`. Nothing that a row says changes by it."""
    load_submission(tx, submission_id)
    unknown = _s.outcome == Outcome.UNKNOWN.value
    first = update(submissions).where(_s.submission_id == submission_id, unknown, _s.absent_at.is_(None))
    if tx.execute(first.values(absent_at=at)).rowcount:
        append(tx, [Event(at, Kind.ABSENT, None, submission_id, {})])


def _arriving(tx: Tx, intent: Intent) -> list[_Arriving]:
    """Prepare the requests of an intent. Raises AlreadyStanding if one is in it twice."""
    record_ids = [request.record_id for request in intent.requests]
    if len(set(record_ids)) < len(record_ids):
        raise standing_already()
    remembered = entries(tx, record_ids)
    return [
        _Arriving(
            member=Member(request.record_id, _typed_key(tx, request, entry), intent.request_type),
            sent=frozenset(map(tx.hashed.of, request.subjects)),
            entry=entry,
            replaces=request.replaces,
        )
        for request in intent.requests
        for entry in [remembered.get(request.record_id)]
    ]


def _typed_key(tx: Tx, request: IntendedRequest, entry: Entry | None) -> SubjectKey:
    """What the row of the request itself names, whoever asked for it."""
    return tx.hashed.of(request.identifier) if request.own or entry is None else entry.typed_key


def _made(tx: Tx, intent: Intent, values: Parameters) -> SubmissionId:
    statement = insert(submissions).values(
        pipeline=tx.pipeline,
        request_type=intent.request_type.value,
        regulation_type=intent.regulation_type,
        requests=len(intent.requests),
        **values,
    )
    return SubmissionId(tx.execute(statement.returning(_s.submission_id)).scalar_one())


def _admit(tx: Tx, number: SubmissionId, arriving: Sequence[_Arriving], at: datetime, *, live: bool) -> None:
    """Lead requests into a submission: out of the one that it replaces first, or the index would refuse them."""
    along = _depart(tx, arriving, at)
    _register(tx, number, arriving, live=live)
    membership.enter(tx, number, [one.member for one in arriving], at)
    for leader, rows in along.items():
        membership.join(tx, number, leader, rows, at)
    membership.retire(tx, [one.entry for one in arriving if one.entry])


def _depart(tx: Tx, arriving: Sequence[_Arriving], at: datetime) -> dict[RecordId, list[RecordId]]:
    """Take requests out of the submissions that they have; returns the rows that come along with each.

    Raises AlreadyStanding if one was sent before and must not be sent again.
    """
    for one in arriving:
        membership.ensure_free(one.entry, one.replaces)
    membership.detach(tx, [one.entry for one in arriving if one.entry])
    along: dict[RecordId, list[RecordId]] = {}
    for one in arriving:
        if one.entry and one.entry.submission:
            rows = membership.followers(tx, one.entry, one.member, one.keys())
            membership.leave(tx, one.entry, rows, at)
            along[one.member.record_id] = rows
    return along


def _register(tx: Tx, number: SubmissionId, arriving: Iterable[_Arriving], *, live: bool) -> None:
    """Write down whom a submission is about. Raises AlreadyStanding if the database finds one of them served."""
    rows = [
        {
            "submission_id": number,
            "record_id": one.member.record_id,
            "subject_key": key,
            "pipeline": tx.pipeline,
            "request_type": one.member.request_type.value,
            "sent": key in one.sent,
            "live": live,
        }
        for one in arriving
        for key in sorted(one.keys())
    ]
    try:
        tx.execute(insert(submission_subjects), rows)
    except exc.IntegrityError:
        raise standing_already() from None


def _add(tx: Tx, arriving: Sequence[_Arriving], existing: Submission, at: datetime) -> SubmissionId:
    """Add requests to a regulation that the ledger has: as further rows for its persons, or as requests of its own."""
    number = existing.submission_id
    for one in arriving:
        current = one.entry.submission if one.entry else None
        if current is None or current.submission_id != number:
            _add_one(tx, one, existing, at)
    return number


def _add_one(tx: Tx, one: _Arriving, existing: Submission, at: datetime) -> None:
    number, record_id = existing.submission_id, one.member.record_id
    leader = _leader_among(tx, number, one.keys())
    if leader is None:
        _admit_late(tx, one, existing, at)
        return
    along = _depart(tx, [one], at).get(record_id, [])
    membership.ensure_noted(tx, [one.member], at)
    membership.join(tx, number, leader, [record_id, *along], at)
    membership.retire(tx, [one.entry] if one.entry else [])


def _admit_late(tx: Tx, one: _Arriving, existing: Submission, at: datetime) -> None:
    """A request of its own for a regulation that was found before: it has the regulation's receipts to catch up on."""
    number = existing.submission_id
    over = existing.verdict is not None and existing.verdict.final
    before = delete(submission_subjects).where(_p.submission_id == number, _p.record_id == one.member.record_id)
    tx.execute(before)  # it was in here once, and left for a repetition that came to nothing
    _admit(tx, number, [one], at, live=not over)
    tx.execute(update(submissions).where(_s.submission_id == number).values(requests=_s.requests + 1))
    append(tx, [_adopted(one, number, existing.regulation_id, at)])
    if existing.receipts:
        owe_receipts(tx, number, at)
    want_follow_ups(tx, existing, at)


def _leader_among(tx: Tx, number: SubmissionId, keys: Iterable[SubjectKey]) -> RecordId | None:
    statement = select(_p.record_id).where(_p.submission_id == number, _p.subject_key.in_(sorted(keys)))
    leading = select(_r.record_id).where(_r.submission_id == number, _r.pipeline == tx.pipeline, _r.joined_to.is_(None))
    found = tx.execute(statement.where(_p.record_id.in_(leading)).order_by(_p.record_id).limit(1))
    return found.scalar_one_or_none()


def _accepted(regulation_id: RegulationId, at: datetime) -> Parameters:
    return {
        "regulation_id": regulation_id,
        "accepted_at": at,
        "verdict": Verdict.ACCEPTED.value,
        "next_look_at": at,
    }


def _settle(
    tx: Tx, submission_id: SubmissionId, values: Parameters, expected: Sequence[Outcome] = (Outcome.UNKNOWN,)
) -> None:
    """Write the outcome of a submission. Raises Permanent if it has another one already: outcomes are not undone."""
    open_ones = update(submissions).where(_s.pipeline == tx.pipeline, _s.submission_id == submission_id)
    unsettled = open_ones.where(_s.outcome.in_([outcome.value for outcome in expected]))
    if tx.execute(unsettled.values(values)).rowcount == 0:
        raise Permanent("ledger", "the submission is unknown or settled already")


def _changed(tx: Tx, submission_id: SubmissionId, at: datetime, kind: Kind, details: Details) -> None:
    append(tx, [Event(at, kind, None, submission_id, details)])
    membership.owe(tx, submission_id, at)


def _intended(tx: Tx, intent: Intent, one: _Arriving, number: SubmissionId) -> Event:
    """`repeats` is what an earlier attempt was to replace: this one is still for the same Retry."""
    details: Details = {"request_type": intent.request_type.value, "regulation_type": intent.regulation_type}
    former = one.entry.repeats if one.entry else None
    if one.replaces is not None:
        details["replaces"] = one.replaces
    elif former is not None and _was_for(tx, former, one.member):
        details["repeats"] = former
    return Event(intent.at, Kind.INTENDED, one.member.record_id, number, details)


def _was_for(tx: Tx, former: SubmissionId, member: Member) -> bool:
    """Whether that submission was made for what the row says now: the same person and action."""
    mine = select(_p.submission_id).where(_p.submission_id == former, _p.record_id == member.record_id)
    same = mine.where(_p.subject_key == member.typed_key, _p.request_type == member.request_type.value)
    return tx.execute(same.limit(1)).first() is not None


def _adopted(one: _Arriving, number: SubmissionId, regulation_id: RegulationId | None, at: datetime) -> Event:
    return Event(at, Kind.ADOPTED, one.member.record_id, number, {"regulation_id": regulation_id})
