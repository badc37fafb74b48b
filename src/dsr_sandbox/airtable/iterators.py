"""Offsets: `itr…/rec…` names an iterator on the server and the record that comes next (Airtable docs, list records)."""

import re
from dataclasses import dataclass

from dsr_sandbox.airtable.errors import bad_offset, stale_offset
from dsr_sandbox.airtable.limits import AirtableLimits
from dsr_sandbox.clock import SandboxClock
from dsr_sandbox.ids import IdFactory

_OFFSET = re.compile(r"(itr[A-Za-z0-9]{14})/(rec[A-Za-z0-9]{14})")


@dataclass
class _Iterator:
    table_id: str
    positions: dict[str, int]
    used: float


class Iterators:
    """Lists under way. Which records a list holds, and their order, is settled by its first page (assumed)."""

    def __init__(self, clock: SandboxClock, ids: IdFactory, limits: AirtableLimits) -> None:
        self._clock = clock
        self._ids = ids
        self._limits = limits
        self._open: dict[str, _Iterator] = {}

    def expire(self) -> None:
        """Let every outstanding offset go stale."""
        self._open.clear()

    def start(self, table_id: str, record_ids: list[str]) -> str:
        """Open an iterator over these records; gives its id."""
        self._drop_idle()
        iterator_id = self._ids.airtable("itr")
        positions = {record_id: index for index, record_id in enumerate(record_ids)}
        self._open[iterator_id] = _Iterator(table_id, positions, self._clock.monotonic())
        return iterator_id

    def resume(self, table_id: str, offset: str) -> tuple[str, list[str]]:
        """Go on at an offset: gives the iterator's id and the record ids from there on. An offset may be used again.

        Raises:
            AirtableError: 422 `INVALID_OFFSET_VALUE` if malformed, `LIST_RECORDS_ITERATOR_NOT_AVAILABLE` if stale.
        """
        parts = _OFFSET.fullmatch(offset)
        if parts is None:
            raise bad_offset(offset)
        self._drop_idle()
        found = self._open.get(parts[1])
        if found is None or found.table_id != table_id or parts[2] not in found.positions:
            raise stale_offset()
        found.used = self._clock.monotonic()
        return parts[1], list(found.positions)[found.positions[parts[2]] :]

    def _drop_idle(self) -> None:
        oldest = self._clock.monotonic() - self._limits.iterator_idle_seconds
        self._open = {key: it for key, it in self._open.items() if it.used >= oldest}
