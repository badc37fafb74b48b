"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta


class FakeClock:
    """The `Clock` of a test. Waiting takes no time: it moves the clock. The monotonic clock starts at 0."""

    def __init__(self, start: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)) -> None:
        self._now = start
        self._monotonic = 0.0
        self._stopping = False
        self.waits: list[float] = []
        """Every wait that took time, in seconds."""

    def now(self) -> datetime:
        """Wall-clock time, aware, UTC."""
        return self._now

    def monotonic(self) -> float:
        """Seconds that never go back, whatever a test does to the wall clock."""
        return self._monotonic

    def wait(self, seconds: float) -> bool:
        """Let so much time pass at once, unless the process is to stop."""
        if not self._stopping and seconds > 0:
            self.waits.append(seconds)
            self.advance(seconds)
        return self._stopping

    def stop(self) -> None:
        """The process is to stop: from now on no wait takes any time."""
        self._stopping = True

    def advance(self, seconds: float) -> None:
        """Let time pass on both clocks."""
        self._now += timedelta(seconds=seconds)
        self._monotonic += seconds

    def set_wall_clock(self, now: datetime) -> None:
        """Somebody sets the wall clock; the monotonic one goes on as before."""
        self._now = now
