"""The heart of a tick: read the candidates page by page, decide about each row, and act before the page goes stale."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime

from dsr_sync.core import wording
from dsr_sync.core.actions import Action, Decision, Join, LookUp, Remember, Submit, Tell, Why
from dsr_sync.core.decide import decide, facts_of
from dsr_sync.core.model import Entry, RecordId, RequestRow, RequestType, Resolution
from dsr_sync.core.plan import HOUR, Batch, Postponed, Room, batches, plan, unique_first
from dsr_sync.core.policy import FRESHNESS
from dsr_sync.engine.archive import wanting
from dsr_sync.engine.clocks import quota_runs, seen_from_now
from dsr_sync.engine.edits import edits_in
from dsr_sync.engine.memory import Memory
from dsr_sync.engine.observing import observe
from dsr_sync.engine.rebuild import catch_up
from dsr_sync.engine.show import Edits, tell, tell_of
from dsr_sync.engine.submit import Sending, quota_mark, send
from dsr_sync.engine.world import TickReport, World
from dsr_sync.ports import AlreadyStanding, Noted, Permanent, Transient

_BETWEEN_TELLS = 10
"""Requests sent before their rows are told: one write to Airtable serves ten."""

_IN_GOOD_TIME = FRESHNESS / 2
"""When so much time has gone since rows were read, no more addresses are looked up before the found ones are sent."""


def poll(world: World, memory: Memory, report: TickReport, waiting: Why | None = None) -> None:
    """Work through all candidates; if all sending waits, rows are told why (`waiting`) and nothing is sent.

    Raises Airtable's Transient and Permanent; Segment's go into the report, since rows can be told without Segment.
    """
    seen: set[RecordId] = set()
    read_at = world.clock.monotonic()
    for page in world.table.candidates():
        rows = sorted((row for row in page if row.record_id not in seen), key=lambda row: row.created_at)
        seen.update(row.record_id for row in rows)
        report.rows += len(rows)
        known = catch_up(world, memory.strangers, wanting(world, rows, world.clock.now()), report)
        sending = Sending(world, memory.strangers, report, read_at, memory.lookups, rows=rows)
        Page(sending, waiting).work(known)
        if world.stopping():
            return
        read_at = world.clock.monotonic()  # before the next page is asked for: how old it is when it comes, counts
    world.ledger.forget_unseen(frozenset(seen))  # only a complete listing proves that a row is no candidate any more


def noted(actions: Iterable[Action], now: datetime) -> list[Noted]:
    """What the ledger is to remember by these actions."""
    return [
        Noted(action.row, action.request_type, now, action.deadline, action.changed)
        for action in actions
        if isinstance(action, Remember)
    ]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows on its way through decide → plan → act → show."""

    sending: Sending
    waiting: Why | None = None
    """Why nothing may be sent in this tick, if so."""

    def work(self, rows: Sequence[RequestRow]) -> None:
        """Decide about each row and act. Of several rows for the same person the first is sent; the others join it."""
        world = self.sending.world
        observations = observe(world, rows, page=self.sending.rows)
        now = world.clock.now()
        if seen_from_now(world, observations, now):
            observations = observe(world, rows, page=self.sending.rows)
        decisions = [decide(observation, now, world.policy) for observation in observations]
        self._execute(decisions, edits_in(observations, world.policy))
        self._send_on(decisions)

    def _send_on(self, decisions: Sequence[Decision]) -> None:
        """Let through what may go, the rows that name a user id first: a slow look-up must cost them nothing.

        But for those that may undo what an earlier address asks for, or be undone by it: they come after it.
        """
        world = self.sending.world
        actions = [action for decision in decisions for action in decision.actions]
        nowhere = self._told_remembered([action.submit for action in actions if isinstance(action, LookUp)])
        addresses = {action.submit.row.record_id for action in actions if isinstance(action, LookUp)}
        submits = [submit for action in actions if (submit := _submit_of(action)) and submit not in nowhere]
        first, further = unique_first(submits)
        planned = plan(first, room(world, self.sending.report.braked), world.clock.now(), world.policy)
        self._tell_postponed(planned.postponed)
        at_once, looked_up, afterwards = _in_turn(planned.allowed, addresses)
        self._send(batches(at_once, world.policy.requests_per_regulation))
        self._look_up(looked_up)
        self._send(batches(afterwards, world.policy.requests_per_regulation))
        if further and not world.stopping():
            self.work([submit.row for submit in further])

    def _told_remembered(self, submits: Sequence[Submit]) -> list[Submit]:
        """Tell the rows whose addresses are known to lead nowhere: they need no place behind the brake."""
        sending = self.sending
        known = {
            submit.row.record_id: answer
            for submit in submits
            if (answer := sending.lookups.remembered(sending.world, submit, sending.strangers)) is not None
        }
        told = [submit for submit in submits if submit.row.record_id in known]
        self._send_found([submit.row for submit in told], known)
        return told

    def _look_up(self, submits: Sequence[Submit]) -> None:
        """Look up a few addresses and send what they lead to, before the next ones: the rows must not go stale."""
        sending, left = self.sending, deque(submits)
        while left and self._open() and sending.in_time() and not sending.world.stopping():
            found: dict[RecordId, Resolution] = {}
            rows: list[RequestRow] = []
            while left and len(rows) < self._at_once() and (not rows or sending.fresh(_IN_GOOD_TIME)):
                submit = left.popleft()
                rows.append(submit.row)
                found[submit.row.record_id] = sending.lookups.of(
                    sending.world, submit, sending.strangers, sending.report
                )
            self._send_found(rows, found)
        tell(sending.world, self._waits([(submit, self._why_not(Why.LOOKUP), None) for submit in left]), sending.report)

    def _send_found(self, rows: Sequence[RequestRow], found: Mapping[RecordId, Resolution]) -> None:
        """Decide anew about rows whose addresses were looked up. Of those that lead to one person the first is sent."""
        world = self.sending.world
        observations = observe(world, rows, found, self.sending.rows)
        decisions = [decide(seen, world.clock.now(), world.policy) for seen in observations]
        first, further = unique_first(self._execute(decisions))
        planned = plan(first, room(world, self.sending.report.braked), world.clock.now(), world.policy)
        self._tell_postponed(planned.postponed)
        self._send(planned.batches)
        if further and not world.stopping():
            self._send_found([submit.row for submit in further], found)

    def _at_once(self) -> int:
        return max(_BETWEEN_TELLS, self.sending.world.policy.requests_per_regulation)

    def _execute(self, decisions: Sequence[Decision], edits: Edits | None = None) -> list[Submit]:
        """Do everything but the sending, which the gate has to see first."""
        world, now = self.sending.world, self.sending.world.clock.now()
        actions = [action for decision in decisions for action in decision.actions]
        world.ledger.note(noted(actions, now))
        tells = [answer for action in actions if (answer := self._execute_one(action)) is not None]
        tell(world, tells, self.sending.report, edits)
        return [action for action in actions if isinstance(action, Submit)]

    def _execute_one(self, action: Action) -> Tell | None:
        match action:
            case Tell():
                return action
            case Join():
                return self._join(action)
            case LookUp() | Remember() | Submit():
                return None  # looked up, noted and sent for the whole page at once

    def _join(self, join: Join) -> Tell | None:
        world, row = self.sending.world, join.row
        try:
            world.ledger.join(row, join.submission_id, world.clock.now(), join.subjects)
        except AlreadyStanding:
            return None  # it ended meanwhile; the next tick decides anew
        self.sending.report.joined += 1
        world.listener.happened("request.joined", record_id=row.record_id)
        return tell_of(world, world.ledger.entries([row.record_id])[row.record_id], row)

    def _send(self, planned: Iterable[Batch]) -> None:
        world, report = self.sending.world, self.sending.report
        tried: list[Submit] = []
        for batch in planned:
            if self._try(batch):
                tried.extend(batch.submits)
            else:
                tell(world, self._came_of(batch.submits, self._why_not(Why.PAUSED)), report)
            if len(tried) >= _BETWEEN_TELLS:
                tell(world, self._came_of(tried, Why.READY), report)
                tried = []
        tell(world, self._came_of(tried, Why.READY), report)

    def _came_of(self, submits: Sequence[Submit], why: Why) -> list[Tell]:
        """What rows say that were to be sent: what came of it, or why they wait that were not sent after all.

        Of a batch that was sent one by one, some may be at Segment and others not.
        """
        world = self.sending.world
        entries = world.ledger.entries([submit.row.record_id for submit in submits])
        tells: list[Tell] = []
        left: list[tuple[Submit, Why, datetime | None]] = []
        for submit in submits:
            entry = entries.get(submit.row.record_id)
            if entry is not None and submit.row.record_id in self.sending.not_again:
                tells.append(self._not_again(submit.row, entry))
            elif entry is None or entry.submission is None or entry.submission.submission_id == submit.replaces:
                left.append((submit, self.sending.waits.get(submit.row.record_id, why), None))
            else:
                tells.append(tell_of(world, entry, submit.row))
        return tells if world.stopping() else [*tells, *self._waits(left)]

    def _try(self, batch: Batch) -> bool:
        """Send a batch if Segment can take it now. Its failure is noted, and ends the sending for this tick."""
        if not self._open():
            return False
        try:
            send(self.sending, batch)
        except (Transient, Permanent) as problem:
            if problem.service != "segment":
                raise
            self.sending.report.problems.append(problem)
            return False
        return True

    def _open(self) -> bool:
        """Whether Segment can take anything in this tick, as far as is known."""
        report = self.sending.report
        return self.waiting is None and not report.failed("segment") and report.doubts_left > 0

    def _why_not(self, otherwise: Why) -> Why:
        """Why a row waits that was let through."""
        return otherwise if self._open() else self.waiting or Why.PAUSED

    def _not_again(self, row: RequestRow, entry: Entry) -> Tell:
        world = self.sending.world
        facts = facts_of(row, entry, Why.RETRY_REFUSED, world.clock.now(), world.policy)
        return Tell(row.record_id, wording.cells(facts), row.cells, untick_retry=row.retry)

    def _tell_postponed(self, postponed: Sequence[Postponed]) -> None:
        world, report = self.sending.world, self.sending.report
        for item in postponed:
            world.listener.happened("request.postponed", record_id=item.submit.row.record_id, why=item.why.value)
        tell(world, self._waits([(item.submit, item.why, item.until) for item in postponed]), report)
        report.postponed += len(postponed)
        report.braked += sum(item.why is Why.BRAKE for item in postponed)

    def _waits(self, waits: Sequence[tuple[Submit, Why, datetime | None]]) -> list[Tell]:
        """What rows say that have to wait; one whose Retry waits keeps what it says of the first sending."""
        world = self.sending.world
        entries = world.ledger.entries([submit.row.record_id for submit, _, _ in waits])
        tells = []
        for submit, why, until in waits:
            row = submit.row
            facts = facts_of(row, entries.get(row.record_id), why, world.clock.now(), world.policy)
            tells.append(Tell(row.record_id, wording.cells(replace(facts, until=until)), row.cells))
        return tells


def _submit_of(action: Action) -> Submit | None:
    """What an action would send now, or once its address was looked up."""
    if isinstance(action, LookUp):
        return action.submit
    return action if isinstance(action, Submit) else None


def _in_turn(
    submits: Sequence[Submit], addresses: AbstractSet[RecordId]
) -> tuple[list[Submit], list[Submit], list[Submit]]:
    """Those that can go at once, those whose address is looked up, and those that have to wait for these.

    Nobody knows yet whom an address leads to. Suppressing and deleting come to the same in any order; lifting a
    suppression does not.
    """
    at_once: list[Submit] = []
    looked_up: list[Submit] = []
    afterwards: list[Submit] = []
    for submit in submits:
        if submit.row.record_id in addresses:
            looked_up.append(submit)
        elif any(submit.request_type.undoes(each.request_type) for each in (*looked_up, *afterwards)):
            afterwards.append(submit)
        else:
            at_once.append(submit)
    return at_once, looked_up, afterwards


def room(world: World, waiting: int) -> Room:
    """How much may still be sent: what the brake counts, and the quotas that Segment said were used up."""
    now = world.clock.now()
    quotas = [(kind, world.ledger.mark(quota_mark(kind))) for kind in RequestType]
    return Room(
        sent=tuple(at for at in world.ledger.sent_since(now - HOUR) if at <= now + HOUR),
        quota_until=tuple((kind, until) for kind, until in quotas if until is not None and quota_runs(until, now)),
        waiting=waiting,
    )
