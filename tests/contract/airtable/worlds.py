"""The port RequestTable twice: in memory, and as the adapter over HTTP against the sandbox."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime
from typing import Any, Protocol

from tests.fakes.clock import FakeClock
from tests.fakes.table import FakeRequestTable

from dsr_sandbox import Sandbox
from dsr_sandbox.staff import Staff
from dsr_sync.adapters.airtable import AirtableOptions, AirtableRequestTable, RequestColumns
from dsr_sync.core.model import Cells, RecordId, RegulationId
from dsr_sync.core.receipts import sources_text
from dsr_sync.ports import ReceiptKey, RequestTable, Transient

NAMES: dict[str, str] = asdict(RequestColumns())
OUTAGE = Transient("airtable", "server error", 503)


@dataclass(frozen=True)
class ShownReceipt:
    """A row of the receipts table as staff see it."""

    status: str
    segment_status: str
    sources: str
    finished_at: datetime | None
    error: str
    follow_up: str


class World(Protocol):
    """A table, and what staff and misfortune do to it behind its back."""

    table: RequestTable

    def add(self, identifier: str, **columns: Any) -> RecordId:
        """Add a row; `columns` by attribute of RequestRow or Cells."""
        ...

    def edit(self, record_id: RecordId, **columns: Any) -> None:
        """Change a row."""
        ...

    def remove(self, record_id: RecordId) -> None:
        """Delete a row."""
        ...

    def cells(self, record_id: RecordId) -> Cells:
        """The daemon's columns as they stand."""
        ...

    def is_retry_ticked(self, record_id: RecordId) -> bool:
        """Whether Retry is ticked."""
        ...

    def unwritable(self, record_id: RecordId) -> Cells:
        """Cells that Airtable will refuse to write to this row."""
        ...

    def receipts(self) -> Mapping[ReceiptKey, ShownReceipt]:
        """The receipts table."""
        ...

    def set_follow_up(self, key: ReceiptKey, word: str) -> None:
        """Set a receipt's Follow-up."""
        ...

    def break_listing(self, *, after_pages: int) -> None:
        """The next listing of rows fails after so many pages."""
        ...

    def writes(self) -> int:
        """How many writing calls of rows there were."""
        ...


class FakeWorld:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.fake = FakeRequestTable(self.clock.now)
        self.table: RequestTable = self.fake

    def add(self, identifier: str, **columns: Any) -> RecordId:
        return self.fake.add(identifier, **columns)

    def edit(self, record_id: RecordId, **columns: Any) -> None:
        self.fake.edit(record_id, **columns)

    def remove(self, record_id: RecordId) -> None:
        self.fake.remove(record_id)

    def cells(self, record_id: RecordId) -> Cells:
        return self.fake.row(record_id).cells

    def is_retry_ticked(self, record_id: RecordId) -> bool:
        return self.fake.row(record_id).retry

    def unwritable(self, record_id: RecordId) -> Cells:
        self.fake.refuse(record_id)
        return Cells(status="No such option")

    def receipts(self) -> Mapping[ReceiptKey, ShownReceipt]:
        return {
            key: ShownReceipt(
                row.receipt.progress.value,
                row.receipt.segment_status,
                sources_text(row.receipt),
                row.receipt.finished_at,
                row.receipt.error,
                row.follow_up,
            )
            for key, row in self.fake.receipts.items()
        }

    def set_follow_up(self, key: ReceiptKey, word: str) -> None:
        self.fake.set_follow_up(key, word)

    def break_listing(self, *, after_pages: int) -> None:
        for call in ("candidates", "everything"):
            self.fake.fail(call, OUTAGE, skip=after_pages)

    def writes(self) -> int:
        return self.fake.calls["tell"]


class SandboxWorld:
    def __init__(self, sandbox: Sandbox, options: AirtableOptions | None = None) -> None:
        self.sandbox = sandbox
        self.clock = FakeClock()
        self.staff = Staff(sandbox)
        self.options = options or options_for(sandbox)
        self.adapter = AirtableRequestTable(self.options, self.clock)
        self.table: RequestTable = self.adapter

    def add(self, identifier: str, **columns: Any) -> RecordId:
        columns = {"authenticated": True} | columns
        return RecordId(self.staff.add(_by_name(identifier=identifier, **columns)))

    def edit(self, record_id: RecordId, **columns: Any) -> None:
        self.staff.change(record_id, _by_name(**columns))

    def remove(self, record_id: RecordId) -> None:
        self.staff.remove(record_id)

    def cells(self, record_id: RecordId) -> Cells:
        shown = self.staff.rows()[record_id]
        found: dict[str, Any] = {each.name: shown.get(NAMES[each.name]) for each in fields(Cells)}
        for moment in ("submitted_at", "completed_at"):
            found[moment] = datetime.fromisoformat(found[moment]) if found[moment] else None
        for day in ("due_by", "submit_by"):
            found[day] = date.fromisoformat(found[day]) if found[day] else None
        known = {name: value for name, value in found.items() if value is not None}
        return Cells(**known)

    def is_retry_ticked(self, record_id: RecordId) -> bool:
        return bool(self.staff.rows()[record_id].get("Retry"))

    def unwritable(self, record_id: RecordId) -> Cells:
        assert record_id in self.staff.rows()
        return Cells(status="No such option")

    def receipts(self) -> Mapping[ReceiptKey, ShownReceipt]:
        return {_key(row["Receipt"]): _shown(row) for row in self.staff.rows("Receipts").values()}

    def set_follow_up(self, key: ReceiptKey, word: str) -> None:
        rows = self.staff.rows("Receipts").items()
        record_id = next(record_id for record_id, row in rows if _key(row["Receipt"]) == key)
        self.staff.change(record_id, {"Follow-up": word or None}, "Receipts")

    def break_listing(self, *, after_pages: int) -> None:
        self.sandbox.faults.add("airtable", "status", method="GET", path="pageSize", code=503, skip=after_pages)

    def writes(self) -> int:
        return len(self.sandbox.journal.entries("airtable", method="PATCH"))


def lay_out(sandbox: Sandbox, layout: str = "ready") -> None:
    """A new base of this layout, which takes any number of calls and at most ten records in each."""
    sandbox.reset(layout)
    sandbox.airtable.limits.enforced = False
    sandbox.airtable.limits.strict_batch_of_10 = True


def options_for(sandbox: Sandbox, **changes: Any) -> AirtableOptions:
    """The adapter's options for the base of a started sandbox."""
    given = {"token": sandbox.airtable_token, "base_id": sandbox.base_id, "endpoint_url": sandbox.airtable_url}
    return AirtableOptions(**(given | changes))


def _by_name(**columns: Any) -> dict[str, Any]:
    if "identifier" in columns:
        columns["user_identifier"] = columns.pop("identifier")
    return {NAMES[attribute]: _cell(value) for attribute, value in columns.items()}


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000Z"
    return value.isoformat() if isinstance(value, date) else value


def _key(text: str) -> ReceiptKey:
    record_id, regulation_id, destination = text.split(" · ", 2)
    return ReceiptKey(RecordId(record_id), RegulationId(regulation_id), destination)


def _shown(row: dict[str, Any]) -> ShownReceipt:
    finished = row.get("Finished at")
    key = _key(row["Receipt"])
    assert (row["Regulation ID"], row["Destination"]) == (key.regulation_id, key.destination)
    assert row.get("Request", [key.record_id]) == [key.record_id]  # a deleted row takes its link along
    return ShownReceipt(
        row["Status"],
        row["Segment status"],
        row["Sources"],
        datetime.fromisoformat(finished) if finished else None,
        row.get("Error", ""),
        row.get("Follow-up", ""),
    )
