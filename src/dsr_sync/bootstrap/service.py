"""The daemon, put together: metronome, pages, and a pipeline that is taken as soon as no other process holds it."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, time

from dsr_sync import __version__
from dsr_sync.adapters.clock import SystemClock
from dsr_sync.bootstrap.assembly import configure_logs
from dsr_sync.bootstrap.holding import Holding
from dsr_sync.bootstrap.pipeline import TRY_SECONDS, pipeline
from dsr_sync.bootstrap.telling import Teller
from dsr_sync.bootstrap.troubles import Troubles
from dsr_sync.daemon.health import Pulse, ReadinessBoard, State
from dsr_sync.daemon.http import Pages, Sources
from dsr_sync.daemon.metrics import Metrics, Standing
from dsr_sync.daemon.scheduler import Loop, Metronome
from dsr_sync.daemon.stop import Stop
from dsr_sync.engine.tick import CLEAN_TICK
from dsr_sync.engine.world import TickReport
from dsr_sync.ports import LedgerUnusable, Occupied, Permanent, PortError, SchemaBroken, Summary, TokenRefused
from dsr_sync.settings import Settings, SettingsError

_GRACE = 8.0
"""Seconds that a step in hand may take after SIGTERM; what is unfinished then is settled at the next start."""

_UPGRADE = 600.0
"""Seconds that it may take to open a ledger: to bring a large one up to date takes its time."""

_TICK, _LEASE = "tick", "lease"

_REST = 1.5
"""Seconds between the last holder's last call and ours: a new pipeline knows nothing of it, and the limits count it."""


class Service:
    """One replica of the daemon."""

    def __init__(self, settings: Settings, stop: Stop, reread: Callable[[], Settings]) -> None:
        self._settings = settings
        self._reread = reread
        self._stop = stop
        self._log = configure_logs(settings)
        self._clock = SystemClock(stop.event)
        self._metrics = Metrics()
        self._metrics.build_info(__version__)
        self._readiness = ReadinessBoard()
        self._troubles = Troubles()
        self._rested_at = self._retake_at = 0.0
        self._flaws: frozenset[tuple[str, str, str]] = frozenset()
        self._holding = Holding(lambda: pipeline(self._settings, stop.event, self._told, patient=True))
        loops = [
            Loop(_TICK, settings.schedule.poll_seconds, self._tick),
            Loop(_LEASE, TRY_SECONDS, self._keep),
        ]
        intervals = {loop.name: loop.seconds for loop in loops}
        self._pulse = Pulse(self._clock.monotonic, intervals, silences={_LEASE: _UPGRADE})
        self._told = Teller(self._log, self._metrics, self._pulse.sign)
        sources = Sources(self._pulse, self._readiness, self._metrics)
        self._pages = Pages(sources, settings.http.host, settings.http.port)
        self._metronome = Metronome(loops, self._clock, self._pulse, self._failed, self._jumped)

    @property
    def port(self) -> int:
        """Where the pages are, once they are served."""
        return self._pages.port

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
                    self._let_go()
                self._log.info("daemon.stopped")
        if not ended:
            # A call is still in flight and cannot be taken back; its intent is durable, and the next start settles it.
            os._exit(0)

    def _tick(self) -> None:
        held = self._holding.pipeline
        if held is None:
            return  # the other loop takes the ledger as soon as it is free, and then calls this one
        if self._holding.lost:
            self._stand_by()
            return
        if self._troubles.token_refused and self._has_new_settings():
            self._troubles.forget()
            self._let_go()  # the other loop takes it again, with another token
            return
        self._clock.wait(max(self._rested_at - self._clock.monotonic(), 0))
        try:
            report = held.tick()
            summary = held.world.ledger.summary(self._clock.now())
        except Occupied:
            self._stand_by()
        except PortError as problem:
            # It may well be opened and only not be written, and each tick that finds that out costs calls.
            self._retake_at = self._clock.monotonic() + self._settings.schedule.poll_seconds
            self._ledger_trouble(problem)
        else:
            self._show(report, summary)

    def _keep(self) -> None:
        """Take the ledger if it is free; if it is ours, see that it stays so."""
        if self._stop.event.is_set() or self._clock.monotonic() < self._waits_until():
            return
        if self._readiness.now.state is State.STANDING_BY:
            self._rest()
        try:
            if self._holding.take():
                self._metrics.leads(self._last_success())
                self._metronome.call_now(_TICK)
            else:
                self._holding.renew()
        except Occupied:
            if self._holding.pipeline is None:
                self._say(State.STANDING_BY)
            else:
                self._metronome.call_now(_TICK)  # which lets it go, unless a tick is at work and finds out by itself
        except PortError as problem:
            if self._holding.pipeline is None:
                self._ledger_trouble(problem)

    def _waits_until(self) -> float:
        """When a ledger that failed in a tick is taken anew, by the steady clock; what is held waits for nothing."""
        return self._retake_at if self._holding.pipeline is None else 0.0

    def _has_new_settings(self) -> bool:
        """Whether somebody has changed a settings or secrets file, such as one with a token that was refused."""
        with suppress(SettingsError):  # half written
            before, self._settings = self._settings, self._reread()
            return self._settings != before
        return False

    def _rest(self) -> None:
        self._rested_at = self._clock.monotonic() + _REST

    def _let_go(self) -> None:
        self._metrics.let_go()
        self._holding.let_go()
        self._rest()

    def _last_success(self) -> datetime:
        """When a tick last did all that was due, as the ledger says, so that a new leader hides no standstill."""
        held = self._holding.pipeline
        with suppress(PortError):  # the next tick finds out what is wrong with the ledger
            return (held and held.world.ledger.mark(CLEAN_TICK)) or self._clock.now()
        return self._clock.now()

    def _stand_by(self) -> None:
        self._log.warning("lease.lost")
        self._let_go()
        self._say(State.STANDING_BY)

    def _ledger_trouble(self, problem: PortError) -> None:
        """Without the ledger nothing is sent; it is opened anew when it can be, so it heals without a restart."""
        self._metrics.let_go()
        self._say(State.LEDGER_TROUBLE, (problem.reason,))
        if isinstance(problem, LedgerUnusable):
            self._let_go()

    def _show(self, report: TickReport, summary: Summary) -> None:
        now = self._clock.now()
        for problem in report.problems:
            self._metrics.tick_failed(problem.service)
        if report.complete:
            self._metrics.tick_succeeded(now)
        self._metrics.leads()
        self._metrics.summary(_standing(summary, now))
        self._troubles.ticked(report.problems, self._told.answered())
        state, about = self._troubles.now()
        # What hampers the work without stopping it is named, and the replica is ready all the same.
        self._say(state, about or tuple(flaw.advice for flaw in report.flaws))
        if report.problems or not report.paused:
            self._log_flaws(report.problems)

    def _say(self, state: State, about: tuple[str, ...] = ()) -> None:
        before = self._readiness.now.state
        if not self._readiness.set(state, about):
            return
        if state is State.READY and before is State.SCHEMA_BROKEN:
            self._log.info("base.schema_mended")
        if state is State.STANDING_BY:
            self._metrics.stands_by()
        if state is State.TOKEN_REFUSED:
            self._log.error("api.token_refused", setting=about[0])
        if state is State.LEDGER_TROUBLE:
            self._log.error("ledger.trouble", reason=about[0])
            self._metrics.tick_failed("ledger")

    def _log_flaws(self, problems: Sequence[PortError]) -> None:
        """One line for each thing that stops the work, when it is first seen and not at every tick."""
        broken = [each for each in problems if _stops(each)]
        known = [flaw for each in broken if isinstance(each, SchemaBroken) for flaw in each.flaws]
        seen = {(flaw.flaw.value, flaw.table, flaw.column) for flaw in known} or {("", "", "") for _ in broken}
        for flaw, table, column in sorted(seen - self._flaws):
            self._log.error("base.schema_broken", flaw=flaw or None, table=table or None, column=column or None)
        self._flaws = frozenset(seen)

    def _failed(self, loop: str, error: Exception) -> None:
        self._metrics.tick_failed("error")
        self._log.error("tick.failed", loop=loop, exc_info=error)
        if loop == _TICK or self._holding.pipeline is None:  # the next good tick says otherwise
            self._say(State.FAILING, (type(error).__name__,))

    def _jumped(self, seconds: float) -> None:
        self._log.warning("clock.jumped", seconds=seconds)


def daemon(settings: Settings, stop: Stop | None = None, reread: Callable[[], Settings] | None = None) -> Service:
    """The daemon, ready to run. `reread` gives the settings as they are now; it may raise SettingsError."""
    return Service(settings, stop or Stop(), reread or (lambda: settings))


def _stops(problem: PortError) -> bool:
    """Whether it lies with what the base or the workspace is, and only a person can mend it."""
    if isinstance(problem, TokenRefused) or problem.service == "profiles":  # that may be one odd address
        return False
    return isinstance(problem, Permanent)


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
        due=summary.due,
        deadline_remaining_seconds=(end - now).total_seconds() if end else None,
    )
