"""What we know of the base's columns, and when to look again."""

import math
from collections.abc import Callable
from typing import TypeVar

from dsr_sync.adapters.airtable import refusals
from dsr_sync.adapters.airtable.line import AirtableLine
from dsr_sync.adapters.airtable.schema import Known, Names, Schema, read
from dsr_sync.ports import Clock, Permanent, SchemaBroken

_Result = TypeVar("_Result")


class Knowledge:
    """The schema, read once and used by id: again after `seconds`, and whenever Airtable says that it is not so."""

    def __init__(self, line: AirtableLine, names: Names, clock: Clock, seconds: float) -> None:
        self._line = line
        self._names = names
        self._clock = clock
        self._seconds = seconds
        self._schema: Schema | None = None
        self._known: Known = {}
        self._read_at = -math.inf

    def schema(self) -> Schema:
        """The columns by attribute. One metadata call when there is nothing fresh.

        Raises:
            SchemaBroken: a required column is missing or of the wrong type; looked at again at the next use.
            Transient, Permanent: the metadata cannot be read.
        """
        if self._schema is not None and self._clock.monotonic() - self._read_at < self._seconds:
            return self._schema
        self._schema = None
        reading = read(self._line.tables(), self._names, self._known)
        if reading.schema is None:
            raise refusals.schema_broken(reading.blocking())
        self._schema, self._known, self._read_at = reading.schema, reading.schema.known, self._clock.monotonic()
        return self._schema

    def doubt(self) -> None:
        """Look at the base again before the next use."""
        self._schema = None

    def applied(self, work: Callable[[Schema], _Result]) -> _Result:
        """Do idempotent work with the schema; once more with a fresh one if Airtable says that it has changed.

        Raises:
            SchemaBroken: the base lacks something, or Airtable refuses its own columns twice in a row.
            Transient, Permanent: whatever the work raises; TokenRefused if a fresh look finds nothing wrong.
        """
        try:
            return work(self.schema())
        except SchemaBroken:
            self.doubt()
            raise
        except Permanent as problem:
            if problem.reason not in refusals.STALE_SCHEMA:
                raise
        self.doubt()
        try:
            return work(self.schema())
        except Permanent as problem:
            self.doubt()
            raise self.judged(problem) from None

    @staticmethod
    def judged(problem: Permanent) -> Permanent:
        """The error for a refusal of columns that a fresh look found in order."""
        if isinstance(problem, SchemaBroken) or problem.reason not in refusals.STALE_SCHEMA:
            return problem
        if problem.reason == refusals.MODEL_NOT_FOUND:
            return problem  # the tables are there, so it is the token's scope
        return refusals.schema_broken((f"Airtable refuses the columns that it names itself ({problem.reason}).",))
