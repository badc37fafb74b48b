"""Airtable and Segment in the simulation: the fakes of the contract suites, in bad weather and with a past."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from tests.fakes.deletion import WORDS, FakeDeletionService, Kept
from tests.fakes.directory import FakeIdentityDirectory
from tests.fakes.table import FakeRequestTable
from tests.torture.checks.history import Made, Write
from tests.torture.simulation.clock import SimClock
from tests.torture.simulation.weather import Weather, quota_used_up, refusal

from dsr_sync.core.actions import Tell
from dsr_sync.core.model import (
    DestinationReport,
    Identifier,
    ListedRegulation,
    Progress,
    Regulation,
    RegulationId,
)
from dsr_sync.core.policy import CLOCK_GRACE
from dsr_sync.ports import OutcomeUnknown, PortError, Told, Transient

PAGE = 3
"""Rows and regulations per page: small, so that a handful makes several pages."""


class SimTable(FakeRequestTable):
    """The base. `writes` remembers when the daemon wrote what."""

    def __init__(self, clock: SimClock, weather: Weather) -> None:
        super().__init__(clock.true_now, page_size=PAGE)
        self._weather = weather
        self.writes: list[Write] = []
        self.fail_tells = False
        """Reading goes well, writing does not."""

    def _call(self, name: str) -> PortError | None:
        if self.fail_tells and name == "tell":
            raise Transient("airtable", "unreachable", 503)
        return self._weather.passes("airtable", name) or super()._call(name)

    def _told(self, tell: Tell) -> Told:
        before = len(self.written)
        told = super()._told(tell)
        self.writes += [Write(self._now(), each.record_id, each.changes) for each in self.written[before:]]
        return told


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a regulation: `words` per destination; seconds from its creation until it runs and ends."""

    overall: Progress
    destinations: tuple[tuple[str, Progress], ...]
    runs_after: float
    ends_after: float
    hangs: bool = False

    def ended_by(self, created_at: datetime, now: datetime) -> datetime | None:
        """When Segment was done with it, if it is."""
        ends = created_at + timedelta(seconds=self.ends_after)
        return None if self.hangs or ends > now else ends


_FATES: tuple[tuple[Progress, tuple[tuple[str, Progress], ...]], ...] = (
    (Progress.FINISHED, ()),
    (Progress.FINISHED, (("Braze", Progress.FINISHED),)),
    (Progress.FINISHED, (("Amplitude", Progress.FINISHED), ("Braze", Progress.FINISHED))),
    (Progress.FAILED, (("Amplitude", Progress.NOT_SUPPORTED), ("Braze", Progress.FINISHED))),
    (Progress.FAILED, (("Amplitude", Progress.FAILED), ("Braze", Progress.FAILED))),
    (Progress.PARTLY_FINISHED, (("Braze", Progress.FINISHED),)),
    (Progress.FAILED, ()),
    (Progress.INVALID, ()),
)


class SimSegment(FakeDeletionService):
    """The workspace. Regulations move on by themselves; a submission may go astray."""

    def __init__(self, clock: SimClock, weather: Weather, chance: Random, settle: timedelta) -> None:
        super().__init__(clock.true_now, page_size=PAGE)
        self._clock = clock
        self._weather = weather
        self._chance = chance
        self._settle = settle
        self._ghosts: list[tuple[float, str, tuple[Identifier, ...], datetime]] = []
        self._shown_from: dict[RegulationId, float] = {}
        self._fates: dict[RegulationId, Fate] = {}
        self._asked: dict[RegulationId, datetime] = {}
        self.foreign: set[RegulationId] = set()
        self.refused: set[str] = set()
        self.frozen_at: datetime | None = None
        self.next_fates: list[Fate] = []
        """What becomes of the next regulations, first come first served; after that chance decides."""
        self.next_ghosts: list[float] = []
        """The next submissions take effect so many seconds after their answers were lost."""

    # What happens at Segment.

    def create(
        self, regulation_type: str, subjects: Sequence[Identifier], created_at: datetime | None = None
    ) -> RegulationId:
        """A regulation, and what will become of it."""
        regulation_id = super().create(regulation_type, subjects, created_at)
        self._fates[regulation_id] = self.next_fates.pop(0) if self.next_fates else self._drawn()
        return regulation_id

    def _drawn(self) -> Fate:
        overall, destinations = self._chance.choice(_FATES)
        runs_after = self._chance.uniform(30, 900)
        ends_after = runs_after + self._chance.choice((600, 3_600, 86_400, 20 * 86_400)) * self._chance.random()
        return Fate(overall, destinations, runs_after, ends_after, self._chance.random() < 0.08)

    def made(self) -> list[Made]:
        """Every regulation that there ever was."""
        return [self._made(listed) for listed in self.created()]

    def catch_up(self) -> None:
        """What is under way arrives and is listed.

        Called where the ledger is lost or restored: what it knew of a submission of the last minutes, whose effect is
        not listed yet, nobody else knows. That is not covered (docs/reliability.md).
        """
        self._ghosts = [(0.0, *ghost[1:]) for ghost in self._ghosts]
        self.land()
        self._shown_from.clear()

    def freeze(self) -> None:
        """From now on nothing moves on any more, and nothing is forgotten."""
        frozen_at = self._now()
        self.frozen_at, self._now = frozen_at, lambda: frozen_at

    def land(self) -> None:
        """Let the ghosts whose time has come take effect."""
        now = self._clock.monotonic()
        due = [ghost for ghost in self._ghosts if ghost[0] <= now]
        self._ghosts = [ghost for ghost in self._ghosts if ghost[0] > now]
        for _, regulation_type, subjects, asked_at in due:
            self._noted(regulation_type, subjects, asked_at)

    # The port.

    def submit(self, regulation_type: str, subjects: Sequence[Identifier]) -> RegulationId:
        """Create one regulation, or leave its fate in doubt."""
        asked_at = self._now()
        self._call("submit")
        if self._weather.strikes("segment", "quota"):
            raise quota_used_up(timedelta(days=self._chance.choice((0.5, 3))), len(subjects) - 1, self._clock)
        if any(subject.reveal() in self.refused for subject in subjects):
            raise refusal()
        if not self.next_ghosts and not self._weather.strikes("segment", "murky"):
            return self._noted(regulation_type, subjects, asked_at)
        fate = "ghost" if self.next_ghosts else self._chance.choice(("before", "after", "ghost"))
        if fate == "after":
            self._noted(regulation_type, subjects, asked_at)
        elif fate == "ghost":
            late = self.next_ghosts.pop(0) if self.next_ghosts else self._late(asked_at)
            self._ghosts.append((self._clock.monotonic() + late, regulation_type, tuple(subjects), asked_at))
        self._clock.advance(self._chance.choice((0.1, 25.0)))
        raise OutcomeUnknown("segment", "no complete answer in time")

    def fetch(self, regulation_id: RegulationId) -> Regulation | None:
        """The regulation as it stands by now."""
        self._move_on(regulation_id)
        found = super().fetch(regulation_id)
        return None if self._weather.strikes("segment", "amnesia") else found

    def listing(self) -> Iterator[Sequence[ListedRegulation]]:
        """Pages of what Segment knows; with a gap, the last is missing and nobody says so."""
        gap = self._weather.strikes("segment", "gap")
        if gap is not None:
            self._weather.spells.remove(gap)  # one list is wrong, the next is right again
        pages = list(super().listing())
        yield from pages[:-1] if gap is not None else pages

    # How it is done.

    def _call(self, name: str) -> PortError | None:
        self.land()
        if name == "submit":
            self._check_clock()
        lost = self._weather.passes("segment", name)
        self.land()
        self._check_clock()
        return lost or super()._call(name)

    def _check_clock(self) -> None:
        """The adapter compares its clock with Segment's, which stands in every answer."""
        if self._clock.shifted > CLOCK_GRACE:
            raise Transient("segment", "this machine's clock is ahead of Segment's")

    def _noted(self, regulation_type: str, subjects: Sequence[Identifier], asked_at: datetime) -> RegulationId:
        regulation_id = self.create(regulation_type, subjects)
        self._asked[regulation_id] = asked_at
        if self._weather.strikes("segment", "lagging"):
            self._shown_from[regulation_id] = self._clock.monotonic() + self._late(asked_at)
        return regulation_id

    def _late(self, asked_at: datetime) -> float:
        """How many seconds from now an effect comes or is listed: within the settle time, counted from the POST."""
        left = asked_at + self._settle * 0.95 - self._now()
        return max(left.total_seconds(), 0.0) * self._chance.random()

    def _is_known(self, kept: Kept) -> bool:
        late = self._shown_from.get(kept.listed.regulation_id, 0.0) > self._clock.monotonic()
        return not late and super()._is_known(kept)

    def _made(self, listed: ListedRegulation) -> Made:
        fate = self._fates[listed.regulation_id]
        return Made(
            regulation_id=listed.regulation_id,
            regulation_type=listed.regulation_type,
            subjects=tuple(subject.reveal() for subject in listed.subjects),
            created_at=listed.created_at,
            asked_at=self._asked.get(listed.regulation_id),
            ended_at=fate.ended_by(listed.created_at, self.frozen_at or self._now()),
            foreign=listed.regulation_id in self.foreign,
        )

    def _move_on(self, regulation_id: RegulationId) -> None:
        kept = self._kept.get(regulation_id)
        if kept is None:
            return
        fate, created_at, now = self._fates[regulation_id], kept.listed.created_at, self.frozen_at or self._now()
        ended = fate.ended_by(created_at, now)
        runs = now >= created_at + timedelta(seconds=fate.runs_after)
        progress = fate.overall if ended else (Progress.RUNNING if runs else Progress.WAITING)
        reports = tuple(_report(name, word if ended else progress, ended) for name, word in fate.destinations)
        state = replace(kept.state, progress=progress, word=WORDS[progress], finished_at=ended, reports=reports)
        self._kept[regulation_id] = replace(kept, state=state)


def _report(name: str, progress: Progress, ended: datetime | None) -> DestinationReport:
    return DestinationReport("source", name.lower(), name, progress, WORDS[progress], ended)


class SimDirectory(FakeIdentityDirectory):
    """The profiles of one space, in the same weather."""

    def __init__(self, weather: Weather) -> None:
        super().__init__()
        self._weather = weather
        for email, user_ids in LEADS_TO.items():
            self.put(email, user_ids)

    def user_ids(self, email: Identifier) -> tuple[Identifier, ...] | None:
        """The user ids of the profile, None without one."""
        self._weather.passes("profiles", "user_ids")
        return super().user_ids(email)


LEADS_TO = {"one@example.com": ("user-0",), "both@example.com": ("user-0", "user-1"), "none@example.com": ()}
"""E-mail addresses, and whom they lead to. Where addresses are not looked up, they cannot be sent."""
