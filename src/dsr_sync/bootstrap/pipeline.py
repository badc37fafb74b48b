"""A pipeline that may write: the ledger held, the services at hand, the engine ready to tick."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from dsr_sync.adapters.clock import SystemClock
from dsr_sync.adapters.ledger import LeaseTerms, Writer, open_ledger
from dsr_sync.bootstrap.assembly import configure_logs, place_of, world_of
from dsr_sync.bootstrap.telling import Teller
from dsr_sync.engine.tick import Engine
from dsr_sync.engine.world import TickReport, World
from dsr_sync.logs import Log
from dsr_sync.settings import Settings


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The engine of one base and one workspace, and the log that it tells."""

    engine: Engine
    world: World
    log: Log
    writer: Writer

    def renew(self) -> None:
        """Make the right to write last longer. Raises Occupied if another replica has it, and Transient."""
        self.writer.hold()

    def tick(self) -> TickReport:
        """One tick and its one log line. Raises the ledger's errors."""
        report = self.engine.tick()
        failed = sorted({problem.service for problem in report.problems})
        self.log.info("tick.finished", **report.numbers(), problems=len(failed))
        for problem in report.problems:
            self.log.warning("tick.failed", service=problem.service, reason=problem.reason, status=problem.status)
        return report


@contextmanager
def pipeline(
    settings: Settings, stop: threading.Event | None = None, teller: Teller | None = None, *, patient: bool = False
) -> Iterator[Pipeline]:
    """Take the ledger and put the pipeline together.

    `stop` ends the work between two steps. `teller` hears what happens; without one it is logged. `patient` leaves a
    failing service alone for a while.
    Raises Occupied if another process has the ledger, LedgerUnusable, Transient.
    """
    clock = SystemClock(stop or threading.Event())
    log = configure_logs(settings)
    terms = LeaseTerms(seconds=settings.ledger.lease_seconds)
    with (
        closing(open_ledger(place_of(settings), clock.monotonic, terms)) as ledger,
        world_of(settings, ledger, clock, teller or Teller(log)) as world,
    ):
        yield Pipeline(Engine(world, patient), world, log, ledger.writer)
