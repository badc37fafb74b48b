"""Whether the loops are alive, and whether the process can do its work. Never the far side's health."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

LONGEST_SILENCE = 90.0
"""Seconds that a tick may take without a sign of life before it counts as hanging; no call takes half as long."""

SHORTEST_PATIENCE = 60.0
"""Seconds that no tick may be missed for, however short the interval."""

MISSED = 3
"""Intervals without a tick after which the loop counts as dead."""


@dataclass(slots=True)
class _Beat:
    running: bool
    sign: float
    """When the loop last began, ended or gave a sign of life; monotonic seconds."""


class Pulse:
    """When each loop last showed that it lives, by the monotonic clock. Safe to use from any thread."""

    def __init__(
        self,
        monotonic: Callable[[], float],
        intervals: Mapping[str, float],
        silence: float = LONGEST_SILENCE,
        silences: Mapping[str, float] | None = None,
    ) -> None:
        """Watch these loops (seconds between ticks, by name); each counts as just ended.

        `silences` are the longest silences of loops that may take longer than `silence`.
        """
        self._monotonic = monotonic
        self._intervals = dict(intervals)
        self._silences = dict.fromkeys(intervals, silence) | dict(silences or {})
        self._lock = threading.Lock()
        self._beats = {name: _Beat(running=False, sign=monotonic()) for name in intervals}

    def begin(self, loop: str) -> None:
        """A tick of this loop begins."""
        self._note(loop, running=True)

    def end(self, loop: str) -> None:
        """It has ended, however it ended."""
        self._note(loop, running=False)

    def sign(self) -> None:
        """Something moved: running ticks live. For long ticks, such as the first one over a large table."""
        with self._lock:
            for beat in self._beats.values():
                if beat.running:
                    beat.sign = self._monotonic()

    def idle_for(self, loop: str) -> float:
        """Seconds since the loop's last tick ended; 0 while one runs."""
        with self._lock:
            beat = self._beats[loop]
            return 0.0 if beat.running else self._monotonic() - beat.sign

    def stuck(self) -> tuple[str, ...]:
        """The loops that hang, or that no tick came for in max(3 intervals, 60 s)."""
        with self._lock:
            now = self._monotonic()
            return tuple(name for name, beat in self._beats.items() if now - beat.sign > self._patience(name, beat))

    def alive(self) -> bool:
        """Whether no loop is stuck."""
        return not self.stuck()

    def _patience(self, name: str, beat: _Beat) -> float:
        return self._silences[name] if beat.running else max(MISSED * self._intervals[name], SHORTEST_PATIENCE)

    def _note(self, loop: str, *, running: bool) -> None:
        with self._lock:
            self._beats[loop] = _Beat(running, self._monotonic())


class State(StrEnum):
    """What /readyz says."""

    STARTING = "starting"
    READY = "ready"
    STANDING_BY = "standing by"
    SCHEMA_BROKEN = "schema broken"
    TOKEN_REFUSED = "token refused"  # noqa: S105 - words about a token
    LEDGER_TROUBLE = "ledger trouble"
    FAILING = "failing"

    @property
    def fine(self) -> bool:
        """Whether this replica does, or could at any moment do, its work."""
        return self in (State.READY, State.STANDING_BY)


@dataclass(frozen=True, slots=True)
class Readiness:
    """A state and what it is about: columns or tables as the operator named them, a setting, or the name of an error.

    No identifiers.
    """

    state: State
    about: tuple[str, ...] = ()


class ReadinessBoard:
    """Where the work says how it stands, and /readyz reads it. Safe to use from any thread."""

    def __init__(self) -> None:
        self._now = Readiness(State.STARTING)

    def set(self, state: State, about: Sequence[str] = ()) -> bool:
        """Say how it stands now; whether that is another state than before."""
        before, self._now = self._now, Readiness(state, tuple(about))
        return before != self._now

    @property
    def now(self) -> Readiness:
        """How it stands."""
        return self._now
