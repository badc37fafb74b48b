"""A pipeline that may write: the ledger held, the services at hand, the engine ready to tick."""

import math
import os
import platform
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass

from dsr_sync.adapters.clock import SystemClock
from dsr_sync.adapters.dead_man import DeadMan
from dsr_sync.adapters.ledger import LeaseTerms, Writer, open_ledger
from dsr_sync.bootstrap.assembly import configure_logs, place_of, world_of
from dsr_sync.bootstrap.telling import Teller
from dsr_sync.engine.tick import Engine
from dsr_sync.engine.world import TickReport, World
from dsr_sync.logs import Log
from dsr_sync.ports import Permanent, PortError
from dsr_sync.settings import Settings

TRY_SECONDS = 0.5
"""How often a replica tries to take the ledger, or to keep it: a follower leads within a second of a resignation."""

_FRESH = 2 / 3
"""A lease that lasts for this share of its whole time needs no renewal yet."""


@dataclass(slots=True)
class Pipeline:
    """The engine of one base and one workspace, and the log that it tells."""

    engine: Engine
    world: World
    log: Log
    writer: Writer
    dead_man: DeadMan
    lease_seconds: float
    _refusals: frozenset[tuple[str, str]] = frozenset()

    def renew(self) -> None:
        """Make the right to write last longer, if it is time. Raises Occupied if another has it, and Transient."""
        if self.writer.trusted_for() < self.lease_seconds * _FRESH:
            self.writer.hold()
            self.dead_man.renewed()
            self.log.debug("lease.renewed", **_term(self.writer))

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Keep the right to write while the block works, for commands that have no metronome."""
        ended = threading.Event()

        def keep() -> None:
            while not ended.wait(TRY_SECONDS):
                with suppress(PortError):  # if it is lost for good, the next write says so
                    self.renew()

        keeper = threading.Thread(target=keep, name="lease", daemon=True)
        keeper.start()
        try:
            yield
        finally:
            ended.set()
            keeper.join()

    def tick(self) -> TickReport:
        """One tick and its one log line. Raises the ledger's errors."""
        report = self.engine.tick()
        failed = sorted({problem.service for problem in report.problems})
        self.log.info("tick.finished", **report.numbers(), problems=len(failed))
        for problem in report.problems:
            if _refusal(problem) not in self._refusals:
                self.log.warning("tick.failed", service=problem.service, reason=problem.reason, status=problem.status)
        if not report.paused:
            self._refusals = frozenset(_refusal(each) for each in report.problems if isinstance(each, Permanent))
        return report


def _refusal(problem: PortError) -> tuple[str, str]:
    """What only a person can end, and is said once, not at every tick until somebody has."""
    return problem.service, problem.reason


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
    seconds = settings.ledger.lease_seconds
    terms = LeaseTerms(seconds, min(1.0, seconds / 5), holder=f"{platform.node()}:{os.getpid()}")
    with closing(open_ledger(place_of(settings), clock.monotonic, terms)) as ledger:
        writer, dead_man = ledger.writer, DeadMan(ledger.writer.trusted_for)
        log.info("lease.taken", **_term(writer))
        try:
            with world_of(settings, ledger, clock, teller or Teller(log), dead_man.armed) as world:
                yield Pipeline(Engine(world, patient), world, log, writer, dead_man, seconds)
        finally:
            log.info("lease.given_back", epoch=writer.epoch)


def _term(writer: Writer) -> dict[str, float | None]:
    """The number of a term, and how long from now nobody else can have another; None where there are no terms."""
    left = writer.trusted_for()
    return {"epoch": writer.epoch, "seconds": round(left, 3) if left < math.inf else None}
