"""The receipts table: one row per request, regulation and destination name, found by its key."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from pyairtable.formulas import AND, EQ, FIND, LEFT, OR, Field, Formula

from dsr_sync.adapters.airtable import refusals
from dsr_sync.adapters.airtable.batches import Change, Writer
from dsr_sync.adapters.airtable.cells import in_place_of_an_option, moment, record_key, text, written
from dsr_sync.adapters.airtable.columns import FollowUp
from dsr_sync.adapters.airtable.line import AirtableLine
from dsr_sync.adapters.airtable.refusals import Json
from dsr_sync.adapters.airtable.schema import TableShape
from dsr_sync.core.follow_up_notes import SENT_AGAIN
from dsr_sync.core.model import Progress, Receipt, RecordId, RegulationId
from dsr_sync.core.receipts import sources_text
from dsr_sync.ports import Compared, ReceiptKey, Told, WantedReceipts

SEPARATOR = " · "
"""Between the parts of a key: `rec… · regulation id · destination`."""

_REGULATIONS_PER_CALL = 100
_PARTS = 3


class Receipts:
    """Reads and writes the receipts of a base; where there is no table, there is nothing to do."""

    def __init__(self, line: AirtableLine, writer: Writer, table: TableShape | None) -> None:
        self._line = line
        self._writer = writer
        self._table = table

    def put(self, record_id: RecordId, regulation_id: RegulationId, receipts: Sequence[Receipt]) -> Told:
        """Write what differs. A receipt that Airtable refuses makes the request refused, once.

        Follow-ups of regulations that the request had before are called off: it was sent again. Where there is no
        receipts table, nothing is owed to it: the request is unchanged.
        """
        table = self._table
        if table is None:
            return Told(unchanged=(record_id,))
        prefix = SEPARATOR.join((record_id, regulation_id, ""))
        standing = self._standing(table, f"{record_id}{SEPARATOR}")
        wanted = [_called_off(table, record_id, standing[key]) for key in standing if not key.startswith(prefix)]
        wanted = [change for change in wanted if change.fields]
        for receipt in receipts:
            key = prefix + receipt.destination
            change = _change(table, record_id, {"receipt": key, **_cells(receipt, regulation_id)}, standing.get(key))
            wanted += [change] if change.fields else []
        mute = any(_unsayable(table, _cells(receipt, regulation_id)) for receipt in receipts)
        if not wanted:
            return _muted(record_id) if mute else Told(unchanged=(record_id,))
        told = self._writer.write(wanted, lambda batch: self._upsert(table, batch))
        standing_ones = [change for change in wanted if change.existing]
        if told.gone and standing_ones:
            return self._without_link(table, record_id, standing_ones)
        if told.gone:
            return Told(gone=(record_id,))
        if told.refused:
            return Told(refused=told.refused[:1])
        return _muted(record_id) if mute else Told(done=(record_id,))

    def done(self, regulation_ids: Sequence[RegulationId]) -> frozenset[ReceiptKey]:
        """The keys of the receipts of these regulations that staff have set to Done."""
        table = self._table
        if table is None or "follow_up" not in table.columns:
            return frozenset()
        found: set[ReceiptKey] = set()
        for start in range(0, len(regulation_ids), _REGULATIONS_PER_CALL):
            asked = regulation_ids[start : start + _REGULATIONS_PER_CALL]
            for record in self._read(table, _of_regulations(table, asked), ["receipt", "follow_up"]):
                key = _key(_cell(record, table, "receipt"))
                if key is not None and key.regulation_id in asked:
                    found.add(key)
        return frozenset(found)

    def compared(self, wanted: WantedReceipts) -> Iterator[Compared]:
        """Compare the whole table, page by page, with what it should say. Rows of unknown keys are passed over."""
        table = self._table
        if table is None:
            return
        for page in self._line.pages(table.id, table.ids(), None):
            records = [(_key(_cell(record, table, "receipt")), record) for record in page]
            known = [(key, record) for key, record in records if key is not None]
            right = wanted({key: text(_cell(record, table, "error")) for key, record in known})
            differ = ((key, _differing(table, key, right[key], record)) for key, record in known if key in right)
            yield Compared(tuple(key for key, _ in known if key in right), tuple(each for each in differ if each[1]))

    def _standing(self, table: TableShape, prefix: str) -> dict[str, Json]:
        # Somebody may have copied a row: of several with one key, one that says Done counts, else the oldest.
        found: dict[str, Json] = {}
        formula = EQ(LEFT(_field(table, "receipt"), len(prefix)), prefix)
        for record in sorted(self._read(table, formula, list(table.columns)), key=lambda record: _rank(record, table)):
            found.setdefault(text(_cell(record, table, "receipt")), record)
        return found

    def _read(self, table: TableShape, formula: Formula, attributes: Sequence[str]) -> Iterator[Json]:
        ids = [table.columns[attribute].id for attribute in attributes]
        for page in self._line.pages(table.id, ids, formula):
            for record in page:
                record_key(record)  # raises Transient if it is no record
                yield record

    def _without_link(self, table: TableShape, record_id: RecordId, standing: Sequence[Change]) -> Told:
        """Write receipts whose request was deleted: they are still the record, and may need somebody."""
        link = table.columns["request"].id if "request" in table.columns else ""
        if any(link in change.fields for change in standing):
            bare = [
                replace(each, fields={key: each.fields[key] for key in each.fields if key != link}) for each in standing
            ]
            told = self._writer.write([each for each in bare if each.fields], lambda batch: self._upsert(table, batch))
            if not told.gone:
                return replace(told, done=(), gone=(record_id,))
        # Perhaps somebody deleted a receipt just now: the next time it is made again.
        return Told(refused=((record_id, "ROW_DOES_NOT_EXIST"),))

    def _upsert(self, table: TableShape, batch: Sequence[Change]) -> None:
        key = table.columns["receipt"].id
        self._line.upsert(table.id, [change.record() for change in batch], key)


def _cells(receipt: Receipt, regulation_id: RegulationId) -> dict[str, Json]:
    return {
        "destination": written(receipt.destination),
        "status": receipt.progress.value,
        "segment_status": written(receipt.segment_status),
        "sources": sources_text(receipt),
        "finished_at": written(receipt.finished_at),
        "error": written(receipt.error),
        "regulation_id": written(regulation_id),
        "follow_up": _follow_up(receipt),
        "what_to_do": written(receipt.what_to_do),
    }


def _follow_up(receipt: Receipt) -> str | None:
    """What Follow-up says in a receipt that is made, such as that of a row which took over from a deleted one."""
    if not receipt.follow_up_needed:
        return None
    return FollowUp.DONE.value if receipt.followed_up else FollowUp.NEEDED.value


def _unsayable(table: TableShape, cells: dict[str, Json]) -> list[str]:
    """The selects that the base cannot show as they should be, because it lacks the option."""
    return [name for name in _OURS if table.lacks(name, cells[name])]


def _muted(record_id: RecordId) -> Told:
    """Everything was written but options that are missing."""
    return Told(refused=((record_id, refusals.INVALID_OPTION),))


def _sayable(table: TableShape, cells: dict[str, Json], standing: Json) -> dict[str, Json]:
    """What can be written of these cells."""
    said = {
        name: in_place_of_an_option(text(_cell(standing, table, name)) if standing else "", _OURS[name])
        for name in _unsayable(table, cells)
    }
    return cells | said


_OURS: dict[str, type[StrEnum]] = {"status": Progress, "follow_up": FollowUp}


def _differing(table: TableShape, key: ReceiptKey, right: Receipt, record: Json) -> tuple[str, ...]:
    """The columns of a receipt that are not as they should be."""
    cells = _sayable(table, _cells(right, key.regulation_id), record)
    wrong = [name for name, value in cells.items() if _differs(name, value, _cell(record, table, name))]
    if not _leads_to(key.record_id, record, table):
        wrong.append("request")
    return tuple(name for name in wrong if name in table.columns)


def _change(table: TableShape, record_id: RecordId, wanted: dict[str, Json], standing: Json) -> Change:
    wanted = _sayable(table, wanted, standing)
    if standing is None:
        cells = {name: value for name, value in wanted.items() if value is not None} | {"request": [record_id]}
        return Change(record_id, _by_id(table, cells))
    cells = {name: value for name, value in wanted.items() if _differs(name, value, _cell(standing, table, name))}
    if not _leads_to(record_id, standing, table):
        cells["request"] = [record_id]
    return Change(record_id, _by_id(table, cells), standing["id"])


def _called_off(table: TableShape, record_id: RecordId, former: Json) -> Change:
    """A receipt of a regulation that the request had before: what nobody has done for it is owed to nobody any more."""
    if text(_cell(former, table, "follow_up")) != FollowUp.NEEDED:
        return Change(record_id, {}, former["id"])
    return Change(record_id, _by_id(table, {"follow_up": None, "what_to_do": SENT_AGAIN}), former["id"])


def _leads_to(record_id: RecordId, record: Json, table: TableShape) -> bool:
    """Whether a receipt is linked to its request alone: a copied request brings links to its original's receipts."""
    return (_cell(record, table, "request") or []) == [record_id]


def _differs(name: str, value: Json, cell: Json) -> bool:
    if name == "finished_at":
        return bool(value != written(moment(cell)))
    if name == "follow_up" and (text(cell) not in ("", FollowUp.NEEDED) or (value == FollowUp.DONE and text(cell))):
        return False  # staff have spoken
    return bool((value or "") != text(cell))


def _by_id(table: TableShape, cells: dict[str, Json]) -> dict[str, Json]:
    return {table.columns[name].id: value for name, value in cells.items() if name in table.columns}


def _cell(record: Json, table: TableShape, attribute: str) -> Json:
    column = table.columns.get(attribute)
    return None if column is None else record["fields"].get(column.id)


def _rank(record: Json, table: TableShape) -> tuple[bool, datetime, str]:
    record_id, created = record_key(record)
    return text(_cell(record, table, "follow_up")) != FollowUp.DONE, created, record_id


def _of_regulations(table: TableShape, regulation_ids: Sequence[RegulationId]) -> Formula:
    # The ids are Segment's, and destination names stay out: nothing that a person typed ever enters a formula.
    key = _field(table, "receipt")
    about = [FIND(f"{SEPARATOR}{regulation_id}{SEPARATOR}", key) for regulation_id in regulation_ids]
    return AND(EQ(_field(table, "follow_up"), FollowUp.DONE.value), OR(about))


def _field(table: TableShape, attribute: str) -> Formula:
    return Field(table.columns[attribute].name)


def _key(cell: Json) -> ReceiptKey | None:
    parts = text(cell).split(SEPARATOR, _PARTS - 1)
    if len(parts) != _PARTS:
        return None
    record_id, regulation_id, destination = parts
    return ReceiptKey(RecordId(record_id), RegulationId(regulation_id), destination)
