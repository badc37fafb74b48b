"""What can be asked of the ledger. Nothing here writes."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from dsr_sync.adapters.ledger.events import Kind, event_of
from dsr_sync.adapters.ledger.rows import Wanted, load_entries, load_submissions
from dsr_sync.adapters.ledger.tables import events, follow_ups, marks, requests, submission_subjects, submissions
from dsr_sync.adapters.ledger.transaction import Tx, chunks
from dsr_sync.core.model import (
    Entry,
    Outcome,
    RecordId,
    RegulationId,
    Submission,
    SubmissionId,
    Verdict,
)
from dsr_sync.ports import Event, OpenFollowUp, ReceiptKey, Unsettled

_s, _r, _p, _f, _e = submissions.c, requests.c, submission_subjects.c, follow_ups.c, events.c

leaders_first: Sequence[ColumnElement[Any]] = (_r.joined_to.is_not(None), _r.record_id)
"""The order of the requests of one submission: its own before the joined ones."""


def entries(tx: Tx, record_ids: Sequence[RecordId]) -> dict[RecordId, Entry]:
    """See `Ledger.entries`."""
    found: dict[RecordId, Entry] = {}
    for some in chunks(record_ids):
        loaded = load_entries(tx, Wanted([_r.record_id.in_(some)]))
        found.update((entry.record_id, entry) for entry in loaded)
    unsent_again = [entry.record_id for entry in found.values() if entry.submission is None and entry.attempts]
    for record_id, former in _to_be_repeated(tx, unsent_again):
        found[record_id] = replace(found[record_id], repeats=former)
    return found


def _to_be_repeated(tx: Tx, record_ids: Sequence[RecordId]) -> Iterator[tuple[RecordId, SubmissionId]]:
    """What the last attempt of each of these requests was to repeat, if anything."""
    for some in chunks(record_ids):
        last = select(func.max(_e.event_id)).where(
            _e.pipeline == tx.pipeline, _e.record_id.in_(some), _e.kind == Kind.INTENDED.value
        )
        statement = select(_e.record_id, _e.details).where(_e.event_id.in_(last.group_by(_e.record_id)))
        for record_id, details in tx.execute(statement):
            said = json.loads(details)
            former = said.get("replaces", said.get("repeats"))
            if former is not None:
                yield record_id, SubmissionId(former)


def sent_since(tx: Tx, moment: datetime) -> tuple[datetime, ...]:
    """See `Ledger.sent_since`."""
    statement = select(_s.intended_at, _s.requests).where(
        _s.pipeline == tx.pipeline, _s.intended_at >= moment, _s.outcome != Outcome.NOT_ACCEPTED.value
    )
    found = tx.execute(statement.order_by(_s.intended_at))
    return tuple(intended_at for intended_at, count in found for _ in range(count))


def unsettled(tx: Tx) -> tuple[Unsettled, ...]:
    """See `Ledger.unsettled`."""
    unknown = Wanted([_s.outcome == Outcome.UNKNOWN.value], [_s.intended_at, _s.submission_id])
    return tuple(_unsettled(tx, submission) for submission in load_submissions(tx, unknown))


def _unsettled(tx: Tx, submission: Submission) -> Unsettled:
    number = submission.submission_id
    keys = select(_p.subject_key).where(_p.submission_id == number, _p.sent.is_(True))
    absent_at = select(_s.absent_at).where(_s.submission_id == number)
    sharing = select(_r.record_id).where(_r.pipeline == tx.pipeline, _r.submission_id == number)
    return Unsettled(
        submission=submission,
        subject_keys=frozenset(tx.execute(keys).scalars()),
        record_ids=tuple(tx.execute(sharing.order_by(*leaders_first)).scalars()),
        absent_at=tx.execute(absent_at).scalar_one(),
    )


def due(tx: Tx, now: datetime, limit: int, latest: datetime | None = None) -> tuple[Submission, ...]:
    """See `Ledger.due`."""
    ripe = [_s.next_look_at <= now if latest is None else or_(_s.next_look_at <= now, _s.next_look_at > latest)]
    return load_submissions(tx, Wanted(ripe, [_s.next_look_at, _s.submission_id], limit))


def requests_of(tx: Tx, submission_id: SubmissionId) -> tuple[Entry, ...]:
    """See `Ledger.requests_of`."""
    return load_entries(tx, Wanted([_r.submission_id == submission_id], leaders_first))


def owed(tx: Tx, limit: int) -> tuple[Entry, ...]:
    """See `Ledger.owed`."""
    return load_entries(tx, Wanted([_r.changed_at.is_not(None)], [_r.changed_at, _r.record_id], limit))


def owed_receipts(tx: Tx, limit: int) -> tuple[Submission, ...]:
    """See `Ledger.owed_receipts`."""
    behind = [_s.receipts_changed_at.is_not(None)]
    return load_submissions(tx, Wanted(behind, [_s.receipts_changed_at, _s.submission_id], limit))


_under_way = (Verdict.ACCEPTED.value, Verdict.RUNNING.value)
waiting_for_a_person = and_(
    _f.done_at.is_(None),
    _r.followed_up_at.is_(None),
    or_(_s.verdict == Verdict.FOLLOW_UP.value, and_(_f.by_hand.is_(True), _s.verdict.in_(_under_way))),
)
"""Whether a follow-up still matters: not done, and neither its request nor its regulation came to another end.

What is told by hand can be done while Segment is still at work.
"""

followed_requests = follow_ups.join(
    requests,
    and_(
        _r.pipeline == _f.pipeline,
        _r.record_id == _f.record_id,
        _r.submission_id == _f.submission_id,
        _r.joined_to.is_(None),
    ),
).join(submissions, _s.submission_id == _f.submission_id)


def with_receipts(tx: Tx, after: RecordId | None, limit: int) -> tuple[Entry, ...]:
    """See `Ledger.with_receipts`."""
    accepted = select(_s.submission_id).where(_s.pipeline == tx.pipeline, _s.regulation_id.is_not(None))
    wanted = [_r.joined_to.is_(None), _r.gone_at.is_(None), _r.submission_id.in_(accepted)]
    return load_entries(tx, Wanted([*wanted, _r.record_id > (after or "")], [_r.record_id], limit))


def open_follow_ups(tx: Tx) -> tuple[OpenFollowUp, ...]:
    """See `Ledger.open_follow_ups`."""
    statement = (
        select(_f.record_id, _s.regulation_id, _f.destination, _f.submission_id)
        .select_from(followed_requests)
        .where(_f.pipeline == tx.pipeline, waiting_for_a_person)
        .order_by(_f.submission_id, _f.record_id, _f.destination)
    )
    return tuple(
        OpenFollowUp(ReceiptKey(record_id, regulation_id, destination), SubmissionId(number))
        for record_id, regulation_id, destination, number in tx.execute(statement)
    )


def done_follow_ups(tx: Tx, submission_id: SubmissionId) -> frozenset[ReceiptKey]:
    """See `Ledger.done_follow_ups`."""
    statement = (
        select(_f.record_id, _s.regulation_id, _f.destination)
        .join_from(follow_ups, submissions, _s.submission_id == _f.submission_id)
        .where(_f.submission_id == submission_id, _f.done_at.is_not(None), _s.regulation_id.is_not(None))
    )
    return frozenset(ReceiptKey(*found) for found in tx.execute(statement))


def height(tx: Tx) -> int:
    """See `Ledger.height`."""
    highest: int | None = tx.execute(select(func.max(_e.event_id)).where(_e.pipeline == tx.pipeline)).scalar_one()
    return highest or 0


def over_since(tx: Tx, regulation_id: RegulationId) -> datetime | None:
    """See `Ledger.over_since`. The event tells when it was learned; Segment's own time is earlier, often by hours."""
    mine = select(_s.submission_id).where(_s.pipeline == tx.pipeline, _s.regulation_id == regulation_id)
    live = select(_p.submission_id).where(_p.submission_id.in_(mine), _p.live.is_(True)).limit(1)
    if tx.execute(live).first() is not None:
        return None
    ends = events.c.kind.in_([Kind.VERDICT.value, Kind.FOLLOWED_UP.value])
    found = select(func.max(events.c.at)).where(events.c.submission_id.in_(mine), ends)
    learned: datetime | None = tx.execute(found).scalar_one()
    return learned


def witness(tx: Tx, after: datetime, before: datetime) -> RegulationId | None:
    """See `Ledger.witness`. A regulation that Segment has already been missing bears no witness."""
    statement = (
        select(_s.regulation_id)
        .where(_s.pipeline == tx.pipeline, _s.accepted_at >= after, _s.accepted_at <= before)
        .where(_s.missing_since.is_(None))
        .order_by(_s.accepted_at.desc(), _s.submission_id.desc())
        .limit(1)
    )
    return tx.execute(statement).scalar_one_or_none()


def mark(tx: Tx, name: str) -> datetime | None:
    """See `Ledger.mark`."""
    statement = select(marks.c.at).where(marks.c.pipeline == tx.pipeline, marks.c.name == name)
    return tx.execute(statement).scalar_one_or_none()


def history(tx: Tx, record_id: RecordId) -> tuple[Event, ...]:
    """See `Ledger.history`. The submissions are those that an event of the request names."""
    column = events.c
    mine = and_(column.pipeline == tx.pipeline, column.record_id == record_id)
    named = tx.execute(select(column.submission_id).where(mine)).scalars()
    shared = and_(
        column.pipeline == tx.pipeline,
        column.record_id.is_(None),
        column.submission_id.in_(sorted(set(named) - {None})),
    )
    statement = select(events).where(or_(mine, shared)).order_by(column.event_id)
    return tuple(event_of(row) for row in tx.execute(statement).mappings())
