"""Find the user ids behind e-mail addresses, just before they are sent: after a deletion nothing resolves any more."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus

from dsr_sync.core.actions import Submit
from dsr_sync.core.identifiers import needs_lookup, resolved
from dsr_sync.core.model import LookedUp, Resolution, SubjectKey, SubmissionId
from dsr_sync.engine.listing import Strangers
from dsr_sync.engine.world import TickReport, World
from dsr_sync.ports import Permanent, PortError, SentBefore, TokenRefused, Transient

SERVICE = "profiles"

_NOWHERE_SECONDS = 3_600.0
"""How long it is believed that an address leads nowhere: its row is read at every tick, and must cost no call."""

_FAILED_SECONDS = 300.0
"""How long an address is left alone whose look-up failed: if it is the cause, the others get their turn meanwhile."""

_MOST_FAILURES = 3
"""Failed look-ups in one tick after which it is no longer believed that the addresses are the cause."""

_UNAVAILABLE = Resolution(LookedUp.UNAVAILABLE)

_NOBODY = frozenset({LookedUp.NO_PROFILE, LookedUp.NO_USER_ID})


@dataclass(slots=True)
class Lookups:
    """Looks addresses up, and remembers for a while, by keyed hash, which led nowhere or could not be looked up."""

    _remembered: dict[SubjectKey, tuple[float, Resolution]] = field(default_factory=dict)

    def of(self, world: World, submit: Submit, strangers: Strangers, report: TickReport) -> Resolution:
        """What the address in a row leads to; a failure of a service is noted in the report.

        A Retry sends the user ids of the regulation that it repeats, as Segment's list has them: the profile behind
        the address may be gone by then. Where Segment has none, the address is looked up as at first.

        A row that shares another one's result may name less than was sent for that one. Then only that one can say
        whether all of it is still wanted.
        """
        otherwise = _names_otherwise(world, submit)
        if not otherwise and not needs_lookup(submit.row.identifier, world.policy):
            return Resolution(LookedUp.FOUND, (submit.row.identifier,))
        sent = self._guarded(report, lambda: _as_sent(world, submit, strangers))
        if otherwise and (sent is None or len(sent.subjects) > 1):
            return Resolution(LookedUp.ELSEWHERE)
        return sent or self._looked_up(world, submit, strangers, report)

    def remembered(self, world: World, submit: Submit, strangers: Strangers) -> Resolution | None:
        """What a look-up came to of late, if it led nowhere. A Retry asks again, unless the look-up failed."""
        until, known = self._remembered.get(world.ledger.key_of(submit.row.identifier), (-math.inf, _UNAVAILABLE))
        again = submit.row.retry and known.result is not LookedUp.UNAVAILABLE
        unread = known.result in _NOBODY and strangers.read_at is None
        if again or unread or world.clock.monotonic() >= until:
            return None
        return self._doubted(world, submit, strangers, known)

    def _looked_up(self, world: World, submit: Submit, strangers: Strangers, report: TickReport) -> Resolution:
        key, now = world.ledger.key_of(submit.row.identifier), world.clock.monotonic()
        directory = world.directory
        if (known := self.remembered(world, submit, strangers)) is not None:
            return known
        if directory is None or _given_up(report):
            return _UNAVAILABLE
        before = len(report.problems)
        identifier, policy = submit.row.identifier, world.policy
        found = self._guarded(report, lambda: resolved(directory.user_ids(identifier), policy)) or _UNAVAILABLE
        self._remember(key, now, found, report.problems[before:])
        return self._guarded(report, lambda: self._doubted(world, submit, strangers, found)) or _UNAVAILABLE

    def _remember(self, key: SubjectKey, now: float, found: Resolution, problems: list[PortError]) -> None:
        kept = {one: known for one, known in self._remembered.items() if now < known[0] and one != key}
        if found.result is LookedUp.UNAVAILABLE and not any(_about_all(problem) for problem in problems):
            kept[key] = (now + _FAILED_SECONDS, found)
        elif found.result not in (LookedUp.FOUND, LookedUp.UNAVAILABLE):
            kept[key] = (now + _NOWHERE_SECONDS, found)
        self._remembered = kept

    @staticmethod
    def _doubted(world: World, submit: Submit, strangers: Strangers, found: Resolution) -> Resolution:
        """That an address leads to nobody, unless that may be because what was sent for this row was carried out."""
        perhaps = found.result in _NOBODY and _perhaps_sent(world, submit, strangers)
        return Resolution(LookedUp.PERHAPS_SENT) if perhaps else found

    @staticmethod
    def _guarded(report: TickReport, ask: Callable[[], Resolution | None]) -> Resolution | None:
        try:
            return ask()
        except (Transient, Permanent) as problem:
            report.problems.append(problem)
            return _UNAVAILABLE


def _as_sent(world: World, submit: Submit, strangers: Strangers) -> Resolution | None:
    """The user ids that were sent for this request before, if it is to be repeated and Segment still lists them.

    Of the regulation's subjects only these: it may have served other rows, or hold persons whom nobody here asked for.
    Raises Transient, Permanent of Segment.
    """
    former = submit.replaces or _to_be_repeated(world, submit)
    sent = world.ledger.sent_before(submit.leader, former) if former is not None else None
    if sent is None or not _still_named(world, submit, sent):
        return None
    strangers.find(world, {sent.regulation_id})
    listed = strangers.taken_or_strange(sent.regulation_id)
    subjects = listed.regulation.subjects if listed else ()
    mine = tuple(subject for subject in subjects if world.ledger.key_of(subject) in sent.subjects)
    return Resolution(LookedUp.FOUND, mine) if mine else None


def _still_named(world: World, submit: Submit, sent: SentBefore) -> bool:
    """Whether the row names the person still as it did; one that joined may do so in other words than its leader."""
    key = world.ledger.key_of(submit.row.identifier)
    if submit.leader == submit.row.record_id:
        return key in sent.known_as
    entry = world.ledger.entries([submit.row.record_id]).get(submit.row.record_id)
    return entry is not None and entry.typed_key == key


def _to_be_repeated(world: World, submit: Submit) -> SubmissionId | None:
    """What this request was to repeat when its last attempt came to nothing."""
    entry = world.ledger.entries([submit.row.record_id]).get(submit.row.record_id)
    return entry.repeats if entry and entry.request_type is submit.request_type else None


def _names_otherwise(world: World, submit: Submit) -> bool:
    """Whether the row shares what was sent for another one, and names the person in another way than that one."""
    if submit.leader == submit.row.record_id:
        return False
    leader = world.ledger.entries([submit.leader]).get(submit.leader)
    return leader is None or leader.typed_key != world.ledger.key_of(submit.row.identifier)


def _perhaps_sent(world: World, submit: Submit, strangers: Strangers) -> bool:
    """Whether Segment has a regulation of this type, younger than the row, that no row accounts for.

    A ledger that was lost, or is an old copy, does not know what was sent, and once the profile is gone the address
    cannot be matched with it. The user id can. Raises Transient, Permanent of Segment.
    """
    if submit.replaces is not None:
        return False  # that nothing was sent again is certain, and the row says what was sent before
    if _to_be_repeated(world, submit) is not None:
        return True
    strangers.ensure(world, world.clock.now())
    kind = world.policy.regulation_types[submit.request_type]
    return bool(strangers.matching(frozenset(), kind, submit.row.created_at))


def _given_up(report: TickReport) -> bool:
    """Whether it is the Profile API itself that fails, and not one address: then it is left alone until the next tick.

    An answer of 4xx or 5xx may be about the address; no answer at all, a 429 or a refused token are not.
    """
    problems = [problem for problem in report.problems if problem.service == SERVICE]
    return len(problems) >= _MOST_FAILURES or any(each.status is None or _about_all(each) for each in problems)


def _about_all(problem: PortError) -> bool:
    asked = isinstance(problem, Transient) and problem.retry_after is not None
    return asked or isinstance(problem, TokenRefused) or problem.status == HTTPStatus.TOO_MANY_REQUESTS
