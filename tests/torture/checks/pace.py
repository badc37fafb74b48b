"""Were the services called no faster than they allow, and left alone after a 429?"""

import itertools
from collections.abc import Iterator, Sequence

from tests.torture.checks.history import Call, History, Paces, Violation

_TOO_MANY_REQUESTS = 429

_ROUNDING = 0.001
"""Seconds. A journal's times are rounded, and calls a second apart are not in one second."""


def check(history: History) -> Iterator[Violation]:
    """Judge the journal of calls; without one, or without limits, there is nothing to judge."""
    paces = history.paces
    if paces is None:
        return
    airtable = [call for call in history.calls if call.service == "airtable"]
    creations = [call for call in history.calls if call.service == "segment" and call.creates]
    yield from _too_fast("Airtable was called", airtable, paces.airtable_per_second)
    yield from _too_fast("regulations were created", creations, paces.creations_per_second)
    for service in ("airtable", "segment"):
        yield from _pushed(service, [call for call in history.calls if call.service == service], paces)


def _too_fast(what: str, calls: Sequence[Call], allowed: int) -> Iterator[Violation]:
    times = sorted(call.at for call in calls)
    for first, last in zip(times, times[allowed:], strict=False):
        if last - first < 1.0 - _ROUNDING:
            yield Violation(0, f"{what} more than {allowed} times in one second, at {first:.3f} s")
            return


def _pushed(service: str, calls: Sequence[Call], paces: Paces) -> Iterator[Violation]:
    """After a 429 the service is left alone: Airtable's lock-out of 30 s, or as long as the answer asked for."""
    ordered = sorted(calls, key=lambda call: call.at)
    for call, following in itertools.pairwise(ordered):
        pause = max(min(call.pause, paces.longest_pause), paces.lockout_seconds if service == "airtable" else 0.0)
        if call.status == _TOO_MANY_REQUESTS and following.at - call.at < pause - 0.05:
            waited = following.at - call.at
            yield Violation(0, f"{service} was called {waited:.1f} s after a 429 that asked for {pause:.1f} s")
            return
