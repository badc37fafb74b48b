"""`python -m tests.torture.simulation`: thousands of simulated quarters, or one of them in full.

python -m tests.torture.simulation --seeds 10000            # seeds 0 to 9,999; every 500th on the real ledger
python -m tests.torture.simulation --seed 4711 --verbose    # the whole diary of one
"""

import argparse
import sys
import time

from tests.torture.checks.tally import say
from tests.torture.simulation.runner import run, show
from tests.torture.simulation.story import DAYS


def main() -> int:
    """Run the seeds; 1 if any of them broke a promise."""
    wanted = argparse.ArgumentParser(prog="python -m tests.torture.simulation")
    wanted.add_argument("--seeds", type=int, default=10_000, help="how many")
    wanted.add_argument("--from", type=int, default=0, dest="first", help="the first of them")
    wanted.add_argument("--seed", type=int, help="this one alone")
    wanted.add_argument("--verbose", action="store_true", help="the whole diary of one seed")
    wanted.add_argument("--sqlite", action="store_true", help="every seed on the real ledger, not every 500th")
    wanted.add_argument("--processes", type=int, default=2)
    given = wanted.parse_args()
    if given.seed is not None:
        given.first, given.seeds = given.seed, 1
    if given.verbose:
        return show(given.first, sqlite=given.sqlite)
    began = time.monotonic()
    told = run(range(given.first, given.first + given.seeds), given.processes, sqlite=given.sqlite)
    broken = [(f"seed {seed}", violation) for seed, violation in told.violations]
    note = f"{told.ticks:,} ticks, {told.crashes:,} lives cut short, {told.regulations:,} regulations"
    return say(f"simulated {DAYS} days from a seed", told.seeds, broken, time.monotonic() - began, note)


if __name__ == "__main__":
    sys.exit(main())
