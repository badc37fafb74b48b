"""DeletionService in memory: Segment's regulations, and what becomes of them."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tests.fakes.failures import Failures

from dsr_sync.core.model import (
    DestinationReport,
    Identifier,
    ListedRegulation,
    Progress,
    Regulation,
    RegulationId,
)
from dsr_sync.core.policy import FORGOTTEN
from dsr_sync.ports import OutcomeUnknown, PortError

WORDS = {
    Progress.WAITING: "INITIALIZED",
    Progress.RUNNING: "RUNNING",
    Progress.FINISHED: "FINISHED",
    Progress.PARTLY_FINISHED: "PARTIAL_SUCCESS",
    Progress.FAILED: "FAILED",
    Progress.NOT_SUPPORTED: "NOT_SUPPORTED",
    Progress.INVALID: "INVALID",
}
"""Segment's word for each progress (Public API specification)."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One regulation as it was created, and as it stands."""

    listed: ListedRegulation
    state: Regulation


class FakeDeletionService:
    """Keeps every promise of `dsr_sync.ports.DeletionService`; the contract suite holds it to them.

    `now` gives the time of creation, and decides what is forgotten (90 days, as Segment does). Nothing moves by
    itself: a test says what Segment reports. `calls` counts the calls; a listing counts one per page.
    """

    def __init__(self, now: Callable[[], datetime], page_size: int = 1000) -> None:
        self._now = now
        self._page_size = page_size
        self._kept: dict[RegulationId, Kept] = {}
        self._hidden: set[RegulationId] = set()
        self._failures = Failures()
        self.calls: Counter[str] = Counter()
        self.pace = timedelta(0)

    # What happens at Segment.

    def create(
        self, regulation_type: str, subjects: Sequence[Identifier], created_at: datetime | None = None
    ) -> RegulationId:
        """A regulation that appears without a call: made by hand in Segment, or the late effect of a lost POST."""
        at = created_at or self._now()
        regulation_id = RegulationId(f"regulation{len(self._kept) + 1:017d}")
        listed = ListedRegulation(regulation_id, regulation_type, tuple(subjects), at)
        state = Regulation(regulation_id, Progress.WAITING, WORDS[Progress.WAITING], at)
        self._kept[regulation_id] = Kept(listed, state)
        return regulation_id

    def report(
        self,
        regulation_id: RegulationId,
        progress: Progress,
        reports: Sequence[DestinationReport] = (),
        word: str | None = None,
    ) -> None:
        """Let Segment say this of a regulation from now on; it has finished just now if `progress` has ended."""
        kept = self._kept[regulation_id]
        state = replace(
            kept.state,
            progress=progress,
            word=WORDS[progress] if word is None else word,
            finished_at=self._now() if progress.ended else None,
            reports=tuple(reports),
        )
        self._kept[regulation_id] = replace(kept, state=state)

    def hide(self, regulation_id: RegulationId) -> None:
        """Let Segment not know a regulation, neither in the list nor by its id, until `unhide`."""
        self._hidden.add(regulation_id)

    def unhide(self, regulation_id: RegulationId) -> None:
        """Let Segment know it again."""
        self._hidden.discard(regulation_id)

    def created(self) -> list[ListedRegulation]:
        """Every regulation ever created, forgotten and hidden ones too, oldest first."""
        return [kept.listed for kept in self._kept.values()]

    # What goes wrong.

    def fail(self, call: str, error: PortError, *, skip: int = 0, times: int = 1, after_effect: bool = False) -> None:
        """Let `submit`, `fetch` or `listing` raise; for `listing` the counted calls are pages."""
        self._failures.add(call, error, skip=skip, times=times, after_effect=after_effect)

    def lose_answer(self, *, after_effect: bool) -> None:
        """The next submission ends in doubt; whether a regulation came of it is `after_effect`."""
        self.fail("submit", OutcomeUnknown("segment", "no complete answer in time"), after_effect=after_effect)

    # The port.

    def submit(self, regulation_type: str, subjects: Sequence[Identifier]) -> RegulationId:
        """Create one regulation; each call makes a new one, as Segment does."""
        lost = self._call("submit")
        regulation_id = self.create(regulation_type, subjects)
        if lost is not None:
            raise lost
        return regulation_id

    def turn_in(self) -> timedelta:
        """No time, unless a test says how long."""
        return self.pace

    def fetch(self, regulation_id: RegulationId) -> Regulation | None:
        """The regulation as the test last reported it."""
        self._call("fetch")
        kept = self._kept.get(regulation_id)
        return kept.state if kept is not None and self._is_known(kept) else None

    def listing(self) -> Iterator[Sequence[ListedRegulation]]:
        """Pages of what Segment knows, newest first."""
        known = [kept.listed for kept in reversed(self._kept.values()) if self._is_known(kept)]
        for start in range(0, len(known), self._page_size) if known else [0]:
            self._call("listing")
            yield known[start : start + self._page_size]

    # How it is done.

    def _call(self, name: str) -> PortError | None:
        self.calls[name] += 1
        return self._failures.before(name)

    def _is_known(self, kept: Kept) -> bool:
        young = self._now() - kept.listed.created_at <= FORGOTTEN
        return young and kept.listed.regulation_id not in self._hidden
