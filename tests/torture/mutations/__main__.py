"""`python -m tests.torture.mutations`: take away one safeguard at a time; each time the suite must fail, 6 of 6."""

import sys
import time

from tests.torture.checks.history import Violation
from tests.torture.checks.tally import say
from tests.torture.mutations.mutants import MUTANTS
from tests.torture.mutations.proof import with_mutant, without


def main() -> int:
    """Prove all six; 1 if one goes unnoticed, or if its tests fail without it too."""
    began = time.monotonic()
    broken: list[tuple[str, Violation]] = []
    for mutant in MUTANTS:
        lame, whole = with_mutant(mutant), without(mutant.tests)
        noticed = lame.noticed and whole.clean
        said = f"{mutant.name}: {lame.failed} of {lame.failed + lame.passed} tests fail; without it {whole.failed}"
        print(f"{'ok ' if noticed else 'NOT'} {said}", file=sys.stderr, flush=True)  # noqa: T201 - the command's answer
        if not noticed:
            broken.append((mutant.name, Violation(0, "the suite does not notice")))
    noticed_all = len(MUTANTS) - len(broken)
    note = f"{noticed_all} of {len(MUTANTS)} noticed by the suite"
    return say("a safeguard taken away", len(MUTANTS), broken, time.monotonic() - began, note)


if __name__ == "__main__":
    sys.exit(main())
