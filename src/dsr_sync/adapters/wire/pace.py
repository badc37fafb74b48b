"""How fast a service is called: a sliding window, and the pause that a 429 asks for."""

import math
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from dsr_sync.ports import Clock, Transient

PATIENCE = 3.0
"""Seconds. A longer lock-out is not waited for: the caller hears when to come back, and does other work meanwhile."""

_LEAST_WAIT = 0.001


class Lockout:
    """A host that asked to be left alone, and for how long yet. Shared by every pace that leads to that host."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until = -math.inf

    def impose(self, seconds: float) -> None:
        """Leave the host alone for at least so many seconds from now; a longer pause that runs stays."""
        self._until = max(self._until, self._clock.monotonic() + seconds)

    def left(self) -> float:
        """Seconds until the host may be called again; 0.0 if it may now."""
        return max(self._until - self._clock.monotonic(), 0.0)


class Pace:
    """Lets calls through so that the service never sees more than `per_second`, rounded up, in any one second.

    A rate of 4.5 means at most 5 calls in 1.11 s, so 4.5 a second in the long run. A call counts from its start until
    the window has passed after its end, because the service saw it somewhere in between.

    Raises:
        ValueError: `per_second` is not above 0.
    """

    def __init__(self, service: str, per_second: float, clock: Clock, lockout: Lockout) -> None:
        if not per_second > 0:
            raise ValueError(f"A rate must be above 0: {per_second}")
        self._service = service
        self._clock = clock
        self._lockout = lockout
        self._calls = math.ceil(per_second)
        self._window = self._calls / per_second
        self._recent: deque[float] = deque(maxlen=self._calls)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for this call's turn; the call is made inside.

        Raises:
            Transient: the host is locked out for longer than `PATIENCE` (`retry_after` says how long), or the process
                is to stop. Nothing was called.
        """
        self._wait_for_turn()
        self._recent.append(self._clock.monotonic())
        try:
            yield
        finally:
            self._recent[-1] = self._clock.monotonic()

    def _wait_for_turn(self) -> None:
        while (delay := self._delay()) > 0:
            if self._clock.wait(max(delay, _LEAST_WAIT)):
                raise Transient(self._service, "the process is stopping")

    def _delay(self) -> float:
        locked = self._lockout.left()
        if locked > PATIENCE:
            raise Transient(self._service, "locked out", retry_after=timedelta(seconds=locked))
        if len(self._recent) < self._calls:
            return locked
        return max(locked, self._recent[0] + self._window - self._clock.monotonic())
