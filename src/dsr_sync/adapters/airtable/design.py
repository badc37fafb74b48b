"""The port BaseDesign: what the base lacks, and making what the API can make."""

from typing import Any

from dsr_sync.adapters.airtable import refusals
from dsr_sync.adapters.airtable.columns import LINK, ColumnSpec, blueprint
from dsr_sync.adapters.airtable.knowledge import Memory, recalled
from dsr_sync.adapters.airtable.line import AirtableLine, AirtableOptions
from dsr_sync.adapters.airtable.schema import Metadata, Side, find, read, sides
from dsr_sync.ports import BaseProblem, Clock, Flaw, Permanent


class AirtableBaseDesign:
    """Keeps the promises of `dsr_sync.ports.BaseDesign`."""

    def __init__(self, options: AirtableOptions, clock: Clock, memory: Memory | None = None) -> None:
        self._options = options
        self._memory = memory
        self._names = options.names
        self._line = AirtableLine(options, clock)

    def problems(self) -> tuple[BaseProblem, ...]:
        """Everything that differs from the contract, required things first. One call; needs schema.bases:read.

        Raises:
            Transient, Permanent: the metadata cannot be read.
        """
        return read(self._line.tables(), self._names, recalled(self._memory, self._options)).problems

    def see_rows(self) -> None:
        """Read a page of the requests, their first column alone. Two calls; needs data.records:read.

        Where there is no such table, which `problems` says, nothing is read. Raises Transient, Permanent.
        """
        requests = self._table(self._line.tables(), sides(self._names)[0])
        if requests is not None:
            next(self._line.pages(requests["id"], [column["id"] for column in requests["fields"][:1]], None), None)

    def create(self, problem: BaseProblem) -> None:
        """Make one missing table, with all its columns and their options, or one missing column.

        Two calls: the base is read again, so that nothing is made twice. A link makes its counterpart in the other
        table by itself (Airtable docs, create field).

        Raises:
            Transient, Permanent: refused or unreachable; TokenRefused without the scope schema.bases:write.
            ValueError: the problem is not one that can be mended here (`creatable` says so).
        """
        if not problem.creatable:
            raise ValueError(f"Only a person can mend this: {problem.advice}")
        tables = self._line.tables()
        for side in sides(self._names):
            table = self._table(tables, side)
            if problem.flaw is Flaw.MISSING_TABLE and problem.table == side.table and table is None:
                self._line.make_table(side.table, [self._blueprint(spec, name, tables) for spec, name in side.named()])
            elif problem.flaw is Flaw.MISSING_COLUMN and table is not None and problem.table == side.table:
                self._make_column(side, table, problem.column, tables)

    def close(self) -> None:
        """Close the connections that are kept."""
        self._line.close()

    def _table(self, tables: list[Metadata], side: Side) -> Metadata | None:
        """The table, also where staff have renamed it since it was first found."""
        known = recalled(self._memory, self._options)
        return find(tables, known.get((side.label, ""), ""), side.table)

    def _make_column(self, side: Side, table: Metadata, column: str, tables: list[Metadata]) -> None:
        for spec, name in side.named():
            if name == column and find(table["fields"], name) is None:
                self._line.make_column(table["id"], self._blueprint(spec, name, tables))

    def _blueprint(self, spec: ColumnSpec, name: str, tables: list[Metadata]) -> dict[str, Any]:
        if spec.type != LINK:
            return blueprint(spec, name)
        requests = self._table(tables, sides(self._names)[0])
        if requests is None:
            raise Permanent(refusals.SERVICE, "the requests table must be made first")
        return blueprint(spec, name, requests["id"])
