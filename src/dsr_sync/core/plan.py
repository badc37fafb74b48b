"""The gate between deciding and acting: what may be sent now, in which batches, and what has to wait for what."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dsr_sync.core.actions import Submit, Why
from dsr_sync.core.model import Identifier, RecordId, RequestType
from dsr_sync.core.policy import Policy

HOUR = timedelta(hours=1)

MAX_SUBJECTS = 5_000
"""Subjects in one regulation (segment-docs, privacy FAQ)."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The requests that go into one regulation: one type, different subjects."""

    request_type: RequestType
    submits: tuple[Submit, ...]


@dataclass(frozen=True, slots=True)
class Postponed:
    """A request that was ready and has to wait: why, and until when."""

    submit: Submit
    why: Why
    until: datetime


@dataclass(frozen=True, slots=True)
class Room:
    """How much may still be sent now.

    `sent` are the times of the submissions of the last hour, oldest first, one per request. `quota_until` says, per
    request type, until when Segment's monthly quota is used up. `waiting` requests of earlier pages wait already
    behind the brake.
    """

    sent: tuple[datetime, ...] = ()
    quota_until: tuple[tuple[RequestType, datetime], ...] = ()
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be sent, and what will not. `allowed` are the requests of the batches, in the order given."""

    allowed: tuple[Submit, ...]
    batches: tuple[Batch, ...]
    postponed: tuple[Postponed, ...]


def plan(submits: Sequence[Submit], room: Room, now: datetime, policy: Policy) -> Plan:
    """Let through what the brake and the quota allow, in the order given; batch it; say until when the rest waits."""
    quota = dict(room.quota_until)
    limit = policy.max_submissions_per_hour
    window = [time for time in room.sent if time > now - HOUR]
    allowed: list[Submit] = []
    postponed: list[Postponed] = []
    place = room.waiting
    for submit in submits:
        if now < quota.get(submit.request_type, now):
            postponed.append(Postponed(submit, Why.QUOTA, quota[submit.request_type]))
        elif len(window) >= limit:
            postponed.append(Postponed(submit, Why.BRAKE, _room_again(window, place, limit, now)))
            place += 1
        else:
            allowed.append(submit)
            window.append(now)
    return Plan(tuple(allowed), tuple(batches(allowed, policy.requests_per_regulation)), tuple(postponed))


def _room_again(window: Sequence[datetime], place: int, limit: int, now: datetime) -> datetime:
    """When the request that is `place`-th (from 0) in the queue behind the brake can go.

    Each submission of the window makes room for one request when it is an hour old; a queue longer than the limit
    goes round once more. As the queue moves up, the window moves with it, so the time told stays the same; rounded up
    to the minute, it stays the same in the note too.
    """
    if limit < 1:
        return (now + HOUR).replace(minute=0, second=0, microsecond=0) + HOUR  # closed: say it anew once an hour
    rounds, slot = divmod(place, limit)
    again = window[len(window) - limit + slot] + HOUR * (1 + rounds)
    return (again + timedelta(minutes=1)).replace(second=0, microsecond=0)


def batches(submits: Sequence[Submit], size: int) -> Iterator[Batch]:
    """Group by type, in order: at most `size` requests each, at most `MAX_SUBJECTS` ids; one request stays together.

    What did not get to Segment goes in half the company the next time, and so on: one id that Segment stumbles over
    holds up the others for some rounds only.

    One person's requests keep their order, since the last wish has to be the last one sent: one batch of each type is
    filled at a time, and all of them are closed before a person of one of them comes into another.
    """
    filling: dict[RequestType, _Filling] = {}
    inside: dict[Identifier, RequestType] = {}
    for submit in submits:
        kind, persons = submit.request_type, {submit.row.identifier, *submit.to_send}
        if any(inside.get(person, kind) is not kind for person in persons):
            yield from _closed(filling)
            inside.clear()
        if kind in filling and filling[kind].is_full(submit, size):
            yield Batch(kind, tuple(filling.pop(kind).submits))
        filling.setdefault(kind, _Filling()).add(submit)
        inside.update(dict.fromkeys(persons, kind))
    yield from _closed(filling)


@dataclass(slots=True)
class _Filling:
    """A batch that more may come into: its user ids so far, and the most attempts that one of it has behind it."""

    submits: list[Submit] = field(default_factory=list)
    ids: int = 0
    attempts: int = 0

    def is_full(self, further: Submit, size: int) -> bool:
        room = max(1, size >> max(self.attempts, further.attempts))
        return len(self.submits) >= room or self.ids + len(further.to_send) > MAX_SUBJECTS

    def add(self, submit: Submit) -> None:
        self.submits.append(submit)
        self.ids += len(submit.to_send)
        self.attempts = max(self.attempts, submit.attempts)


def _closed(filling: dict[RequestType, _Filling]) -> Iterator[Batch]:
    """The batches as they are; then none is being filled."""
    yield from [Batch(kind, tuple(batch.submits)) for kind, batch in filling.items()]
    filling.clear()


def unique_first(submits: Sequence[Submit]) -> tuple[list[Submit], list[Submit]]:
    """Split into the first request of each person and action, and the further ones, which join the first.

    Two requests are about one person if they name the same identifier, or their addresses lead to the same user id. A
    row that joined another and that other, both with Retry ticked, are one request as well.
    """
    seen: set[tuple[Identifier, RequestType] | RecordId] = set()
    first: list[Submit] = []
    further: list[Submit] = []
    for submit in submits:
        persons = {(identifier, submit.request_type) for identifier in (submit.row.identifier, *submit.to_send)}
        marks: set[tuple[Identifier, RequestType] | RecordId] = {submit.leader, *persons}
        (further if marks & seen else first).append(submit)
        seen |= marks
    return first, further
