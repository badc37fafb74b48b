"""What we know of the base's columns, and when to look again."""

import json
import math
from collections.abc import Callable
from typing import Protocol, TypeVar

from dsr_sync.adapters.airtable import refusals
from dsr_sync.adapters.airtable.line import AirtableLine, AirtableOptions
from dsr_sync.adapters.airtable.schema import Known, Schema, named, read
from dsr_sync.ports import BaseProblem, Clock, Flaw, Permanent, SchemaBroken

_Result = TypeVar("_Result")


class Memory(Protocol):
    """Keeps a text from one process life to the next."""

    def remembered(self, name: str) -> str | None:
        """The text that was kept under this name, if any."""
        ...

    def remember(self, name: str, value: str) -> None:
        """Keep a text under this name."""
        ...


_FLAWED_SECONDS = 300.0

COLUMNS = "columns"
"""The name under which the ids of a base's columns are kept."""


def recalled(memory: Memory | None, options: AirtableOptions) -> Known:
    """The ids that columns had when they were last seen, as far as base and settings are still the same."""
    kept = memory.remembered(COLUMNS) if memory else None
    read_back = json.loads(kept) if kept else {}
    if read_back.get("base") != options.base_id:
        return {}
    same = ((key, read_back["ids"].get(_place(key, name))) for key, name in named(options.names))
    return {key: found for key, found in same if found}


def _place(key: tuple[str, str], name: str) -> str:
    return f"{key[0]}.{key[1]}={name}"


class Knowledge:
    """The schema, read once and used by id: again after `seconds`, and whenever Airtable says that it is not so."""

    def __init__(self, line: AirtableLine, options: AirtableOptions, clock: Clock, memory: Memory | None) -> None:
        self._line = line
        self._options = options
        self._clock = clock
        self._memory = memory
        self._schema: Schema | None = None
        self._known: Known | None = None
        self._read_at = -math.inf
        self.looks_again = False
        """Whether work is being done again, with a schema that was read because of what Airtable answered."""
        self.flaws: tuple[BaseProblem, ...] = ()
        """What hampers the work without stopping it, as the base was last read."""

    def schema(self) -> Schema:
        """The columns by attribute. One metadata call when there is nothing fresh.

        Raises:
            SchemaBroken: a required column is missing or of the wrong type; looked at again at the next use.
            Transient, Permanent: the metadata cannot be read.
        """
        if self._schema is not None and self._clock.monotonic() - self._read_at < self._trusted_for():
            return self._schema
        self._schema = None
        if self._known is None:
            self._known = recalled(self._memory, self._options)
        reading = read(self._line.tables(), self._options.names, self._known)
        self.flaws = reading.hampering()
        if reading.schema is None:
            blocking = reading.blocking()
            raise refusals.schema_broken(tuple(problem.advice for problem in blocking), blocking)
        if self._memory is not None and reading.schema.known != self._known:
            self._memory.remember(COLUMNS, self._as_text(reading.schema.known))
        self._schema, self._known, self._read_at = reading.schema, reading.schema.known, self._clock.monotonic()
        return self._schema

    def _trusted_for(self) -> float:
        """Seconds. What a person is asked to mend in Airtable is looked for sooner."""
        asked = any(flaw.flaw in (Flaw.MISSING_OPTION, Flaw.WRONG_TYPE) for flaw in self.flaws)
        return min(self._options.schema_seconds, _FLAWED_SECONDS) if asked else self._options.schema_seconds

    def _as_text(self, known: Known) -> str:
        ids = {_place(key, name): known[key] for key, name in named(self._options.names) if key in known}
        return json.dumps({"base": self._options.base_id, "ids": ids}, sort_keys=True)

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
            if problem.reason not in refusals.STALE_SCHEMA and problem.reason != refusals.INVALID_OPTION:
                raise
        self.doubt()
        self.looks_again = True
        try:
            return work(self.schema())
        except Permanent as problem:
            self.doubt()
            raise self.judged(problem) from None
        finally:
            self.looks_again = False

    @staticmethod
    def judged(problem: Permanent) -> Permanent:
        """The error for a refusal of columns that a fresh look found in order."""
        if isinstance(problem, SchemaBroken) or problem.reason not in refusals.STALE_SCHEMA:
            return problem
        if problem.reason == refusals.MODEL_NOT_FOUND:
            return problem  # the tables are there, so it is the token's scope
        return refusals.schema_broken((f"Airtable refuses the columns that it names itself ({problem.reason}).",))
