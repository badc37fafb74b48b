"""The history: one line for every change of state, in the same transaction as the change."""

import json
from collections.abc import Iterable
from enum import StrEnum

from sqlalchemy import RowMapping, insert, select

from dsr_sync.adapters.ledger.tables import events
from dsr_sync.adapters.ledger.transaction import Tx
from dsr_sync.core.model import RecordId
from dsr_sync.ports import Event


class Kind(StrEnum):
    """What can happen to a request or a submission. `Ledger.report` adds kinds of its own."""

    SEEN = "request.seen"
    JOINED = "request.joined"
    LED = "request.leads"
    RETURNED = "request.returned"
    EXTENDED = "request.extended"
    EXTENSION_REFUSED = "request.extension_refused"
    DUE = "request.due"
    CHANGED = "request.changed"
    CHANGED_BACK = "request.changed_back"
    PUT_RIGHT = "request.put_right"
    GONE = "request.gone"
    BACK = "request.back"
    FOLLOWED_UP = "request.followed_up"
    UNTELLABLE = "request.untellable"
    INTENDED = "submission.intended"
    ADOPTED = "submission.adopted"
    ACCEPTED = "submission.accepted"
    REFUSED = "submission.refused"
    RELEASED = "submission.not_accepted"
    UNPROVABLE = "submission.unprovable"
    ABSENT = "submission.absent"
    VERDICT = "verdict.changed"
    LATER_CHANGE = "verdict.later_change"
    MISSING = "regulation.missing"
    FOUND_AGAIN = "regulation.found_again"
    RECEIPT = "receipt.changed"
    FOLLOW_UP_WANTED = "follow_up.wanted"
    FOLLOW_UP_DONE = "follow_up.done"


def append(tx: Tx, happened: Iterable[Event]) -> None:
    """Add lines to the history."""
    lines = [
        {
            "pipeline": tx.pipeline,
            "at": event.at,
            "kind": event.kind,
            "record_id": event.record_id,
            "submission_id": event.submission_id,
            "details": json.dumps(event.details, sort_keys=True),
        }
        for event in happened
    ]
    if lines:
        tx.execute(insert(events), lines)


def last_of(tx: Tx, record_id: RecordId) -> Event | None:
    """The last line about this row itself."""
    mine = select(events).where(events.c.pipeline == tx.pipeline, events.c.record_id == record_id)
    found = tx.execute(mine.order_by(events.c.event_id.desc()).limit(1)).mappings().one_or_none()
    return None if found is None else event_of(found)


def event_of(found: RowMapping) -> Event:
    """A line of the history as it was appended."""
    return Event(
        at=found[events.c.at],
        kind=found[events.c.kind],
        record_id=found[events.c.record_id],
        submission_id=found[events.c.submission_id],
        details=json.loads(found[events.c.details]),
    )
