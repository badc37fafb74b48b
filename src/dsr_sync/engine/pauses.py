"""Which services are left alone, and until when: a breaker per host, whose state outlives the process."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus

from dsr_sync.core.policy import LONGEST_ASKED
from dsr_sync.core.retry import LONGEST_BACKOFF, backoff
from dsr_sync.engine.world import BREAKS_AT, World
from dsr_sync.ports import Permanent, PlanExhausted, PortError, QuotaExhausted, TokenRefused, Transient

AFTER_REFUSAL = timedelta(minutes=5)
"""A refused token, or a month's calls used up, is a person's to mend; until then one probe in this time is enough."""


@dataclass(slots=True)
class Pauses:
    """Who is left alone.

    Three reasons, three rules. What a service asked for (a 429, a Retry-After) binds everybody. Our own back-off after
    failures binds whoever is `patient`: it grows with the time that the service has been failing, up to one probe a
    minute. Both outlive the process. A refused token is remembered by this process alone, because a restart is how
    a new one is usually brought in.

    Each step of a tick asks several times, so what the ledger says is remembered: nobody else writes these marks.
    """

    world: World
    patient: bool
    _refused_until: dict[str, float] = field(default_factory=dict)
    _marks: dict[str, datetime | None] = field(default_factory=dict)

    def on(self, service: str) -> bool:
        """Whether the service is to be left alone now."""
        if self._runs(_asked(service), LONGEST_ASKED):
            return True
        refused = self.world.clock.monotonic() < self._refused_until.get(service, 0.0)
        return self.patient and (refused or self._runs(_pause(service), 2 * LONGEST_BACKOFF))

    def doubts(self, service: str) -> int:
        """How many calls in a row may go unanswered before the tick asks no further: one, if it has been failing."""
        return BREAKS_AT if self._failing_since(service) is None else 1

    def refused(self, service: str) -> bool:
        """Whether the last that was heard of the service is that it refused its token."""
        return service in self._refused_until

    def went_well(self, service: str) -> None:
        """The service did what was asked."""
        self._refused_until.pop(service, None)
        self._works(service)

    def _works(self, service: str) -> None:
        """The service did what was asked, or at least said why not."""
        if self._failing_since(service) is not None:
            self.world.ledger.set_mark(_well(service), self.world.clock.now())
            self._marks.clear()

    def failed(self, service: str, problem: PortError | None) -> None:
        """The service could not be used; `problem` is None if it was asked and did not answer, again and again."""
        if isinstance(problem, TokenRefused | PlanExhausted):
            self._refused_until[service] = self.world.clock.monotonic() + AFTER_REFUSAL.total_seconds()
        if isinstance(problem, Transient) and problem.retry_after is not None:
            until = self.world.clock.now() + min(problem.retry_after, LONGEST_ASKED)
            self.world.ledger.set_mark(_asked(service), until)
            self._marks.clear()
        if problem is None or _out_of_order(problem):
            self._back_off(service)
        else:
            self._works(service)

    def _back_off(self, service: str) -> None:
        ledger, now = self.world.ledger, self.world.clock.now()
        since = self._failing_since(service)
        if since is None:
            ledger.set_mark(_failing(service), now)
        ledger.set_mark(_pause(service), now + backoff(now - (since or now), self.world.chance()))
        self._marks.clear()

    def _failing_since(self, service: str) -> datetime | None:
        since, well = self._mark(_failing(service)), self._mark(_well(service))
        return None if since is None or (well is not None and well >= since) else since

    def _runs(self, name: str, longest: timedelta) -> bool:
        """Whether a pause runs. One that ends later than any can end was noted before the clock was set back."""
        until = self._mark(name)
        return until is not None and timedelta(0) < until - self.world.clock.now() <= longest

    def _mark(self, name: str) -> datetime | None:
        if name not in self._marks:
            self._marks[name] = self.world.ledger.mark(name)
        return self._marks[name]


def _out_of_order(problem: PortError) -> bool:
    """Whether it is the far side or the way to it that is broken: an answer of 4xx shows that both work."""
    if isinstance(problem, Permanent | QuotaExhausted):
        return False
    if problem.status is None:
        return not (isinstance(problem, Transient) and problem.retry_after is not None)  # not even asked: locked out
    return not HTTPStatus.BAD_REQUEST <= problem.status < HTTPStatus.INTERNAL_SERVER_ERROR


def _asked(service: str) -> str:
    return f"asked.{service}"


def _pause(service: str) -> str:
    return f"pause.{service}"


def _failing(service: str) -> str:
    return f"failing.{service}"


def _well(service: str) -> str:
    return f"well.{service}"
