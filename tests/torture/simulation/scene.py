"""A small world for a story that a test tells step by step: staff who do what it says, and no chance at all."""

from datetime import timedelta
from typing import Any

from tests.torture.checker import check, said
from tests.torture.simulation.services import Fate
from tests.torture.simulation.shelves import Shelf
from tests.torture.simulation.weather import Spell
from tests.torture.simulation.world import SimWorld

from dsr_sync.core.model import Progress, RecordId, RequestRow
from dsr_sync.core.policy import Policy

HOUR = 3_600.0
DONE = Fate(Progress.FINISHED, (("Braze", Progress.FINISHED),), 60, 600)
FAILED = Fate(Progress.FAILED, (), 60, 600)
NEEDS_HELP = Fate(Progress.FAILED, (("Braze", Progress.FAILED),), 60, 600)
ENDLESS = Fate(Progress.FINISHED, (), 60, 600, hangs=True)


class Scene:
    """A small world: staff who do what a test says, and no chance at all."""

    def __init__(self, shelf: Shelf) -> None:
        self.world = SimWorld(0, shelf, Policy(cooling_off=timedelta(0), follow=timedelta(0)))
        self.world.clock.advance(60)
        self.world.tick()

    def add(self, identifier: str = "ann", **columns: Any) -> RecordId:
        """Staff add an authenticated row; returns its id once the daemon has seen it."""
        record_id = self.world.table.add(identifier, **columns)
        self._note(record_id)
        self.later(1)
        return record_id

    def change(self, record_id: RecordId, **columns: object) -> None:
        """Staff change a row."""
        self.world.table.edit(record_id, **columns)
        self._note(record_id, retry=bool(columns.get("retry")))

    def later(self, minutes: float, ticks: int = 1) -> None:
        """Time passes, and the daemon ticks."""
        for _ in range(ticks):
            self.world.clock.advance(minutes * 60 / ticks)
            self.world.tick()

    def lose_ledger(self) -> None:
        """The ledger is gone, and the daemon starts anew."""
        self.world.lose_ledger()

    def restore_ledger(self) -> None:
        """The copy takes the ledger's place."""
        assert self.world.restore_ledger()

    def fault(self, service: str, kind: str, hours: float = 2) -> None:
        """From now on something is out of order for a while."""
        now = self.world.clock.monotonic()
        self.world.weather.spells.append(Spell(service, kind, now, now + hours * HOUR))

    def row(self, record_id: RecordId) -> RequestRow:
        """The row as it stands."""
        return self.world.table.row(record_id)

    def broken(self) -> str:
        """What the checker has to say after a calm time."""
        return said(check(self.world.history()))

    def _note(self, record_id: RecordId, *, retry: bool = False) -> None:
        self.world.staff.note(record_id, "", retry=retry)
