"""The ledger in numbers."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, case, func, select

from dsr_sync.adapters.ledger.reading import followed_requests, mark, sent_since, waiting_for_a_person
from dsr_sync.adapters.ledger.rows import leaders, with_leaders
from dsr_sync.adapters.ledger.tables import follow_ups, requests, submissions
from dsr_sync.adapters.ledger.transaction import Tx
from dsr_sync.core.deadlines import Within, near
from dsr_sync.core.model import Outcome, Verdict
from dsr_sync.ports import Summary

SEEN = "seen"
"""The state of a request that was not sent."""

_s, _r, _f = submissions.c, requests.c, follow_ups.c

_unknown = _s.outcome == Outcome.UNKNOWN.value


def summary(tx: Tx, now: datetime) -> Summary:
    """See `Ledger.summary`. A failed request is open, since it still waits for somebody, as long as it has a row."""
    kinds = _kinds(tx, now)
    by_state: Counter[str] = Counter()
    for kind in kinds:
        by_state[kind.state] += kind.requests
    open_ones = [kind for kind in kinds if kind.state != Verdict.COMPLETED.value and not kind.gone]
    return Summary(
        by_state=dict(by_state),
        oldest_open_seen_at=min((kind.seen_at for kind in open_ones), default=None),
        earliest_due_by=min((kind.due_by for kind in open_ones if kind.due_by), default=None),
        due={span.value: sum(kind.due[span] for kind in open_ones) for span in Within},
        unsettled=_count(tx, select(_s.submission_id).where(_s.pipeline == tx.pipeline, _unknown)),
        owed=_count(tx, select(_r.record_id).where(_r.pipeline == tx.pipeline, _r.changed_at.is_not(None))),
        open_follow_ups=_open_follow_ups(tx),
        sent_last_hour=len(sent_since(tx, now - timedelta(hours=1))),
        last_tick_at=mark(tx, "tick"),
    )


@dataclass(frozen=True, slots=True)
class _Kind:
    """Requests that are counted together, with the oldest of each and how many have a due date so near."""

    state: str
    gone: bool
    requests: int
    seen_at: datetime
    due_by: date | None
    due: dict[Within, int]


def _kinds(tx: Tx, now: datetime) -> list[_Kind]:
    """All requests by outcome, verdict, whether all follow-ups were done, and whether the row was deleted."""
    followed_up = func.coalesce(_r.followed_up_at, leaders.c.followed_up_at).is_not(None).label("followed_up")
    kinds = (_s.outcome, _s.verdict, followed_up, _r.gone_at.is_not(None).label("gone"))
    spans = near(now.astimezone(UTC).date())
    due = [func.sum(case((_r.due_by.between(first, last), 1), else_=0)) for first, last in spans.values()]
    statement = (
        select(*kinds, func.count(), func.min(_r.seen_at), func.min(_r.due_by), *due)
        .select_from(with_leaders.outerjoin(submissions, _s.submission_id == _r.submission_id))
        .where(_r.pipeline == tx.pipeline)
        .group_by(*kinds)
    )
    return [
        _Kind(
            _state(outcome, verdict, done=bool(done)),
            bool(gone),
            count,
            seen_at,
            due_by,
            dict(zip(spans, map(int, so_near), strict=True)),
        )
        for outcome, verdict, done, gone, count, seen_at, due_by, *so_near in tx.execute(statement)
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
