"""The ledger in numbers."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select

from dsr_sync.adapters.ledger.reading import followed_requests, mark, sent_since, waiting_for_a_person
from dsr_sync.adapters.ledger.rows import leaders, with_leaders
from dsr_sync.adapters.ledger.tables import follow_ups, requests, submissions
from dsr_sync.adapters.ledger.transaction import Tx
from dsr_sync.core.model import Outcome, Verdict
from dsr_sync.ports import Summary

SEEN = "seen"
"""The state of a request that was not sent."""

_s, _r, _f = submissions.c, requests.c, follow_ups.c

_unknown = _s.outcome == Outcome.UNKNOWN.value


def summary(tx: Tx, now: datetime) -> Summary:
    """See `Ledger.summary`. A request is open until it is completed: a failed one still waits for somebody."""
    by_state: dict[str, int] = {}
    seen: list[datetime] = []
    due: list[date] = []
    for state, count, oldest_seen_at, earliest_due_by in _states(tx):
        by_state[state] = by_state.get(state, 0) + count
        if state != Verdict.COMPLETED.value:
            seen.append(oldest_seen_at)
            due.extend([earliest_due_by] if earliest_due_by else [])
    return Summary(
        by_state=by_state,
        oldest_open_seen_at=min(seen, default=None),
        earliest_due_by=min(due, default=None),
        unsettled=_count(tx, select(_s.submission_id).where(_s.pipeline == tx.pipeline, _unknown)),
        owed=_count(tx, select(_r.record_id).where(_r.pipeline == tx.pipeline, _r.changed_at.is_not(None))),
        open_follow_ups=_open_follow_ups(tx),
        sent_last_hour=len(sent_since(tx, now - timedelta(hours=1))),
        last_tick_at=mark(tx, "tick"),
    )


def _states(tx: Tx) -> list[tuple[str, int, datetime, date | None]]:
    """Requests counted by outcome, verdict and whether all follow-ups were done; with the oldest of each."""
    followed_up = func.coalesce(_r.followed_up_at, leaders.c.followed_up_at).is_not(None).label("followed_up")
    kinds = (_s.outcome, _s.verdict, followed_up)
    statement = (
        select(*kinds, func.count(), func.min(_r.seen_at), func.min(_r.due_by))
        .select_from(with_leaders.outerjoin(submissions, _s.submission_id == _r.submission_id))
        .where(_r.pipeline == tx.pipeline)
        .group_by(*kinds)
    )
    return [
        (_state(outcome, verdict, done=bool(done)), count, seen_at, due_by)
        for outcome, verdict, done, count, seen_at, due_by in tx.execute(statement)
    ]


def _state(outcome: str | None, verdict: str | None, *, done: bool) -> str:
    if outcome is None:
        return SEEN
    if outcome != Outcome.ACCEPTED.value or verdict is None:
        return outcome
    return Verdict.COMPLETED.value if done and verdict == Verdict.FOLLOW_UP.value else verdict


def _open_follow_ups(tx: Tx) -> int:
    open_ones = select(_f.record_id).select_from(followed_requests)
    return _count(tx, open_ones.where(_f.pipeline == tx.pipeline, waiting_for_a_person))


def _count(tx: Tx, statement: Select[*tuple[Any, ...]]) -> int:
    return int(tx.execute(select(func.count()).select_from(statement.subquery())).scalar_one())
