"""What a wall clock that somebody sets must not do: hurry a proof, or put work off for months.

The ledger's times are the wall clock's, because they have to mean something after a restart. Whatever lies further in
the future than anything can be put off to was noted before the clock was set back.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from dsr_sync.core.deadlines import deadline
from dsr_sync.core.decide import Observation
from dsr_sync.core.policy import Policy
from dsr_sync.core.retry import LONGEST_PAUSE
from dsr_sync.engine.world import World
from dsr_sync.ports import Clock, Noted

JUMP = timedelta(minutes=1)
"""By how much the wall clock may gain or lose on the steady one from tick to tick."""

DAILY = timedelta(days=1)
"""How often the whole table, the receipts and Segment's list are read."""

_MONTH = timedelta(days=32)
_MARGIN = timedelta(minutes=5)


@dataclass(slots=True)
class ClockWatch:
    """Whether the wall clock can have measured the settle time.

    For as long as a settle time takes after it was set, absence from Segment's list proves nothing: who knows how long
    ago the submission really was.
    """

    settle: timedelta
    _offset: float | None = None
    _set_at: float | None = None

    def look(self, clock: Clock) -> bool:
        """Compare the two clocks, once per tick; whether one was set since the last time."""
        before, self._offset = self._offset, clock.now().timestamp() - clock.monotonic()
        jumped = before is not None and abs(self._offset - before) > JUMP.total_seconds()
        if jumped:
            self._set_at = clock.monotonic()
        return jumped

    def trusted(self, clock: Clock) -> bool:
        """Whether nobody has set it for longer than a settle time and the second look after it take."""
        if self._set_at is None:
            return True
        return clock.monotonic() - self._set_at > self.settle.total_seconds() * 4 / 3


def latest_look(now: datetime, policy: Policy) -> datetime:
    """The latest time that a look at a regulation can have been put off to."""
    return now + max(policy.follow, LONGEST_PAUSE) + _MARGIN


def is_due(last: datetime | None, every: timedelta, now: datetime) -> bool:
    """Whether what was last done then has to be done again. What was done in the future was noted by a wrong clock."""
    return last is None or not last <= now < last + every


def quota_runs(until: datetime | None, now: datetime) -> bool:
    """Whether a month's quota is still used up."""
    return until is not None and timedelta(0) < until - now <= _MONTH


def seen_from_now(world: World, observations: Iterable[Observation], now: datetime) -> bool:
    """Let the cooling-off time of rows that were first seen in the future begin now; whether there were any."""
    early = [
        Noted(seen.row, seen.entry.request_type, now, deadline(seen.row, seen.entry, now))
        for seen in observations
        if seen.entry is not None and seen.entry.submission is None and seen.entry.seen_at > now + _MARGIN
    ]
    world.ledger.note(early)
    return bool(early)
