"""Send requests to Segment: intend, commit, send, record, commit. A crash may fall at any of the commas."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dsr_sync.core.actions import Submit, Why
from dsr_sync.core.model import (
    Identifier,
    ListedRegulation,
    RecordId,
    RegulationId,
    RequestRow,
    RequestType,
    SubmissionId,
)
from dsr_sync.core.plan import Batch
from dsr_sync.core.policy import CLOCK_GRACE, FRESHNESS
from dsr_sync.core.retry import ANY_TIME
from dsr_sync.engine.listing import Strangers
from dsr_sync.engine.lookup import Lookups
from dsr_sync.engine.unanswered import AGAIN, about_one, given_up, note_unanswered
from dsr_sync.engine.world import BREAKS_AT, TickReport, World
from dsr_sync.ports import (
    AlreadyStanding,
    IntendedRequest,
    Intent,
    OutcomeUnknown,
    Permanent,
    QuotaExhausted,
    TokenRefused,
    Transient,
)


@dataclass(frozen=True, slots=True)
class Sending:
    """What sending needs to know of the page that the requests were read from.

    `read_at` is when it was asked for, in monotonic seconds: a row may have been changed while its page was on its way.
    """

    world: World
    strangers: Strangers
    report: TickReport
    read_at: float
    lookups: Lookups = field(default_factory=Lookups)
    not_again: set[RecordId] = field(default_factory=set)
    """The rows whose Retry Segment has refused."""
    waits: dict[RecordId, Why] = field(default_factory=dict)
    """Why rows wait for a regulation that the ledger does not account for, as was found just before they were sent."""
    rows: Sequence[RequestRow] = ()
    """All rows of the page, the oldest first."""

    def fresh(self, limit: timedelta = FRESHNESS) -> bool:
        """Whether the rows were read recently enough to be sent (promise 1), or within `limit`."""
        return self.world.clock.monotonic() - self.read_at <= limit.total_seconds()

    def in_time(self) -> bool:
        """Whether the rows will still be fresh when their turn comes: at a slow pace, that may be minutes from now."""
        return self.fresh(FRESHNESS - self.world.deletions.turn_in())


def send(sending: Sending, batch: Batch) -> None:
    """Send one batch, unless it would go stale or the process is to stop; then the next tick sees the rows again.

    Raises Transient and TokenRefused when sending more makes no sense now; nothing of the batch was accepted then.
    """
    sending.strangers.ensure(sending.world, sending.world.clock.now())
    rest = tuple(submit for submit in batch.submits if not _adopt(sending, submit))
    if not rest or not sending.in_time() or sending.world.stopping():
        return
    try:
        with sending.world.guard():
            _post(sending, Batch(batch.request_type, rest))
    except _BatchRefused:
        # No refusal says whose fault it is, so each goes alone: one row must not cost the others anything (promise 8),
        # now or at every tick to come. What is left of the month's quota is used; who does not fit ends the sending.
        for submit in rest:
            if sending.in_time() and not sending.world.stopping():
                with sending.world.guard():
                    _post(sending, Batch(batch.request_type, (submit,)))


def intent_of(sending: Sending, batch: Batch) -> Intent:
    """The intent for a batch: the identifiers are frozen here."""
    return Intent(
        request_type=batch.request_type,
        regulation_type=sending.world.policy.regulation_types[batch.request_type],
        requests=tuple(_intended(submit) for submit in batch.submits),
        at=sending.world.clock.now(),
    )


_UNCLEAR = "whether a listed regulation is over cannot be known"
"""The reason of a Transient: Segment lists a regulation for this person and, asked about it, knows none or fails."""


class _BatchRefused(Exception):
    """Segment or the ledger's index refused a batch of several requests, or the month's quota holds only some of them.

    Nothing of it was sent or accepted.
    """


def _intended(submit: Submit) -> IntendedRequest:
    own = submit.leader == submit.row.record_id
    return IntendedRequest(submit.leader, submit.row.identifier, submit.to_send, submit.replaces, own)


def _intend(sending: Sending, intent: Intent) -> SubmissionId | None:
    """Make it durable; None if nothing is to be sent now after all. Raises _BatchRefused."""
    ledger = sending.world.ledger
    try:
        submission_id = ledger.intend(intent)
    except AlreadyStanding:
        if len(intent.requests) > 1:
            raise _BatchRefused from None
        return None  # somebody was faster; the next look at the row joins it
    if sending.in_time():
        return submission_id
    ledger.take_back(submission_id, sending.world.clock.now(), "the rows were read too long ago", None)
    return None


def _post(sending: Sending, batch: Batch) -> None:
    world, report = sending.world, sending.report
    intent = intent_of(sending, batch)
    submission_id = _intend(sending, intent)
    if submission_id is None:
        return
    try:
        regulation_id = world.deletions.submit(intent.regulation_type, list(_subjects(intent)))
    except OutcomeUnknown as unknown:
        report.unknown += len(batch.submits)
        report.doubts_left -= 1
        world.listener.happened("outcome.unknown", submission=submission_id, reason=unknown.reason)
    except (Transient, TokenRefused) as problem:
        if isinstance(problem, QuotaExhausted) and problem.left > 0 and len(batch.submits) > 1:
            world.ledger.take_back(submission_id, world.clock.now(), problem.reason, None)
            raise _BatchRefused from None
        _released(world, submission_id, problem, batch.request_type)
        raise
    except Permanent as refusal:
        if len(batch.submits) > 1:
            world.ledger.take_back(submission_id, world.clock.now(), "batch refused", None)
            raise _BatchRefused from None
        _refused(sending, submission_id, batch.submits[0], refusal)
        report.refused += 1
        world.listener.happened("request.refused", record_id=batch.submits[0].row.record_id, status=refusal.status)
    else:
        report.doubts_left = BREAKS_AT
        world.ledger.accept(submission_id, regulation_id, world.clock.now())
        report.submitted += len(batch.submits)
        for submit in batch.submits:
            world.listener.happened("request.submitted", record_id=submit.row.record_id, regulation_id=regulation_id)


def _refused(sending: Sending, submission_id: SubmissionId, submit: Submit, refusal: Permanent) -> None:
    """A first sending is refused for good. After a repetition, what was sent before is still what there is.

    Only the ledger knows of a repetition that was lost on the way once.
    """
    ledger = sending.world.ledger
    ledger.refuse(submission_id, sending.world.clock.now(), refusal.reason)
    submission = ledger.entries([submit.leader])[submit.leader].submission
    if submission is None or submission.submission_id != submission_id:
        sending.not_again.add(submit.row.record_id)


def _released(world: World, submission_id: SubmissionId, problem: Permanent | Transient, kind: RequestType) -> None:
    """It is certain that nothing was accepted: the requests are free again, after the time that Segment asked for."""
    now = world.clock.now()
    not_before = None
    if isinstance(problem, Transient) and problem.retry_after is not None:
        not_before = now + problem.retry_after
    if isinstance(problem, QuotaExhausted) and problem.until is not None:
        world.ledger.set_mark(quota_mark(kind), problem.until)
        not_before = None  # the quota has its own note; the gate holds the rows
    world.ledger.take_back(submission_id, now, problem.reason, not_before)


def quota_mark(kind: RequestType) -> str:
    """The name under which the ledger keeps until when the month's quota for a type of request is used up."""
    return f"quota.{kind.name.lower()}"


def _subjects(intent: Intent) -> Iterator[Identifier]:
    for request in intent.requests:
        yield from request.subjects


def adoptable(sending: Sending, submit: Submit) -> list[ListedRegulation]:
    """The regulations that Segment already has for this request (a lost ledger, or made in Segment's page).

    Where a person asked for a further one, only one counts that is newer than what it replaces: a ledger restored from
    an old copy does not know that it was sent already. Changes nothing. Raises Transient, Permanent.
    """
    world = sending.world
    intent = intent_of(sending, Batch(submit.request_type, (submit,)))
    keys = frozenset(world.ledger.key_of(subject) for subject in _subjects(intent))
    matches = sending.strangers.matching(keys, intent.regulation_type, _since(world, submit))
    if not matches and submit.replaces is None:
        matches = _under_way(sending, sending.strangers.matching(keys, intent.regulation_type, ANY_TIME))
    return matches


def _adopt(sending: Sending, submit: Submit) -> bool:
    """Take over what Segment already has for this request, if anything; also true if that cannot be known now."""
    try:
        matches = adoptable(sending, submit)
        if not matches and _served_in_part(sending, submit):
            sending.waits[submit.row.record_id] = Why.OVERLAP
            return True
    except Transient as problem:
        if problem.reason != _UNCLEAR:
            raise
        sending.waits[submit.row.record_id] = Why.PAUSED
        return True  # a later tick asks again; it costs the other rows nothing (promise 8)
    if not matches:
        return False
    world, adopted = sending.world, matches[0]
    intent = intent_of(sending, Batch(submit.request_type, (submit,)))
    try:
        world.ledger.adopt(intent, adopted.regulation_id, adopted.created_at)
    except AlreadyStanding:
        return True
    sending.strangers.accounted(world, adopted.regulation_id)
    sending.report.adopted += 1
    world.listener.happened("request.adopted", record_id=submit.row.record_id, regulation_id=adopted.regulation_id)
    return True


def _served_in_part(sending: Sending, submit: Submit) -> bool:
    """Whether some of the user ids, and not all, are in a regulation under way that nobody here accounts for.

    An old copy of the ledger does not know it, or somebody made it at Segment. Then the request waits, as behind one of
    our own. Raises Transient, Permanent.
    """
    world = sending.world
    keys = frozenset(map(world.ledger.key_of, submit.to_send))
    if len(keys) == 1:  # of one there is no part
        return False
    kind = world.policy.regulation_types[submit.request_type]
    return bool(_under_way(sending, sending.strangers.touching(keys, kind)))


def _under_way(sending: Sending, older: Sequence[ListedRegulation]) -> list[ListedRegulation]:
    """Of regulations older than the row, those that Segment still works on: they serve it too (promise 2).

    An old copy of the ledger does not know them, or somebody made them at Segment. Raises Transient, Permanent.
    """
    return [listed for listed in older if not _is_over(sending, listed.regulation_id)]


def _is_over(sending: Sending, regulation_id: RegulationId) -> bool:
    """Whether Segment has ended a regulation that it lists.

    A 404 for what is in the list proves nothing, least of all that it is over. Raises Transient, Permanent; where it
    is only this regulation that Segment cannot answer about, the reason is `_UNCLEAR`.
    """
    world, strangers, now = sending.world, sending.strangers, sending.world.clock.monotonic()
    if regulation_id in strangers.over:
        return True
    if now < strangers.left_alone.get(regulation_id, now) or given_up(sending.report):
        raise Transient("segment", _UNCLEAR)
    try:
        found = world.deletions.fetch(regulation_id)
    except (Transient, Permanent) as problem:
        if not about_one(problem):
            raise
        strangers.left_alone[regulation_id] = now + AGAIN.total_seconds()
        note_unanswered(world, regulation_id, problem, sending.report)
        raise Transient("segment", _UNCLEAR) from None
    if found is None:
        raise Transient("segment", _UNCLEAR)
    if found.progress.ended:
        strangers.over.add(regulation_id)
    return found.progress.ended


def _since(world: World, submit: Submit) -> datetime:
    """From when on a regulation can be this request's."""
    entry = world.ledger.entries([submit.leader]).get(submit.leader)
    if submit.replaces is None or entry is None or entry.submission is None:
        return submit.row.created_at
    return (entry.submission.accepted_at or entry.submission.intended_at) + CLOCK_GRACE
