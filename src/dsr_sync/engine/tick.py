"""One tick: settle, poll, look for duplicates, follow, sweep, show. A step does without what others could not reach."""

from collections.abc import Callable
from dataclasses import dataclass, field

from dsr_sync.core.actions import Why
from dsr_sync.engine.clocks import DAILY, ClockWatch
from dsr_sync.engine.duplicates import find_duplicates
from dsr_sync.engine.follow import follow, see_follow_ups
from dsr_sync.engine.memory import Memory
from dsr_sync.engine.pauses import Pauses
from dsr_sync.engine.poll import poll
from dsr_sync.engine.receipts import sweep_receipts
from dsr_sync.engine.recover import recover
from dsr_sync.engine.show import RawReceipts, show_owed
from dsr_sync.engine.sweep import sweep
from dsr_sync.engine.world import TickReport, World
from dsr_sync.ports import BaseProblem, OutcomeUnknown, Permanent, PortError, Transient

AIRTABLE, SEGMENT = "airtable", "segment"

CLEAN_TICK = "clean_tick"
"""The mark of when a tick last did all that was due, whichever process's it was."""


@dataclass(slots=True)
class Engine:
    """The work of one pipeline. It keeps Segment's unaccounted regulations and the pauses of failing services."""

    world: World
    patient: bool = True
    """Whether a failing service is left alone for a while; `once` was asked to try now, so it is not patient."""
    _memory: Memory = field(default_factory=Memory)
    _pauses: Pauses = field(init=False)
    _watch: ClockWatch = field(init=False)
    _flaws: tuple[BaseProblem, ...] = ()

    def __post_init__(self) -> None:
        """Take up the pauses that the ledger knows of, and begin to watch the clock."""
        self._pauses = Pauses(self.world, self.patient)
        self._watch = ClockWatch(self.world.policy.settle)
        self._watch.look(self.world.clock)

    def tick(self) -> TickReport:
        """Do all that is due now. Problems of a service end the steps that need it and are in the report.

        Raises the ledger's errors: without the ledger nothing may be done. It is written first of all, so that one
        which can only be read costs no call.
        """
        self.world.ledger.set_mark("begun", self.world.clock.now())
        self._see_whether_it_is_the_same_ledger()
        report = TickReport(doubts_left=self._pauses.doubts(SEGMENT))
        world, strangers = self.world, self._memory.strangers
        raw: RawReceipts = {}
        if self._watch.look(world.clock):
            strangers.doubt()
        timed = self._watch.trusted(world.clock)
        self._step(report, SEGMENT, lambda: recover(world, strangers, report, timed=timed))
        if not self._swept():
            self._step(report, AIRTABLE, lambda: sweep(world, strangers, raw, report))
        self._step(report, AIRTABLE, lambda: poll(world, self._memory, report, self._waiting()))
        self._step(report, SEGMENT, lambda: find_duplicates(world, strangers))
        self._step(report, SEGMENT, lambda: raw.update(follow(world, report)))
        self._step(report, AIRTABLE, lambda: see_follow_ups(world))
        # After following: a ledger restored from a copy is behind the base until it has looked at Segment again.
        alone = self._aside(report, lambda: sweep(world, strangers, raw, report))
        self._step(report, AIRTABLE, lambda: show_owed(world, raw, report))
        report.problems.extend(alone)
        self._step(report, AIRTABLE, lambda: sweep_receipts(world, report))
        if self._pauses.refused(SEGMENT):  # perhaps nothing else would ask it, and nobody would learn that it is mended
            self._step(report, SEGMENT, lambda: next(iter(world.deletions.listing()), None))
        self._finish(report)
        return report

    def _see_whether_it_is_the_same_ledger(self) -> None:
        """A ledger with fewer events than before is an older copy, put in place under a living process.

        What was sent since is not in it, so Segment's list is read anew before anything is sent, and the whole table
        is compared with it.
        """
        ledger = self.world.ledger
        height, before = ledger.height(), self._memory.height
        self._memory.height = height
        if height < before:
            self._memory.strangers.doubt()
            if self._swept():
                ledger.set_mark("sweep", self.world.clock.now() - DAILY)

    def _waiting(self) -> Why | None:
        """Why nothing may be sent now, if so.

        A new ledger sends nothing before the whole table was read once: only then does it know who is served.
        """
        if not self._swept():
            return Why.READY
        return Why.PAUSED if self._pauses.on(SEGMENT) else None

    def _swept(self) -> bool:
        return self.world.ledger.mark("sweep") is not None

    def _step(self, report: TickReport, service: str, work: Callable[[], object]) -> None:
        if self._pauses.on(service):
            report.paused.add(service)
        if self.world.stopping() or report.failed(service) or service in report.paused:
            return
        try:
            work()
        except (Transient, Permanent, OutcomeUnknown) as problem:
            if problem.service not in (AIRTABLE, SEGMENT):
                raise
            report.problems.append(problem)

    def _aside(self, report: TickReport, work: Callable[[], object]) -> list[PortError]:
        """Do a step that reads the whole table; gives its failure, if that says nothing about other calls.

        Something in the table may be in its way for days, and the rows that are owed something must still be told.
        """
        before = len(report.problems)
        self._step(report, AIRTABLE, work)
        failed = [problem for problem in report.problems[before:] if _of_this_call_alone(problem)]
        report.problems[before:] = [problem for problem in report.problems[before:] if problem not in failed]
        return failed

    def _finish(self, report: TickReport) -> None:
        self._look_at_the_base(report)
        if not self.world.stopping():  # what a stop cut short is nobody's failure
            self._judge(report)
        now = self.world.clock.now()
        self._memory.height = self.world.ledger.height()
        self.world.ledger.set_mark("tick", now)
        if report.complete:
            self.world.ledger.set_mark(CLEAN_TICK, now)

    def _look_at_the_base(self, report: TickReport) -> None:
        """Say once what hampers the work; when something is mended, let the next tick make up for all rows."""
        report.flaws = self.world.table.flaws()
        before, self._flaws = self._flaws, report.flaws
        for flaw in report.flaws:
            if flaw not in before:
                self.world.listener.happened(
                    "base.flawed", flaw=flaw.flaw.value, table=flaw.table, column=flaw.column or None
                )
        mended = set(before) - set(report.flaws)
        if mended and not report.failed(AIRTABLE) and self._swept():  # before the first sweep, nothing may pass for one
            for name in ("sweep", "receipts"):
                self.world.ledger.set_mark(name, self.world.clock.now() - DAILY)

    def _judge(self, report: TickReport) -> None:
        """Which services failed in this tick, and which worked."""
        problems = {problem.service: problem for problem in report.problems}
        for service in (AIRTABLE, SEGMENT):
            if service in problems:
                self._pauses.failed(service, problems[service])
            elif service == SEGMENT and report.doubts_left <= 0:
                self._pauses.failed(service, None)
            elif service not in report.paused:
                self._pauses.went_well(service)


def _of_this_call_alone(problem: PortError) -> bool:
    """Whether other calls may go well: Airtable did not ask for a pause, nor say no to the token or the columns."""
    return problem.service == AIRTABLE and isinstance(problem, Transient) and problem.retry_after is None
