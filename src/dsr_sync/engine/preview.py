"""What the next tick would do, without doing any of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from dsr_sync.core import wording
from dsr_sync.core.actions import Decision, Submit, Tell, Why
from dsr_sync.core.decide import decide, request_type_of
from dsr_sync.core.model import Cells, RecordId
from dsr_sync.core.plan import plan, unique_first
from dsr_sync.engine.listing import Strangers
from dsr_sync.engine.observing import observe
from dsr_sync.engine.poll import room
from dsr_sync.engine.show import tell_of
from dsr_sync.engine.submit import Sending, adoptable
from dsr_sync.engine.world import TickReport, World
from dsr_sync.ports import Permanent, Transient


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What would happen to one row: the reason, in the core's word, what would be done, and until when it waits."""

    record_id: RecordId
    why: Why
    deed: str
    until: datetime | None


def preview(world: World) -> Iterator[Foreseen]:
    """Read the candidates and decide, as a tick would. Writes nothing anywhere. Raises Airtable's Transient, Permanent.

    If anything would be sent, Segment's list is read first, as a tick does: what Segment has already is taken over.
    """
    waiting = 0
    strangers = Strangers()
    for page in world.table.candidates():
        rows = sorted(page, key=lambda row: row.created_at)
        now = world.clock.now()
        observations = observe(world, rows, page=rows)
        decisions = [decide(observation, now, world.policy) for observation in observations]
        gated = _gate(Sending(world, strangers, TickReport(braked=waiting), 0.0), decisions)
        waiting += sum(foreseen.why is Why.BRAKE for foreseen in gated.values())
        for observation, decision in zip(observations, decisions, strict=True):
            record_id = observation.row.record_id
            yield gated.get(record_id) or Foreseen(record_id, decision.why, _deed(decision), decision.look_again_at)


def _gate(sending: Sending, decisions: list[Decision]) -> dict[RecordId, Foreseen]:
    world = sending.world
    submits = [action for decision in decisions for action in decision.actions if isinstance(action, Submit)]
    first, further = unique_first(submits)
    planned = plan(first, room(world, sending.report.braked), world.clock.now(), world.policy)
    gated = {
        submit.row.record_id: _sent_or_taken_over(sending, submit)
        for batch in planned.batches
        for submit in batch.submits
    }
    for item in planned.postponed:
        gated[item.submit.row.record_id] = Foreseen(item.submit.row.record_id, item.why, "wait", item.until)
    for submit in further:
        gated[submit.row.record_id] = Foreseen(submit.row.record_id, Why.JOINED, "join", None)
    return gated


def _sent_or_taken_over(sending: Sending, submit: Submit) -> Foreseen:
    record_id = submit.row.record_id
    try:
        sending.strangers.ensure(sending.world, sending.world.clock.now())
        found = adoptable(sending, submit)
    except (Transient, Permanent) as problem:
        if problem.service != "segment":
            raise
        return Foreseen(record_id, Why.PAUSED, "wait", None)
    return Foreseen(record_id, Why.READY, "adopt" if found else "submit", None)


def _deed(decision: Decision) -> str:
    if decision.look_again_at is not None:
        return "wait"
    deeds = {Why.JOINED: "join", Why.LOOKUP: "look up"}
    if decision.why in deeds:
        return deeds[decision.why]
    tells = [action for action in decision.actions if isinstance(action, Tell)]
    return "tell" if any(_is_news(tell) for tell in tells) else "nothing"


def _is_news(tell: Tell) -> bool:
    """Whether the row does not say it yet, as far as the columns go that every base has."""
    now = tell.current
    if now is None or tell.untick_retry:
        return True
    return (now.submitted, now.status, now.status_note, now.regulation_id) != (
        tell.cells.submitted, tell.cells.status, tell.cells.status_note, tell.cells.regulation_id
    )  # fmt: skip


def standing_of(world: World, record_id: RecordId) -> Cells | None:
    """What the row of this request should say as things stand; None if it asks for nothing. Writes nothing.

    What was sent is known from the ledger; for the rest the row is looked for in the base. Raises Transient, Permanent.
    """
    entry = world.ledger.entries([record_id]).get(record_id)
    if entry is not None and entry.submission is not None:
        return tell_of(world, entry).cells
    rows = (row for page in world.table.candidates() for row in page if row.record_id == record_id)
    row = next(rows, None)
    if row is None:
        return None
    decision = decide(observe(world, [row])[0], world.clock.now(), world.policy)
    tells = [action.cells for action in decision.actions if isinstance(action, Tell)]
    return tells[0] if tells else wording.cells(wording.Facts(decision.why, entry, request_type_of(row)))
