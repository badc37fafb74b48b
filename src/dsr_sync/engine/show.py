"""Write to the base what the ledger says, where the base says something else."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from dsr_sync.core import wording
from dsr_sync.core.actions import Tell, Why
from dsr_sync.core.decide import why_shown
from dsr_sync.core.destinations import settled, shown
from dsr_sync.core.model import Entry, Receipt, RecordId, RequestRow, SubmissionId
from dsr_sync.core.policy import Policy
from dsr_sync.engine.world import TickReport, World
from dsr_sync.ports import GONE, Told

_AT_ONCE = 50
"""Rows that are told between two looks at whether the process should stop."""

RawReceipts = dict[SubmissionId, tuple[Receipt, ...]]
"""Receipts with destinations' error texts as Segment gave them; they live no longer than a tick."""

Edits = Mapping[RecordId, frozenset[str]]
"""The columns, by attribute, in which rows differ from what they were told."""


def tell(world: World, tells: Sequence[Tell], report: TickReport, edits: Edits | None = None) -> None:
    """Write to rows and note what came of it. A row that is gone or refuses the write costs the others nothing.

    That staff deleted a row is their affair and nobody's failure. It is tried again when there is something new to
    tell, since a deletion can be undone. What somebody had changed (`edits`) and is as it was again goes into the
    ledger.
    """
    if not tells:
        return
    told = world.table.tell(tells)
    now = world.clock.now()
    world.ledger.told((*told.done, *told.unchanged))
    report.told += len(told.done)
    _note_put_right(world, edits or {}, told)
    for record_id in told.gone:
        world.ledger.untellable(record_id, now, GONE)
        world.listener.happened("request.gone", record_id=record_id)
    for record_id, reason in told.refused:
        world.ledger.untellable(record_id, now, reason)
        world.listener.happened("request.untellable", record_id=record_id, reason=reason)
    report.gone += len(told.gone)
    report.untellable += len(told.refused)


def _note_put_right(world: World, edits: Edits, told: Told) -> None:
    """Put into the ledger which of the edited columns were written again."""
    now = world.clock.now()
    for record_id, wrote in told.wrote:
        columns = sorted(edits.get(record_id, frozenset()) & set(wrote))
        if columns:
            world.ledger.put_right(record_id, now, {"table": "requests", "columns": ", ".join(columns)})
            world.listener.happened("request.put_right", record_id=record_id, columns=len(columns))


def facts_of_entry(entry: Entry, now: datetime | None, policy: Policy) -> wording.Facts:
    """What the note of a request with a submission may speak of, from the ledger alone."""
    return wording.Facts(
        why=why_shown(entry),
        entry=entry,
        request_type=entry.request_type,
        due_by=entry.due_by,
        refused=entry.extension_refused,
        now=now,
        margin=policy.deadline_margin,
    )


def tell_of(world: World, entry: Entry, row: RequestRow | None = None) -> Tell:
    """What the row of a request with a submission should say; `row` where it was just read."""
    facts = facts_of_entry(entry, world.clock.now(), world.policy)
    return Tell(entry.record_id, wording.cells(facts), row.cells if row else None, untick_retry=bool(row and row.retry))


def _released(world: World, entry: Entry) -> Tell:
    """What a row says whose submission came to nothing, where the poll did not tell it. It is true of every such row.

    It joined another one, and still shows the regulation that a Retry was to replace: it is a candidate again. Or
    Authenticated was unticked meanwhile: what it was told of the sending must not stand, and nothing more is sent.
    """
    facts = wording.Facts(
        Why.NOTHING_THERE, None, entry.request_type, entry.due_by, margin=world.policy.deadline_margin
    )
    return Tell(entry.record_id, wording.cells(facts))


def show_owed(world: World, raw: RawReceipts, report: TickReport) -> None:
    """Write all receipts and tell all rows that the base is still owed. Raises Transient, Permanent.

    Receipts first: a row that sends its reader to the receipts must not be faster than they are.
    """
    _show_receipts(world, raw, report)
    while not world.stopping():
        owed = world.ledger.owed(_AT_ONCE)
        if not owed:
            break
        tell(world, [tell_of(world, entry) if entry.submission else _released(world, entry) for entry in owed], report)


def _show_receipts(world: World, raw: RawReceipts, report: TickReport) -> None:
    while not world.stopping():
        owed = world.ledger.owed_receipts(_AT_ONCE)
        if not owed:
            return
        for submission in owed:
            if submission.regulation_id is None:
                continue
            reported = raw.get(submission.submission_id, submission.receipts)
            receipts = shown(submission, reported, world.policy.by_hand)
            done = world.ledger.done_follow_ups(submission.submission_id)
            for entry in world.ledger.requests_of(submission.submission_id):
                if entry.joined_to is None:
                    mine = settled(receipts, {key.destination for key in done if key.record_id == entry.record_id})
                    told = world.table.put_receipts(entry.record_id, submission.regulation_id, mine)
                    report.receipts += len(receipts)
                    _report_refused(world, told.refused)
            world.ledger.told_receipts(submission.submission_id)


def _report_refused(world: World, refused: Sequence[tuple[str, str]]) -> None:
    for record_id, reason in refused:
        world.listener.happened("request.untellable", record_id=record_id, reason=reason)
