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
_SECOND = 1.0


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
    """Lets calls through so that the service never sees more than `most` in any one second, nor `per_second` for long.

    `most` is the rate rounded up unless it is given. A rate of 4.5 means at most 5 calls in 1.11 s, from the start of
    the first to the start of the sixth, so that the time that calls take costs nothing. And because the service saw a
    call somewhere between its start and its end, the sixth begins at least a second after the end of the first.

    Raises:
        ValueError: `per_second` is not above 0.
    """

    def __init__(
        self, service: str, per_second: float, clock: Clock, lockout: Lockout, most: int | None = None
    ) -> None:
        if not per_second > 0:
            raise ValueError(f"A rate must be above 0: {per_second}")
        self._service = service
        self._clock = clock
        self._lockout = lockout
        self._calls = most or math.ceil(per_second)
        self._window = self._calls / per_second
        self._recent: deque[_Times] = deque(maxlen=self._calls)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for this call's turn; the call is made inside.

        Raises:
            Transient: the host is locked out for longer than `PATIENCE` (`retry_after` says how long), or the process
                is to stop. Nothing was called.
        """
        self._wait_for_turn()
        call = _Times(self._clock.monotonic())
        self._recent.append(call)
        try:
            yield
        finally:
            call.ended = self._clock.monotonic()

    def turn_in(self) -> float:
        """Seconds that a call made now would wait for its turn; a lock-out that is not waited for adds none."""
        locked = self._lockout.left()
        return max(self._own_turn(), locked if locked <= PATIENCE else 0.0)

    def _wait_for_turn(self) -> None:
        while (delay := self._delay()) > 0:
            if self._clock.wait(max(delay, _LEAST_WAIT)):
                raise Transient(self._service, "the process is stopping")

    def _delay(self) -> float:
        locked = self._lockout.left()
        if locked > PATIENCE:
            raise Transient(self._service, "locked out", retry_after=timedelta(seconds=locked))
        return max(locked, self._own_turn())

    def _own_turn(self) -> float:
        """Seconds until the pace alone lets a call through."""
        if len(self._recent) < self._calls:
            return 0.0
        first = self._recent[0]
        return max(max(first.began + self._window, first.ended + _SECOND) - self._clock.monotonic(), 0.0)


class _Times:
    """When a call began, and when it ended; while it is under way, it is as if it ended at once."""

    __slots__ = ("began", "ended")

    def __init__(self, began: float) -> None:
        self.began = self.ended = began
