"""What goes wrong outside, when, and for how long."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random

from tests.torture.checks.history import Call
from tests.torture.simulation.clock import SimClock

from dsr_sync.ports import Permanent, PortError, QuotaExhausted, SchemaBroken, TokenRefused, Transient

ANY = ("down", "limited", "flaky", "token")
"""Both services can be unreachable, ask to be left alone, fail now and then, or refuse the token."""

AIRTABLE_ONLY = ("lossy", "schema")
"""Done but not answered; a column missing."""

SEGMENT_ONLY = ("murky", "quota", "lagging", "amnesia", "gap")
"""Doubtful submissions; the month used up; late lists; a 404 out of turn; one list with a page missing."""


@dataclass(frozen=True, slots=True)
class Spell:
    """A fault of one service, from and until seconds of the simulation; `chance` per call."""

    service: str
    kind: str
    since: float
    until: float
    chance: float = 1.0


class Weather:
    """The spells of one simulation, and the journal of the calls that met them."""

    def __init__(self, clock: SimClock, chance: Random) -> None:
        self._clock = clock
        self._chance = chance
        self.spells: list[Spell] = []
        self.calls: list[Call] = []
        self.latency = 0.2

    def clear(self) -> None:
        """From now on everything works."""
        self.spells = []

    def forgive(self) -> None:
        """The process that was asked to wait is gone, or its clock jumped: it cannot be held to the pause."""
        self.calls = [Call(call.at, call.service, call.creates, call.status) for call in self.calls]

    def strikes(self, service: str, *kinds: str) -> Spell | None:
        """The spell of one of these kinds that hits this call, if one does."""
        now = self._clock.monotonic()
        for spell in self.spells:
            hits = spell.service == service and spell.kind in kinds and spell.since <= now < spell.until
            if hits and self._chance.random() < spell.chance:
                return spell
        return None

    def passes(self, service: str, call: str) -> PortError | None:
        """Let one call take its time; raise if it fails, give back what is raised only after its effect."""
        slow = self._chance.random() < 0.02  # now and then a call takes most of what it may take
        self._clock.advance(self._chance.uniform(5, 25) if slow else self.latency)
        try:
            lost = self._strike(service, call)
        except Transient as problem:
            self._note(service, call, problem)
            raise
        self._note(service, call, None)
        return lost

    def _strike(self, service: str, call: str) -> PortError | None:
        spell = self.strikes(service, *ANY, *AIRTABLE_ONLY)
        if spell is None:
            return None
        match spell.kind:
            case "limited":
                raise Transient(service, "rate limited", 429, timedelta(seconds=self._chance.choice((30, 60, 3600))))
            case "token":
                raise TokenRefused(service, "the token is refused", 401)
            case "schema":
                raise SchemaBroken(service, "a column is missing", problems=("a column is missing",))
            case "lossy":
                return Transient(service, "no answer") if call in ("tell", "put_receipts") else None
            case _:
                raise Transient(service, "unreachable", self._chance.choice((None, 500, 502, 503)))

    def _note(self, service: str, call: str, problem: Transient | None) -> None:
        pause = problem.retry_after.total_seconds() if problem and problem.retry_after else 0.0
        status = problem.status if problem else 200
        self.calls.append(Call(self._clock.monotonic(), service, call == "submit", status, pause))


def quota_used_up(until: timedelta, left: int, clock: SimClock) -> QuotaExhausted:
    """Segment's answer when the month has room for only so many ids."""
    return QuotaExhausted("segment", "quota used up", 429, None, clock.true_now() + until, left)


def refusal() -> Permanent:
    """Segment's answer to an id that it does not like."""
    return Permanent("segment", "bad request", 400)
