"""The state of the emulated workspace: sources, destinations, regulations, suppressions."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dsr_sandbox.clock import SandboxClock, rfc3339
from dsr_sandbox.ids import IdFactory
from dsr_sandbox.segment import progress
from dsr_sandbox.segment.model import (
    FORWARDED_TYPES,
    SUPPRESSING_TYPES,
    Behaviour,
    Destination,
    Order,
    Pace,
    Regulation,
    Source,
)

WEBSITE = Source("sandboxSourceWebsite01", "Website")
MOBILE = Source("sandboxSourceMobile001", "Mobile app")
SHOP = Source("sandboxSourceShopData1", "Shop database", cloud=True)

_RUNNING_WORDS = frozenset({"INITIALIZED", "RUNNING"})


@dataclass(frozen=True, slots=True)
class Suppressed:
    """One suppressed subject; `key` orders them, the latest first: minus the regulation's number, place in there."""

    key: tuple[int, int]
    subject_type: str
    subject: str
    source_id: str | None


class Workspace:
    """Everything that Segment knows here. Safe to use from several threads."""

    def __init__(self, clock: SandboxClock, ids: IdFactory) -> None:
        self.id = "sandboxWorkspace000001"
        self.name = "Sandbox workspace"
        self._clock = clock
        self._ids = ids
        self._lock = threading.RLock()
        self.reset()

    def reset(self) -> None:
        """Back to the beginning: no regulations, three sources, two destinations that finish, the default pace."""
        with self._lock:
            self.pace = Pace()
            self.sources = {source.id: source for source in (WEBSITE, MOBILE, SHOP)}
            self.destinations: list[Destination] = [
                Destination("Amplitude (Actions)", "sandboxAmplitude000001", WEBSITE.id),
                Destination("Braze Cloud Mode (Actions)", "sandboxBrazeCloud00001", MOBILE.id),
            ]
            self._regulations: list[Regulation] = []

    def create(self, order: Order, created_at: datetime | None = None) -> Regulation:
        """Accept a regulation; destinations and pace are those of this moment.

        `created_at` is now unless given; the past is possible. Every call makes a new one: Segment has no idempotency
        key and documents no refusal of duplicates.
        """
        with self._lock:
            at = created_at or self._clock.now()
            number = len(self._regulations) + 1
            fate = self._destinations_of(order), self.pace, self._must_fail(order)
            regulation = Regulation(self._ids.regulation(at), number, at, order, *fate)
            self._regulations.append(regulation)
            return regulation

    def find(self, regulation_id: str) -> Regulation | None:
        """The regulation, or None if there is none or Segment has forgotten it."""
        return next((kept for kept in self.visible() if kept.id == regulation_id), None)

    def visible(self) -> list[Regulation]:
        """All regulations of the past 90 days, newest first."""
        now = self._clock.now()
        shown = [kept for kept in self.regulations() if not progress.forgotten(kept, now)]
        return sorted(shown, key=lambda kept: (kept.created_at, kept.number), reverse=True)

    def regulations(self) -> list[Regulation]:
        """Every regulation ever made, forgotten ones too, in the order of creation."""
        with self._lock:
            return list(self._regulations)

    def force(self, regulation_id: str, changes: dict[str, Any]) -> Regulation:
        """Make up what Segment says of a regulation: `overallStatus`, `streamStatus`, `finishedAt`; any value.

        A null gives back to the emulation. With a final `overallStatus` and no `finishedAt`, it finished just now.

        Raises:
            KeyError: there is no such regulation.
        """
        regulation = next((kept for kept in self.regulations() if kept.id == regulation_id), None)
        if regulation is None:
            raise KeyError(f"There is no regulation {regulation_id}.")
        forced = regulation.forced
        if "streamStatus" in changes:
            forced.stream_status = changes["streamStatus"]
        if "overallStatus" in changes:
            forced.overall_status = changes["overallStatus"]
            is_final = forced.overall_status is not None and forced.overall_status not in _RUNNING_WORDS
            forced.finished_at = rfc3339(self._clock.now(), 6) if is_final else None
        if "finishedAt" in changes:
            forced.finished_at = changes["finishedAt"]
        return regulation

    def put_destinations(self, destinations: Iterable[dict[str, Any]]) -> None:
        """Replace all destinations; each is `{"name", "id"?, "source"?, "behaviour"?, "error"?, "seconds"?}`.

        `source` is a source's name or id; an unknown one becomes a new source. Regulations that exist keep theirs.

        Raises:
            ValueError: a behaviour is unknown, or a name is missing.
        """
        with self._lock:
            self.destinations = [self._destination(wanted) for wanted in destinations]

    def suppressions(self, now: datetime) -> list[Suppressed]:
        """Who is suppressed, the latest first; folded from every regulation that has taken effect.

        That suppression together with a deletion is listed like suppression alone is assumed.
        """
        active: dict[tuple[str, str, str | None], Suppressed] = {}
        for regulation in self.regulations():
            if not progress.taken_effect(regulation, now):
                continue
            order = regulation.order
            for place, subject in enumerate(order.subjects):
                who = (order.subject_type, subject, order.source_id)
                if order.type in SUPPRESSING_TYPES:
                    active[who] = Suppressed((-regulation.number, place), *who)
                elif order.type == "UNSUPPRESS":
                    active.pop(who, None)
        return sorted(active.values(), key=lambda one: one.key)

    def deleted_subjects(self) -> set[str]:
        """The user ids whose data is gone from Segment's own stores."""
        now = self._clock.now()
        done = [kept.order for kept in self.regulations() if progress.has_deleted(kept, now)]
        return {subject for order in done if order.subject_type == "USER_ID" for subject in order.subjects}

    def _destinations_of(self, order: Order) -> tuple[Destination, ...]:
        if order.type not in FORWARDED_TYPES:
            return ()
        return tuple(destination for destination in self.destinations if destination.concerns(order))

    def _must_fail(self, order: Order) -> bool:
        # To lift a suppression of the whole workspace for one source "is not supported and the processing of the
        # request will fail" (Public API specification, Create Source Regulation): later, not at once.
        if order.type != "UNSUPPRESS" or order.source_id is None:
            return False
        workspace_wide = {one.subject for one in self.suppressions(self._clock.now()) if one.source_id is None}
        return not workspace_wide.isdisjoint(order.subjects)

    def _destination(self, wanted: dict[str, Any]) -> Destination:
        unknown = wanted.keys() - Destination.__dataclass_fields__.keys()
        if unknown or "name" not in wanted:
            raise ValueError(f"A destination needs a name and knows no {sorted(unknown)}: {wanted}")
        source_id = self._source_id(wanted.get("source") or WEBSITE.id)
        behaviour = Behaviour(wanted.get("behaviour", Behaviour.FINISH))
        names = wanted["name"], wanted.get("id") or self._ids.segment(), source_id
        only_for = tuple(wanted.get("only_for", ()))
        return Destination(*names, behaviour, wanted.get("error", ""), wanted.get("seconds"), only_for)

    def _source_id(self, source: str) -> str:
        known = next((one.id for one in self.sources.values() if source in (one.id, one.name)), None)
        if known is None:
            known = self._ids.segment()
            self.sources[known] = Source(known, source)
        return known
