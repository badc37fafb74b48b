"""Once a day, and first of all on a new ledger: read the whole table, keep it true, and learn what the ledger lacks."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from dsr_sync.core.actions import Tell
from dsr_sync.core.decide import decide, request_type_of
from dsr_sync.core.identifiers import needs_lookup
from dsr_sync.core.model import Identifier, RequestRow
from dsr_sync.core.policy import PROVABLE
from dsr_sync.core.retry import could_be_from
from dsr_sync.engine.listing import Strangers
from dsr_sync.engine.poll import observe
from dsr_sync.engine.show import tell
from dsr_sync.engine.world import TickReport, World
from dsr_sync.ports import AlreadyStanding, IntendedRequest, Intent

EVERY = timedelta(days=1)


def sweep(world: World, strangers: Strangers, report: TickReport) -> None:
    """Compare every row with the ledger and put right what differs; at most once a day. Sends nothing.

    On a ledger that has never swept (a new or a lost one), rows that name a regulation are taken over from Segment's
    list first, so that nothing is sent a second time. Raises Transient, Permanent.
    """
    now = world.clock.now()
    last = world.ledger.mark("sweep")
    if last is not None and last <= now < last + EVERY:
        return
    rows = 0
    for page in world.table.everything():
        ordered = sorted(page, key=lambda row: row.created_at)
        _rebuild(world, strangers, ordered, report)
        _compare(world, ordered, now, report)
        rows += len(page)
        if world.stopping():
            return
    world.ledger.set_mark("sweep", now)
    world.listener.happened("sweep.finished", rows=rows)


def _compare(world: World, rows: Sequence[RequestRow], now: datetime, report: TickReport) -> None:
    observations = [seen for seen in observe(world, rows) if not _archived(world, seen.row, now)]
    known = [seen for seen in observations if seen.entry is not None or seen.row.cells.submitted]
    decisions = [decide(seen, now, world.policy) for seen in known]
    tells = [action for decision in decisions for action in decision.actions if isinstance(action, Tell)]
    tell(world, tells, report)


def _rebuild(world: World, strangers: Strangers, rows: Sequence[RequestRow], report: TickReport) -> None:
    """Take over the regulations of rows that the ledger does not know."""
    entries = world.ledger.entries([row.record_id for row in rows])
    for row in rows:
        if row.cells.submitted and row.cells.regulation_id and row.record_id not in entries:
            strangers.ensure(world, world.clock.now())
            _adopt(world, strangers, row, report)


def _adopt(world: World, strangers: Strangers, row: RequestRow, report: TickReport) -> None:
    """Believe a row that names a regulation only if Segment's list says the same: person, type, and time.

    A copied row is younger than the regulation it names, so it is not believed.
    """
    kind = request_type_of(row)
    stranger = strangers.taken_or_strange(row.cells.regulation_id)
    if kind is None or stranger is None or not could_be_from(stranger.regulation.created_at, row.created_at):
        return
    subjects: tuple[Identifier, ...] = (row.identifier,)
    if needs_lookup(row.identifier, world.policy):
        # The profile is gone once the deletion was made, so the address can no longer be checked against the user ids.
        subjects = stranger.regulation.subjects
    if not {world.ledger.key_of(subject) for subject in subjects} <= stranger.keys:
        return
    if world.policy.regulation_types[kind] != stranger.regulation.regulation_type:
        return
    listed = stranger.regulation
    request = IntendedRequest(row.record_id, row.identifier, subjects)
    intent = Intent(kind, listed.regulation_type, (request,), listed.created_at)
    try:
        world.ledger.adopt(intent, listed.regulation_id, listed.created_at)
    except AlreadyStanding:
        return
    strangers.accounted(listed.regulation_id)
    report.adopted += 1
    world.listener.happened("request.adopted", record_id=row.record_id, regulation_id=listed.regulation_id)


def _archived(world: World, row: RequestRow, now: datetime) -> bool:
    """Whether the row is all that is left of a request: Segment has forgotten it and the ledger was lost.

    Such a row is the record of what happened, and is left as it is.
    """
    cells = row.cells
    old = cells.submitted_at is not None and now - cells.submitted_at > PROVABLE
    return bool(old and cells.regulation_id and not world.ledger.entries([row.record_id]))
