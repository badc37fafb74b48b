"""Whatever is done in whatever order, the databases and the fake end up in the same state."""

import itertools
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.contract.ledger.conftest import KEY
from tests.contract.ledger.made import DELETE, after, asked, intent, look, noted, regulation, report, row
from tests.contract.ledger.sides import KINDS, NAMES, PEOPLE, REGULATIONS, Side
from tests.fakes.ledger import FakeLedger

from dsr_sync.adapters.ledger import Place, SqlLedger
from dsr_sync.adapters.ledger.keys import KeyedHash
from dsr_sync.core.deadlines import Deadline
from dsr_sync.core.model import (
    Extension,
    ExtensionRefused,
    Progress,
    RecordId,
    RegulationId,
    RequestRow,
    RequestType,
    Verdict,
)
from dsr_sync.ports import Ledger, PortError

_numbers = itertools.count(1)

Operation = Callable[[Side, int], object]
"""Something that is done at a minute; what comes of it must be the same on all sides."""

rows = st.builds(row, st.sampled_from("ABCDE"), st.sampled_from(PEOPLE))
kinds = st.sampled_from(KINDS)
places = st.integers(0, 5)
progresses = st.sampled_from(Progress)
reports = st.builds(
    report, st.sampled_from(["Braze", "Webhook"]), progresses, st.sampled_from(["", "bob failed 500 x1"])
)


days = st.sampled_from([None, date(2026, 4, 2), date(2026, 5, 20)])
extensions = st.none() | st.builds(Extension, st.just(date(2026, 5, 20)), st.just(after(1)))
limits = st.builds(Deadline, days, extensions, st.none() | st.sampled_from(ExtensionRefused))


def _note(seen: RequestRow, kind: RequestType) -> Operation:
    return lambda side, minute: side.ledger.note([noted(seen, minute, kind)])


def _intend(several: list[RequestRow], kind: RequestType, replaced: list[int | None]) -> Operation:
    def do(side: Side, minute: int) -> int:
        requests = [
            asked(each, None if place is None else side.submission(place))
            for each, place in zip(several, replaced, strict=False)
        ]
        return side.remember(side.ledger.intend(intent(*requests, minutes=minute, kind=kind)))

    return do


def _retry(seen: RequestRow, kind: RequestType) -> Operation:
    """What staff's Retry leads to: the row's own submission is replaced, under the request that leads it."""

    def do(side: Side, minute: int) -> int | None:
        entry = side.ledger.entries([seen.record_id]).get(seen.record_id)
        if entry is None or entry.submission is None:
            return None
        changed = entry.typed_key != side.ledger.key_of(seen.identifier)
        leader = seen.record_id if changed or entry.joined_to is None else entry.joined_to
        own = leader == seen.record_id
        request = replace(asked(seen, entry.submission.submission_id), record_id=leader, own=own)
        return side.remember(side.ledger.intend(intent(request, minutes=minute, kind=kind)))

    return do


def _adopt(seen: RequestRow, regulation_id: RegulationId) -> Operation:
    return lambda side, minute: side.remember(
        side.ledger.adopt(intent(seen, minutes=minute), regulation_id, after(minute - 1))
    )


def _join(seen: RequestRow, place: int) -> Operation:
    return lambda side, minute: side.ledger.join(seen, side.submission(place), after(minute))


def _settle(deed: str, place: int, regulation_id: RegulationId) -> Operation:
    def do(side: Side, minute: int) -> None:
        ledger, number, at = side.ledger, side.submission(place, side.unknown()), after(minute)
        {
            "accept": lambda: ledger.accept(number, regulation_id, at, at - timedelta(seconds=1)),
            "refuse": lambda: ledger.refuse(number, at, "bad_request 12345"),
            "release": lambda: ledger.release(number, at, "busy", at),
            "take back": lambda: ledger.take_back(number, at, "busy", at),
            "give up": lambda: ledger.give_up(number, at),
            "absent": lambda: ledger.absent(number, at),
            "told": lambda: ledger.told_receipts(number),
        }[deed]()

    return do


def _look(place: int, progress: Progress, reported: list[Any], by_hand: bool) -> Operation:
    def do(side: Side, minute: int) -> None:
        number = side.submission(place, side.followed())
        seen = look(regulation("any", progress, *reported), minute)
        if by_hand and seen.verdict is Verdict.COMPLETED:
            seen = replace(seen, verdict=Verdict.FOLLOW_UP)
        side.ledger.look(number, replace(seen, by_hand=("CRM", "Webhook") if by_hand else ()))

    return do


def _all_done(count: int) -> Operation:
    def do(side: Side, minute: int) -> None:
        side.ledger.follow_up_done([item.key for item in side.ledger.open_follow_ups()][:count], after(minute))

    return do


def _send(seen: RequestRow, regulation_id: RegulationId, place: int) -> Operation:
    """A row as the engine treats it: sent, or joined to what stands for its person."""

    def do(side: Side, minute: int) -> int | None:
        person = (side.ledger.key_of(seen.identifier), DELETE)
        standing = side.ledger.standing([person]).get(person)
        if standing is not None:
            side.ledger.join(seen, standing.submission_id, after(minute))
            return None
        others = [asked(row(name, who)) for name, who in zip("FG", ("dora", "eve"), strict=True)][: place % 3]
        number = side.ledger.intend(intent(seen, *others, minutes=minute))
        side.remember(number)
        side.ledger.accept(number, regulation_id, after(minute))
        return side.made.index(number)

    return do


def _tell(name: str, *, gone: bool) -> Operation:
    record_id = row(name, "").record_id
    if gone:
        return lambda side, minute: side.ledger.untellable(record_id, after(minute), "gone")
    return lambda side, _: side.ledger.told([record_id])


def _heed(seen: RequestRow, limit: Deadline, changed: str) -> Operation:
    return lambda side, minute: side.ledger.note([replace(noted(seen, minute), deadline=limit, changed=changed)])


def _gone(names: list[str]) -> Operation:
    there = frozenset(row(name, "").record_id for name in names)
    return lambda side, minute: side.ledger.note_gone(there, after(minute))


def _forget(name: str) -> Operation:
    return lambda side, _: side.ledger.forget_unseen(frozenset({row(name, "").record_id}))


deeds = st.sampled_from(["accept", "accept", "refuse", "release", "take back", "give up", "absent", "told"])
replaced = st.lists(st.none() | st.none() | st.none() | places, min_size=2, max_size=2)
operations = st.one_of(
    st.builds(_note, rows, kinds),
    st.builds(_intend, st.lists(rows, min_size=1, max_size=2), kinds, replaced),
    st.builds(_send, rows, st.sampled_from(REGULATIONS), places),
    st.builds(_retry, rows, kinds),
    st.builds(_retry, rows, st.just(DELETE)),
    st.builds(_all_done, st.integers(1, 4)),
    st.builds(_adopt, rows, st.sampled_from(REGULATIONS)),
    st.builds(_join, rows, places),
    st.builds(_settle, deeds, places, st.sampled_from(REGULATIONS)),
    st.builds(_look, places, progresses, st.lists(reports, max_size=2), st.booleans()),
    st.builds(_look, places, st.just(Progress.FAILED), st.lists(reports, min_size=1, max_size=2), st.just(value=False)),
    st.builds(_heed, rows, limits, st.sampled_from(["", "", "user_identifier", "request_type"])),
    st.builds(_gone, st.lists(st.sampled_from(NAMES), min_size=4, unique=True)),
    st.builds(_tell, st.sampled_from(NAMES), gone=st.booleans()),
    st.builds(_forget, st.sampled_from(NAMES)),
)


def outcome(side: Side, operation: Operation, minute: int) -> object:
    """What an operation gave back, or the error that it raised."""
    try:
        return operation(side, minute)
    except PortError as error:
        return type(error), error.service, error.reason


def agree(real: SqlLedger, steps: list[Operation]) -> None:
    """Do the same on a fresh pipeline and on the fake, and compare."""
    pipeline = f"agreement{next(_numbers)}"
    hashed = KeyedHash(KEY.encode(), pipeline)
    sides = [Side(SqlLedger(real._engine, pipeline, hashed, real.writer)), Side(FakeLedger(hashed.of))]
    final: dict[tuple[str, int], Verdict] = {}
    for minute, step in enumerate(steps, start=1):
        answers = [outcome(side, step, minute) for side in sides]
        assert answers[0] == answers[1]
        everybody_has_a_leader(sides[1].ledger)
        what_was_final_stays(sides[1].ledger, final)
    assert sides[0].state() == sides[1].state()


def everybody_has_a_leader(ledger: Ledger) -> None:
    """A joined row shares the submission of a row that joined nobody; only requests of their own are live."""
    entries = ledger.entries([row(name, "").record_id for name in NAMES])
    for entry in entries.values():
        if entry.joined_to is not None:
            leader = entries[entry.joined_to]
            assert leader.joined_to is None
            assert entry.submission is not None
            assert entry.submission == leader.submission
    for item in ledger.open_follow_ups():
        entry = entries[item.key.record_id]
        assert entry.submission is not None
        at_work = item.key.destination in entry.submission.by_hand and not (entry.verdict and entry.verdict.final)
        assert entry.verdict is Verdict.FOLLOW_UP or at_work


def what_was_final_stays(ledger: Ledger, final: dict[tuple[str, int], Verdict]) -> None:
    """Promise 6: while a request has the same submission, a final verdict on it does not change."""
    for entry in ledger.entries([row(name, "").record_id for name in NAMES]).values():
        if entry.submission and entry.verdict and entry.verdict.final:
            place = (entry.record_id, entry.submission.submission_id)
            assert final.setdefault(place, entry.verdict) is entry.verdict
    for (record_id, number), verdict in final.items():
        entry_now = ledger.entries([RecordId(record_id)]).get(RecordId(record_id))
        if entry_now and entry_now.submission and entry_now.submission.submission_id == number:
            assert entry_now.verdict is verdict


calm: dict[str, Any] = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
}


@settings(max_examples=20, **calm)
@given(steps=st.lists(operations, min_size=10, max_size=60))
def test_sqlite_and_the_fake_agree(sqlite: SqlLedger, steps: list[Operation]) -> None:
    agree(unsynced(sqlite), steps)


@pytest.mark.torture
@settings(max_examples=300, **calm)
@given(steps=st.lists(operations, min_size=10, max_size=60))
def test_sqlite_and_the_fake_agree_at_length(sqlite: SqlLedger, steps: list[Operation]) -> None:
    agree(unsynced(sqlite), steps)


def unsynced(sqlite: SqlLedger) -> SqlLedger:
    """Thousands of commits, and no disk is tried here."""
    with closing(sqlite._engine.raw_connection()) as connection:
        connection.cursor().execute("PRAGMA synchronous = OFF")
    return sqlite


@pytest.fixture
def postgresql(opened: Callable[[Place], SqlLedger], shared_database: str) -> SqlLedger:
    return opened(Place(shared_database, "agreement", KEY))


@settings(max_examples=10, **calm)
@given(steps=st.lists(operations, min_size=10, max_size=60))
def test_postgresql_and_the_fake_agree(postgresql: SqlLedger, steps: list[Operation]) -> None:
    agree(postgresql, steps)


@pytest.mark.torture
@settings(max_examples=100, **calm)
@given(steps=st.lists(operations, min_size=10, max_size=60))
def test_postgresql_and_the_fake_agree_at_length(postgresql: SqlLedger, steps: list[Operation]) -> None:
    agree(postgresql, steps)
