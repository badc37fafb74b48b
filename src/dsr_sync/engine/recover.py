"""Settle what is unknown: find it in Segment's list, or prove that it is not there."""

from datetime import datetime

from dsr_sync.core.retry import ANY_TIME, Found, Settlement, misdated, settle, settle_due_at
from dsr_sync.engine.duplicates import report_duplicate
from dsr_sync.engine.listing import Strangers
from dsr_sync.engine.world import TickReport, World
from dsr_sync.ports import Unsettled


def recover(world: World, strangers: Strangers, report: TickReport, *, timed: bool = True) -> None:
    """Settle every submission of unknown outcome whose time has come; one listing serves them all.

    The first listing of a process life may find them before the settle time has run: presence is proof at any time,
    absence only after it, and only if the clock was not set meanwhile (`timed`). Raises Transient, Permanent.
    """
    now = world.clock.now()
    unsettled = world.ledger.unsettled()
    if not any(_due(world, strangers, item, now) for item in unsettled):
        return
    strangers.read(world, now)
    for item in unsettled:
        settled = _judge(world, strangers, item, now)
        if timed or settled.found is Found.PRESENT:
            _apply(world, strangers, item, settled, report)


def _due(world: World, strangers: Strangers, item: Unsettled, now: datetime) -> bool:
    if strangers.read_at is None:
        return True
    intended_at = item.submission.intended_at
    return misdated(intended_at, now) or now >= settle_due_at(intended_at, item.absent_at, world.policy)


def _judge(world: World, strangers: Strangers, item: Unsettled, now: datetime) -> Settlement:
    submission = item.submission
    since = ANY_TIME if misdated(submission.intended_at, now) else submission.intended_at
    matches = strangers.matching(item.subject_keys, submission.regulation_type, since)
    # One that another submission has is not what came of this one: its requests find it once this is settled.
    known = world.ledger.known([match.regulation_id for match in matches])
    matches = [match for match in matches if match.regulation_id not in known]
    return settle(submission.intended_at, item.absent_at, matches, now, world.policy)


def _apply(world: World, strangers: Strangers, item: Unsettled, settled: Settlement, report: TickReport) -> None:
    submission_id, now = item.submission.submission_id, world.clock.now()
    match settled.found:
        case Found.PRESENT:
            first, *further = settled.matches
            world.ledger.accept(submission_id, first.regulation_id, now, first.created_at)
            strangers.accounted(world, first.regulation_id)
            for each in further:
                strangers.set_aside(each.regulation_id)
                report_duplicate(world, first.regulation_id, each.regulation_id, now)
            report.settled += 1
        case Found.ABSENT_ONCE:
            world.ledger.absent(submission_id, now)
        case Found.ABSENT:
            world.ledger.release(submission_id, now, "absent from two complete listings", None)
            report.settled += 1
        case Found.UNPROVABLE:
            world.ledger.give_up(submission_id, now)
            report.settled += 1
        case Found.TOO_EARLY:
            return
    world.listener.happened("outcome.settled", found=settled.found.value, submission=submission_id)
