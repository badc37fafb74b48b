"""The engine on fakes of all its ports, and on one clock that stands still until a test moves it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from tests.fakes.clock import FakeClock
from tests.fakes.deletion import FakeDeletionService
from tests.fakes.directory import FakeIdentityDirectory
from tests.fakes.ledger import FakeLedger
from tests.fakes.table import FakeRequestTable

from dsr_sync.core.model import Cells, RecordId, Regulation, RegulationId
from dsr_sync.core.policy import Policy
from dsr_sync.engine.tick import Engine
from dsr_sync.engine.world import TickReport, World
from dsr_sync.ports import Permanent, PortError, Transient


@dataclass(slots=True)
class Heard:
    """A listener that remembers."""

    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def happened(self, event: str, **facts: str | float | bool | None) -> None:
        """Remember it."""
        self.events.append((event, facts))

    def named(self, event: str) -> list[dict[str, Any]]:
        """What was said with this event."""
        return [facts for name, facts in self.events if name == event]


class Bench:
    """One pipeline whose ledger is new, and has already read the whole base."""

    def __init__(self, **choices: Any) -> None:
        self.clock, self.heard = FakeClock(), Heard()
        self.table = FakeRequestTable(self.clock.now)
        self.segment = FakeDeletionService(self.clock.now)
        self.policy = Policy(**{"cooling_off": timedelta(0), "follow": timedelta(0), **choices})
        self.profiles = FakeIdentityDirectory()
        self.lose_ledger()
        self.tick()

    def lose_ledger(self) -> None:
        """The process starts again, on an empty ledger."""
        self.ledger = FakeLedger()
        self.restart()

    def restart(self) -> None:
        """The process starts again."""
        ports = (self.table, self.segment, self.ledger, self.clock)
        self.engine = Engine(World(*ports, self.policy, self.heard, chance=lambda: 0.0, directory=self.profiles))

    def tick(self, times: int = 1, every: float = 60.0) -> TickReport:
        """So many ticks, each followed by a while; what the last one did."""
        for _ in range(times):
            report = self.engine.tick()
            self.clock.advance(every)
        return report

    def ask(self, people: Sequence[str]) -> list[RecordId]:
        """Add a row for each of these people."""
        return [self.table.add(person) for person in people]

    def cells(self, record_id: RecordId) -> Cells:
        """What the row says."""
        return self.table.row(record_id).cells

    def regulation_of(self, record_id: RecordId) -> RegulationId:
        """The regulation that the row names."""
        return RegulationId(self.cells(record_id).regulation_id)

    def regulations_of(self, rows: Sequence[RecordId]) -> set[RegulationId]:
        """The regulations that the rows name."""
        return {self.regulation_of(row) for row in rows}

    def sent(self) -> list[tuple[str, ...]]:
        """Whom each regulation is about, in the order of their making."""
        return [tuple(person.reveal() for person in each.subjects) for each in self.segment.created()]


REFUSED = Permanent("segment", "the request is malformed", 400)
BROKEN = Transient("segment", "server error", 500)
ODD = pytest.mark.parametrize(
    "odd", [REFUSED, BROKEN, Transient("segment", "answered oddly", 200)], ids=["a 4xx", "a 5xx", "not understood"]
)


class Stuck:
    """Segment cannot answer about some regulations."""

    def __init__(self, bench: Bench, about: set[RegulationId], error: PortError) -> None:
        self._fetch, self._about, self._error = bench.segment.fetch, about, error
        self.asked = 0

    def __call__(self, regulation_id: RegulationId) -> Regulation | None:
        """What Segment says of a regulation, if anything."""
        self.asked += 1
        if regulation_id in self._about:
            raise self._error
        return self._fetch(regulation_id)


Let = Callable[[Bench, set[RegulationId], PortError], Stuck]


@pytest.fixture
def stick(monkeypatch: pytest.MonkeyPatch) -> Let:
    """Let Segment not answer about these regulations."""

    def let(bench: Bench, about: set[RegulationId], error: PortError) -> Stuck:
        stuck = Stuck(bench, about, error)
        monkeypatch.setattr(bench.segment, "fetch", stuck)
        return stuck

    return let


@pytest.fixture
def benched() -> Callable[..., Bench]:
    """A bench with these choices of the operator."""
    return Bench
