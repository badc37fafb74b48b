"""Was everything that was sent wanted, and wanted as often as it was sent? Promises 1 and 2."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from tests.torture.checks.history import Edit, History, Made, Violation

from dsr_sync.core.model import RequestType
from dsr_sync.core.notes import BY_HAND
from dsr_sync.core.policy import FRESHNESS, PROVABLE

Person = tuple[str, str]
"""An identifier as it is sent, and a type of regulation."""


def check(history: History) -> Iterator[Violation]:
    """Every regulation has a row that wanted it, each request has one, and no two of them were live together."""
    wishes = _wishes(history)
    ours = [made for made in history.regulations if not made.foreign]
    for made in ours:
        yield from _unwanted(history, made)
    for person, regulations in _by_person(ours).items():
        yield from _doubled(history, wishes.get(person, []), regulations)
        yield from _live_together(regulations)


def persons_of(history: History, edit: Edit) -> frozenset[Person]:
    """Whom a row is about, and with which type of regulation; nobody for a type that nobody knows.

    An e-mail address is about everybody whom it leads to, where addresses are looked up.
    """
    word = edit.request_type or RequestType.DELETE.value
    kind = next((kind for kind in RequestType if kind.value == word), None)
    if kind is None:
        return frozenset()
    typed = edit.identifier.strip()
    subjects = history.leads_to.get(typed.lower(), (typed,))
    return frozenset((subject, history.policy.regulation_types[kind]) for subject in subjects)


def _by_person(regulations: list[Made]) -> dict[Person, list[Made]]:
    found: dict[Person, list[Made]] = defaultdict(list)
    for made in sorted(regulations, key=lambda made: made.asked):
        for subject in made.subjects:
            found[subject, made.regulation_type].append(made)
    return found


def _unwanted(history: History, made: Made) -> Iterator[Violation]:
    """Some row asked for it when it was read, at most 30 s before the POST (promise 1)."""
    since, until = made.asked - FRESHNESS - history.slack, made.asked + history.slack
    wanted: set[Person] = set()
    for record_id in history.record_ids():
        for edit, ends in history.states(record_id):
            if edit.may_be_sent and edit.at <= until and ends >= since:
                wanted |= persons_of(history, edit)
    if any((subject, made.regulation_type) not in wanted for subject in made.subjects):
        yield Violation(1, "a regulation was made that no authenticated row without Hold asked for", _id(made))


def _wishes(history: History) -> dict[Person, list[datetime]]:
    """When each person's deletion was asked for: once by each row, and again with each tick of Retry."""
    found: dict[Person, list[datetime]] = defaultdict(list)
    for record_id in history.record_ids():
        asked: set[Person] = set()
        before: frozenset[Person] = frozenset()
        for edit, _ in history.states(record_id):
            if not edit.may_be_sent:
                continue  # a Retry waits behind a Hold
            for person in (persons := persons_of(history, edit)):
                fresh = person not in asked or persons != before or _held_until_now(history, edit)
                anew = person not in asked and not _sent_before(history, edit)
                if edit.retry or anew or _unticked_as_told(history, edit) or (fresh and retry_waits(history, edit)):
                    found[person].append(edit.at)
                asked.add(person)
            before = persons
    return found


def retry_waits(history: History, edit: Edit) -> bool:
    """Whether Retry was ticked before and is not answered yet: the daemon unticks it when it is."""
    mine = [each for each in history.edits if each.record_id == edit.record_id and each.retry and each.at <= edit.at]
    if not mine:
        return False
    answers = (write for write in history.writes if write.record_id == edit.record_id and "retry" in write.changes)
    return not any(mine[-1].at < write.at < edit.at for write in answers)


def _unticked_as_told(history: History, edit: Edit) -> bool:
    """Whether the row said that nothing was sent for it, and how to have it sent, before staff changed its tick."""
    said = [
        str(write.changes["status_note"])
        for write in history.writes
        if write.record_id == edit.record_id and write.at < edit.at and "status_note" in write.changes
    ]
    return edit.by_hand and bool(said) and said[-1].startswith(BY_HAND)


def _held_until_now(history: History, edit: Edit) -> bool:
    before = [each for each in history.edits if each.record_id == edit.record_id and each.at < edit.at]
    return bool(before) and not before[-1].may_be_sent


def _sent_before(history: History, edit: Edit) -> bool:
    """Whether the row said already that it was sent: what is changed after that sends nothing by itself."""
    said = (write for write in history.writes if write.record_id == edit.record_id and write.at < edit.at)
    return any(write.changes.get("regulation_id") for write in said)


def _doubled(history: History, wishes: list[datetime], regulations: list[Made]) -> Iterator[Violation]:
    for sent, made in enumerate(regulations, start=1):
        if sent > sum(1 for wish in wishes if wish <= made.asked + history.slack):
            ids = tuple(each.regulation_id for each in regulations[:sent])
            yield Violation(2, "more regulations were made for a person than were asked for", ids)
            return


def _live_together(regulations: list[Made]) -> Iterator[Violation]:
    for index, made in enumerate(regulations):
        for earlier in regulations[:index]:
            ended = earlier.ended_at is not None and earlier.ended_at <= made.asked
            if not ended and made.asked - earlier.created_at < PROVABLE - timedelta(minutes=5):
                ids = (earlier.regulation_id, made.regulation_id)
                yield Violation(2, "a regulation was made while an earlier one for the same person was live", ids)


def _id(made: Made) -> tuple[str]:
    return (made.regulation_id,)
