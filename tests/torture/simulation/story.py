"""From one integer to ninety days: who does what when, what fails when, and where the process dies."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from random import Random

from tests.torture.checker import check
from tests.torture.checks.history import Violation
from tests.torture.simulation.chance import seeded
from tests.torture.simulation.shelves import FakeShelf, Shelf, SqlShelf
from tests.torture.simulation.weather import AIRTABLE_ONLY, ANY, SEGMENT_ONLY, Spell
from tests.torture.simulation.world import SimWorld

from dsr_sync.core.policy import EmailRule, Policy

DAYS = 90
_DAY = 86_400.0
_LENGTHS = (300.0, 1_800.0, 7_200.0, 43_200.0, 130_000.0)
"""Seconds that a fault lasts: from five minutes to a day and a half."""


_KINDS = {"airtable": (*ANY, *AIRTABLE_ONLY), "segment": (*ANY, *SEGMENT_ONLY * 2), "profiles": ANY}


@dataclass(slots=True)
class Told:
    """What one seed came to."""

    seed: int
    violations: list[Violation]
    diary: list[str]
    ticks: int
    crashes: int
    regulations: int


@dataclass(slots=True)
class Story:
    """The events of one seed, in the order of their time; events may add further ones."""

    world: SimWorld
    chance: Random
    rollbacks: bool
    _queue: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    _order: "count[int]" = field(default_factory=count)

    def tell(self) -> None:
        """Let the ninety days pass."""
        self._plan()
        clock = self.world.clock
        while self._queue:
            at, _, happens = heapq.heappop(self._queue)
            if at > clock.monotonic():
                clock.advance(at - clock.monotonic())
            happens()

    def _at(self, seconds: float, happens: Callable[[], None]) -> None:
        heapq.heappush(self._queue, (seconds, next(self._order), happens))

    def _plan(self) -> None:
        """A few busy hours here and there, faults, accidents; and a tick now and then in between."""
        for _ in range(self.chance.randint(2, 6)):
            self._busy_hours(self.chance.uniform(0, DAYS - 3) * _DAY)
        for _ in range(self.chance.randint(0, 4)):
            self._fault(self.chance.uniform(0, DAYS - 3) * _DAY)
        for _ in range(self.chance.randint(0, 2)):
            self._accident(self.chance.uniform(1, DAYS - 2) * _DAY)
        at = 60.0
        while at < DAYS * _DAY:
            self._at(at, self._tick)
            at += self.chance.uniform(0.3, 2.5) * _DAY

    def _busy_hours(self, at: float) -> None:
        for _ in range(self.chance.randint(3, 10)):
            self._at(at, self._deed)
            at += self.chance.choice((20.0, 200.0, 700.0, 3_600.0)) * self.chance.uniform(0.3, 1.5)
        if self.chance.random() < 0.6:
            self._fault(at - self.chance.uniform(0, 4_000))
        if self.chance.random() < 0.15:
            self._accident(at + self.chance.uniform(-2_000, 9_000))

    def _deed(self) -> None:
        self.world.diary.note(self.world.staff.do_something())
        self._look_soon()

    def _look_soon(self) -> None:
        """The daemon polls every minute; only the ticks that can matter are told."""
        now = self.world.clock.monotonic()
        for seconds in (30.0, 360.0, 960.0, 1_300.0, 3_700.0):
            self._at(now + seconds * self.chance.uniform(0.7, 1.1), self._tick)

    def _tick(self) -> None:
        wire, clock = self.world.wire, self.world.clock
        dice = self.chance.random()
        if dice < 0.12:
            wire.set(self.chance.randint(1, 45), afterwards=self.chance.random() < 0.5)
        elif dice < 0.15:
            wire.set(self.chance.randint(1, 45), happens=clock.stop)
        self.world.tick()
        wire.unset()

    def _fault(self, at: float) -> None:
        service = self.chance.choice(("airtable", "segment", "segment", "airtable", "segment", "segment", "profiles"))
        kinds = _KINDS[service]
        kind = self.chance.choice(kinds)
        if kind == "gap" and self.rollbacks:
            kind = "murky"  # with the ledger gone too, a wrong list cannot be known to be wrong
        length = self.chance.choice(_LENGTHS) * self.chance.uniform(0.5, 1.0)
        share = self.chance.choice((0.3, 1.0)) if kind != "flaky" else 0.4
        self.world.weather.spells.append(Spell(service, kind, at, at + length, share))
        for seconds in (100.0, length / 2, length + 60.0, length + 1_000.0, length + 1_400.0):
            self._at(max(at, 0.0) + seconds, self._tick)
        self._at(max(at, 0.0), lambda: self.world.diary.note(f"fault {service} {kind} for {length:.0f} s"))

    def _accident(self, at: float) -> None:
        kinds = [self._clock_jump, self._bad_record, self._by_hand_at_segment]
        if self.rollbacks:
            kinds += [self._restore, self._lose] * 2
        self.chance.choice(kinds)(at)

    def _clock_jump(self, at: float) -> None:
        by = self.chance.choice((timedelta(hours=1), timedelta(days=90))) * self.chance.choice((1, -1))
        self._at(at, lambda: self._shift(by))
        self._at(at + self.chance.choice((600.0, 7_200.0, 90_000.0)), lambda: self._shift(timedelta(0)))
        self._at(at + 120.0, self._deed)

    def _shift(self, by: timedelta) -> None:
        self.world.diary.note(f"wall clock wrong by {by}")
        self.world.shift_clock(by)
        self._look_soon()

    def _bad_record(self, at: float) -> None:
        def refuse() -> None:
            rows = self.world.table.rows()
            if rows:
                record_id = self.chance.choice(rows).record_id
                self.world.diary.note(f"Airtable refuses to write {record_id}")
                self.world.table.refuse(record_id)
                until = self.world.clock.monotonic() + self.chance.choice(_LENGTHS)
                self._at(until, lambda: self.world.table.refuse(record_id, ""))
                self._look_soon()

        self._at(at, refuse)

    def _by_hand_at_segment(self, at: float) -> None:
        def make() -> None:
            rows = self.world.table.rows()
            if rows:
                row = self.chance.choice(rows)
                regulation_id = self.world.segment.create("SUPPRESS_WITH_DELETE", [row.identifier])
                self.world.segment.foreign.add(regulation_id)
                self.world.diary.note(f"somebody makes {regulation_id} at Segment by hand")
                self._look_soon()

        self._at(at, make)

    def _restore(self, at: float) -> None:
        self._at(max(0.0, at - self.chance.choice((3_600.0, _DAY, 20 * _DAY))), self.world.shelf.keep_copy)

        def restore() -> None:
            if self.world.restore_ledger():
                self.world.diary.note("the ledger is restored from a copy")
                self._look_soon()

        self._at(at, restore)

    def _lose(self, at: float) -> None:
        def lose() -> None:
            self.world.diary.note("the ledger is lost")
            self.world.lose_ledger()
            self._look_soon()

        self._at(at, lose)


def simulate(seed: int, *, sqlite: bool = False, rollbacks: bool | None = None) -> Told:
    """Let one seed happen and judge it. `rollbacks`: whether the ledger may be lost or restored; None: it says."""
    chance = seeded(seed, "story")
    shelf: Shelf = SqlShelf() if sqlite else FakeShelf()
    drawn = chance.random() < 0.3
    world = SimWorld(seed, shelf, _policy(chance))
    Story(world, chance, drawn if rollbacks is None else rollbacks).tell()
    history = world.history()
    told = Told(
        seed=seed,
        violations=check(history),
        diary=world.diary.lines,
        ticks=world.ticks,
        crashes=world.crashes,
        regulations=len(history.regulations),
    )
    shelf.close()
    return told


def _policy(chance: Random) -> Policy:
    return Policy(
        cooling_off=timedelta(minutes=chance.choice((0, 5))),
        max_submissions_per_hour=chance.choice((2, 100, 100)),
        requests_per_regulation=chance.choice((1, 1, 1, 3)),
        follow=timedelta(seconds=chance.choice((0, 300))),
        email=chance.choice((EmailRule.REFUSE, EmailRule.LOOKUP)),
    )
