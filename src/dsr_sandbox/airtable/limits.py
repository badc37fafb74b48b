"""Airtable's limits: 5 requests a second on a base, 50 on a token, and the calls of the month.

Source: Airtable docs, rate limits; Airtable support, managing API call limits.
"""

from collections import deque
from dataclasses import dataclass, field

from dsr_sandbox.airtable.errors import monthly_limit_reached, rate_limited
from dsr_sandbox.clock import SandboxClock

_WINDOW_SECONDS = 1.0


@dataclass
class AirtableLimits:
    """Switches that tests may set at any time.

    Attributes:
        enforced: whether the two rate limits hold.
        per_second: requests per second on one base.
        lockout_seconds: how long everything is refused after the limit was passed.
        strict_batch_of_10: refuse batches of more than 10 records, as Airtable did until 2025; since then 11 were
            accepted, and the new maximum is not known.
        monthly_calls_left: None for no cap; 0 refuses the record calls with the billing error.
        per_second_per_token: requests per second of one token over all bases.
        field_ids_in_formulas: let filters say `{fld…}`; the docs say so, users report that it is refused.
        iterator_idle_seconds: how long an offset lives when it is not used (assumed; the docs give no time).
    """

    enforced: bool = True
    per_second: int = 5
    lockout_seconds: float = 30
    strict_batch_of_10: bool = False
    monthly_calls_left: int | None = None
    per_second_per_token: int = 50
    field_ids_in_formulas: bool = False
    iterator_idle_seconds: float = 900


@dataclass
class _Window:
    calls: deque[float] = field(default_factory=deque)
    locked_until: float = 0.0


class Limiter:
    """Counts calls over a sliding second, on the sandbox's clock.

    What the lock of 30 seconds hangs on is not documented: here on the base or the token whose limit was passed.
    Refused calls do not prolong it (assumed).
    """

    def __init__(self, clock: SandboxClock, limits: AirtableLimits) -> None:
        self._clock = clock
        self._limits = limits
        self._windows: dict[str, _Window] = {}

    def clear(self) -> None:
        """Forget all calls and locks."""
        self._windows.clear()

    def admit(self, token: str, base_id: str | None, *, meta: bool) -> None:
        """Count one call.

        Raises:
            AirtableError: 429, of the rate (body C, without Retry-After) or of the month. The calls of the metadata
                API count for the month but are not refused (reported by one user).
        """
        if self._limits.enforced:
            now = self._clock.monotonic()
            windows = [(self._window(token), self._limits.per_second_per_token)]
            if base_id is not None:
                windows.append((self._window(base_id), self._limits.per_second))
            self._count(windows, now)
        self._count_month(meta=meta)

    def _window(self, key: str) -> _Window:
        return self._windows.setdefault(key, _Window())

    def _count(self, windows: list[tuple[_Window, int]], now: float) -> None:
        if any(window.locked_until > now for window, _ in windows):
            raise rate_limited()
        for window, most in windows:
            while window.calls and window.calls[0] <= now - _WINDOW_SECONDS:
                window.calls.popleft()
            if len(window.calls) >= most:
                window.locked_until = now + self._limits.lockout_seconds
                window.calls.clear()
                raise rate_limited()
            window.calls.append(now)

    def _count_month(self, *, meta: bool) -> None:
        left = self._limits.monthly_calls_left
        if left is None:
            return
        if left > 0:
            self._limits.monthly_calls_left = left - 1
        elif not meta:
            raise monthly_limit_reached()
