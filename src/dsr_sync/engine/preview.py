"""What the next tick would do, without doing any of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from dsr_sync.core.actions import Decision, Submit, Why
from dsr_sync.core.decide import Observation, decide
from dsr_sync.core.model import RecordId
from dsr_sync.core.plan import plan
from dsr_sync.engine.poll import observe, room
from dsr_sync.engine.submit import unique_first
from dsr_sync.engine.world import World


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What would happen to one row: the reason, in the core's word, what would be done, and until when it waits."""

    record_id: RecordId
    why: Why
    deed: str
    until: datetime | None


def preview(world: World) -> Iterator[Foreseen]:
    """Read the candidates and decide, as a tick would. Writes nothing anywhere. Raises Transient, Permanent."""
    waiting = 0
    for page in world.table.candidates():
        rows = sorted(page, key=lambda row: row.created_at)
        now = world.clock.now()
        observations = observe(world, rows)
        decisions = [decide(observation, now, world.policy) for observation in observations]
        gated = _gate(world, observations, decisions, waiting)
        waiting += sum(1 for foreseen in gated.values() if foreseen.why in (Why.BRAKE, Why.QUOTA))
        for observation, decision in zip(observations, decisions, strict=True):
            record_id = observation.row.record_id
            yield gated.get(record_id) or Foreseen(record_id, decision.why, _deed(decision), decision.look_again_at)


def _gate(
    world: World, observations: list[Observation], decisions: list[Decision], waiting: int
) -> dict[RecordId, Foreseen]:
    keys = {observation.row.record_id: observation.key for observation in observations}
    submits = [action for decision in decisions for action in decision.actions if isinstance(action, Submit)]
    first, further = unique_first([(submit, keys[submit.row.record_id]) for submit in submits])
    planned = plan(first, room(world, waiting), world.clock.now(), world.policy)
    gated = {
        submit.row.record_id: Foreseen(submit.row.record_id, Why.READY, "submit", None)
        for batch in planned.batches
        for submit in batch.submits
    }
    for item in planned.postponed:
        gated[item.submit.row.record_id] = Foreseen(item.submit.row.record_id, item.why, "wait", item.until)
    for submit in further:
        gated[submit.row.record_id] = Foreseen(submit.row.record_id, Why.JOINED, "join", None)
    return gated


def _deed(decision: Decision) -> str:
    if decision.look_again_at is not None:
        return "wait"
    deeds = {Why.JOINED: "join", Why.LOOKUP: "look up"}
    return deeds.get(decision.why, "tell")
