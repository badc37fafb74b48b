"""The history of what happened in a sandbox: its base, its workspace, its journal, and a ledger opened for reading."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.torture.checks.history import Call, Edit, History, Made, Paces, Write
from tests.torture.checks.ledgers import books_of

from dsr_sandbox import Sandbox
from dsr_sandbox.journal import Entry as Journaled
from dsr_sandbox.segment import progress
from dsr_sandbox.segment.model import Regulation
from dsr_sandbox.staff import Staff
from dsr_sync.adapters.airtable import RequestColumns
from dsr_sync.adapters.ledger import Place, open_reader
from dsr_sync.core.model import Cells, Identifier, RecordId, RegulationId, RequestRow
from dsr_sync.core.policy import Policy
from dsr_sync.ports import ReceiptKey

_COLUMNS = {getattr(RequestColumns(), each.name): each.name for each in fields(RequestColumns)}
_OWNED = frozenset(each.name for each in fields(Cells))
_LATEST_EFFECT = timedelta(hours=2)


class WatchedStaff(Staff):
    """Staff of a sandbox who remember what they did when, for the checker."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox)
        self._clock = sandbox.clock
        self._known: dict[str, dict[str, Any]] = {}
        self.edits: list[Edit] = []

    def add(self, fields: dict[str, Any], table: str = "Requests") -> str:
        """Add a row and return its record id."""
        at = self._clock.now()
        record_id = super().add(fields, table)
        if table == "Requests":
            self._known[record_id] = dict(fields)
            self._remember(at, record_id, fields)
        return record_id

    def change(self, record_id: str, fields: dict[str, Any], table: str = "Requests") -> None:
        """Change cells of a row by column name; None clears one."""
        at = self._clock.now()
        super().change(record_id, fields, table)
        if table == "Requests":
            self._known.setdefault(record_id, {}).update(fields)
            self._remember(at, record_id, fields)

    def remove(self, record_id: str, table: str = "Requests") -> None:
        """Delete a row."""
        at = self._clock.now()
        super().remove(record_id, table)
        if table == "Requests":
            self.edits.append(Edit(at, record_id, "", authenticated=False, gone=True))

    def _remember(self, at: datetime, record_id: str, touched: Mapping[str, Any]) -> None:
        by_hand = any(_COLUMNS.get(name) in _OWNED for name in touched)
        self.edits.append(_edit(at, record_id, self._known[record_id], by_hand=by_hand))
        self._known[record_id].pop("Retry", None)  # an edit ticks it or does not; the daemon unticks it


@dataclass(frozen=True, slots=True)
class Told:
    """What only the test knows: see `History` for the words, `Place` for the key.

    `foreign` are the regulations that somebody made by hand at Segment.
    """

    policy: Policy = field(default_factory=Policy)
    ledger_key: str | None = field(default=None, repr=False)
    paces: Paces | None = field(default_factory=Paces)
    calm: bool = True
    settled_at: datetime | None = None
    refused: frozenset[str] = field(default=frozenset(), repr=False)
    untellable: frozenset[str] = frozenset()
    foreign: frozenset[str] = frozenset()
    rolled_back: bool = False
    leads_to: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)


def history_of(
    sandbox: Sandbox, ledger_url: str, *, staff: WatchedStaff | None = None, told: Told | None = None
) -> History:
    """Everything that a sandbox has seen. Without `staff`, rows are taken to have been from the start as they are.

    `told.calm` (the default) demands that all is settled: give the daemon its settle time and a few ticks before.
    The ledger is read before this returns; its times are the daemon's, all others the sandbox's.
    """
    known = told or Told()
    requests, receipts = _table(sandbox, "Requests"), _table(sandbox, "Receipts")
    rows = {record["id"]: _row(record) for record in requests["records"]}
    journal = sandbox.journal.entries()
    ledger = open_reader(Place(ledger_url, key=known.ledger_key))
    with closing(ledger):
        books = books_of(ledger)
    return History(
        edits=staff.edits if staff else [_edit_of(record) for record in requests["records"]],
        rows=rows,
        regulations=list(_made(sandbox, journal, known.foreign)),
        ended_at=sandbox.clock.now(),
        writes=list(_writes(journal, requests)),
        receipts=dict(_receipt(record) for record in receipts["records"] if record["fields"].get("Request")),
        calls=[_call(entry, journal[0].at) for entry in journal],
        books=books,
        policy=known.policy,
        paces=known.paces,
        calm=known.calm,
        settled_at=known.settled_at,
        refused=known.refused,
        untellable=known.untellable,
        rolled_back=known.rolled_back,
        leads_to=known.leads_to,
    )


def _table(sandbox: Sandbox, name: str) -> dict[str, Any]:
    tables = sandbox.airtable.snapshot()["bases"][sandbox.base_id]["tables"]
    found: dict[str, Any] = next(table for table in tables if table["name"] == name)
    return found


def _edit(at: datetime, record_id: str, cells: Mapping[str, Any], *, by_hand: bool = False) -> Edit:
    return Edit(
        at=at,
        record_id=record_id,
        identifier=str(cells.get("User identifier") or ""),
        request_type=str(cells.get("Request type") or ""),
        authenticated=bool(cells.get("Authenticated")),
        hold=bool(cells.get("Hold")),
        retry=bool(cells.get("Retry")),
        by_hand=by_hand,
    )


def _edit_of(record: Mapping[str, Any]) -> Edit:
    return _edit(_moment(record["createdTime"]), record["id"], record["fields"])


def _row(record: Mapping[str, Any]) -> RequestRow:
    cells: Mapping[str, Any] = record["fields"]
    received = cells.get("Received at")
    return RequestRow(
        record_id=RecordId(record["id"]),
        created_at=_moment(record["createdTime"]).replace(microsecond=0),
        identifier=Identifier.typed(str(cells.get("User identifier") or "")),
        request_type=str(cells.get("Request type") or ""),
        authenticated=bool(cells.get("Authenticated")),
        hold=bool(cells.get("Hold")),
        retry=bool(cells.get("Retry")),
        law=str(cells.get("Law") or ""),
        received_at=_moment(received) if received else None,
        cells=Cells(**{name: _value(name, cells.get(column)) for column, name in _COLUMNS.items() if name in _OWNED}),
    )


def _value(name: str, cell: Any) -> Any:
    if name == "submitted":
        return bool(cell)
    if name in ("submitted_at", "completed_at"):
        return _moment(cell).replace(microsecond=0) if cell else None
    if name in ("due_by", "submit_by"):
        return date.fromisoformat(cell[:10]) if cell else None
    return str(cell or "")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _made(sandbox: Sandbox, journal: Sequence[Journaled], foreign: frozenset[str]) -> Iterator[Made]:
    posts = [entry for entry in journal if _creates(entry)]
    for regulation in sandbox.segment.workspace.regulations():
        ended = progress.finished_at(regulation, sandbox.clock.now())
        yield Made(
            regulation_id=regulation.id,
            regulation_type=regulation.order.type,
            subjects=tuple(regulation.order.subjects),
            created_at=regulation.created_at,
            asked_at=_asked_at(regulation, posts),
            ended_at=_moment(ended) if ended else None,
            foreign=regulation.id in foreign,
        )


def _asked_at(regulation: Regulation, posts: list[Journaled]) -> datetime | None:
    """When the POST arrived that this regulation came of: the first of the same order that is not taken yet."""
    order = regulation.order
    for post in posts:
        early = post.at <= regulation.created_at <= post.at + _LATEST_EFFECT
        if early and isinstance(post.body, dict) and _subjects(post.body) == set(order.subjects):
            posts.remove(post)
            return post.at
    return None


def _subjects(body: Mapping[str, Any]) -> set[str]:
    named = body.get("subjectIds")
    return {str(subject) for subject in named} if isinstance(named, list) else set()


def _creates(entry: Journaled) -> bool:
    return entry.service == "segment" and entry.method == "POST" and entry.path.rstrip("/").endswith("/regulations")


def _writes(journal: Sequence[Journaled], table: Mapping[str, Any]) -> Iterator[Write]:
    """What the daemon asked Airtable to write to requests, as far as Airtable took it."""
    by_id = {column["id"]: _COLUMNS.get(column["name"], column["name"]) for column in table["fields"]}
    for entry in journal:
        wrote = entry.service == "airtable" and entry.method == "PATCH" and isinstance(entry.body, dict)
        refused = entry.status is not None and entry.status >= 400
        if wrote and not refused and entry.path.split("/")[-1] in (table["id"], table["name"]):
            for record in entry.body["records"]:
                # What was written to a column that is gone by now keeps the id that it had.
                written = {by_id.get(name, name): value for name, value in record["fields"].items()}
                yield Write(entry.at, record.get("id", ""), written)


def _receipt(record: Mapping[str, Any]) -> tuple[ReceiptKey, tuple[str, str]]:
    cells: Mapping[str, Any] = record["fields"]
    key = ReceiptKey(
        RecordId(cells["Request"][0]),
        RegulationId(cells.get("Regulation ID", "")),
        cells.get("Destination", ""),
    )
    return key, (cells.get("Status", ""), cells.get("Follow-up", ""))


def _call(entry: Journaled, start: datetime) -> Call:
    return Call(
        at=(entry.at - start).total_seconds(),
        service=entry.service,
        creates=_creates(entry),
        status=entry.status,
        pause=entry.pause or 0.0,
    )
