"""The real clock, for deadlines over real sockets."""

import threading
import time
from datetime import UTC, datetime


class RealClock:
    """The `Clock` of a test that talks to a server: time passes by itself, and a wait is a wait."""

    def __init__(self) -> None:
        self._stop = threading.Event()

    def now(self) -> datetime:
        """Wall-clock time, aware, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    def wait(self, seconds: float) -> bool:
        """Wait, at most so long; True as soon as `stop` was called."""
        return self._stop.wait(seconds)

    def stop(self) -> None:
        """The process is to stop."""
        self._stop.set()
