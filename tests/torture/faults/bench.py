"""The real engine, adapters and SQLite ledger over HTTP against a sandbox, in one process and on one clock.

The sandbox's clock is the daemon's too. Frozen, it moves only when a test or a wait of the product moves it, so that
24 hours of outage take seconds and every rate is exact, however slow the machine is.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.torture.checker import Told, Violation, WatchedStaff, check, history_of

from dsr_sandbox import Sandbox
from dsr_sandbox.clock import SandboxClock
from dsr_sandbox.journal import Entry
from dsr_sync.adapters.airtable import AirtableRequestTable
from dsr_sync.adapters.ledger import SqlLedger, open_ledger
from dsr_sync.adapters.segment import SegmentDeletionService
from dsr_sync.bootstrap.assembly import airtable_options, place_of, policy_of, segment_options, settings_from
from dsr_sync.engine.tick import Engine
from dsr_sync.engine.world import TickReport, World
from dsr_sync.ports import Clock
from dsr_sync.settings import Settings

POLL = 60.0
SETTLE = 900.0

_SETTINGS = {
    "DSR_SYNC_SAFETY__COOLING_OFF_MINUTES": "0",
    "DSR_SYNC_SAFETY__MAX_SUBMISSIONS_PER_HOUR": "100000",
    "DSR_SYNC_SCHEDULE__FOLLOW_SECONDS": "0",
}


class SharedClock:
    """The sandbox's clock as a `Clock`: a wait lets the time pass for both. `ahead` sets the wall clock wrong."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self.ahead = timedelta(0)
        self.stopped = False

    def now(self) -> datetime:
        """Wall-clock time, aware, UTC."""
        return self._clock.now() + self.ahead

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return self._clock.monotonic()

    def wait(self, seconds: float) -> bool:
        """Let so much time pass."""
        if seconds > 0 and not self.stopped:
            self._clock.advance(seconds)
        return self.stopped


class Heard:
    """A listener that remembers."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []

    def happened(self, event: str, **facts: str | float | bool | None) -> None:
        """Remember it."""
        self.events.append((event, facts))

    def named(self, event: str) -> list[dict[str, Any]]:
        """What was said with this event."""
        return [facts for name, facts in self.events if name == event]


class Calls:
    """Counts the product's calls of both services, and lets something happen right after one of them.

    `seconds` is how long each of them took.
    """

    def __init__(self) -> None:
        self.made = 0
        self.seconds: list[float] = []
        self._deeds: dict[int, Callable[[], object]] = {}

    def after(self, further: int, deed: Callable[[], object]) -> None:
        """Do it when so many further calls have been made."""
        self._deeds[self.made + further] = deed

    def heard(self, _method: str, _status: int | None, seconds: float) -> None:
        """Another call has ended, well or not."""
        self.made += 1
        self.seconds.append(seconds)
        self._deeds.pop(self.made, lambda: None)()


@dataclass
class Bench:
    """One world on the bench."""

    box: Sandbox
    settings: Settings
    clock: SharedClock
    staff: WatchedStaff
    heard: Heard
    engine: Engine
    ledger: SqlLedger
    made_calls: Calls
    restarted: Callable[[], AbstractContextManager[tuple[Engine, SqlLedger]]]
    _life: ExitStack
    people: list[str] = field(default_factory=list)

    def tick(self) -> TickReport:
        """One tick."""
        return self.engine.tick()

    def later(self, seconds: float, every: float = POLL) -> list[TickReport]:
        """Let time pass, with a tick at the end of each interval; what they did."""
        reports = []
        for _ in range(round(seconds / every)):
            self.box.clock.advance(every)
            reports.append(self.tick())
        return reports

    def restart(self, *, neatly: bool = False) -> None:
        """The process is killed and starts again; or it has ended `neatly`, as after SIGTERM.

        A killed one closes nothing before the test ends, and writes nothing: connections stay open, and SQLite's `-wal`
        stays as it is. Only the lock goes, which the kernel takes from a dead process.
        """
        dead = self._life.pop_all()
        if neatly:
            dead.close()
        else:
            self._life.callback(dead.close)
            self.ledger.writer.release()
        self.engine, self.ledger = self._life.enter_context(self.restarted())

    def ask(self, identifier: str, **cells: object) -> str:
        """Staff add an authenticated row; its record id."""
        named = {name.replace("_", " "): value for name, value in cells.items()}
        return self.staff.add({"User identifier": identifier, "Authenticated": True, **named})

    def row(self, record_id: str) -> dict[str, Any]:
        """The cells of a request as they are now."""
        return self.staff.rows()[record_id]

    def status(self, record_id: str) -> str:
        """What the column Status says, "" if nothing."""
        return str(self.row(record_id).get("Status", ""))

    def note(self, record_id: str) -> str:
        """What the column Status note says, "" if nothing."""
        return str(self.row(record_id).get("Status note", ""))

    def regulations(self, identifier: str) -> int:
        """How many regulations Segment has about a person."""
        made = self.box.segment.workspace.regulations()
        return sum(identifier in regulation.order.subjects for regulation in made)

    def calls(self, service: str, since: int = 0, **wanted: str) -> list[Entry]:
        """The product's calls of a service after entry `since` of the journal."""
        return self.box.journal.entries(service, since, **wanted)

    def so_far(self) -> int:
        """The number of the journal's last entry."""
        entries = self.box.journal.entries()
        return entries[-1].seq if entries else 0

    def fault(self, service: str, kind: str, **options: object) -> int:
        """Something goes wrong from now on; the number to end it by."""
        return self.box.faults.add(service, kind, **options).id

    def judged(self, **told: Any) -> list[Violation]:
        """What the checker of the promises says; nothing may be left to do unless `calm` is false."""
        known = Told(policy=policy_of(self.settings), **told)
        url = self.settings.ledger.url.get_secret_value()
        return check(history_of(self.box, url, staff=self.staff, told=known))


@contextmanager
def bench(folder: Path, *, frozen: bool = True, seconds: float = 30.0, **changes: str) -> Iterator[Bench]:
    """A bench whose first tick has been. `seconds` is the longest that one call may take; `changes` are settings."""
    with Sandbox() as box:
        if frozen:
            box.clock.freeze()
        url = {"DSR_SYNC_LEDGER__URL": f"sqlite:///{folder}/ledger.db"}
        settings = settings_from(None, box.settings() | _SETTINGS | url | changes)
        clock, heard, calls = SharedClock(box.clock), Heard(), Calls()

        @contextmanager
        def life() -> Iterator[tuple[Engine, SqlLedger]]:
            with _world(settings, clock, heard, calls, seconds) as (world, ledger):
                yield Engine(world, patient=True), ledger

        with ExitStack() as stack:
            engine, ledger = stack.enter_context(life())
            made = Bench(box, settings, clock, WatchedStaff(box), heard, engine, ledger, calls, life, stack)
            report = made.tick()
            assert report.complete, report.problems
            yield made


@contextmanager
def _world(
    settings: Settings, clock: Clock, heard: Heard, calls: Calls, seconds: float
) -> Iterator[tuple[World, SqlLedger]]:
    ledger = open_ledger(place_of(settings), clock.monotonic)
    base = replace(airtable_options(settings), deadline_seconds=seconds, observe=calls.heard)
    workspace = replace(segment_options(settings), deadline_seconds=seconds, observe=calls.heard)
    table = AirtableRequestTable(base, clock)
    deletions = SegmentDeletionService(workspace, clock)
    try:
        yield World(table, deletions, ledger, clock, policy_of(settings), heard, chance=lambda: 0.0), ledger
    finally:
        deletions.close()
        table.close()
        ledger.close()


def environment(**changes: str) -> Mapping[str, str]:
    """Settings by the ends of their names, such as `SEGMENT__SETTLE_SECONDS`."""
    return {f"DSR_SYNC_{name}": value for name, value in changes.items()}
