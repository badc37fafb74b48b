"""Writing in batches, so that one row that Airtable refuses costs the others nothing."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import cast

from pyairtable.api.types import UpdateRecordDict

from dsr_sync.adapters.airtable import refusals
from dsr_sync.adapters.airtable.knowledge import Knowledge
from dsr_sync.adapters.airtable.line import BATCH
from dsr_sync.adapters.airtable.refusals import Json
from dsr_sync.core.model import RecordId
from dsr_sync.ports import Permanent, Told

_ABOUT_ROWS = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY})


@dataclass(frozen=True, slots=True)
class Change:
    """Cells to write, keyed by column id, for the request `record_id`; `existing` is the record to change, if known."""

    record_id: RecordId
    fields: dict[str, Json] = field(repr=False)
    existing: str = ""

    def record(self) -> UpdateRecordDict:
        """As pyairtable takes it; without an id it is one to be found by its key, or made."""
        found: dict[str, Json] = {"id": self.existing} if self.existing else {}
        return cast("UpdateRecordDict", found | {"fields": self.fields})


class Writer:
    """Sends changes ten at a time, and the rows of a refused batch one by one.

    Recorded traffic shows that Airtable refuses a whole batch for one bad record; writing a row twice does no harm.
    """

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge

    def write(self, wanted: Sequence[Change], send: Callable[[Sequence[Change]], None]) -> Told:
        """Send all of `wanted`; which requests were written, are gone, or were refused.

        Raises:
            Transient: some may have been written. Permanent: nothing more can be written, whatever the row.
        """
        told = _Told()
        for start in range(0, len(wanted), BATCH):
            batch = wanted[start : start + BATCH]
            problem = self._sent(batch, send)
            if problem is None:
                told.done += (change.record_id for change in batch)
            elif len(batch) == 1:
                told.add(batch[0], problem.reason)
            else:
                self._one_by_one(batch, send, told)
        return told.result()

    def _one_by_one(self, batch: Iterable[Change], send: Callable[[Sequence[Change]], None], told: "_Told") -> None:
        for change in batch:
            problem = self._sent([change], send)
            if problem is None:
                told.done.append(change.record_id)
            else:
                told.add(change, problem.reason)

    def _sent(self, batch: Sequence[Change], send: Callable[[Sequence[Change]], None]) -> Permanent | None:
        try:
            send(batch)
        except Permanent as problem:
            if problem.status not in _ABOUT_ROWS or problem.reason in refusals.STALE_SCHEMA:
                raise
            if problem.status == HTTPStatus.NOT_FOUND and problem.reason not in refusals.ROW_GONE:
                raise
            if problem.reason == refusals.INVALID_OPTION and not self._knowledge.looks_again:
                raise  # somebody has deleted an option; the rest of the row can be written all the same
            if problem.reason == refusals.INVALID_VALUE:
                self._knowledge.doubt()  # perhaps staff have changed the column's type
            return problem
        return None


@dataclass(slots=True)
class _Told:
    done: list[RecordId] = field(default_factory=list)
    gone: list[RecordId] = field(default_factory=list)
    refused: list[tuple[RecordId, str]] = field(default_factory=list)

    def add(self, change: Change, code: str) -> None:
        """Note a change that Airtable refused for itself alone."""
        if code in refusals.ROW_GONE:
            self.gone.append(change.record_id)
        else:
            self.refused.append((change.record_id, code))

    def result(self) -> Told:
        """As the port has it."""
        return Told(done=tuple(self.done), gone=tuple(self.gone), refused=tuple(self.refused))
