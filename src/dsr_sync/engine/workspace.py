"""Before a new ledger believes Segment's list: whether it is the list of the workspace that the base belongs to."""

from datetime import datetime

from dsr_sync.core.model import RegulationId, RequestRow, Status
from dsr_sync.engine.listing import SURELY_LISTED, Strangers
from dsr_sync.engine.world import World
from dsr_sync.ports import Transient

_ENOUGH = 10
"""Regulations of which none is found, before no more rows are read."""

_UNDATED = 3
"""So many are believed without a Submitted at, where the base lacks that column: one or two may be copied rows."""

_SAYS_SO = frozenset({Status.SUBMITTED, Status.IN_PROGRESS, Status.FOLLOW_UP_NEEDED, Status.COMPLETED, Status.FAILED})
"""What the daemon writes beside a regulation. One that Segment has lost is Needs attention."""


def confirm_workspace(world: World, strangers: Strangers) -> None:
    """Let the base bear witness, since a new ledger cannot: Segment must list what was sent for these rows of late.

    The token of another workspace gives a complete list too, and by that list nothing was ever sent for any row. One
    regulation that is found proves that it is the right one. The rows that count are those that the daemon has written
    as a whole and that are older than what they name, so a copied row, or an id that somebody typed, keeps nobody from
    being served. If there is no such row, there is nothing to lose either. Raises Transient where none is found.
    """
    now = world.clock.now()
    dated: set[RegulationId] = set()
    undated: set[RegulationId] = set()
    for page in world.table.everything():
        telling = [row for row in page if _must_be_listed(row, now, world)]
        if telling and _any_listed(world, strangers, telling):
            return
        dated |= {RegulationId(row.cells.regulation_id) for row in telling if row.cells.submitted_at}
        undated |= {RegulationId(row.cells.regulation_id) for row in telling if not row.cells.submitted_at}
        if world.stopping() or len(dated) >= _ENOUGH:
            break
    if (dated or len(undated) >= _UNDATED) and not world.stopping():
        strangers.doubt()  # the next tick reads the list anew
        raise Transient("segment", "the list of regulations misses one that must be in it")


def _any_listed(world: World, strangers: Strangers, rows: list[RequestRow]) -> bool:
    strangers.ensure(world, world.clock.now())
    named = sorted({RegulationId(row.cells.regulation_id) for row in rows})
    return bool(world.ledger.known(named)) or any(strangers.taken_or_strange(each) for each in named)


def _must_be_listed(row: RequestRow, now: datetime, world: World) -> bool:
    """Whether the row says what only the daemon writes, about a regulation of the time that Segment surely lists.

    Without a Submitted at, the regulation is at least not older than the row.
    """
    cells, sent_at = row.cells, row.cells.submitted_at or row.created_at
    written = row.authenticated and cells.submitted and bool(cells.regulation_id) and cells.status in _SAYS_SO
    return written and row.created_at <= sent_at and world.policy.settle < now - sent_at < SURELY_LISTED
