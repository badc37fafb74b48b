"""Time in the simulation: what really passes, and what the daemon's wall clock says of it."""

from datetime import datetime, timedelta

from tests.fakes.clock import FakeClock


class SimClock(FakeClock):
    """A wall clock that somebody may set wrong, over a time that only goes on."""

    def __init__(self) -> None:
        super().__init__()
        self._start = self.now()
        self.shifted = timedelta(0)

    def true_now(self) -> datetime:
        """What time it really is: the services' clocks are right."""
        return self._start + timedelta(seconds=self.monotonic())

    def shift(self, by: timedelta) -> None:
        """From now on the wall clock is wrong by so much; 0 puts it right."""
        self.shifted = by
        self.set_wall_clock(self.true_now() + by)

    def go_on(self) -> None:
        """A new process: nobody has asked it to stop."""
        self._stopping = False
