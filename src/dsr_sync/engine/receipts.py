"""Once a day: read the whole receipts table, and put right what somebody changed or deleted there."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from dsr_sync.core.destinations import settled, shown
from dsr_sync.core.model import Entry, Receipt, RecordId, RegulationId
from dsr_sync.engine.clocks import DAILY, is_due
from dsr_sync.engine.world import TickReport, World
from dsr_sync.ports import Details, ReceiptKey

_MARK = "receipts"
_AT_ONCE = 100

Request = tuple[RecordId, RegulationId]
"""Whose receipts they are: one request and the regulation that serves it."""


def sweep_receipts(world: World, report: TickReport) -> None:
    """Compare every receipt with the ledger and put right what differs; at most once a day.

    One call per hundred receipts, and two for each request whose receipts are not as they should be. Raises Transient,
    Permanent.
    """
    now = world.clock.now()
    last = world.ledger.mark(_MARK)
    if not is_due(last, DAILY, now):
        return
    comparing = _Comparing(world, report)
    for page in world.table.compare_receipts(comparing.wanted):
        comparing.there.update((key.record_id, key.regulation_id) for key in set(page.seen))
        for key, columns in page.wrong:
            comparing.put_right(key, columns, now)
        if world.stopping():
            return
    if comparing.all_there(now):
        world.ledger.set_mark(_MARK, now)


@dataclass(slots=True)
class _Comparing:
    world: World
    report: TickReport
    there: Counter[Request] = field(default_factory=Counter)
    _page: dict[ReceiptKey, Receipt] = field(default_factory=dict)

    def wanted(self, errors: Mapping[ReceiptKey, str]) -> Mapping[ReceiptKey, Receipt]:
        """What these receipts should say; an error text that the ledger has only scrubbed is left as it is."""
        self._page = {}
        entries = self.world.ledger.entries(sorted({key.record_id for key in errors}))
        for entry in entries.values():
            for key, receipt in self._of(entry):
                if key in errors:
                    self._page[key] = self._with_error(entry, receipt, errors[key])
        return self._page

    def put_right(self, key: ReceiptKey, columns: tuple[str, ...], now: datetime) -> None:
        """Write the receipts of this request as they should be, and keep that somebody had changed one."""
        entry = self.world.ledger.entries([key.record_id])[key.record_id]
        receipts = [self._page.get(each, receipt) for each, receipt in self._of(entry)]
        self._put(key, receipts, {"table": "receipts", "columns": ", ".join(sorted(columns))}, now)

    def all_there(self, now: datetime) -> bool:
        """Make the receipts again that somebody deleted; False if the process is to stop."""
        after: RecordId | None = None
        while entries := self.world.ledger.with_receipts(after, _AT_ONCE):
            after = entries[-1].record_id
            for entry in entries:
                receipts = dict(self._of(entry))
                missing = len(receipts) - self.there[_request(entry)] if receipts else 0
                if missing > 0:
                    details: Details = {"table": "receipts", "deleted": missing}
                    self._put(next(iter(receipts)), list(receipts.values()), details, now)
                if self.world.stopping():
                    return False
        return True

    def _of(self, entry: Entry) -> Iterator[tuple[ReceiptKey, Receipt]]:
        """The receipts that a request should have: one that joined another has none of its own.

        Those of a deleted row cannot be made or linked again, and looking after them would cost calls every day.
        """
        submission = entry.submission
        if entry.gone or submission is None or submission.regulation_id is None or entry.joined_to is not None:
            return
        receipts = shown(submission, submission.receipts, self.world.policy.by_hand)
        if any(receipt.follow_up_needed for receipt in receipts):
            done = self.world.ledger.done_follow_ups(submission.submission_id)
            receipts = settled(receipts, {key.destination for key in done if key.record_id == entry.record_id})
        for receipt in receipts:
            yield ReceiptKey(entry.record_id, submission.regulation_id, receipt.destination), receipt

    def _with_error(self, entry: Entry, receipt: Receipt, stands: str) -> Receipt:
        if entry.submission is None or not stands or stands == receipt.error:
            return receipt
        kept = self.world.ledger.scrubbed(entry.submission.submission_id, stands.splitlines())
        same = {line for line in kept if line} == {line for line in receipt.error.splitlines() if line}
        return replace(receipt, error=stands) if same else receipt

    def _put(self, key: ReceiptKey, receipts: list[Receipt], details: Details, now: datetime) -> None:
        world = self.world
        with world.guard():
            told = world.table.put_receipts(key.record_id, key.regulation_id, receipts)
        if told.done:
            self.report.receipts += len(receipts)
            world.ledger.put_right(key.record_id, now, details)
            world.listener.happened("request.put_right", record_id=key.record_id)


def _request(entry: Entry) -> Request:
    submission = entry.submission
    if submission is None or submission.regulation_id is None:
        raise ValueError("only what was accepted has receipts")
    return entry.record_id, submission.regulation_id
