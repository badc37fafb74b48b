"""One row of the table of `make torture`: what was broken, how often, and what that cost."""

import json
import sys
from collections.abc import Sequence

from tests.torture.checks.history import Violation

_SHOWN = 40
_LEAK = 7
"""The promise that identifiers and tokens stay where they belong."""

Named = tuple[str, Violation]


def say(what: str, runs: int, broken: Sequence[Named], seconds: float, note: str) -> int:
    """Print the row on standard output, and what was broken, with the name of its run, on standard error.

    Nobody has looked for leaks: the row says null for them. Returns the exit code: 1 if anything was broken.
    """
    return _say({"what": what, "runs": runs, "leaked": None}, broken, {"note": note, "seconds": round(seconds, 1)})


def say_searched(what: str, runs: int, broken: Sequence[Named], seconds: float, note: str) -> int:
    """The same for a part that has searched what the product left behind, after every run, for leaks."""
    leaked = sum(violation.promise == _LEAK for _, violation in broken)
    return _say({"what": what, "runs": runs, "leaked": leaked}, broken, {"note": note, "seconds": round(seconds, 1)})


def _say(row: dict[str, object], broken: Sequence[Named], more: dict[str, object]) -> int:
    for name, violation in broken[:_SHOWN]:
        print(f"{name}: {violation}", file=sys.stderr)
    counts = {
        "lost": sum(violation.promise == 3 for _, violation in broken),
        "doubled": sum(violation.promise in (1, 2) for _, violation in broken),
        "broken": len(broken),
    }
    print(json.dumps(row | counts | more))
    return int(bool(broken))
