"""A clock of the tests' own, and the pages on a free loopback port."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from dsr_sync.daemon.health import Pulse, ReadinessBoard
from dsr_sync.daemon.http import Pages, Sources
from dsr_sync.daemon.metrics import Metrics


class HandClock:
    """Time that passes only when a test says so; the wall clock can be set without the steady one noticing."""

    def __init__(self) -> None:
        self.wall = datetime(2026, 5, 3, 14, 5, tzinfo=UTC)
        self.steady = 1000.0

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.steady

    def wait(self, seconds: float) -> bool:
        raise AssertionError(f"nothing here waits on the clock ({seconds} s)")

    def passes(self, seconds: float) -> None:
        self.steady += seconds
        self.wall += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def sources(clock: HandClock) -> Sources:
    return Sources(Pulse(clock.monotonic, {"tick": 60}), ReadinessBoard(), Metrics())


@pytest.fixture
def pages(sources: Sources) -> Iterator[Pages]:
    with Pages(sources, "127.0.0.1", 0).served() as served:
        yield served
