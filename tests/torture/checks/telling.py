"""Does every row say what is true, and was no row written that is not ours to write? Promises 1 and 3 to 6."""

from collections.abc import Iterator

from tests.torture.checks.history import Edit, History, Made, Violation, Write
from tests.torture.checks.sending import Person, persons_of, retry_waits

from dsr_sync.core.actions import Remember, Tell
from dsr_sync.core.decide import Observation, decide, request_type_of
from dsr_sync.core.identifiers import issue_with, needs_lookup
from dsr_sync.core.model import Entry, Outcome, Receipt, RequestRow, RequestType, Status, Submission
from dsr_sync.core.policy import PROVABLE
from dsr_sync.ports import ReceiptKey

_FINAL = {Status.COMPLETED.value, Status.FAILED.value}


def check(history: History) -> Iterator[Violation]:
    """Judge every row that there ever was."""
    for record_id in history.record_ids():
        edits = [edit for edit, _ in history.states(record_id)]
        writes = [write for write in history.writes if write.record_id == record_id]
        yield from _untouchable(history, edits, writes)
        yield from _changed_silently(history, edits, writes)
        row = history.rows.get(record_id)
        if row is not None and row.authenticated:
            yield from _lost(history, row)
            yield from _ticked(history, row, edits)
            yield from _behind(history, row)
    yield from _restless(history)
    yield from _receipts(history)


def _untouchable(history: History, edits: list[Edit], writes: list[Write]) -> Iterator[Violation]:
    """A row that nobody authenticated is never written to; nor one no longer authenticated, unless it was sent."""
    for write in writes:
        since, until = write.at - history.slack * 12, write.at + history.slack
        standing = [edit for edit, ends in history.states(write.record_id) if edit.at <= until and ends >= since]
        ever = any(edit.authenticated for edit in edits if edit.at <= until)
        sent = _was_sent(history, write) or any(each.changes.get("regulation_id") for each in writes)
        if not ever or (not sent and not any(edit.authenticated for edit in standing)):
            yield Violation(1, "a row was written to that was not authenticated", (write.record_id,))
            return


def _was_sent(history: History, write: Write) -> bool:
    """Whether something was intended for the row before, as far as the ledger remembers."""
    about = ("submission.intended", "request.joined", "submission.adopted")
    events = history.books.events if history.books else ()
    return any(event.record_id == write.record_id and event.kind in about for event in events)


def _changed_silently(history: History, edits: list[Edit], writes: list[Write]) -> Iterator[Violation]:
    """Completed and Failed stay, unless staff asked for more (Retry) or changed the row (promise 6)."""
    final: Write | None = None
    # After a lost ledger, a row that staff changed, or that another one served, cannot be told from a copy
    # (docs/reliability.md).
    row = history.rows.get(edits[0].record_id) if edits else None
    older = row is not None and _served_by_an_older_one(history, row)
    unknown = history.rolled_back and (older or _changed_by_staff(history, edits))
    by_hand = unknown or any(edit.by_hand for edit in edits)
    for write in writes:
        status = write.changes.get("status")
        if status is None:
            continue
        again = write.changes.get("regulation_id")  # another regulation: whether it may be is promise 2
        changed = final is not None and status != final.changes["status"] and not again
        if final is not None and changed and not by_hand and not _retried(history, edits, final, write):
            yield Violation(6, f"a row went from {final.changes['status']} to {status}", (write.record_id,))
        final = write if status in _FINAL else None


def _retried(history: History, edits: list[Edit], final: Write, write: Write) -> bool:
    """Whether Retry was ticked in between, on this row or on one that shares its regulation."""
    persons = _persons(history, edits)
    ticks = (edit for edit in history.edits if edit.retry and edit.at <= write.at)
    waiting = (edit for edit in ticks if edit.at > final.at or retry_waits(history, edit))
    return any(edit.record_id == write.record_id or persons_of(history, edit) & persons for edit in waiting)


def _persons(history: History, edits: list[Edit]) -> frozenset[Person]:
    """Everybody whom the row was ever about."""
    return frozenset[Person]().union(*(persons_of(history, edit) for edit in edits))


def _lost(history: History, row: RequestRow) -> Iterator[Violation]:
    """It is submitted, or its note says why not; in calm weather only a person's doing keeps it from being sent."""
    if row.cells.submitted or row.record_id in history.untellable:
        return
    if not row.cells.status or not row.cells.status_note:
        yield Violation(3, "an authenticated row is not submitted and does not say why", (row.record_id,))
    elif history.calm and not _obstructed(history, row):
        ids = (row.record_id, row.cells.status)
        yield Violation(3, "an authenticated, valid row was never submitted though nothing is in its way", ids)


def _obstructed(history: History, row: RequestRow) -> bool:
    """Whether a person has to act before the row can be sent."""
    invalid = issue_with(row.identifier, history.policy) is not None or request_type_of(row) is None
    refused = row.identifier.reveal() in history.refused
    entry = history.books.entries.get(row.record_id) if history.books else None
    outcome = entry.submission.outcome if entry and entry.submission else None
    given_up = outcome is Outcome.UNPROVABLE
    attention = row.cells.status == Status.NEEDS_ATTENTION
    if needs_lookup(row.identifier, history.policy):
        return attention or row.cells.status == Status.ON_HOLD  # it leads nowhere, or to somebody who is being served
    waits = row.cells.status == Status.ON_HOLD and (row.hold or _undone(history, row))
    return waits or (attention and (invalid or refused or given_up or outcome is Outcome.REFUSED))


def _undone(history: History, row: RequestRow) -> bool:
    """Whether the same was sent for the person, and the opposite asked for since: it waits until the first is over."""
    kind, types = request_type_of(row), history.policy.regulation_types
    named = {write.changes.get("regulation_id") for write in history.writes}
    named |= {other.cells.regulation_id for other in history.rows.values()}
    ours = [made for made in history.regulations if not made.foreign or made.regulation_id in named]
    about = [made for made in ours if row.identifier.reveal() in made.subjects]
    same = [made for made in about if kind is not None and made.regulation_type == types[kind]]
    if not same:
        return False
    first = max(same, key=lambda made: made.created_at)  # the person is known by all whom it names
    opposites = {types[other] for other in RequestType if kind is not None and other.undoes(kind)}
    lifting = [made for made in ours if made.regulation_type in opposites and made.created_at >= first.created_at]
    return any(set(made.subjects) & set(first.subjects) for made in lifting) or _to_be_undone(history, row)


def _to_be_undone(history: History, row: RequestRow) -> bool:
    """Whether an older row asks the opposite for the person, and nothing is at Segment for it yet: it is on hold."""
    kind, entries = request_type_of(row), history.books.entries if history.books else {}
    for other in history.rows.values():
        wish, entry = request_type_of(other), entries.get(other.record_id)
        submission = entry.submission if entry else None
        sent = submission is not None and submission.outcome is not Outcome.NOT_ACCEPTED
        older = (other.created_at, other.record_id) < (row.created_at, row.record_id)
        waits = older and other.authenticated and not other.cells.submitted and not sent
        if waits and other.identifier == row.identifier and kind and wish and wish.undoes(kind):
            return True
    return False


def _ticked(history: History, row: RequestRow, edits: list[Edit]) -> Iterator[Violation]:
    """Submitted is ticked if, and only if, the row names a regulation that Segment has for this person (promise 4)."""
    if any(edit.by_hand for edit in edits):
        return
    if history.rolled_back and (_changed_by_staff(history, edits) or _served_by_an_older_one(history, row)):
        return
    cells = row.cells
    if cells.submitted != bool(cells.regulation_id):
        yield Violation(4, "Submitted and Regulation ID do not go together", (row.record_id,))
    if not cells.regulation_id:
        return
    made = history.regulation(cells.regulation_id)
    persons = _persons(history, edits)
    if made is None:
        yield Violation(4, "a row names a regulation that there never was", (row.record_id, cells.regulation_id))
    elif not persons & {(subject, made.regulation_type) for subject in made.subjects}:
        yield Violation(4, "a row names a regulation for somebody else", (row.record_id, cells.regulation_id))
    elif cells.status == Status.COMPLETED and _served_in_part(history, edits, made):
        yield Violation(3, "a row is completed though not all whom it names were sent", (row.record_id,))


def _served_in_part(history: History, edits: list[Edit], made: Made) -> bool:
    """Whether the regulation leaves out somebody whom the row has always named."""
    sent = {(subject, made.regulation_type) for subject in made.subjects}
    return not _changed_by_staff(history, edits) and not _persons(history, edits) <= sent


def _changed_by_staff(history: History, edits: list[Edit]) -> bool:
    """Whether the row was about different persons: after a lost ledger nobody can tell which one was sent."""
    return len({persons_of(history, edit) for edit in edits if not edit.gone}) > 1


def _served_by_an_older_one(history: History, row: RequestRow) -> bool:
    """Whether a regulation served the row that is older than the row: after a lost ledger it looks like a copy."""
    named = {write.changes.get("regulation_id") for write in history.writes if write.record_id == row.record_id}
    return any(made.regulation_id in named and made.asked < row.created_at for made in history.regulations)


def _behind(history: History, row: RequestRow) -> Iterator[Violation]:
    """The row says what the ledger says (promise 5): a further look would change nothing."""
    if history.books is None or not history.calm or row.record_id in history.untellable or _archived(history, row):
        return
    books, entry = history.books, history.books.entries.get(row.record_id)
    if needs_lookup(row.identifier, history.policy) and (row.retry or _nothing_sent(entry)):
        return  # what it says comes of a look-up, not of the ledger
    kind, key = request_type_of(row), books.key_of(row.identifier)
    standing = None if kind is None else books.standing.get((key, kind))
    undone = (key, kind) in books.undone or _to_be_undone(history, row)
    decision = decide(Observation(row, key, entry, standing, undone), history.ended_at, history.policy)
    for action in decision.actions:
        if isinstance(action, Remember):
            continue  # of a row that is no candidate, the ledger need not know what it says now
        if not isinstance(action, Tell) or action.cells != row.cells or action.untick_retry:
            ids = (row.record_id, decision.why.value, row.cells.status)
            yield Violation(5, "a row does not say what the ledger says", ids)
            return


def _nothing_sent(entry: Entry | None) -> bool:
    return entry is None or entry.submission is None or entry.submission.outcome is Outcome.REFUSED


def _archived(history: History, row: RequestRow) -> bool:
    """Whether the row is all that is left of a request: then it stays as it is.

    Either Segment has forgotten it, or the ledger was lost and cannot take its regulation back, since a later one of
    the same person was found first.
    """
    if history.books is None or not row.cells.regulation_id:
        return False
    entry, sent = history.books.entries.get(row.record_id), row.cells.submitted_at
    if entry is not None and entry.submission is not None:
        return False
    made = history.regulation(row.cells.regulation_id)
    persons = _persons(history, [edit for edit, _ in history.states(row.record_id)])
    true = made is not None and any((subject, made.regulation_type) in persons for subject in made.subjects)
    return (sent is not None and history.ended_at - sent > PROVABLE) or (history.rolled_back and true)


def _restless(history: History) -> Iterator[Violation]:
    """Once all is settled, nothing is written any more (promise 5)."""
    late = [write for write in history.writes if history.settled_at is not None and write.at >= history.settled_at]
    late = [write for write in late if set(write.changes) != {"status_note"}]  # a note names the day that has come
    for write in late[:1]:
        ids = (write.record_id, *sorted(write.changes))
        yield Violation(5, "a row was written to though nothing about it had changed", ids)


def _receipts(history: History) -> Iterator[Violation]:
    """Every destination of a request's regulation has its row in the receipts table, and it says the same."""
    if history.books is None or not history.calm:
        return
    for record_id, entry in history.books.entries.items():
        submission = entry.submission
        if submission is None or entry.joined_to is not None or record_id not in history.rows:
            continue
        if record_id not in history.untellable | history.once_refused:
            for receipt in submission.receipts:
                yield from _receipt(history, entry.record_id, submission, receipt)


def _receipt(history: History, record_id: str, submission: Submission, receipt: Receipt) -> Iterator[Violation]:
    if submission.regulation_id is None:
        return
    key = ReceiptKey(history.rows[record_id].record_id, submission.regulation_id, receipt.destination)
    said = history.receipts.get(key)
    ids = (record_id, submission.regulation_id, receipt.destination)
    if said is None:
        yield Violation(5, "a destination has no receipt in the base", ids)
    elif said[0] != receipt.progress.value:
        yield Violation(5, "a receipt in the base does not say what the ledger says", ids)
    elif receipt.follow_up_needed != bool(said[1]):
        yield Violation(5, "a receipt does not ask for its follow-up, or asks for one that is not needed", ids)
