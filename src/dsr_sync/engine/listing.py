"""Segment's list, read to the end: the only proof of what Segment did or did not accept."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from dsr_sync.core.model import ListedRegulation, RegulationId, SubjectKey
from dsr_sync.core.retry import could_be_from
from dsr_sync.engine.world import World
from dsr_sync.ports import Transient

SURELY_LISTED = timedelta(days=80)
"""Segment lists 90 days; a regulation younger than this must be in a complete list."""


@dataclass(frozen=True, slots=True)
class Stranger:
    """A regulation in Segment's list that the ledger does not account for, or not for all of its subjects.

    `keys` are all subjects, as keyed hashes; `left` are those for whom the ledger has no request.
    """

    regulation: ListedRegulation
    keys: frozenset[SubjectKey]
    left: frozenset[SubjectKey]


@dataclass(slots=True)
class Strangers:
    """The regulations that somebody else made, or that we made and cannot remember.

    Read before the first send of each process life, whenever an unknown outcome is to be settled, and daily.
    """

    read_at: datetime | None = None
    over: set[RegulationId] = field(default_factory=set)
    """Those that were looked at and had ended, which they do once."""
    left_alone: dict[RegulationId, float] = field(default_factory=dict)
    """Until when, in monotonic seconds, those are not looked at that Segment could not answer about."""
    _by_id: dict[RegulationId, Stranger] = field(default_factory=dict)
    _taken: dict[RegulationId, Stranger] = field(default_factory=dict)

    def read(self, world: World, now: datetime) -> None:
        """Read the whole list. Raises Transient if it cannot be read to the end, or misses what must be in it."""
        found: dict[RegulationId, Stranger] = {}
        witness = world.ledger.witness(now - SURELY_LISTED, now - world.policy.settle)
        for page in world.deletions.listing():
            if any(listed.regulation_id == witness for listed in page):
                witness = None
            found.update(self._unaccounted(world, page))
        if witness is not None:
            raise Transient("segment", "the list of regulations misses one that must be in it")
        first = self.read_at is None
        self._by_id, self.read_at = found, now
        if first:
            world.listener.happened("coldstart.finished", strangers=len(found))

    def ensure(self, world: World, now: datetime) -> None:
        """Read the list unless this process has done so already."""
        if self.read_at is None:
            self.read(world, now)

    def doubt(self) -> None:
        """Read the list again before the next send: its answer also shows whether a clock that was set is right.

        An intent that is dated by a wrong clock could not be settled by its time.
        """
        self.read_at = None

    def all(self) -> list[Stranger]:
        """Every unaccounted regulation."""
        return list(self._by_id.values())

    def matching(self, keys: frozenset[SubjectKey], regulation_type: str, since: datetime) -> list[ListedRegulation]:
        """The regulations of this type, not older, in which all these subjects are unaccounted for; oldest first."""
        found = [
            stranger.regulation
            for stranger in self._by_id.values()
            if keys <= stranger.left
            and stranger.regulation.regulation_type == regulation_type
            and could_be_from(stranger.regulation.created_at, since)
        ]
        return sorted(found, key=lambda listed: listed.created_at)

    def touching(self, keys: frozenset[SubjectKey], regulation_type: str) -> list[ListedRegulation]:
        """The regulations of this type that are about one of these subjects and account for nobody's request here."""
        found = [stranger.regulation for stranger in self._by_id.values() if keys & stranger.left]
        return [listed for listed in found if listed.regulation_type == regulation_type]

    def taken_or_strange(self, regulation_id: str) -> Stranger | None:
        """A regulation that the ledger did not account for when the list was read, even if it does now.

        Several rows can share one regulation, and after a lost ledger each of them comes to claim it.
        """
        found = RegulationId(regulation_id)
        return self._by_id.get(found) or self._taken.get(found)

    def find(self, world: World, wanted: set[RegulationId]) -> None:
        """Look also for regulations that the ledger accounts for: further rows may share them. Raises Transient."""
        missing = {one for one in wanted if one not in self._by_id and one not in self._taken}
        if not missing:
            return
        for page in world.deletions.listing():
            for listed in page:
                if listed.regulation_id in missing:
                    keys = frozenset(map(world.ledger.key_of, listed.subjects))
                    self._taken[listed.regulation_id] = Stranger(listed, keys, frozenset())

    def accounted(self, world: World, regulation_id: RegulationId) -> None:
        """The ledger knows it now: only a request of a further subject may be matched with it by person and time."""
        stranger = self._by_id.get(regulation_id)
        if stranger is not None:
            self.set_aside(regulation_id)
            left = stranger.keys - world.ledger.served([regulation_id]).get(regulation_id, frozenset())
            if left:
                self._by_id[regulation_id] = replace(stranger, left=left)

    def set_aside(self, regulation_id: RegulationId) -> None:
        """No request may be matched with it by person and time."""
        stranger = self._by_id.pop(regulation_id, None)
        if stranger is not None:
            self._taken[regulation_id] = stranger

    @staticmethod
    def _unaccounted(world: World, page: Iterable[ListedRegulation]) -> Iterator[tuple[RegulationId, Stranger]]:
        listed = {regulation.regulation_id: regulation for regulation in page}
        known = world.ledger.known(list(listed))
        # What is known and about one person is accounted for; of several, some may be unknown (a lost ledger).
        served = world.ledger.served([one for one in sorted(known) if len(listed[one].subjects) > 1])
        for regulation_id, regulation in listed.items():
            if regulation_id not in known or regulation_id in served:
                keys = frozenset(map(world.ledger.key_of, regulation.subjects))
                left = keys - served.get(regulation_id, frozenset())
                if left:
                    yield regulation_id, Stranger(regulation, keys, left)
