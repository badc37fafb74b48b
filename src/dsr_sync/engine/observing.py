"""All that is known about rows at one moment: what they say, and what the ledger holds about them and their persons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dsr_sync.core.decide import Observation, request_type_of
from dsr_sync.core.model import Entry, Outcome, RecordId, RequestRow, RequestType, Resolution, SubjectKey, Submission
from dsr_sync.engine.world import World


def observe(
    world: World,
    rows: Sequence[RequestRow],
    resolutions: Mapping[RecordId, Resolution] | None = None,
    page: Sequence[RequestRow] = (),
) -> list[Observation]:
    """All that is known about these rows now; `resolutions` are the look-ups of e-mail addresses made so far.

    `page` is what was read together: what an older one of its rows asks for will be sent before a younger one's.
    """
    found = resolutions or {}
    entries = world.ledger.entries([row.record_id for row in rows])
    keys = {row.record_id: _keys(world, row, found.get(row.record_id)) for row in rows}
    persons = [(key, kind) for row in rows for key in keys[row.record_id] if (kind := request_type_of(row)) is not None]
    standing = world.ledger.standing(persons)
    undone = world.ledger.undone(sorted(standing)) if standing else frozenset()
    wishes = _to_be_sent(world, page) if standing else []
    return [
        Observation(
            row=row,
            key=keys[row.record_id][0],
            entry=entries.get(row.record_id),
            standing=_serving_all([standing.get((key, kind)) for key in keys[row.record_id]]) if kind else None,
            undone=any((key, kind) in undone for key in keys[row.record_id])
            or any(wish.undoes(row, kind, keys[row.record_id]) for wish in wishes if kind),
            overlap=_serving_some([standing.get((key, kind)) for key in keys[row.record_id]]) if kind else None,
            resolution=found.get(row.record_id),
        )
        for row in rows
        for kind in [request_type_of(row)]
    ]


def _keys(world: World, row: RequestRow, resolution: Resolution | None) -> list[SubjectKey]:
    """The keyed hash of the identifier as typed, then those of the user ids that it leads to."""
    subjects = resolution.subjects if resolution else ()
    return [world.ledger.key_of(identifier) for identifier in (row.identifier, *subjects)]


@dataclass(frozen=True, slots=True)
class _Wish:
    """What a row asks for of which nothing is at Segment yet: it waits for its time, a limit, or a Hold."""

    row: RequestRow
    kind: RequestType
    key: SubjectKey

    def undoes(self, other: RequestRow, kind: RequestType, keys: Sequence[SubjectKey]) -> bool:
        """Whether it will undo what was sent for one of these persons, before the other row's turn has come."""
        older = (self.row.created_at, self.row.record_id) < (other.created_at, other.record_id)
        return older and self.key in keys and self.kind.undoes(kind)


def _to_be_sent(world: World, page: Sequence[RequestRow]) -> list[_Wish]:
    entries = world.ledger.entries([row.record_id for row in page])
    return [
        _Wish(row, kind, world.ledger.key_of(row.identifier))
        for row in page
        if (kind := request_type_of(row)) and row.authenticated and _is_to_be_sent(entries.get(row.record_id))
    ]


def _is_to_be_sent(entry: Entry | None) -> bool:
    return entry is None or entry.submission is None or entry.submission.outcome is Outcome.NOT_ACCEPTED


def _serving_all(by_key: Sequence[Submission | None]) -> Submission | None:
    """The submission that serves the identifier as typed, or every user id that it leads to."""
    typed, *led_to = by_key
    if typed is not None or not led_to or led_to[0] is None:
        return typed
    first = led_to[0]
    same = all(other is not None and other.submission_id == first.submission_id for other in led_to)
    return first if same else None


def _serving_some(by_key: Sequence[Submission | None]) -> Submission | None:
    return next((submission for submission in by_key if submission is not None), None)
