"""Rows that are all that is left of a request: Segment has forgotten it and the ledger was lost."""

from collections.abc import Sequence
from datetime import datetime

from dsr_sync.core.model import RequestRow, Status
from dsr_sync.core.policy import PROVABLE
from dsr_sync.engine.world import World


def unarchived(world: World, rows: Sequence[RequestRow], now: datetime) -> list[RequestRow]:
    """The rows that are more than a record of what happened long ago; such a record is left as it is."""
    old = [row.record_id for row in rows if _is_old(row, now)]
    archived = set(old) - set(world.ledger.entries(old))
    return [row for row in rows if row.record_id not in archived]


def wanting(world: World, rows: Sequence[RequestRow], now: datetime) -> list[RequestRow]:
    """Of rows that may need something, those that do: an archived one does if a person has asked for it.

    That is so if Retry is ticked where there is something to repeat, or if Submitted is not: a row that was copied from
    an old one is unticked to be sent.
    """
    kept = {row.record_id for row in unarchived(world, rows, now)}
    return [row for row in rows if row.record_id in kept or _asks(row)]


def _asks(row: RequestRow) -> bool:
    return not row.cells.submitted or (row.retry and row.cells.status != Status.COMPLETED)


def _is_old(row: RequestRow, now: datetime) -> bool:
    """Whether Segment must have forgotten what the row names. Where the base has no Submitted at, its own age counts.

    If an old row was sent of late, that is in Segment's list, so the ledger has it again by now.
    """
    sent_at = row.cells.submitted_at or row.created_at
    return bool(row.cells.regulation_id) and now - sent_at > PROVABLE
