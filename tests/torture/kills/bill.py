"""What a run cost: requests lost, regulations doubled, identifiers leaked, and everything else that was broken."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.torture.checker import Violation

_DOUBLED = frozenset({1, 2})
_LOST = frozenset({3})


@dataclass(frozen=True, slots=True)
class Bill:
    """The counts, and one line on each thing that was broken. `runs` is how many runs are in it."""

    runs: int = 1
    lost: int = 0
    doubled: int = 0
    leaked: int = 0
    broken: tuple[str, ...] = ()

    @property
    def clean(self) -> bool:
        """Whether every promise was kept."""
        return not self.broken

    def named(self, name: str) -> "Bill":
        """The same, with the name of the run before each line."""
        return Bill(self.runs, self.lost, self.doubled, self.leaked, tuple(f"{name}: {line}" for line in self.broken))


def bill_of(violations: Sequence[Violation], leaked: int) -> Bill:
    """The bill of one run."""
    lines = [str(violation) for violation in violations]
    if leaked:
        lines.append(f"promise 7: {leaked} times an identifier or a token where it must not be")
    return Bill(
        lost=sum(violation.promise in _LOST for violation in violations),
        doubled=sum(violation.promise in _DOUBLED for violation in violations),
        leaked=leaked,
        broken=tuple(lines),
    )


def summed(bills: Iterable[Bill]) -> Bill:
    """All of them together."""
    every = list(bills)
    return Bill(
        runs=sum(bill.runs for bill in every),
        lost=sum(bill.lost for bill in every),
        doubled=sum(bill.doubled for bill in every),
        leaked=sum(bill.leaked for bill in every),
        broken=tuple(line for bill in every for line in bill.broken),
    )
