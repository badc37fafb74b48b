"""The metronome: APScheduler calls each loop at its interval, and a watchdog keeps it going when the clock is set.

Nothing durable depends on it. A tick is a hint to look; what is due stands in the ledger.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from dsr_sync.daemon.health import Pulse
from dsr_sync.ports import Clock

LATE = 1.25
"""Intervals of idleness after which the watchdog calls a loop itself; in good order there is never more than one."""

JUMP = 5.0
"""Seconds that the wall clock may gain or lose on the steady one between two looks before that is reported."""

LONGEST_BEAT = 5.0
"""Seconds between two looks of the watchdog, at most; a quarter of the shortest interval if that is less."""


@dataclass(frozen=True, slots=True)
class Loop:
    """Something to be done every so many seconds. Its first turn comes at once."""

    name: str
    seconds: float
    work: Callable[[], object]


class Every(BaseTrigger):  # type: ignore[misc] # the library ships no types
    """Due at equal intervals; whatever was missed counts as one turn.

    APScheduler's own interval trigger reckons out every missed turn by itself, which takes minutes when the clock is
    set forward by months.
    """

    def __init__(self, seconds: float) -> None:
        """Be due every so many seconds."""
        self._interval = timedelta(seconds=seconds)

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """One interval after the last turn, or after now if that is past."""
        due = (previous_fire_time or now) + self._interval
        return due if due > now else now + self._interval


class Metronome:
    """Calls the loops, each in a thread of its own and never twice at a time."""

    def __init__(
        self,
        loops: Sequence[Loop],
        clock: Clock,
        pulse: Pulse,
        on_error: Callable[[str, Exception], None],
        on_jump: Callable[[float], None],
    ) -> None:
        """Prepare; nothing runs yet. `pulse` must know the loops by the same names.

        `on_error` is told the loop and what its work raised; the next turn comes all the same. `on_jump` is told by
        how many seconds the wall clock was set.
        """
        self._loops = tuple(loops)
        self._clock, self._pulse = clock, pulse
        self._on_error, self._on_jump = on_error, on_jump
        self._stopped = threading.Event()
        self._turns = threading.Condition()
        self._running = 0
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            jobstores={"default": MemoryJobStore()},
            executors={"default": ThreadPoolExecutor(len(self._loops))},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._watchdog = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def start(self) -> None:
        """Begin; the first turn of each loop comes at once."""
        for loop in self._loops:
            self._scheduler.add_job(
                self._turn,
                Every(loop.seconds),
                args=(loop,),
                id=loop.name,
                next_run_time=self._clock.now(),
            )
        self._scheduler.start()
        self._watchdog.start()

    def call_now(self, loop: str) -> None:
        """Let the next turn of a loop come at once, unless there are no more."""
        if not self._stopped.is_set():
            self._scheduler.modify_job(loop, next_run_time=self._clock.now())

    def stop(self, patience: float) -> bool:
        """Begin no further turn, and wait at most `patience` seconds for those that run; whether all have ended."""
        self._stopped.set()
        self._watchdog.join()
        self._scheduler.shutdown(wait=False)
        with self._turns:
            return self._turns.wait_for(lambda: self._running == 0, patience)

    def _turn(self, loop: Loop) -> None:
        if self._stopped.is_set():
            return
        self._count(1)
        self._pulse.begin(loop.name)
        try:
            loop.work()
        except Exception as error:  # noqa: BLE001 - whatever one loop raises, the others go on and it gets its next turn
            self._on_error(loop.name, error)
        finally:
            self._pulse.end(loop.name)
            self._count(-1)

    def _count(self, change: int) -> None:
        with self._turns:
            self._running += change
            self._turns.notify_all()

    def _watch(self) -> None:
        """Notice a wall clock that was set, by which APScheduler reckons, and call late loops by the steady one."""
        beat = min([LONGEST_BEAT, *(loop.seconds / 4 for loop in self._loops)])
        offset = self._offset()
        while not self._stopped.wait(beat):
            before, offset = offset, self._offset()
            if abs(offset - before) > JUMP:
                self._on_jump(offset - before)
            for loop in self._loops:
                if self._pulse.idle_for(loop.name) > LATE * loop.seconds:
                    self._scheduler.modify_job(loop.name, next_run_time=self._clock.now())

    def _offset(self) -> float:
        return self._clock.now().timestamp() - self._clock.monotonic()
