"""Once a day, and first of all on a new ledger: read the whole table, keep it true, and learn what the ledger lacks."""

from collections.abc import Sequence
from datetime import datetime

from dsr_sync.core.actions import Tell
from dsr_sync.core.decide import decide
from dsr_sync.core.model import RecordId, RequestRow, Status
from dsr_sync.engine.archive import unarchived
from dsr_sync.engine.clocks import DAILY, is_due
from dsr_sync.engine.edits import edits_in
from dsr_sync.engine.listing import Strangers
from dsr_sync.engine.observing import observe
from dsr_sync.engine.poll import noted
from dsr_sync.engine.rebuild import Rebuilding, unlooked
from dsr_sync.engine.show import RawReceipts, tell
from dsr_sync.engine.workspace import confirm_workspace
from dsr_sync.engine.world import TickReport, World


def sweep(world: World, strangers: Strangers, raw: RawReceipts, report: TickReport) -> None:
    """Compare every row with the ledger and put right what differs; at most once a day. Sends nothing.

    Rows that name a regulation which the ledger does not have for them (it was lost, or is an old copy) are taken over
    from Segment's list first, so that nothing is sent a second time. A new ledger makes sure first that it is the list
    of the right workspace. Raises Transient, Permanent.
    """
    now = world.clock.now()
    last = world.ledger.mark("sweep")
    if not is_due(last, DAILY, now):
        return
    if last is None and report.failed("segment"):
        return  # this tick has tried already, and the whole table would be read again for nothing
    if last is None:
        confirm_workspace(world, strangers)
    if world.stopping():
        return
    seen: set[RecordId] = set()
    for page in world.table.everything():
        ordered = sorted(page, key=lambda row: row.created_at)
        right = Rebuilding(world, strangers, raw, report).rows(ordered)
        _compare(world, [row for row in ordered if row.record_id not in right], now, report)
        seen.update(row.record_id for row in page)
        if world.stopping():
            return
    for record_id in world.ledger.note_gone(frozenset(seen), now):
        world.listener.happened("request.gone", record_id=record_id)
    world.ledger.set_mark("sweep", now)
    world.listener.happened("sweep.finished", rows=len(seen))


def _compare(world: World, rows: Sequence[RequestRow], now: datetime, report: TickReport) -> None:
    sure = not report.failed("segment") and "segment" not in report.paused and not report.unanswered
    observations = observe(world, unarchived(world, rows, now))
    known = [seen for seen in observations if seen.entry is not None or seen.row.cells.submitted]
    known = [seen for seen in known if not unlooked(seen.row, seen.entry)]
    decisions = [decide(seen, now, world.policy) for seen in known]
    tells = [action for decision in decisions for action in decision.actions if isinstance(action, Tell)]
    entered = [decision for decision, seen in zip(decisions, known, strict=True) if seen.entry is not None]
    world.ledger.note(noted((action for decision in entered for action in decision.actions), now))
    tell(world, [each for each in tells if sure or not _takes_back(each)], report, edits_in(known, world.policy))


def _takes_back(told: Tell) -> bool:
    """Whether a row would lose its final status, or its regulation: while Segment is out of reach, it may be right.

    A ledger that was restored from a copy is behind the base until its regulations have been looked at again.
    """
    current = told.current
    if current is None or not current.regulation_id:
        return False
    final = current.status in (Status.COMPLETED, Status.FAILED)
    return current.regulation_id != told.cells.regulation_id or (final and current.status != told.cells.status)
