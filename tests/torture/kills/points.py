"""Named crash points: the product dies before and after everything that it asks of the ledger and of the services.

Every name that the ports give is hit, in one of the stories; the long version dies at further visits too.

    python -m tests.torture.kills.points [--visits N]
"""

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.torture.kills.bill import Bill, summed
from tests.torture.kills.crashing import Crash, names
from tests.torture.kills.crew import Crew, crew, spread, told
from tests.torture.kills.forge import Forge
from tests.torture.kills.stage import stage
from tests.torture.kills.stories import STORIES, Story

UNREACHED = {
    "ledger.history": "only `explain` asks for it, which writes nothing",
    "ledger.summary": "only `status` and the metrics of `run` ask for it, after a tick",
}
"""What no tick asks for, and why not."""

KILLED = -9


@dataclass(frozen=True, slots=True)
class Aim:
    """A visit of a crash point in a story."""

    story: Story
    point: str
    visit: int


def wanted() -> list[str]:
    """The names that must be hit."""
    return [name for name in names() if name.split()[0] not in UNREACHED]


def visits_of(forge: Forge, story: Story) -> Mapping[str, int]:
    """How often each point is come by when the story goes well."""
    with stage(forge) as world:
        visited = world.folder / "visited"
        for act in story.acts:
            act(world)
            world.once(Crash("", 0, str(visited)))
        return Counter(visited.read_text(encoding="utf-8").split("\n"))


def come_by(workers: int) -> set[str]:
    """The names that the stories come by when all goes well."""
    with crew(workers) as hands:
        return {point for visits in hands.each(visits_of, STORIES) for point in visits if point}


def aims(hands: Crew, most: int, stride: int) -> list[Aim]:
    """At most so many visits of each point in each story; with 0, one visit of each point in one story.

    Of the points, each `stride`th.
    """
    counted = list(zip(STORIES, hands.each(visits_of, STORIES), strict=True))
    found: list[Aim] = []
    for point in wanted()[::stride]:
        stories = [(story, visits[point]) for story, visits in counted if visits.get(point)]
        for story, visits in stories if most else stories[:1]:
            found += [Aim(story, point, visit + 1) for visit in spread(range(visits), max(most, 1))]
    return found


def died_at(forge: Forge, aim: Aim) -> tuple[Bill, str]:
    """Tell the story with a crash in it; what that cost, and the name of the point if it was hit."""
    with stage(forge) as world:
        visited = world.folder / "visited"
        crash: Crash | None = Crash(aim.point, aim.visit, str(visited))
        for act in aim.story.acts:
            act(world)
            if world.once(crash) == KILLED:
                crash = None
        world.heal(aim.story.step)
        bill = world.judge().named(f"{aim.story.name}: {aim.point}, visit {aim.visit}")
        return bill, "" if crash else aim.point


def crash_everywhere(most: int, workers: int, stride: int = 1) -> tuple[Bill, set[str]]:
    """All aims, or those at each `stride`th point; what they cost, and the names of the points that were hit."""
    with crew(workers) as hands:
        done = hands.each(died_at, aims(hands, most, stride))
    return summed(bill for bill, _ in done), {point for _, point in done if point}


def main(arguments: Sequence[str] | None = None) -> int:
    """Crash everywhere; 1 if anything was broken, or a point that is reached was not hit."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture.kills.points")
    parser.add_argument("--visits", type=int, default=3)
    parser.add_argument("--workers", type=int, default=3)
    asked = parser.parse_args(arguments)

    def work() -> tuple[Bill, int]:
        bill, hit = crash_everywhere(asked.visits, asked.workers)
        missed = tuple(f"never hit: {name}" for name in wanted() if name not in hit)
        return Bill(bill.runs, bill.lost, bill.doubled, bill.leaked, bill.broken + missed), len(hit)

    return told("crash points by name", work, f"of {len(wanted())} points hit")


if __name__ == "__main__":
    raise SystemExit(main())
