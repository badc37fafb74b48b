"""The daemon, put together: metronome, pages, and a pipeline that is taken as soon as no other process holds it."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, time

from dsr_sync import __version__
from dsr_sync.adapters.clock import SystemClock
from dsr_sync.bootstrap.assembly import configure_logs
from dsr_sync.bootstrap.pipeline import Pipeline, pipeline
from dsr_sync.daemon.health import Pulse, ReadinessBoard, State
from dsr_sync.daemon.http import Pages, Sources
from dsr_sync.daemon.metrics import Metrics, Standing
from dsr_sync.daemon.scheduler import Loop, Metronome
from dsr_sync.daemon.stop import Stop
from dsr_sync.engine.world import TickReport
from dsr_sync.ports import LedgerUnusable, Occupied, Permanent, PortError, SchemaBroken, Summary, TokenRefused
from dsr_sync.settings import Settings

_GRACE = 8.0
"""Seconds that a step in hand may take after SIGTERM; what is unfinished then is settled at the next start."""

_TICK = "tick"


class Service:
    """One replica of the daemon."""

    def __init__(self, settings: Settings, stop: Stop) -> None:
        self._settings = settings
        self._stop = stop
        self._log = configure_logs(settings)
        self._clock = SystemClock(stop.event)
        self._metrics = Metrics()
        self._metrics.build_info(__version__)
        self._pulse = Pulse(self._clock.monotonic, {_TICK: settings.schedule.poll_seconds})
        self._readiness = ReadinessBoard()
        self._held = ExitStack()
        self._pipeline: Pipeline | None = None
        sources = Sources(self._pulse, self._readiness, self._metrics)
        self._pages = Pages(sources, settings.http.host, settings.http.port)
        loop = Loop(_TICK, settings.schedule.poll_seconds, self._tick)
        self._metronome = Metronome([loop], self._clock, self._pulse, self._failed, self._jumped)

    def run(self) -> None:
        """Work until SIGTERM or SIGINT. Raises AddressTaken."""
        with self._stop.on_signals(), self.in_background():
            self._stop.event.wait()
            self._log.info("daemon.stopping", signal=self._stop.signal)

    @contextmanager
    def in_background(self) -> Iterator[None]:
        """Work in other threads while the block runs; at its end finish the step in hand."""
        with self._pages.served():
            self._log.info("daemon.started", port=self._pages.port, version=__version__)
            self._metronome.start()
            try:
                yield
            finally:
                self._stop.event.set()
                ended = self._metronome.stop(_GRACE)
                if ended:
                    self._held.close()
                self._log.info("daemon.stopped")
        if not ended:
            # A call is still in flight and cannot be taken back; its intent is durable, and the next start settles it.
            os._exit(0)

    def _tick(self) -> None:
        try:
            report = self._take().tick()
        except Occupied:
            self._let_go()
            self._say(State.STANDING_BY)
            return
        except PortError as problem:
            self._ledger_trouble(problem)
            return
        self._show(report)

    def _take(self) -> Pipeline:
        if self._pipeline is None:
            opened = pipeline(self._settings, self._stop.event, self._metrics, patient=True)
            self._pipeline = self._held.enter_context(opened)
        return self._pipeline

    def _let_go(self) -> None:
        self._pipeline = None
        self._held.close()

    def _ledger_trouble(self, problem: PortError) -> None:
        """Without the ledger nothing is sent; it is opened anew at the next tick, so it heals without a restart."""
        self._metrics.tick_failed(problem.service)
        self._log.error("ledger.trouble", reason=problem.reason)
        self._say(State.LEDGER_TROUBLE, (problem.reason,))
        if isinstance(problem, LedgerUnusable):
            self._let_go()

    def _show(self, report: TickReport) -> None:
        now = self._clock.now()
        for problem in report.problems:
            self._metrics.tick_failed(problem.service)
        if not report.problems:
            self._metrics.tick_succeeded(now)
        if self._pipeline is not None:
            self._metrics.summary(_standing(self._pipeline.world.ledger.summary(now), now))
        self._say(*_readiness(report.problems))

    def _say(self, state: State, about: tuple[str, ...] = ()) -> None:
        before = self._readiness.now.state
        if not self._readiness.set(state, about):
            return
        if state is State.SCHEMA_BROKEN:
            self._log.error("base.schema_broken")
        elif before is State.SCHEMA_BROKEN:
            self._log.info("base.schema_mended")
        if state is State.TOKEN_REFUSED:
            self._log.error("api.token_refused", setting=about[0])

    def _failed(self, loop: str, error: Exception) -> None:
        self._metrics.tick_failed("error")
        self._log.error("tick.failed", loop=loop, exc_info=error)

    def _jumped(self, seconds: float) -> None:
        self._log.warning("clock.jumped", seconds=seconds)


def daemon(settings: Settings, stop: Stop | None = None) -> Service:
    """The daemon, ready to run."""
    return Service(settings, stop or Stop())


def _readiness(problems: list[PortError]) -> tuple[State, tuple[str, ...]]:
    """What /readyz says after a tick: only what a person must mend; the far side's health is not ours."""
    for problem in problems:
        match problem:
            case SchemaBroken(problems=sentences):
                return State.SCHEMA_BROKEN, sentences
            case TokenRefused(setting=setting):
                return State.TOKEN_REFUSED, (setting,)
            case Permanent():
                return State.SCHEMA_BROKEN, (problem.reason,)
            case _:
                continue
    return State.READY, ()


def _standing(summary: Summary, now: datetime) -> Standing:
    due = summary.earliest_due_by
    end = datetime.combine(due, time.max, UTC) if due else None
    seen = summary.oldest_open_seen_at
    return Standing(
        by_state=summary.by_state,
        oldest_open_seconds=(now - seen).total_seconds() if seen else None,
        unsettled=summary.unsettled,
        owed=summary.owed,
        open_follow_ups=summary.open_follow_ups,
        deadline_remaining_seconds=(end - now).total_seconds() if end else None,
    )
