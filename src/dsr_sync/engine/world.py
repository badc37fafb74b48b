"""What a tick works with, and what it reports."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from dsr_sync.core.policy import Policy
from dsr_sync.ports import (
    BaseProblem,
    Clock,
    DeletionService,
    IdentityDirectory,
    Ledger,
    Listener,
    PortError,
    RequestTable,
)


@dataclass(frozen=True, slots=True)
class World:
    """The ports and the operator's choices. `chance` gives numbers in [0, 1), for jitter alone."""

    table: RequestTable
    deletions: DeletionService
    ledger: Ledger
    clock: Clock
    policy: Policy
    listener: Listener
    chance: Callable[[], float]
    guard: Callable[[], AbstractContextManager[None]] = nullcontext
    """Surrounds each submission; it ends the process if another replica may have taken over before it is through."""
    directory: IdentityDirectory | None = None
    """Where e-mail addresses are looked up; None where no Profile space is configured."""

    def stopping(self) -> bool:
        """Whether the process is to stop: then no new step is begun."""
        return self.clock.wait(0)


_NO_COUNTS = ("problems", "flaws", "paused", "doubts_left")

BREAKS_AT = 5
"""Submissions in a row that go unanswered before a tick asks no further: then it is not about one request."""


@dataclass(slots=True)
class TickReport:
    """What one tick did, in numbers, and what kept it from doing more."""

    rows: int = 0
    submitted: int = 0
    adopted: int = 0
    joined: int = 0
    refused: int = 0
    unknown: int = 0
    settled: int = 0
    postponed: int = 0
    braked: int = 0
    followed: int = 0
    unanswered: int = 0
    ended: int = 0
    told: int = 0
    receipts: int = 0
    gone: int = 0
    untellable: int = 0
    problems: list[PortError] = field(default_factory=list)
    flaws: tuple[BaseProblem, ...] = ()
    """What hampers the work in the base without stopping it."""
    paused: set[str] = field(default_factory=set)
    """The services that were left alone, because they failed before."""
    doubts_left: int = BREAKS_AT
    """How many submissions in a row may still go unanswered before no more are sent in this tick."""

    @property
    def complete(self) -> bool:
        """Whether all that was due could be done."""
        return not self.problems and not self.paused

    def failed(self, service: str) -> bool:
        """Whether a service failed in this tick; it is then left alone until the next."""
        return any(problem.service == service for problem in self.problems)

    def numbers(self) -> dict[str, int]:
        """The counts by name, for the one log line of the tick."""
        return {name: getattr(self, name) for name in self.__slots__ if name not in _NO_COUNTS}
