"""One simulated world: the real engine on a ledger, between a base and a workspace that are not real."""

from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any, cast

from tests.torture.checks.history import History, Paces
from tests.torture.simulation.chance import seeded
from tests.torture.simulation.clock import SimClock
from tests.torture.simulation.crashing import Crash, Tripwire, Wired
from tests.torture.simulation.services import LEADS_TO, SimDirectory, SimSegment, SimTable
from tests.torture.simulation.shelves import Shelf
from tests.torture.simulation.staff import REFUSED, Staff
from tests.torture.simulation.weather import Weather

from dsr_sync.core.policy import EmailRule, Policy
from dsr_sync.engine.tick import Engine
from dsr_sync.engine.world import TickReport, World
from dsr_sync.ports import PortError

PAUSES_ALONE = Paces(airtable_per_second=10**9, creations_per_second=10**9, lockout_seconds=0.0)
"""The adapters keep the pace and are not part of this; that the engine waits after a 429 is."""


class Diary:
    """The listener: what the engine says, and what else happens, with the time."""

    def __init__(self, clock: SimClock) -> None:
        self._clock = clock
        self.lines: list[str] = []

    def happened(self, event: str, **facts: str | float | bool | None) -> None:
        """One event of the engine's."""
        self.note(f"  {event} {facts}")

    def note(self, line: str) -> None:
        """Anything else."""
        self.lines.append(f"{self._clock.true_now():%m-%d %H:%M:%S} {line}")


@dataclass(slots=True)
class SimWorld:
    """Everything that one seed decides about. `crashes` counts the process lives that ended badly."""

    seed: int
    shelf: Shelf
    policy: Policy
    clock: SimClock = field(default_factory=SimClock)
    wire: Tripwire = field(default_factory=Tripwire)
    ticks: int = 0
    crashes: int = 0
    rolled_back: bool = False
    weather: Weather = field(init=False)
    table: SimTable = field(init=False)
    segment: SimSegment = field(init=False)
    staff: Staff = field(init=False)
    directory: SimDirectory = field(init=False)
    diary: Diary = field(init=False)
    engine: Engine = field(init=False)
    _jitter: Random = field(init=False)

    def __post_init__(self) -> None:
        """Each part has its own stream of chance, so that one more call here changes nothing there."""
        self.diary = Diary(self.clock)
        self.weather = Weather(self.clock, seeded(self.seed, "weather"))
        self.table = SimTable(self.clock, self.weather)
        self.segment = SimSegment(self.clock, self.weather, seeded(self.seed, "segment"), self.policy.settle)
        self.segment.refused = set(REFUSED)
        self.directory = SimDirectory(self.weather)
        self.staff = Staff(self.table, self.clock, seeded(self.seed, "staff"))
        self._jitter = seeded(self.seed, "jitter")
        self.start()

    def start(self) -> None:
        """A new process life on the ledger as it is."""
        self.clock.go_on()
        self.wire.unset()
        world = World(
            table=cast("Any", Wired(self.table, self.wire)),
            deletions=cast("Any", Wired(self.segment, self.wire)),
            ledger=cast("Any", Wired(self.shelf.ledger, self.wire)),
            clock=self.clock,
            policy=self.policy,
            listener=self.diary,
            chance=self._jitter.random,
            directory=cast("Any", Wired(self.directory, self.wire)) if self._looks_up() else None,
        )
        self.engine = Engine(world)

    def _looks_up(self) -> bool:
        return self.policy.email is EmailRule.LOOKUP

    def tick(self) -> TickReport | None:
        """One tick; None if the process did not live to its end. The next one then starts anew."""
        self.ticks += 1
        self.segment.land()
        try:
            report = self.engine.tick()
        except Crash:
            self.diary.note("CRASH")
            self._begin_again()
            return None
        except PortError as problem:
            self.diary.note(f"the ledger failed: {problem}")
            self._begin_again()
            return None
        worth = {name: count for name, count in report.numbers().items() if count}
        self.diary.note(f"tick {worth} {[str(problem) for problem in report.problems]}")
        if self.clock.wait(0):
            self._begin_again()
        return report

    def _begin_again(self) -> None:
        self.crashes += 1
        self.weather.forgive()
        self.start()

    def lose_ledger(self) -> None:
        """The ledger is gone; a new process begins with an empty one."""
        self.shelf.lose()
        self._rolled_back()

    def restore_ledger(self) -> bool:
        """The last copy takes the ledger's place, if there is one."""
        restored = self.shelf.restore()
        if restored:
            self._rolled_back()
        return restored

    def _rolled_back(self) -> None:
        self.segment.catch_up()
        self.rolled_back = True
        self.start()

    def shift_clock(self, by: timedelta) -> None:
        """Somebody sets the wall clock wrong, or right again."""
        self.clock.shift(by)
        self.weather.forgive()

    def settle_down(self) -> None:
        """A calm time: everything works, nobody does anything, and the daemon has the time to put all in order."""
        self.weather.clear()
        for record_id in self.table._refused:
            self.table.refuse(record_id, "")
        self.shift_clock(timedelta(0))
        self.wire.unset()
        self.diary.note("calm")
        for minutes in (1, 4, 7, 17, 6, 7, 61, 61, 600, 1441, 10, 70, 600, 1445, 10, 10):
            self.clock.advance(60 * minutes)
            self.tick()
        self.segment.freeze()
        for minutes in (1441, 400, 10):
            self.clock.advance(60 * minutes)
            self.tick()

    def history(self) -> History:
        """All of it, for the checker, after two more ticks and a sweep in which nothing may be written any more."""
        self.settle_down()
        settled_at = self.clock.true_now()
        for minutes in (5, 1441):
            self.clock.advance(60 * minutes)
            self.tick()
        return History(
            edits=self.staff.edits,
            rows={row.record_id: row for row in self.table.rows()},
            regulations=self.segment.made(),
            ended_at=self.clock.true_now(),
            writes=self.table.writes,
            receipts={key: (row.receipt.progress.value, row.follow_up) for key, row in self.table.receipts.items()},
            calls=self.weather.calls,
            books=self.shelf.books(),
            policy=self.policy,
            paces=PAUSES_ALONE,
            settled_at=settled_at,
            slack=timedelta(0),
            refused=REFUSED,
            rolled_back=self.rolled_back,
            leads_to={mail: ids for mail, ids in LEADS_TO.items() if ids} if self._looks_up() else {},
            once_refused=frozenset(self.table._refused),
        )
