"""Many seeds at once, or one of them aloud."""

import multiprocessing
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

from tests.torture.checks.history import Violation
from tests.torture.simulation.story import Told, simulate

REAL_LEDGER_EVERY = 500
"""The fake ledger is seventy times as fast as SQLite; each so-manieth seed shows that the two agree."""


@dataclass(slots=True)
class Summary:
    """What all seeds came to."""

    seeds: int = 0
    ticks: int = 0
    crashes: int = 0
    regulations: int = 0
    violations: list[tuple[int, Violation]] = field(default_factory=list)

    def add(self, told: Told) -> None:
        """One seed more."""
        self.seeds += 1
        self.ticks += told.ticks
        self.crashes += told.crashes
        self.regulations += told.regulations
        self.violations += [(told.seed, violation) for violation in told.violations]


def run(seeds: Sequence[int], processes: int = 1, *, sqlite: bool = False) -> Summary:
    """Simulate these seeds."""
    one = partial(_one, sqlite=sqlite)
    if processes == 1:
        return _summed(map(one, seeds))
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        return _summed(pool.imap_unordered(one, seeds, chunksize=20))


def show(seed: int, *, sqlite: bool = False) -> int:
    """Print the diary of one seed and what it broke; 1 if it broke anything."""
    told = simulate(seed, sqlite=sqlite)
    for line in (*told.diary, *map(str, told.violations)):
        print(line)
    return 1 if told.violations else 0


def _one(seed: int, *, sqlite: bool) -> Told:
    told = simulate(seed, sqlite=sqlite or seed % REAL_LEDGER_EVERY == 0)
    told.diary = []  # nobody reads thousands of them, and they would have to be passed between processes
    return told


def _summed(told: Iterable[Told]) -> Summary:
    summary = Summary()
    for one in told:
        summary.add(one)
    summary.violations.sort(key=lambda broken: broken[0])
    return summary
