"""The port RequestTable over one Airtable base."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from pyairtable.formulas import AND, CONCATENATE, NE, NOT, OR, Field, Formula

from dsr_sync.adapters.airtable import refusals
from dsr_sync.adapters.airtable.batches import Change, Writer
from dsr_sync.adapters.airtable.cells import changes, row, unsayable
from dsr_sync.adapters.airtable.knowledge import Knowledge, Memory
from dsr_sync.adapters.airtable.line import AirtableLine, AirtableOptions
from dsr_sync.adapters.airtable.receipts import Receipts
from dsr_sync.adapters.airtable.schema import Schema, TableShape
from dsr_sync.core.actions import Tell
from dsr_sync.core.model import Receipt, RecordId, RegulationId, RequestRow
from dsr_sync.ports import (
    BaseProblem,
    Clock,
    Compared,
    Permanent,
    ReceiptKey,
    SchemaBroken,
    Told,
    Transient,
    WantedReceipts,
)


class AirtableRequestTable:
    """Keeps the promises of `dsr_sync.ports.RequestTable`. For one thread.

    `memory` outlives the process: which columns the base had, so that one that is gone is not taken for one that never
    was.
    """

    def __init__(self, options: AirtableOptions, clock: Clock, memory: Memory | None = None) -> None:
        self.line = AirtableLine(options, clock)
        self._knowledge = Knowledge(self.line, options, clock, memory)
        self._writer = Writer(self._knowledge)

    def candidates(self) -> Iterator[Sequence[RequestRow]]:
        """Pages of up to 100 rows, oldest first within a page: authenticated, and unsubmitted or with Retry ticked.

        Also rows whose extension is not the date in Due by, where the base has both columns.
        One call per page, made when the page is asked for. Rows may come twice: Airtable ends a listing that takes too
        long (LIST_RECORDS_ITERATOR_NOT_AVAILABLE), and then it is begun again, once.

        Raises:
            Transient: unreachable, 429, 5xx, not understood, ended by Airtable twice, or without an end.
            Permanent: SchemaBroken, TokenRefused, PlanExhausted, or no such base.
        """
        return self._listing(_wanting_something)

    def everything(self) -> Iterator[Sequence[RequestRow]]:
        """Pages of all rows, in the same way."""
        return self._listing(lambda _: None)

    def tell(self, tells: Sequence[Tell]) -> Told:
        """Write the daemon's columns where they differ; ten rows per call, nothing sent where nothing differs.

        Rows of a refused batch are written one by one: `refused` carries Airtable's word, `gone` the deleted ones.
        A row whose status is no option of the base is refused too, but for that column it was written.

        Raises:
            Transient, Permanent: as for `candidates`; then some may have been written.
        """
        if not tells:
            return Told()

        def work(schema: Schema) -> Told:
            table = schema.requests
            wanted = [Change(tell.record_id, changes(tell, table), tell.record_id) for tell in tells]
            mute = frozenset(tell.record_id for tell in tells if unsayable(tell, table))
            told = _without_status(
                self._writer.write([change for change in wanted if change.fields], self._update(table)), mute
            )
            unchanged = tuple(
                change.record_id for change in wanted if not change.fields and change.record_id not in mute
            )
            names = {column.id: name for name, column in table.columns.items()}
            wrote = {change.record_id: tuple(names[column] for column in change.fields) for change in wanted}
            return replace(told, unchanged=unchanged, wrote=tuple((done, wrote[done]) for done in told.done))

        return self._knowledge.applied(work)

    def put_receipts(self, record_id: RecordId, regulation_id: RegulationId, receipts: Sequence[Receipt]) -> Told:
        """Create or update one row per receipt, found by its key; nothing to do where there is no receipts table.

        Follow-up is set to Needed where the receipt needs it and staff have not said Done; a Needed that no longer
        holds is taken back. Reads the rows of this request and regulation first, and writes only what differs.

        Raises:
            Transient, Permanent: as for `candidates`; then some may have been written.
        """
        if not receipts:
            return Told(unchanged=(record_id,))
        return self._knowledge.applied(lambda schema: self._receipts(schema).put(record_id, regulation_id, receipts))

    def follow_ups_done(self, regulation_ids: Sequence[RegulationId]) -> frozenset[ReceiptKey]:
        """The receipts of these regulations whose Follow-up staff have set to Done; one call per 100 and per page.

        Raises:
            Transient, Permanent: as for `candidates`.
        """
        if not regulation_ids:
            return frozenset()
        return self._knowledge.applied(lambda schema: self._receipts(schema).done(regulation_ids))

    def compare_receipts(self, wanted: WantedReceipts) -> Iterator[Compared]:
        """Which receipts the base holds and which of them differ from `wanted`; one call per page, nothing written.

        Raises:
            Transient, Permanent: as for `candidates`; a column that changes meanwhile ends the comparison.
        """
        schema = self._knowledge.schema()
        try:
            yield from self._receipts(schema).compared(wanted)
        except Permanent as problem:
            self._knowledge.doubt()
            raise self._knowledge.judged(problem) from None

    def flaws(self) -> tuple[BaseProblem, ...]:
        """What hampers the work without stopping it, as the base was last read. No call."""
        return self._knowledge.flaws

    def close(self) -> None:
        """Close the connections that are kept."""
        self.line.close()

    def _receipts(self, schema: Schema) -> Receipts:
        return Receipts(self.line, self._writer, schema.receipts)

    def _update(self, table: TableShape) -> Callable[[Sequence[Change]], None]:
        return lambda batch: self.line.update(table.id, [change.record() for change in batch])

    def _listing(self, formula: Callable[[TableShape], Formula | None]) -> Iterator[Sequence[RequestRow]]:
        renewed, restarted = False, False
        while True:
            try:
                table = self._knowledge.schema().requests
                for records in self.line.pages(table.id, table.ids(), formula(table)):
                    yield sorted((row(record, table) for record in records), key=lambda read: read.created_at)
            except SchemaBroken:
                self._knowledge.doubt()
                self._knowledge.schema()  # which says better what is wrong; if nothing is, what the cell said counts
                raise
            except Permanent as problem:
                if problem.reason == refusals.ITERATOR_GONE and not restarted:
                    restarted = True
                elif problem.reason == refusals.ITERATOR_GONE:
                    raise Transient(problem.service, "Airtable ended the listing twice", problem.status) from None
                elif problem.reason in refusals.STALE_SCHEMA and not renewed:
                    renewed = True
                    self._knowledge.doubt()
                else:
                    raise self._knowledge.judged(problem) from None
            else:
                return


def _without_status(told: Told, mute: frozenset[RecordId]) -> Told:
    """What came of writing, where these rows could not be given their status: that is not done, whatever else was."""
    known = {*told.gone, *(record_id for record_id, _ in told.refused)}
    return replace(
        told,
        done=tuple(record_id for record_id in told.done if record_id not in mute),
        refused=(*told.refused, *((record_id, refusals.INVALID_OPTION) for record_id in sorted(mute - known))),
    )


def _wanting_something(table: TableShape) -> Formula:
    # By the names of the moment: whether formulas take ids is contradictory (Airtable docs say so, users see a 422).
    columns = table.columns
    reasons: list[Formula] = [NOT(Field(columns["submitted"].name))]
    if "retry" in columns:
        reasons.append(Field(columns["retry"].name))
    if "extended_until" in columns and "due_by" in columns:
        until, due = Field(columns["extended_until"].name), Field(columns["due_by"].name)
        reasons.append(AND(until, NE(CONCATENATE(until), CONCATENATE(due))))  # as texts: either may be empty
    return AND(Field(columns["authenticated"].name), OR(reasons) if len(reasons) > 1 else reasons[0])
