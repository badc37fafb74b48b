"""When to look again, and what a look into Segment's list proves. All times are arguments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from dsr_sync.core.model import ListedRegulation
from dsr_sync.core.policy import CLOCK_GRACE, PROVABLE, Policy

ANY_TIME = datetime.min.replace(tzinfo=UTC) + CLOCK_GRACE
"""Earlier than anything that can have happened."""

LONGEST_PAUSE = timedelta(hours=6)
"""However old a regulation is, it is looked at four times a day."""

SHARE_OF_AGE = 0.05
"""A regulation is looked at again after a twentieth of its age: often while young, seldom when it takes weeks."""

LONGEST_BACKOFF = timedelta(minutes=1)
"""However long a service has been out of order, it is tried again after this time (and a little jitter)."""

_AHEAD = timedelta(days=1)
"""An intent from further in the future than this was dated by a clock that was wrong."""

_SHORTEST_BACKOFF = timedelta(seconds=5)
_GROWTH = 1.5


class Found(StrEnum):
    """What a complete listing says about an attempt of unknown outcome."""

    PRESENT = "present"
    ABSENT_ONCE = "absent once"
    ABSENT = "absent"
    TOO_EARLY = "too early"
    UNPROVABLE = "unprovable"


@dataclass(frozen=True, slots=True)
class Settlement:
    """The answer about one attempt. `matches` are oldest first; more than one is an anomaly to report."""

    found: Found
    matches: tuple[ListedRegulation, ...] = ()


def settle(
    intended_at: datetime,
    absent_at: datetime | None,
    matches: Sequence[ListedRegulation],
    now: datetime,
    policy: Policy,
) -> Settlement:
    """Judge an attempt of unknown outcome by a complete listing taken at `now`.

    Two complete listings, at least a third of the settle time apart, the first not before the settle time has run,
    prove absence. `absent_at` is when a listing first missed it. `matches` are the listed regulations of the same
    subjects and type that no other attempt accounts for. How old a misdated attempt is cannot be known: a person
    decides.
    """
    if matches:
        return Settlement(Found.PRESENT, tuple(sorted(matches, key=lambda listed: listed.created_at)))
    if now - intended_at > PROVABLE or misdated(intended_at, now):
        return Settlement(Found.UNPROVABLE)
    if now - intended_at < policy.settle:
        return Settlement(Found.TOO_EARLY)
    if absent_at is None:
        return Settlement(Found.ABSENT_ONCE)
    if now - absent_at < policy.settle / 3:
        return Settlement(Found.TOO_EARLY)
    return Settlement(Found.ABSENT)


def misdated(intended_at: datetime, now: datetime) -> bool:
    """Whether an attempt was dated by a clock that was far ahead: then its time says nothing."""
    return intended_at - now > _AHEAD


def settle_due_at(intended_at: datetime, absent_at: datetime | None, policy: Policy) -> datetime:
    """When the next listing for an attempt of unknown outcome makes sense."""
    if absent_at is None:
        return intended_at + policy.settle
    return absent_at + policy.settle / 3


def could_be_from(listed_created_at: datetime, since: datetime) -> bool:
    """Whether a listed regulation can have come of something that happened at `since` or later."""
    return listed_created_at >= since - CLOCK_GRACE


def next_look(created_at: datetime, now: datetime, policy: Policy) -> datetime:
    """When to look at a regulation again: after max(follow, 5 % of its age), at most six hours; 0 = every tick.

    An operator who asked for a `follow` of more than six hours gets it.
    """
    if policy.follow <= timedelta(0):
        return now
    age = max(now - created_at, timedelta(0))
    return now + max(policy.follow, min(age * SHARE_OF_AGE, LONGEST_PAUSE))


def backoff(failing_for: timedelta, chance: float) -> timedelta:
    """How long to leave a service alone that has been out of order for so long; `chance` in [0, 1).

    Half as long again as it has been failing, 5 s to 1 min: after five failures in a row it is tried once a minute,
    which is at most 1,440 times a day. It takes the time and no count, so that a restart does not begin anew. Up to a
    tenth of jitter is added, so that installations do not fall into step.
    """
    pause = min(max(failing_for * _GROWTH, _SHORTEST_BACKOFF), LONGEST_BACKOFF)
    return pause * (1 + chance / 10)
