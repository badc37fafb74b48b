"""The sandbox's clock: real time plus an offset that only the control plane moves."""

import threading
import time
from datetime import UTC, datetime, timedelta


class SandboxClock:
    """One time for all emulated services.

    `now()` and `monotonic()` move together: with real time unless frozen, and by `advance()` at once.
    Safe to use from several threads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._epoch = datetime.now(UTC)  # noqa: TID251 - this module is the sandbox's only door to real time
        self._started = _real_seconds()
        self._advanced = 0.0
        self._frozen_at: float | None = None

    def now(self) -> datetime:
        """The sandbox's time of day, an aware datetime in UTC."""
        return self._epoch + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        """Seconds since this clock was made; never goes back."""
        with self._lock:
            return self._elapsed()

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass at once, frozen or not.

        Raises:
            ValueError: `seconds` is negative; the clock never goes back.
        """
        if seconds < 0:
            raise ValueError(f"The sandbox's clock never goes back: {seconds} s")
        with self._lock:
            self._advanced += seconds

    def freeze(self) -> None:
        """Stop real time; only `advance()` moves the clock from here on."""
        with self._lock:
            if self._frozen_at is None:
                self._frozen_at = _real_seconds()

    def unfreeze(self) -> None:
        """Let real time pass again, from where the clock stands."""
        with self._lock:
            if self._frozen_at is not None:
                self._started += _real_seconds() - self._frozen_at
                self._frozen_at = None

    @property
    def frozen(self) -> bool:
        """True while real time does not move this clock."""
        return self._frozen_at is not None

    def _elapsed(self) -> float:
        real = _real_seconds() if self._frozen_at is None else self._frozen_at
        return real - self._started + self._advanced


def rfc3339(at: datetime, digits: int = 3) -> str:
    """A UTC time as both services write it: `2022-03-08T00:39:36.546Z`; Airtable 3 digits, Segment 6."""
    utc = at.astimezone(UTC)
    fraction = f"{utc.microsecond:06d}"[:digits]
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{fraction}Z"


def _real_seconds() -> float:
    return time.monotonic()  # noqa: TID251 - this module is the sandbox's only door to real time
