"""Settle what is unknown: find it in Segment's list, or prove that it is not there."""

from collections.abc import Sequence
from datetime import datetime

from dsr_sync.core.retry import Found, Settlement, settle, settle_due_at
from dsr_sync.engine.listing import Strangers
from dsr_sync.engine.world import TickReport, World
from dsr_sync.ports import Unsettled


def recover(world: World, strangers: Strangers, report: TickReport) -> None:
    """Settle every submission of unknown outcome whose time has come; one listing serves them all.

    The first listing of a process life may find them before the settle time has run: presence is proof at any time,
    absence only after it. Raises Transient, Permanent.
    """
    now = world.clock.now()
    unsettled = world.ledger.unsettled()
    if not any(_due(world, strangers, item, now) for item in unsettled):
        return
    strangers.read(world, now)
    for item in unsettled:
        _apply(world, strangers, item, _judge(world, strangers, item, now), report)


def _due(world: World, strangers: Strangers, item: Unsettled, now: datetime) -> bool:
    if strangers.read_at is None:
        return True
    return now >= settle_due_at(item.submission.intended_at, item.absent_at, world.policy)


def _judge(world: World, strangers: Strangers, item: Unsettled, now: datetime) -> Settlement:
    submission = item.submission
    matches = strangers.matching(item.subject_keys, submission.regulation_type, submission.intended_at)
    return settle(submission.intended_at, item.absent_at, matches, now, world.policy)


def _apply(world: World, strangers: Strangers, item: Unsettled, settled: Settlement, report: TickReport) -> None:
    submission_id, now = item.submission.submission_id, world.clock.now()
    match settled.found:
        case Found.PRESENT:
            world.ledger.accept(submission_id, settled.matches[0], now, "found")
            for regulation_id in settled.matches:
                strangers.accounted(regulation_id)
            if len(settled.matches) > 1:
                _report_duplicates(world, settled.matches, now)
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


def _report_duplicates(world: World, matches: Sequence[str], now: datetime) -> None:
    """More than one regulation for one intent: the oldest counts, and a person should know."""
    world.ledger.report("outcome.duplicate_found", now, {"kept": matches[0], "more": len(matches) - 1})
    world.listener.happened("outcome.duplicate_found", regulation_id=matches[0], more=len(matches) - 1)
