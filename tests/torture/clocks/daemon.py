"""The daemon in a process whose wall clock a test sets, and how long its ticks keep it waiting."""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.e2e.process import Daemon, Process, until

POLL = 1.0
HOUR, DAY = 3600.0, 86_400.0

JUMPS: dict[str, float] = {
    "an hour back": -HOUR,
    "an hour forward": HOUR,
    "ninety days back": -90 * DAY,
    "ninety days forward": 90 * DAY,
}

_SCRIPT = str(Path(__file__).parent / "moved.py")
_BERLIN = ZoneInfo("Europe/Berlin")


def until_summer_time(now: datetime) -> float:
    """Seconds until two seconds before Berlin's clocks are next put forward."""
    return _until_change(now, timedelta(hours=2))


def until_winter_time(now: datetime) -> float:
    """Seconds until two seconds before Berlin's clocks are next put back."""
    return _until_change(now, timedelta(hours=1))


def _until_change(now: datetime, to: timedelta) -> float:
    hour = now.replace(minute=0, second=0, microsecond=0)
    while True:
        following = hour + timedelta(hours=1)
        before, after = hour.astimezone(_BERLIN).utcoffset(), following.astimezone(_BERLIN).utcoffset()
        if before != after == to:
            return (following - now).total_seconds() - 2
        hour = following


@dataclass
class Moved:
    """A running daemon whose wall clock can be set."""

    daemon: Daemon
    process: Process

    def ticks(self) -> int:
        """How many ticks have come to their end."""
        return len(self.process.events("tick.finished"))

    def set_clock(self, ahead: float) -> None:
        """From now on its wall clock is ahead by so many seconds."""
        stdin = self.process.popen.stdin
        assert stdin is not None
        stdin.write(f"{ahead}\n")
        stdin.flush()

    def longest_wait(self, ahead: float, ticks: int = 3) -> float:
        """Set the clock; the longest that the next ticks kept us waiting, in seconds of the steady clock."""
        before, waits = self.ticks(), []
        self.set_clock(ahead)
        for number in range(1, ticks + 1):
            begun = time.monotonic()
            until(lambda wanted=before + number: self.ticks() >= wanted, "the next tick")  # type: ignore[misc] # bound now
            waits.append(time.monotonic() - begun)
        return max(waits)


@contextmanager
def moved(env: Mapping[str, str], folder: Path, ahead: float = 0.0) -> Iterator[Moved]:
    """The daemon, from when its pages answer and its first tick is over. Local time is Berlin's."""
    popen = subprocess.Popen(
        [sys.executable, _SCRIPT, str(ahead), "run"], cwd=folder, env={**env, "TZ": "Europe/Berlin"},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    process = Process(popen)
    daemon = Daemon(process)
    try:
        process.read()
        until(lambda: daemon.url, "the daemon says that it has started")
        until(lambda: process.events("tick.finished"), "its first tick")
        yield Moved(daemon, process)
        if process.runs():
            assert daemon.stopped() == 0, process.err[-5:]
    finally:
        if popen.stdin is not None:
            popen.stdin.close()
        process.close()


def now() -> datetime:
    """The time of day."""
    return datetime.now(UTC)
