"""One row of the table of `make torture`: what was broken, how often, and what that cost."""

import json
import sys
from collections.abc import Sequence

from tests.torture.checks.history import Violation

_SHOWN = 40


def say(what: str, runs: int, broken: Sequence[tuple[str, Violation]], seconds: float, note: str) -> int:
    """Print the row on standard output, and what was broken, with the name of its run, on standard error.

    Returns the exit code: 1 if anything was broken.
    """
    for name, violation in broken[:_SHOWN]:
        print(f"{name}: {violation}", file=sys.stderr)  # noqa: T201 - the command's answer
    row = {
        "what": what,
        "runs": runs,
        "lost": sum(violation.promise == 3 for _, violation in broken),
        "doubled": sum(violation.promise in (1, 2) for _, violation in broken),
        "leaked": sum(violation.promise == 7 for _, violation in broken),
        "broken": len(broken),
        "note": note,
        "seconds": round(seconds, 1),
    }
    print(json.dumps(row))  # noqa: T201 - the command's answer
    return int(bool(broken))
