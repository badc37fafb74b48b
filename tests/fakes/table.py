"""RequestTable in memory: one base with its rows and receipts, and staff who work in it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from tests.fakes.failures import Failures

from dsr_sync.core.actions import Tell
from dsr_sync.core.model import Cells, Identifier, Receipt, RecordId, RegulationId, RequestRow
from dsr_sync.ports import BaseProblem, Compared, PortError, ReceiptKey, Told, WantedReceipts

NEEDED, DONE = "Needed", "Done"
_OWNED = tuple(each.name for each in fields(Cells))


@dataclass(frozen=True, slots=True)
class Written:
    """One row that was really written to: the columns by attribute (`retry` too), and what they say now."""

    record_id: RecordId
    changes: dict[str, Any]


@dataclass(slots=True)
class ReceiptRow:
    """One row of the receipts table: what the daemon put there, and `follow_up` as it stands ("", Needed, Done …)."""

    receipt: Receipt
    follow_up: str = ""


class FakeRequestTable:
    """Keeps every promise of `dsr_sync.ports.RequestTable`; the contract suite holds it to them.

    `now` gives the time at which records are made. Rows keep the order of their making. `calls` counts what each
    method would cost at Airtable: a page, a batch of ten, one reading and one writing of receipts.
    """

    def __init__(self, now: Callable[[], datetime], page_size: int = 100) -> None:
        self._now = now
        self._page_size = page_size
        self._rows: dict[RecordId, RequestRow] = {}
        self._refused: dict[RecordId, str] = {}
        self._made = 0
        self.hampering: tuple[BaseProblem, ...] = ()
        self._failures = Failures()
        self.receipts: dict[ReceiptKey, ReceiptRow] = {}
        self.written: list[Written] = []
        self.calls: Counter[str] = Counter()

    # What staff do.

    def add(self, identifier: str, *, authenticated: bool = True, **columns: Any) -> RecordId:
        """Add a row and give its id. `columns` are attributes of RequestRow, or of Cells for the daemon's own.

        `identifier` is taken as typed, with its white space trimmed, as the adapter reads it. `created_at` is now
        unless given; to the second, as Airtable has it.
        """
        self._made += 1
        record_id = RecordId(f"rec{self._made:014d}")
        created_at = columns.pop("created_at", self._now()).replace(microsecond=0)
        self._rows[record_id] = RequestRow(record_id, created_at, Identifier.typed(identifier))
        self.edit(record_id, authenticated=authenticated, **columns)
        return record_id

    def edit(self, record_id: RecordId, **columns: Any) -> None:
        """Change a row, as staff would: any attribute of RequestRow or of Cells; `identifier` as a plain text."""
        row = self._rows[record_id]
        owned = {name: columns.pop(name) for name in _OWNED if name in columns}
        if isinstance(columns.get("identifier"), str):
            columns["identifier"] = Identifier.typed(columns["identifier"])
        self._rows[record_id] = replace(row, cells=_cut(replace(row.cells, **owned)), **columns)

    def remove(self, record_id: RecordId) -> None:
        """Delete a row; its receipts stay, as they do in Airtable."""
        del self._rows[record_id]

    def row(self, record_id: RecordId) -> RequestRow:
        """The row as it stands. Raises KeyError if there is none."""
        return self._rows[record_id]

    def rows(self) -> list[RequestRow]:
        """All rows as they stand, in the order of their making."""
        return list(self._rows.values())

    def set_follow_up(self, key: ReceiptKey, word: str) -> None:
        """Set a receipt's Follow-up, as staff would."""
        self.receipts[key].follow_up = word

    # What goes wrong.

    def fail(self, call: str, error: PortError, *, skip: int = 0, times: int = 1, after_effect: bool = False) -> None:
        """Let a method raise; for `candidates` and `everything` the counted calls are pages, for `tell` batches."""
        self._failures.add(call, error, skip=skip, times=times, after_effect=after_effect)

    def refuse(self, record_id: RecordId, code: str = "INVALID_MULTIPLE_CHOICE_OPTIONS") -> None:
        """From now on Airtable refuses to write this row; an empty code lets it again."""
        self._refused[record_id] = code

    # The port.

    def candidates(self) -> Iterator[Sequence[RequestRow]]:
        """Pages of authenticated rows that may need something, as they stand when a page is asked."""
        return self._pages("candidates", lambda row: row.authenticated and _wants_something(row))

    def everything(self) -> Iterator[Sequence[RequestRow]]:
        """Pages of all rows."""
        return self._pages("everything", lambda _: True)

    def tell(self, tells: Sequence[Tell]) -> Told:
        """Write what differs from `current`; `written` remembers it."""
        told = [self._told(tell) for tell in tells if not self._changes(tell)]
        changing = [tell for tell in tells if self._changes(tell)]
        for start in range(0, len(changing), 10):
            lost = self._call("tell")
            told += [self._told(tell) for tell in changing[start : start + 10]]
            if lost is not None:
                raise lost
        return _sum(told)

    def put_receipts(self, record_id: RecordId, regulation_id: RegulationId, receipts: Sequence[Receipt]) -> Told:
        """Keep one row per destination; staff's Done stays."""
        if not receipts:
            return Told(unchanged=(record_id,))
        lost = self._call("put_receipts")
        if record_id not in self._rows:
            for receipt in receipts:
                if (key := ReceiptKey(record_id, regulation_id, receipt.destination)) in self.receipts:
                    self._put(key, receipt)
            return Told(gone=(record_id,))
        if self._refused.get(record_id):
            return Told(refused=((record_id, self._refused[record_id]),))
        before = {key: replace(row) for key, row in self.receipts.items()}
        for receipt in receipts:
            self._put(ReceiptKey(record_id, regulation_id, receipt.destination), receipt)
        for key, row in self.receipts.items():
            former = key.record_id == record_id and key.regulation_id != regulation_id
            if former and row.follow_up == NEEDED:
                row.follow_up = ""
        if lost is not None:
            raise lost
        return Told(unchanged=(record_id,)) if self.receipts == before else Told(done=(record_id,))

    def follow_ups_done(self, regulation_ids: Sequence[RegulationId]) -> frozenset[ReceiptKey]:
        """The keys that staff set to Done."""
        if not regulation_ids:
            return frozenset()
        self._call("follow_ups_done")
        done = (key for key, row in self.receipts.items() if row.follow_up == DONE)
        return frozenset(key for key in done if key.regulation_id in regulation_ids)

    def flaws(self) -> tuple[BaseProblem, ...]:
        """What hampers the work."""
        return self.hampering

    def compare_receipts(self, wanted: WantedReceipts) -> Iterator[Compared]:
        """Say which receipts are not as they should be."""
        keys = list(self.receipts)
        for start in range(0, len(keys), self._page_size) if keys else [0]:
            self._call("compare_receipts")
            page = {key: self.receipts[key] for key in keys[start : start + self._page_size]}
            right = wanted({key: row.receipt.error for key, row in page.items()})
            seen = tuple(key for key in page if key in right)
            wrong = [(key, _wrong(page[key], right[key])) for key in seen]
            yield Compared(seen, tuple(each for each in wrong if each[1]))

    # How it is done.

    def _pages(self, call: str, wanted: Callable[[RequestRow], bool]) -> Iterator[Sequence[RequestRow]]:
        ids = [row.record_id for row in self.rows() if wanted(row)]
        starts = range(0, len(ids), self._page_size) if ids else [0]
        for start in starts:
            self._call(call)
            page = ids[start : start + self._page_size]
            yield [self._rows[record_id] for record_id in page if record_id in self._rows]

    def _call(self, name: str) -> PortError | None:
        self.calls[name] += 1
        return self._failures.before(name)

    def _changes(self, tell: Tell) -> dict[str, Any]:
        wanted = _cut(tell.cells)
        standing = None if tell.current is None else _cut(tell.current)
        names = [name for name in _OWNED if standing is None or getattr(wanted, name) != getattr(standing, name)]
        changes = {name: getattr(wanted, name) for name in names}
        return changes | ({"retry": False} if tell.untick_retry else {})

    def _told(self, tell: Tell) -> Told:
        changes, record_id = self._changes(tell), tell.record_id
        if not changes:
            return Told(unchanged=(record_id,))
        if record_id not in self._rows:
            return Told(gone=(record_id,))
        if self._refused.get(record_id):
            return Told(refused=((record_id, self._refused[record_id]),))
        self.edit(record_id, **changes)
        self.written.append(Written(record_id, changes))
        return Told(done=(record_id,), wrote=((record_id, tuple(changes)),))

    def _put(self, key: ReceiptKey, receipt: Receipt) -> None:
        row = self.receipts.setdefault(key, ReceiptRow(receipt))
        row.receipt = _shown(receipt)
        row.follow_up = _follow_up(receipt, row.follow_up)


def _wants_something(row: RequestRow) -> bool:
    extends = row.extended_until is not None and row.extended_until != row.cells.due_by
    return not row.cells.submitted or row.retry or extends


def _shown(receipt: Receipt) -> Receipt:
    """What of a receipt the base keeps."""
    finished_at = receipt.finished_at.replace(microsecond=0) if receipt.finished_at else None
    return replace(receipt, finished_at=finished_at, by_hand=False, followed_up=False)


def _wrong(row: ReceiptRow, right: Receipt) -> tuple[str, ...]:
    differ = [
        each.name for each in fields(Receipt) if getattr(row.receipt, each.name) != getattr(_shown(right), each.name)
    ]
    return (*differ, *(["follow_up"] if row.follow_up != _follow_up(right, row.follow_up) else []))


def _follow_up(receipt: Receipt, standing: str) -> str:
    """What Follow-up says after a writing: what staff have set stays."""
    if standing not in ("", NEEDED) or (standing and receipt.followed_up):
        return standing
    needed = DONE if receipt.followed_up else NEEDED
    return needed if receipt.follow_up_needed else ""


def _cut(cells: Cells) -> Cells:
    """Times to the second, as the base keeps them."""
    return replace(
        cells,
        submitted_at=cells.submitted_at.replace(microsecond=0) if cells.submitted_at else None,
        completed_at=cells.completed_at.replace(microsecond=0) if cells.completed_at else None,
    )


def _sum(told: Iterable[Told]) -> Told:
    parts = list(told)
    return Told(
        done=tuple(record_id for part in parts for record_id in part.done),
        unchanged=tuple(record_id for part in parts for record_id in part.unchanged),
        gone=tuple(record_id for part in parts for record_id in part.gone),
        refused=tuple(refused for part in parts for refused in part.refused),
        wrote=tuple(wrote for part in parts for wrote in part.wrote),
    )
