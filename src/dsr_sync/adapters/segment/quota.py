"""The monthly quota of regulations, as the answers to creations tell it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from dsr_sync.adapters.wire import date_header

SEGMENT_ONLY = "segment_only"
SEGMENT_AND_DESTINATIONS = "segment_and_destinations"

_FORWARDED = frozenset({"DELETE_ONLY", "SUPPRESS_WITH_DELETE"})
_PREFIXES = ("x-ratelimit-", "x-regulation-ratelimit-")  # the second was documented in October 2025
_SHORT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Quota:
    """What is left of the month in one category, and when the month ends (UTC)."""

    remaining: int
    reset: datetime | None


def category(regulation_type: str) -> str:
    """The quota that a type counts against: the two that are forwarded to destinations have one of their own.

    (Public API specification, create regulation: "Segment-only" and "Segment & Destination".)
    """
    return SEGMENT_AND_DESTINATIONS if regulation_type in _FORWARDED else SEGMENT_ONLY


def quota_in(headers: Mapping[str, str]) -> Quota | None:
    """What the answer to a creation says about the quota; None if it says nothing.

    On creations the X-RateLimit headers speak of the month, not of the minute (Public API specification, since
    2025-11-14).
    """
    for prefix in _PREFIXES:
        remaining = headers.get(f"{prefix}remaining", "").strip()
        if remaining.isascii() and remaining.isdigit():
            return Quota(int(remaining), date_header(headers.get(f"{prefix}reset", "")))
    return None


def exhausted_until(quota: Quota | None, ids: int, now: datetime) -> datetime | None:
    """When the month's quota is whole again, if a 429 to a creation says that it does not hold so many ids any more.

    How a 429 for the month differs from one for the minute is not documented. Assumed: less remains than was asked for
    ("110,000 users", so each id counts), and the reset is more than an hour away.
    """
    if quota is None or quota.remaining >= ids or quota.reset is None:
        return None
    return quota.reset if quota.reset - now > _SHORT else None
