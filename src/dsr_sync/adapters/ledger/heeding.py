"""What staff do to the rows of requests: extensions, changes after sending, deleted rows, and edits of our columns."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, insert, select, update

from dsr_sync.adapters.ledger.events import Kind, append
from dsr_sync.adapters.ledger.rows import extension_of
from dsr_sync.adapters.ledger.tables import remembered as texts
from dsr_sync.adapters.ledger.tables import requests
from dsr_sync.adapters.ledger.transaction import Parameters, Tx, chunks
from dsr_sync.core.deadlines import Deadline, due_by
from dsr_sync.core.model import RecordId
from dsr_sync.ports import Details, Event, Noted

_r = requests.c


def heed(tx: Tx, noted: Sequence[Noted]) -> None:
    """Take over the deadlines of rows that are remembered, and whether they were changed after they were sent."""
    by_id = {one.row.record_id: one for one in noted}
    for some in chunks(list(by_id)):
        statement = select(requests).where(_r.pipeline == tx.pipeline, _r.record_id.in_(some))
        for stands in tx.execute(statement.order_by(_r.record_id)).mappings().all():
            one = by_id[stands[_r.record_id]]
            limit = one.deadline or _without_extension(one, stands)
            values = _values(limit, one)
            if any(stands[_r[name]] != value for name, value in values.items()):
                mine = update(requests).where(_r.pipeline == tx.pipeline, _r.record_id == one.row.record_id)
                tx.execute(mine.values(values))
                append(tx, _told(one, limit, stands))


def note_gone(tx: Tx, seen: frozenset[RecordId], at: datetime) -> tuple[RecordId, ...]:
    """See `Ledger.note_gone`."""
    sent = select(_r.record_id, _r.gone_at).where(_r.pipeline == tx.pipeline, _r.submission_id.is_not(None))
    found = sorted(tx.execute(sent))
    gone = [RecordId(record_id) for record_id, gone_at in found if gone_at is None and record_id not in seen]
    back = [RecordId(record_id) for record_id, gone_at in found if gone_at is not None and record_id in seen]
    for rows, value, kind in ((gone, at, Kind.GONE), (back, None, Kind.BACK)):
        for some in chunks(rows):
            theirs = update(requests).where(_r.pipeline == tx.pipeline, _r.record_id.in_(some))
            tx.execute(theirs.values(gone_at=value))
        append(tx, (Event(at, kind, record_id, None, {}) for record_id in rows))
    return tuple(gone)


def put_right(tx: Tx, record_id: RecordId, at: datetime, details: Details) -> None:
    """See `Ledger.put_right`."""
    append(tx, [Event(at, Kind.PUT_RIGHT, record_id, None, details)])


def remember(tx: Tx, name: str, value: str) -> None:
    """See `Ledger.remember`."""
    known = update(texts).where(texts.c.pipeline == tx.pipeline, texts.c.name == name)
    if tx.execute(known.values(value=value)).rowcount == 0:
        tx.execute(insert(texts), [{"pipeline": tx.pipeline, "name": name, "value": value}])


def remembered(tx: Tx, name: str) -> str | None:
    """See `Ledger.remembered`."""
    statement = select(texts.c.value).where(texts.c.pipeline == tx.pipeline, texts.c.name == name)
    return tx.execute(statement).scalar_one_or_none()


def _without_extension(one: Noted, stands: RowMapping) -> Deadline:
    return Deadline(due_by(one.row), extension_of(stands))


def _values(limit: Deadline, one: Noted) -> Parameters:
    return {
        "due_by": limit.due_by,
        "extended_until": limit.extension.until if limit.extension else None,
        "extension_seen_at": limit.extension.seen_at if limit.extension else None,
        "extension_refused": limit.refused.value if limit.refused else None,
        "row_changed": one.changed,
    }


def _told(one: Noted, limit: Deadline, stands: RowMapping) -> Iterator[Event]:
    """What the history says of it."""

    def event(kind: Kind, **details: Any) -> Event:  # noqa: ANN401 - the plain values of a detail
        return Event(one.seen_at, kind, one.row.record_id, None, details)

    if limit.extension and stands[_r.extended_until] != limit.extension.until:
        yield event(Kind.EXTENDED, until=limit.extension.until.isoformat())
    if limit.refused and stands[_r.extension_refused] != limit.refused.value:
        yield event(Kind.EXTENSION_REFUSED, because=limit.refused.value)
    if stands[_r.due_by] not in (None, limit.due_by):
        yield event(Kind.DUE, due_by=limit.due_by.isoformat() if limit.due_by else None)
    if one.changed != stands[_r.row_changed]:
        yield event(Kind.CHANGED, columns=one.changed) if one.changed else event(Kind.CHANGED_BACK)
