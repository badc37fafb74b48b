"""`python -m tests.torture.mutations`: take away one safeguard at a time; each time the suite must fail, 6 of 6."""

import sys
import time

from tests.torture.checks.history import Violation
from tests.torture.checks.tally import say
from tests.torture.mutations.mutants import MUTANTS, SAFEGUARDS, Mutant
from tests.torture.mutations.proof import with_mutant, without


def main() -> int:
    """Prove all six; 1 if one goes unnoticed, or if its tests fail without it too."""
    began = time.monotonic()
    broken = [
        (mutant.name, Violation(0, f"the suite does not notice that there is no {safeguard}"))
        for safeguard, mutants in SAFEGUARDS.items()
        for mutant in mutants
        if not _noticed(mutant)
    ]
    names = {name for name, _ in broken}
    kept = [one for one, mutants in SAFEGUARDS.items() if names.isdisjoint(mutant.name for mutant in mutants)]
    note = f"{len(kept)} of {len(SAFEGUARDS)} safeguards, {len(MUTANTS)} mutants, noticed by the suite"
    return say("a safeguard taken away", len(SAFEGUARDS), broken, time.monotonic() - began, note)


def _noticed(mutant: Mutant) -> bool:
    """Whether its tests fail, and pass without it; says so."""
    lame, whole = with_mutant(mutant), without(mutant.tests)
    noticed = lame.noticed and whole.clean
    said = f"{mutant.name}: {lame.failed} of {lame.failed + lame.passed} tests fail; without it {whole.failed}"
    print(f"{'ok ' if noticed else 'NOT'} {said}", file=sys.stderr, flush=True)
    return noticed


if __name__ == "__main__":
    sys.exit(main())
