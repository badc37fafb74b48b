"""`python -m tests.torture.machine`: 2,000 stories of 50 steps, chosen and shrunk by Hypothesis.

Each day it tells other stories; the row of the table says by which seed they are told again.
"""

import argparse
import sys
import time
from datetime import UTC, datetime

from hypothesis import Phase
from tests.torture.checks.history import Violation
from tests.torture.checks.tally import say
from tests.torture.machine.rules import Promises
from tests.torture.machine.telling import tell


def main() -> int:
    """Tell the stories; 1 if one of them broke a promise. The shortest such story is printed."""
    wanted = argparse.ArgumentParser(prog="python -m tests.torture.machine")
    wanted.add_argument("--stories", type=int, default=2_000)
    wanted.add_argument("--steps", type=int, default=50)
    wanted.add_argument(
        "--seed", type=int, default=int(f"{datetime.now(UTC):%Y%m%d}"), help="today's date unless given"
    )
    given = wanted.parse_args()
    began = time.monotonic()
    broken: list[tuple[str, Violation]] = []
    try:
        tell(Promises, given.stories, given.steps, seed=given.seed, phases=(Phase.generate, Phase.shrink))
    except AssertionError as failure:
        print(failure, *getattr(failure, "__notes__", ()), sep="\n", file=sys.stderr)
        broken = [("shortest story", violation) for violation in Promises.last] or [("story", Violation(0, "broken"))]
    seen = Promises.seen
    held = f"{seen['steps']:,} steps, {seen['crashes']:,} lives cut short, {seen['regulations']:,} regulations"
    return say(
        "a Hypothesis state machine", seen["stories"], broken, time.monotonic() - began, f"seed {given.seed}: {held}"
    )


if __name__ == "__main__":
    sys.exit(main())
