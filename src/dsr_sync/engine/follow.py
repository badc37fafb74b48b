"""Follow regulations to their end, and the follow-ups that they leave to people."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from dsr_sync.core.model import Regulation, RequestType, Submission, Verdict
from dsr_sync.core.policy import FORGOTTEN, Policy
from dsr_sync.core.receipts import receipts_of, verdict_on
from dsr_sync.core.retry import next_look
from dsr_sync.engine.clocks import is_due, latest_look
from dsr_sync.engine.show import RawReceipts
from dsr_sync.engine.unanswered import AGAIN, MOST_UNANSWERED, about_one, given_up, note_unanswered
from dsr_sync.engine.world import TickReport, World
from dsr_sync.ports import Look, Permanent, ReceiptKey, Transient

_AT_ONCE = 50


def follow(world: World, report: TickReport) -> RawReceipts:
    """Look at every regulation that is due, once; returns the receipts as Segment worded them.

    One that Segment cannot answer about costs the others nothing (promise 8). Raises Transient, Permanent; what was
    looked at before is in the ledger.
    """
    raw: RawReceipts = {}
    problem: Transient | Permanent | None = None
    for submission in _due(world):
        problem = _looked_at(world, submission, raw, report) or problem
        if problem is not None and given_up(report):
            break
    if problem is not None and _about_all(problem, report):
        raise problem
    return raw


def _due(world: World) -> Iterator[Submission]:
    """The submissions whose regulations are due, each once, until the process is to stop."""
    looked: set[int] = set()
    now = world.clock.now()
    while not world.stopping():
        found = world.ledger.due(now, _AT_ONCE + len(looked), latest_look(now, world.policy))
        due = [item for item in found if item.submission_id not in looked]
        if not due:
            return
        for submission in due:
            if world.stopping():
                return
            looked.add(submission.submission_id)
            yield submission


def judge(submission: Submission, regulation: Regulation | None, now: datetime, policy: Policy) -> Look:
    """What a look at a regulation means for the submission: its verdict, and when to look again.

    A 404 before 90 days proves nothing and changes nothing; after 90 days Segment has forgotten (Public API, get
    regulation), and what was last known is all that will ever be known.
    """
    began = submission.accepted_at or submission.intended_at
    if regulation is None:
        if now - began >= FORGOTTEN:
            return Look(now, Verdict.LOST, None, None, submission.receipts, submission.missing_since or now)
        verdict = submission.verdict or Verdict.ACCEPTED
        again = next_look(began, now, policy)
        return Look(now, verdict, again, None, submission.receipts, submission.missing_since or now)
    receipts = receipts_of(regulation)
    verdict = verdict_on(regulation, receipts)
    by_hand = _by_hand(submission, policy)
    if verdict is Verdict.COMPLETED and by_hand:
        verdict = Verdict.FOLLOW_UP  # Segment is done, and a person has still to say that they are
    over = verdict.final or verdict is Verdict.FOLLOW_UP
    later = None if over else next_look(began, now, policy)
    return Look(now, verdict, later, regulation, receipts, by_hand=by_hand)


def _by_hand(submission: Submission, policy: Policy) -> tuple[str, ...]:
    """The systems outside Segment that have to be told of this deletion: those of today, and those already wanted."""
    names = {*submission.by_hand, *(system.name for system in policy.by_hand)}
    return tuple(sorted(names)) if submission.request_type is RequestType.DELETE else ()


def see_follow_ups(world: World) -> None:
    """See which follow-ups staff have done: at most one look per `follow` time. Raises Transient, Permanent."""
    now = world.clock.now()
    last = world.ledger.mark("follow_ups")
    if not is_due(last, world.policy.follow, now):
        return
    waiting = {item.key for item in world.ledger.open_follow_ups()}
    if not waiting:
        return
    done = world.table.follow_ups_done(sorted({key.regulation_id for key in waiting}))
    world.ledger.follow_up_done(in_order(waiting & done), now)
    world.ledger.set_mark("follow_ups", now)


def in_order(keys: Iterable[ReceiptKey]) -> list[ReceiptKey]:
    """The same at every run, so that the ledger's history does not depend on chance."""
    return sorted(keys, key=lambda key: (key.record_id, key.destination))


def look_at(world: World, submission: Submission, raw: RawReceipts, report: TickReport) -> None:
    """Look at one regulation and record what it shows; one that Segment cannot answer about is put off.

    Raises Transient, Permanent: Segment cannot be asked, or could not answer about several in this tick.
    """
    problem = _looked_at(world, submission, raw, report)
    if problem is not None and given_up(report):
        raise problem


def _looked_at(
    world: World, submission: Submission, raw: RawReceipts, report: TickReport
) -> Transient | Permanent | None:
    """Look at one regulation; why Segment cannot answer about it, if so. Raises Transient, Permanent as they are."""
    if submission.regulation_id is None:
        raise ValueError("only an accepted submission is followed")
    try:
        regulation = world.deletions.fetch(submission.regulation_id)
    except (Transient, Permanent) as problem:
        if not about_one(problem):
            raise
        _put_off(world, submission)
        note_unanswered(world, submission.regulation_id, problem, report)
        return problem
    look = judge(submission, regulation, world.clock.now(), world.policy)
    world.ledger.look(submission.submission_id, look)
    raw[submission.submission_id] = look.receipts
    report.followed += 1
    facts = {"regulation_id": submission.regulation_id, "verdict": look.verdict.value}
    world.listener.happened("regulation.looked_at", **facts)
    if look.next_look_at is None:
        report.ended += 1
        world.listener.happened("regulation.ended", **facts)
    return None


def _put_off(world: World, submission: Submission) -> None:
    """Look at a regulation later that Segment cannot answer about; what is known of it stays."""
    now = world.clock.now()
    again = max(next_look(submission.accepted_at or submission.intended_at, now, world.policy), now + AGAIN)
    verdict = submission.verdict or Verdict.ACCEPTED
    same = Look(now, verdict, again, None, submission.receipts, submission.missing_since, submission.by_hand)
    world.ledger.look(submission.submission_id, same)


def _about_all(problem: Transient | Permanent, report: TickReport) -> bool:
    """Whether it is Segment itself that fails: it answered nothing in this tick, and that is not one odd refusal."""
    if report.followed or report.submitted:
        return False
    return isinstance(problem, Transient) or report.unanswered >= MOST_UNANSWERED
