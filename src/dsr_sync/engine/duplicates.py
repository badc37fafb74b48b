"""Regulations that Segment has beside the one that we follow: made by hand, or by a POST that came through too late.

A POST whose effect lands after its absence was proved cannot be prevented and cannot be taken back. It must not go
unnoticed either: each complete listing is searched for such regulations, and one is read at least once a day.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from dsr_sync.core.model import Outcome, RegulationId, RequestType, SubjectKey, Submission
from dsr_sync.core.policy import FORGOTTEN
from dsr_sync.core.retry import could_be_from
from dsr_sync.engine.clocks import DAILY, is_due
from dsr_sync.engine.listing import Stranger, Strangers
from dsr_sync.engine.world import World

_MARK = "duplicates"

_Standing = Mapping[tuple[SubjectKey, RequestType], Submission]


def find_duplicates(world: World, strangers: Strangers) -> None:
    """Report, once each, the regulations of persons whom another regulation of the same type serves at the same time.

    Searches what was listed since the last search, and lists anew if that is a day ago. Raises Transient, Permanent.
    """
    now = world.clock.now()
    if world.ledger.witness(now - FORGOTTEN, now) is None:
        return  # nothing of ours is at Segment that there could be two of
    last = world.ledger.mark(_MARK)
    if last is None or is_due(last, DAILY, now):
        strangers.read(world, now)
    elif strangers.read_at is None or strangers.read_at <= last:
        return
    found = dict(_beside(world, strangers.all()))
    known = world.ledger.known(list(found))
    for further, kept in found.items():
        if further not in known:
            report_duplicate(world, kept, further, now)
    world.ledger.set_mark(_MARK, strangers.read_at or now)


def report_duplicate(world: World, kept: RegulationId, further: RegulationId, now: datetime) -> None:
    """Tell of a further regulation beside the one that is followed, unless that was done before."""
    told = f"duplicate.{further}"
    if world.ledger.mark(told) is not None:
        return
    world.ledger.report("outcome.duplicate_found", now, {"kept": kept, "further": further})
    world.listener.happened("outcome.duplicate_found", regulation_id=further, kept=kept)
    world.ledger.set_mark(told, now)


def _beside(world: World, strangers: list[Stranger]) -> Iterator[tuple[RegulationId, RegulationId]]:
    """Each stranger that is about a person with a live submission of the same type, and that one's regulation."""
    kinds = _kinds(world)
    persons = [(key, kind) for one in strangers for kind in kinds.get(_type(one), ()) for key in one.keys]
    standing = world.ledger.standing(persons)
    for stranger in strangers:
        for submission in _of(stranger, standing, kinds):
            if submission.outcome is Outcome.ACCEPTED and submission.regulation_id is not None:
                yield stranger.regulation.regulation_id, submission.regulation_id
                break


def _of(stranger: Stranger, standing: _Standing, kinds: Mapping[str, list[RequestType]]) -> Iterator[Submission]:
    for kind in kinds.get(_type(stranger), ()):
        for key in sorted(stranger.keys):
            submission = standing.get((key, kind))
            if submission and could_be_from(stranger.regulation.created_at, submission.intended_at):
                yield submission


def _kinds(world: World) -> dict[str, list[RequestType]]:
    """The request types that each type of regulation serves."""
    found: dict[str, list[RequestType]] = {}
    for kind, regulation_type in world.policy.regulation_types.items():
        found.setdefault(regulation_type, []).append(kind)
    return found


def _type(stranger: Stranger) -> str:
    return stranger.regulation.regulation_type
