"""What the ledger says in numbers."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Summary:
    """The ledger in numbers, for `status` and the metrics.

    A request is open until it is completed; one whose row was deleted counts in `by_state` alone. `due` counts the open
    ones by how near their Due by is, every span of `Within` named and each request in one at most.
    """

    by_state: dict[str, int]
    oldest_open_seen_at: datetime | None
    earliest_due_by: date | None
    due: dict[str, int]
    unsettled: int
    owed: int
    open_follow_ups: int
    sent_last_hour: int
    last_tick_at: datetime | None
