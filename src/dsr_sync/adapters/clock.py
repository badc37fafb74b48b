"""The one place where real time comes in."""

import threading
import time
from datetime import UTC, datetime


class SystemClock:
    """The `Clock` of the machine. `stop` is set when the process is to end: it cuts every wait short."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop

    def now(self) -> datetime:
        """Wall-clock time, aware, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    def wait(self, seconds: float) -> bool:
        """Wait, at most so long; True as soon as the process is to stop."""
        return self._stop.wait(seconds)
