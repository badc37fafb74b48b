"""Ghost requests: the connection is cut at once, and the effect lands at Segment some time later.

Sooner than the settle time, nobody may be deleted twice. Later than that it cannot be prevented, since Segment takes
no key; then it must be detected, reported, and not make anything worse.

    python -m tests.torture.kills.ghosts
"""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from sqlalchemy import select
from tests.torture.kills.bill import Bill, summed
from tests.torture.kills.crew import crew, told
from tests.torture.kills.forge import Forge
from tests.torture.kills.stage import SETTLE, Stage, stage, three_requests

from dsr_sandbox.segment.model import Pace
from dsr_sync.adapters.ledger import Place, open_reader
from dsr_sync.adapters.ledger.tables import events

TICK = 150.0
"""Seconds from tick to tick while the ghosts are about."""

DELAYS = tuple(round(step * (SETTLE - 1) / 9, 1) for step in range(10))
"""From at once to one second before the settle time is over, in ten steps."""

TOO_LATE = SETTLE * 4 / 3 + 1.5 * TICK
"""Absence is proved by the second listing, a third of the settle time after the first; this is later than that."""

_DAY = 86_400.0


PERSONS = 2
"""Of three requests, two are about the same person."""


@dataclass(frozen=True, slots=True)
class Haunting:
    """What it cost, how many regulations there are more than needed, and how many of them the product reported."""

    bill: Bill
    further: int
    reported: int


def haunted(forge: Forge, delay: float) -> Haunting:
    """Both creations of three requests land `delay` seconds late."""
    with stage(forge) as world:
        world.watched = False
        world.box.segment.workspace.pace = Pace(_DAY, 3 * _DAY)
        three_requests(world)
        world.box.faults.add("segment", "ghost", method="POST", times=2, seconds=delay)
        for _ in range(int((TOO_LATE + SETTLE) / TICK)):
            world.once()
            world.later(TICK)
        world.heal(_DAY)
        bill = world.judge().named(f"ghost after {delay:g} s")
        further = len(world.box.segment.workspace.regulations()) - PERSONS
        return Haunting(bill, further, len(reported(world)))


def reported(world: Stage) -> list[str]:
    """The duplicates that the ledger's history tells of."""
    with closing(open_reader(Place(world.url))) as ledger, ledger._reading() as tx:
        return list(tx.execute(select(events.c.details).where(events.c.kind == "outcome.duplicate_found")).scalars())


def in_time(workers: int) -> tuple[Bill, int]:
    """All delays shorter than the settle time."""
    with crew(workers) as hands:
        done = hands.each(haunted, DELAYS)
    return summed(haunting.bill for haunting in done), sum(haunting.reported for haunting in done)


def too_late() -> tuple[Bill, int]:
    """The one delay that cannot be covered: the bill holds what was neither prevented nor reported."""
    with Forge() as forge:
        seen = haunted(forge, TOO_LATE)
    missed = abs(seen.further - seen.reported)
    others = tuple(line for line in seen.bill.broken if "promise 2" not in line)
    unseen = (f"{seen.reported} of {seen.further} duplicates were reported",) if missed else ()
    return Bill(1, seen.bill.lost, missed, seen.bill.leaked, others + unseen), seen.reported


def main(arguments: Sequence[str] | None = None) -> int:
    """Run both; 1 if anything was broken. `late` as an argument runs the second."""
    if arguments == ["late"]:
        return told("ghost later than the settle time", too_late, "duplicates, each detected and reported")
    return told("ghost request, 0 s to settle - 1 s", lambda: in_time(2), "duplicates reported")


if __name__ == "__main__":
    import sys

    raise SystemExit(main(sys.argv[1:]))
