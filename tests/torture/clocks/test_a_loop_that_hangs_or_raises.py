"""A job that raises or hangs never stops the others, and /healthz says that it hangs. Over HTTP, on a made clock."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
from tests.e2e.process import until
from tests.fakes.real_clock import RealClock

from dsr_sandbox.staff import NO_AUTHORITIES
from dsr_sync.daemon.health import LONGEST_SILENCE, Pulse, ReadinessBoard
from dsr_sync.daemon.http import Pages, Sources
from dsr_sync.daemon.metrics import Metrics
from dsr_sync.daemon.scheduler import Loop, Metronome

_BEAT = 0.05


class AheadClock(RealClock):
    """The real clock; the steady one can be moved on."""

    ahead = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead


@dataclass
class House:
    """Two loops, one of which misbehaves, and the pages that tell of them."""

    clock: AheadClock = field(default_factory=AheadClock)
    errors: list[str] = field(default_factory=list)
    turns: list[int] = field(default_factory=list)
    url: str = ""

    def health(self) -> tuple[int, list[str]]:
        answer = httpx.get(f"{self.url}/healthz", timeout=10, verify=NO_AUTHORITIES)
        return answer.status_code, answer.json()["stuck"]

    def goes_on(self) -> None:
        """See that the other loop gets its turns."""
        before = len(self.turns)
        until(lambda: len(self.turns) >= before + 3, "the other loop goes on")


@contextmanager
def house(misbehave: Loop) -> Iterator[House]:
    made = House()
    loops = [misbehave, Loop("lease", _BEAT, lambda: made.turns.append(1))]
    pulse = Pulse(made.clock.monotonic, {loop.name: loop.seconds for loop in loops})
    metronome = Metronome(loops, made.clock, pulse, lambda loop, _: made.errors.append(loop), lambda _: None)
    with Pages(Sources(pulse, ReadinessBoard(), Metrics()), "127.0.0.1", 0).served() as pages:
        made.url = f"http://127.0.0.1:{pages.port}"
        metronome.start()
        try:
            yield made
        finally:
            metronome.stop(10)


def test_a_tick_that_hangs_fails_the_health_page_within_a_minute_of_its_deadline_and_stops_nobody() -> None:
    release = threading.Event()
    with house(Loop("tick", _BEAT, lambda: release.wait(60))) as made:
        until(lambda: made.turns, "the other loop has begun")
        assert made.health() == (200, [])
        made.clock.ahead += LONGEST_SILENCE - 30
        made.goes_on()
        assert made.health() == (200, [])
        made.clock.ahead += 31
        made.goes_on()
        assert made.health() == (503, ["tick"])
        assert LONGEST_SILENCE <= 30 + 60  # the deadline of a call, and a minute
        release.set()
        until(lambda: made.health() == (200, []), "it is well again")


def test_a_tick_that_raises_each_time_stops_nobody_and_is_no_reason_to_restart() -> None:
    def fail() -> None:
        raise ZeroDivisionError

    with house(Loop("tick", _BEAT, fail)) as made:
        until(lambda: len(made.errors) >= 3, "it has raised three times")
        made.goes_on()
        assert set(made.errors) == {"tick"}
        assert made.health() == (200, [])
