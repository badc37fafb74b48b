"""What should happen to a request now: one pure, total function over everything that is known about it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from dsr_sync.core import deadlines, wording
from dsr_sync.core.actions import Action, Decision, Join, LookUp, Remember, Submit, Tell, Why
from dsr_sync.core.identifiers import issue_with, needs_lookup
from dsr_sync.core.model import (
    Entry,
    LookedUp,
    Outcome,
    RequestRow,
    RequestType,
    Resolution,
    SubjectKey,
    Submission,
    Verdict,
)
from dsr_sync.core.notes import BY_HAND
from dsr_sync.core.policy import LONGEST_ASKED, Policy


@dataclass(frozen=True, slots=True)
class Observation:
    """All that is known about one row at one moment.

    `key` is the keyed hash of the identifier in the row. `standing` is the live submission, of whichever row, for the
    same person and action, if there is one; `undone`: the opposite was asked for since. `overlap` is one that serves
    some of the person's user ids, not all. `resolution` is what the look-up of an e-mail address came to, once made.
    """

    row: RequestRow
    key: SubjectKey
    entry: Entry | None = None
    standing: Submission | None = None
    undone: bool = False
    overlap: Submission | None = None
    resolution: Resolution | None = None


def decide(seen: Observation, now: datetime, policy: Policy) -> Decision:
    """Decide about one row. Pure and total: the same arguments give the same answer, and every combination has one."""
    if not seen.row.authenticated:
        return _unauthenticated(seen, now, policy)
    if seen.entry is None or seen.entry.submission is None:
        return _unsent(seen, now, policy)
    return _sent(seen, seen.entry, seen.entry.submission, now, policy)


def _unauthenticated(seen: Observation, now: datetime, policy: Policy) -> Decision:
    """Nothing is sent. What was sent before is told to its end; every other row is not even written to."""
    submission = seen.entry.submission if seen.entry else None
    if seen.entry is None or submission is None or submission.outcome in _NOTHING_AT_SEGMENT:
        return Decision(Why.NOT_AUTHENTICATED)
    changed = _changed(seen, seen.entry) and submission.outcome is Outcome.ACCEPTED
    why = Why.CHANGED_AFTERWARDS if changed else why_of(seen.entry)
    return _tell(replace(seen, row=replace(seen.row, retry=False)), why, now, policy)


_NOTHING_AT_SEGMENT = frozenset({Outcome.REFUSED, Outcome.NOT_ACCEPTED})


def request_type_of(row: RequestRow) -> RequestType | None:
    """The request type in the row: empty means Delete; None for an option that we do not know."""
    if not row.request_type:
        return RequestType.DELETE
    return next((kind for kind in RequestType if kind.value == row.request_type), None)


def why_shown(entry: Entry) -> Why:
    """What the row of such a request says: that it was changed afterwards, if the ledger remembers so, comes first."""
    accepted = entry.submission is not None and entry.submission.outcome is Outcome.ACCEPTED
    return Why.CHANGED_AFTERWARDS if entry.changed and accepted else why_of(entry)


def why_of(entry: Entry) -> Why:
    """What a request whose submission exists is waiting for, or what it came to."""
    submission = entry.submission
    if submission is None:
        raise ValueError("the request has no submission")
    match submission.outcome:
        case Outcome.UNKNOWN:
            return Why.UNCONFIRMED if entry.joined_to is None else Why.UNCONFIRMED_ELSEWHERE
        case Outcome.REFUSED:
            return Why.REFUSED
        case Outcome.UNPROVABLE:
            return Why.UNPROVABLE
        case Outcome.NOT_ACCEPTED:
            return Why.PAUSED
        case Outcome.ACCEPTED:
            return _why_accepted(entry)
    assert_never(submission.outcome)


def _why_accepted(entry: Entry) -> Why:
    verdict = entry.verdict
    match verdict:
        case None | Verdict.ACCEPTED:
            return Why.ACCEPTED
        case Verdict.RUNNING:
            return Why.RUNNING
        case Verdict.FOLLOW_UP:
            return Why.FOLLOW_UP
        case Verdict.COMPLETED:
            return Why.FOLLOWED_UP if entry.followed_up_at else Why.COMPLETED
        case Verdict.FAILED:
            return Why.FAILED
        case Verdict.LOST:
            return Why.LOST
    assert_never(verdict)


def _sent(seen: Observation, entry: Entry, submission: Submission, now: datetime, policy: Policy) -> Decision:
    why = why_of(entry)
    changed = _changed(seen, entry)
    if why is Why.PAUSED or (why is Why.REFUSED and changed):
        return _unsent(seen, now, policy)  # nothing is at Segment, so the row as it is now counts
    if _retry(seen.row, submission) and why in (_REPLACEABLE if changed else _RETRYABLE):
        return _again(seen, entry, submission, now, policy)
    if changed and why is Why.FAILED and (obstacle := _amiss(seen.row, policy)) is not None:
        return _tell(seen, obstacle, now, policy)  # also without Retry, or its answer would not last until the sweep
    if changed and submission.outcome is Outcome.ACCEPTED:
        return _tell(seen, Why.CHANGED_AFTERWARDS, now, policy)
    return _tell(seen, why, now, policy)


def _retry(row: RequestRow, submission: Submission) -> bool:
    """Whether staff want this very submission repeated.

    Retry is unticked in the write that tells what it did. A row that names an earlier regulation, or is not even ticked
    although there is one, was not reached by that write: its tick was obeyed, and must not count for what came of it.
    """
    told = row.cells.submitted or submission.regulation_id is None
    return row.retry and told and row.cells.regulation_id in ("", submission.regulation_id)


_RETRYABLE = frozenset({Why.FAILED, Why.FOLLOW_UP, Why.LOST, Why.REFUSED, Why.UNPROVABLE})
"""What Retry may repeat: only what ended badly, or what a person has decided about (promise 2)."""

_REPLACEABLE = frozenset({Why.FAILED, Why.UNPROVABLE})
"""What Retry may replace by what a changed row says now: only what Segment did not carry out. What it did in part is
owed to the person whom the row named then, and would be lost from sight."""


def _changed(seen: Observation, entry: Entry) -> bool:
    kind = request_type_of(seen.row)
    return seen.key != entry.typed_key or (kind is not entry.request_type)


def _again(seen: Observation, entry: Entry, submission: Submission, now: datetime, policy: Policy) -> Decision:
    """Retry: staff want it sent again. What stops a first sending stops this one too, but for the cooling-off time."""
    kind = request_type_of(seen.row)
    obstacle = _obstacle(seen, policy)
    if obstacle is not None or kind is None:
        return _tell(seen, obstacle or Why.REQUEST_TYPE_UNKNOWN, now, policy)
    if seen.standing is not None and seen.standing.submission_id != submission.submission_id:
        return _share(seen, kind, seen.standing, now, policy)
    if (until := _paused_until(entry, now)) is not None:
        return _tell(seen, Why.PAUSED, now, policy, until)
    leader = entry.joined_to if entry.joined_to and not _changed(seen, entry) else seen.row.record_id
    return _submit(seen, Submit(seen.row, kind, leader, submission.submission_id), now, policy)


def _unsent(seen: Observation, now: datetime, policy: Policy) -> Decision:
    kind = request_type_of(seen.row)
    obstacle = _obstacle(seen, policy)
    if seen.row.cells.submitted and not _own_tick(seen) and not (seen.row.retry and _told_by_hand(seen.row)):
        return _tell(seen, Why.TICKED_BY_HAND, now, policy)
    if obstacle is not None or kind is None:
        return _tell(seen, obstacle or Why.REQUEST_TYPE_UNKNOWN, now, policy)
    if seen.standing is not None:
        return _share(seen, kind, seen.standing, now, policy)
    if (until := _paused_until(seen.entry, now)) is not None:
        return _tell(seen, Why.PAUSED, now, policy, until)
    ready_at = (seen.entry.seen_at if seen.entry else now) + policy.cooling_off
    if now < ready_at:
        return _tell(seen, Why.COOLING_OFF, now, policy, ready_at)
    attempts = seen.entry.attempts if seen.entry else 0
    return _submit(seen, Submit(seen.row, kind, seen.row.record_id, attempts=attempts), now, policy)


def _own_tick(seen: Observation) -> bool:
    """Whether the tick is the daemon's own: the row was not told yet that what was sent for it came to nothing."""
    return seen.entry is not None and seen.entry.owed


def _told_by_hand(row: RequestRow) -> bool:
    """Whether staff could read that the tick is not this row's own before they ticked Retry: a copy brings both."""
    return not row.cells.regulation_id and row.cells.status_note.startswith(BY_HAND)


def _paused_until(entry: Entry | None, now: datetime) -> datetime | None:
    """Until when Segment asked us to wait. Nothing is asked for longer than an hour: then the clock was set back."""
    until = entry.not_before if entry else None
    return until if until is not None and now < until <= now + LONGEST_ASKED else None


def _submit(seen: Observation, submit: Submit, now: datetime, policy: Policy) -> Decision:
    """Nothing stands in the way: send it, once it is known to which user ids an e-mail address leads.

    A row that shares another row's result may name only a part of what was sent for that one: it has to be found out
    as well.
    """
    found = seen.resolution
    if not needs_lookup(seen.row.identifier, policy) and submit.leader == seen.row.record_id:
        return Decision(Why.READY, (*_remember(seen, now), submit))
    if found is None:
        return Decision(Why.LOOKUP, (*_remember(seen, now), LookUp(submit)))
    if found.result is LookedUp.UNAVAILABLE and not needs_lookup(seen.row.identifier, policy):
        return _tell(seen, Why.PAUSED, now, policy)  # it is Segment's list that could not be read
    if found.result is not LookedUp.FOUND:
        return _tell(seen, _WHY_NOT_FOUND[found.result], now, policy)
    if seen.overlap is not None and seen.overlap.submission_id != submit.replaces:
        return _tell(seen, Why.OVERLAP, now, policy)
    return Decision(Why.READY, (*_remember(seen, now), replace(submit, subjects=found.subjects)))


_WHY_NOT_FOUND = {
    LookedUp.NO_PROFILE: Why.EMAIL_NO_PROFILE,
    LookedUp.NO_USER_ID: Why.EMAIL_NO_USER_ID,
    LookedUp.DOUBT: Why.EMAIL_DOUBT,
    LookedUp.PERHAPS_SENT: Why.EMAIL_PERHAPS_SENT,
    LookedUp.ELSEWHERE: Why.RETRY_ELSEWHERE,
    LookedUp.UNAVAILABLE: Why.EMAIL_UNAVAILABLE,
}


def _obstacle(seen: Observation, policy: Policy) -> Why | None:
    """What keeps the row, as it stands, from being sent: staff's Hold first, then what is wrong with it."""
    return Why.HELD if seen.row.hold else _amiss(seen.row, policy)


def _amiss(row: RequestRow, policy: Policy) -> Why | None:
    if request_type_of(row) is None:
        return Why.REQUEST_TYPE_UNKNOWN
    issue = issue_with(row.identifier, policy)
    return Why(issue.value) if issue else None


def _share(seen: Observation, kind: RequestType, standing: Submission, now: datetime, policy: Policy) -> Decision:
    """Share what stands for the person, unless it was undone since: then this wish is the last one, and has to wait."""
    if seen.undone:
        return _tell(seen, Why.UNDONE, now, policy)
    subjects = seen.resolution.subjects if seen.resolution else ()
    return Decision(Why.JOINED, (*_remember(seen, now), Join(seen.row, kind, standing.submission_id, subjects)))


def _tell(seen: Observation, why: Why, now: datetime, policy: Policy, until: datetime | None = None) -> Decision:
    facts = facts_of(seen.row, seen.entry, why, now, policy)
    # What passes by itself keeps a Retry waiting; everything else answers it, and the tick goes in the same write.
    untick = seen.row.retry and why not in _RETRY_WAITS
    tell = Tell(seen.row.record_id, wording.cells(replace(facts, until=until)), seen.row.cells, untick_retry=untick)
    return Decision(why, (*_remember(seen, now), tell), until)


_RETRY_WAITS = frozenset({Why.HELD, Why.PAUSED, Why.EMAIL_UNAVAILABLE, Why.OVERLAP, Why.UNDONE})


def facts_of(row: RequestRow, entry: Entry | None, why: Why, now: datetime, policy: Policy) -> wording.Facts:
    """What the note of a row that was just read may speak of."""
    limit = deadlines.deadline(row, entry, now)
    return wording.Facts(
        why=why,
        entry=entry,
        request_type=request_type_of(row),
        due_by=limit.due_by,
        ticked=row.cells.submitted,
        refused=limit.refused,
        now=now,
        margin=policy.deadline_margin,
    )


def _remember(seen: Observation, now: datetime) -> tuple[Action, ...]:
    """Note the row in the ledger, unless what the ledger holds is already right."""
    limit, changed = deadlines.deadline(seen.row, seen.entry, now), _columns_changed(seen)
    if seen.entry is not None and _noted(seen, seen.entry, limit) and seen.entry.changed == changed:
        return ()
    return (Remember(seen.row, request_type_of(seen.row), limit, changed),)


def _noted(seen: Observation, entry: Entry, limit: deadlines.Deadline) -> bool:
    if (entry.due_by, entry.extension, entry.extension_refused) != (limit.due_by, limit.extension, limit.refused):
        return False
    # Once something was sent, the ledger keeps what was sent, whatever the row says now.
    return entry.submission is not None or not _changed(seen, entry)


def _columns_changed(seen: Observation) -> str:
    """The columns in which the row differs from what was sent; "" if in none, or if nothing was sent."""
    entry = seen.entry
    if entry is None or entry.submission is None:
        return ""
    differ = {
        "user_identifier": seen.key != entry.typed_key,
        "request_type": request_type_of(seen.row) is not entry.request_type,
    }
    return ", ".join(column for column, differs in differ.items() if differs)
