"""Find the user ids behind e-mail addresses, just before they are sent: after a deletion nothing resolves any more."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from dsr_sync.core.identifiers import resolved
from dsr_sync.core.model import LookedUp, RequestRow, Resolution, SubjectKey
from dsr_sync.engine.world import TickReport, World
from dsr_sync.ports import Permanent, Transient

_REMEMBERED_SECONDS = 3_600.0
"""How long it is believed that an address leads nowhere: its row is read at every tick, and must cost no call."""


@dataclass(slots=True)
class Lookups:
    """Looks addresses up, and remembers for an hour, by keyed hash, which ones led nowhere."""

    _nowhere: dict[SubjectKey, tuple[float, Resolution]] = field(default_factory=dict)

    def of(self, world: World, rows: Sequence[RequestRow], report: TickReport) -> list[Resolution]:
        """What the address of each row leads to. A failing Profile API is noted in the report, once a tick."""
        return [self._of(world, row, report) for row in rows]

    def _of(self, world: World, row: RequestRow, report: TickReport) -> Resolution:
        key, now = world.ledger.key_of(row.identifier), world.clock.monotonic()
        known = self._nowhere.get(key)
        if known is not None and now < known[0] and not row.retry:
            return known[1]
        found = _ask(world, row, report)
        if found.result in (LookedUp.FOUND, LookedUp.UNAVAILABLE):
            self._nowhere.pop(key, None)
        else:
            self._nowhere[key] = (now + _REMEMBERED_SECONDS, found)
        return found


def _ask(world: World, row: RequestRow, report: TickReport) -> Resolution:
    if world.directory is None or report.failed("profiles"):
        return Resolution(LookedUp.UNAVAILABLE)
    try:
        return resolved(world.directory.user_ids(row.identifier), world.policy)
    except (Transient, Permanent) as problem:
        report.problems.append(problem)
        return Resolution(LookedUp.UNAVAILABLE)
