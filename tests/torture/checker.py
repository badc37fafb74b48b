"""The checker of the promises: one judge for the kill sweeps, the replicas, the simulation and the state machine.

It is given an omniscient `History` and names every promise that was broken. An empty list is the only good answer::

    staff = WatchedStaff(sandbox)          # as `dsr_sandbox.staff.Staff`, and remembers when staff did what
    ...                                    # run, kill and restart the daemon
    broken = check(history_of(sandbox, "sqlite:///…", staff=staff))
    assert not broken, said(broken)
"""

from collections.abc import Iterable

from tests.torture.checks import books, pace, sending, telling
from tests.torture.checks.history import Booked, Books, Call, Edit, History, Made, Paces, Violation, Write
from tests.torture.checks.ledgers import books_of
from tests.torture.checks.sandbox import Told, WatchedStaff, history_of

__all__ = [
    "Booked",
    "Books",
    "Call",
    "Edit",
    "History",
    "Made",
    "Paces",
    "Told",
    "Violation",
    "WatchedStaff",
    "Write",
    "books_of",
    "check",
    "history_of",
    "said",
]


def check(history: History) -> list[Violation]:
    """Every promise that this history breaks, in the order of the promises; empty if all were kept."""
    judges = (sending.check, telling.check, books.check, pace.check)
    found = [violation for judge in judges for violation in judge(history)]
    return sorted(dict.fromkeys(found), key=lambda violation: violation.promise)


def said(violations: Iterable[Violation]) -> str:
    """The violations as lines for people."""
    return "\n".join(str(violation) for violation in violations)
