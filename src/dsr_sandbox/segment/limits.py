"""Rate limits and the monthly quota, on the sandbox's clock."""

from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

from dsr_sandbox.clock import SandboxClock
from dsr_sandbox.segment.model import FORWARDED_TYPES

SEGMENT_ONLY = "segment_only"
SEGMENT_AND_DESTINATION = "segment_and_destination"
MONTHLY_USERS = 110_000
"""Users per calendar month and category (segment-docs privacy, FAQ)."""

_MINUTE = 60.0


@dataclass(slots=True)
class SegmentLimits:
    """What is enforced, changeable at any time.

    600 creations a minute are documented (Public API specification, regulation endpoints), 100 Profile API requests a
    second too (segment-docs unify, profile API limits). The general limit is not published: 6,000 a minute is assumed.
    `creations_per_second` is a stricter measure for tests, off while None. `flavour` is how a 429 looks: "token" with
    Retry-After, or "points" with msBeforeNext in the body. `profiles_page` is the most external ids or traits that the
    Profile API puts on a page, however many are asked for: by default no fewer than may be asked for.
    """

    enforced: bool = True
    creations_per_minute: int = 600
    creations_per_second: int | None = None
    requests_per_minute: int = 6_000
    profiles_per_second: int = 100
    profiles_page: int = 200
    flavour: str = "token"


class Meter:
    """Counts events in sliding windows, and remembers the most that fell into one second and one minute."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._seen: deque[float] = deque()
        self.peak_per_second = 0
        self.peak_per_minute = 0

    def count(self, seconds: float) -> int:
        """How many events the last `seconds` hold; at most a minute is remembered."""
        since = self._clock.monotonic() - seconds
        return sum(1 for at in self._seen if at > since)

    def add(self) -> None:
        """Note one event."""
        now = self._clock.monotonic()
        while self._seen and self._seen[0] <= now - _MINUTE:
            self._seen.popleft()
        self._seen.append(now)
        self.peak_per_second = max(self.peak_per_second, self.count(1.0))
        self.peak_per_minute = max(self.peak_per_minute, len(self._seen))

    def wait(self, limit: int, seconds: float) -> float:
        """Seconds until one more event fits under `limit` per `seconds`; 0.0 if it fits now."""
        now = self._clock.monotonic()
        inside = [at for at in self._seen if at > now - seconds]
        if len(inside) < limit:
            return 0.0
        return max(inside[len(inside) - limit] + seconds - now, 0.0) if limit else seconds


@dataclass(slots=True)
class Quota:
    """The users of each calendar month, counted per category of regulation types.

    That a call with several subjects uses one unit for each is assumed from "110,000 users".
    """

    limits: dict[str, int] = field(
        default_factory=lambda: {SEGMENT_ONLY: MONTHLY_USERS, SEGMENT_AND_DESTINATION: MONTHLY_USERS}
    )
    used: Counter[tuple[str, str]] = field(default_factory=Counter)

    def consumed(self, category: str, now: datetime) -> int:
        """Units of the category used in the month of `now` (UTC)."""
        return self.used[category, _month(now)]

    def remaining(self, category: str, now: datetime) -> int:
        """Units of the category left in the month of `now` (UTC), never negative."""
        return max(self.limits[category] - self.consumed(category, now), 0)

    def use(self, category: str, users: int, now: datetime) -> None:
        """Take `users` units from the month of `now`."""
        self.used[category, _month(now)] += users

    def headers(self, category: str, now: datetime) -> dict[str, str]:
        """The trio that replaces the per-minute one on creations (Public API specification, since 2025-11-14)."""
        return trio(self.consumed(category, now), self.remaining(category, now), month_end(now))

    def put(self, changes: dict[str, Any], now: datetime) -> None:
        """Change the quota: `{"segment_only": {"limit"?, "used"?}, "segment_and_destination": {…}}`.

        Raises:
            KeyError: a category is unknown.
        """
        for category, wanted in changes.items():
            limit = self.limits[category]
            self.limits[category] = wanted.get("limit", limit)
            if "used" in wanted:
                self.used[category, _month(now)] = wanted["used"]

    def to_json(self, now: datetime) -> dict[str, Any]:
        """Limit and use of this month per category, and when the month ends."""
        shown = {name: {"limit": self.limits[name], "used": self.consumed(name, now)} for name in self.limits}
        return {**shown, "resets_at": format_datetime(month_end(now), usegmt=True)}


def category_of(regulation_type: str) -> str:
    """The quota that a type counts against (Public API specification, regulation endpoints)."""
    return SEGMENT_AND_DESTINATION if regulation_type in FORWARDED_TYPES else SEGMENT_ONLY


def trio(consumed: int, remaining: int, reset: datetime) -> dict[str, str]:
    """The three X-RateLimit headers; the reset is an RFC 5322 date (Public API docs, rate limits)."""
    return {
        "X-RateLimit-Consumed": str(consumed),
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-Reset": format_datetime(reset, usegmt=True),
    }


def month_end(now: datetime) -> datetime:
    """The last second of the calendar month, as in the documented `Tue, 31 Dec 2024 23:59:59 GMT`."""
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (first + timedelta(days=32)).replace(day=1) - timedelta(seconds=1)


def _month(now: datetime) -> str:
    return f"{now:%Y-%m}"
