"""One tick: settle, sweep, poll, follow, see follow-ups, show. A step does without what the others could not reach."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from dsr_sync.core.retry import backoff
from dsr_sync.engine.follow import follow, see_follow_ups
from dsr_sync.engine.memory import Memory
from dsr_sync.engine.poll import poll
from dsr_sync.engine.recover import recover
from dsr_sync.engine.show import RawReceipts, show_owed
from dsr_sync.engine.sweep import sweep
from dsr_sync.engine.world import TickReport, World
from dsr_sync.ports import OutcomeUnknown, Permanent, PortError, SchemaBroken, Transient

AIRTABLE, SEGMENT = "airtable", "segment"


@dataclass(slots=True)
class Engine:
    """The work of one pipeline. It keeps Segment's unaccounted regulations and the pauses of failing services."""

    world: World
    patient: bool = True
    """Whether a failing service is left alone for a while; `once` was asked to try now, so it is not patient."""
    _memory: Memory = field(default_factory=Memory)
    _failures: dict[str, int] = field(default_factory=dict)

    def tick(self) -> TickReport:
        """Do all that is due now. Problems of a service end the steps that need it and are in the report.

        Raises the ledger's errors: without the ledger nothing may be done.
        """
        report = TickReport()
        world, strangers = self.world, self._memory.strangers
        raw: RawReceipts = {}
        self._step(report, SEGMENT, lambda: recover(world, strangers, report))
        self._step(report, AIRTABLE, lambda: sweep(world, strangers, report))
        self._step(report, AIRTABLE, lambda: poll(world, self._memory, report, may_send=self._may_send()))
        self._step(report, SEGMENT, lambda: raw.update(follow(world, report)))
        self._step(report, AIRTABLE, lambda: see_follow_ups(world))
        self._step(report, AIRTABLE, lambda: show_owed(world, raw, report))
        self._finish(report)
        return report

    def _may_send(self) -> bool:
        """Not before the whole table was read once: only then does a new ledger know which persons are served."""
        return self.world.ledger.mark("sweep") is not None and not self._paused(SEGMENT)

    def _step(self, report: TickReport, service: str, work: Callable[[], object]) -> None:
        if self._paused(service):
            report.paused.add(service)
        if self.world.stopping() or report.failed(service) or service in report.paused:
            return
        try:
            work()
        except (Transient, Permanent, OutcomeUnknown) as problem:
            if problem.service not in (AIRTABLE, SEGMENT):
                raise
            report.problems.append(problem)

    def _paused(self, service: str) -> bool:
        until = self.world.ledger.mark(_pause(service)) if self.patient else None
        return until is not None and self.world.clock.now() < until

    def _finish(self, report: TickReport) -> None:
        now = self.world.clock.now()
        problems = {problem.service: problem for problem in report.problems}
        for service in (AIRTABLE, SEGMENT):
            if service in problems:
                self._pause_after(problems[service], now)
            elif not self._paused(service):
                self._failures.pop(service, None)
        self.world.ledger.set_mark("tick", now)
        if report.complete:
            self.world.ledger.set_mark("clean_tick", now)

    def _pause_after(self, problem: PortError, now: datetime) -> None:
        """Leave a failing service alone for a while; kept in the ledger, so that a restart does not hurry it."""
        if isinstance(problem, SchemaBroken):
            return  # asked about at every tick: it is one metadata call, and a person is waiting for the answer
        failures = self._failures.get(problem.service, 0) + 1
        self._failures[problem.service] = failures
        pause = backoff(failures, self.world.chance())
        asked = problem.retry_after if isinstance(problem, Transient) else None
        self.world.ledger.set_mark(_pause(problem.service), now + max(pause, asked or pause))


def _pause(service: str) -> str:
    return f"pause.{service}"
