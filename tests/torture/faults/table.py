"""The twenty faults, and in which ways each of them is brought about in the middle of a life (`life.py`).

Some of the twenty have a part of their own: 3 needs real time (`lengths.py`), 14 and 17 break system calls
(`tests/torture/kills`), 18 needs several processes (`tests/torture/replicas`). Clocks that are set (13) are here and,
with a running daemon, in `tests/torture/clocks`.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import event
from tests.torture.faults.bench import SETTLE, Bench

HOUR, DAY = 3600.0, 86_400.0

ANN, BOB = "ann-5731-canary", "bob-5732-canary"
"""The persons of a life."""

_LOST: tuple[str, str, Mapping[str, Any]] = ("segment", "cut", {"method": "POST", "after_effect": True})
_LONG = {"times": None}

Way = Callable[[Bench], AbstractContextManager[None]]
"""Something that goes wrong as long as the block runs."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One row of the table. `minutes` is how long it lasts; `gone` says that a row of staff's is deleted."""

    number: int
    what: str
    ways: Mapping[str, Way] = field(repr=False)
    minutes: int = 20
    gone: bool = False


@contextmanager
def _faulty(world: Bench, faults: Sequence[tuple[str, str, Mapping[str, Any]]]) -> Iterator[None]:
    for service, kind, options in faults:
        world.box.faults.add(service, kind, **options)
    yield
    world.box.faults.clear()


def _fault(service: str, kind: str, **options: Any) -> Way:
    return partial(_faulty, faults=[(service, kind, options)])


def _lost_and(kind: str, **options: Any) -> Way:
    """The answer to a creation is lost, and then the list that would show it is not what it should be."""
    listing = {"method": "GET", "path": "/regulations\\?", **options}
    return partial(_faulty, faults=[_LOST, ("segment", kind, listing)])


@contextmanager
def _quota_used_up(world: Bench) -> Iterator[None]:
    """Nothing is left of the month, and then it ends."""
    both = ("segment_only", "segment_and_destination")
    world.box.segment.quota.put({kind: {"limit": 0} for kind in both}, world.clock.now())
    yield
    world.box.segment.quota.put({kind: {"limit": 100_000} for kind in both}, world.clock.now())
    world.box.clock.advance(31 * DAY)


def _staff(deed: Callable[[Bench, str], object]) -> Way:
    """Staff do something to the first row, and it stays so."""

    @contextmanager
    def done(world: Bench) -> Iterator[None]:
        deed(world, next(iter(world.staff.rows())))
        yield

    return done


def _redesigned(change: Mapping[str, str], back: Mapping[str, str]) -> Way:
    """Staff change the base's design, and change it back."""

    @contextmanager
    def done(world: Bench) -> Iterator[None]:
        world.box.airtable.redesign(world.box.base_id, {"table": "Requests", **change})
        yield
        world.box.airtable.redesign(world.box.base_id, {"table": "Requests", **back})

    return done


def _set_clock(seconds: float) -> Way:
    """The wall clock is wrong for a while, and just then the answer to a creation is lost."""

    @contextmanager
    def done(world: Bench) -> Iterator[None]:
        world.clock.ahead = timedelta(seconds=seconds)
        with _faulty(world, [_LOST]):
            yield
        world.clock.ahead = timedelta(0)

    return done


@contextmanager
def _locked(world: Bench) -> Iterator[None]:
    """Another process holds the database's lock; ours does not wait five seconds for it each time."""

    def wait(milliseconds: int) -> Callable[..., None]:
        return lambda connection, *_: connection.execute(f"PRAGMA busy_timeout = {milliseconds}")

    engine, short, usual = world.ledger._engine, wait(1), wait(5000)
    other = sqlite3.connect(engine.url.database or "", isolation_level=None, timeout=10)
    event.listen(engine, "checkout", short)
    with ExitStack() as stack:
        stack.callback(event.listen, engine, "checkout", usual)
        stack.callback(event.remove, engine, "checkout", short)
        stack.callback(other.close)
        other.execute("BEGIN IMMEDIATE")
        yield


@contextmanager
def _stopping(world: Bench) -> Iterator[None]:
    """SIGTERM: the step in hand is finished, nothing else begun; and another life begins."""
    world.clock.stopped = True
    yield
    world.clock.stopped = False
    world.restart(neatly=True)


def _shares(count: int) -> Iterator[tuple[str, Way]]:
    for number in range(count + 1):
        seconds = SETTLE * number / count - (1 if number == count else 0)
        yield f"lands after {seconds:g} s", _fault("segment", "ghost", method="POST", seconds=seconds)


FAULTS: tuple[Fault, ...] = (
    Fault(
        1,
        "Airtable answers 429, with and without Retry-After",
        {
            "without": _fault("airtable", "rate_limit"),
            "with 45 s": _fault("airtable", "rate_limit", retry_after=45),
            "three times": _fault("airtable", "rate_limit", times=3),
        },
    ),
    Fault(
        2,
        "Airtable answers 5xx, or nothing, for 20 minutes",
        {
            "503": _fault("airtable", "status", code=503, **_LONG),
            "cut": _fault("airtable", "cut", **_LONG),
            "cut after the effect": _fault("airtable", "cut", after_effect=True, **_LONG),
        },
    ),
    Fault(
        4,
        "Airtable's answer is cut short, somebody else's, or a list without an end",
        {
            "truncated": _fault("airtable", "truncate", bytes=100),
            "a page of HTML": _fault("airtable", "html_200"),
            "somebody else's JSON": _fault("airtable", "json_200", body={"hello": "world"}),
            "no end": _fault("airtable", "same_offset_forever", method="GET", times=3),
            "500": _fault("airtable", "status", code=500, after_effect=True),
        },
    ),
    Fault(
        5,
        "Segment answers 429, or the month's quota is used up",
        {
            "Retry-After": _fault("segment", "rate_limit", retry_after=90),
            "points": _fault("segment", "rate_limit", form="points", ms_before_next=12_500),
            "quota": _quota_used_up,
        },
    ),
    Fault(
        6,
        "Segment's answer is lost after the effect",
        {
            "500": _fault("segment", "status", method="POST", code=500, after_effect=True),
            "cut": _fault("segment", "cut", method="POST", after_effect=True),
            "truncated": _fault("segment", "truncate", method="POST", bytes=10),
            "a page of HTML": _fault("segment", "html_200", method="POST", after_effect=True),
            "no id": _fault("segment", "json_200", method="POST", body={"data": {}}, after_effect=True),
            "ten of them": _fault("segment", "cut", method="POST", after_effect=True, times=10),
        },
    ),
    Fault(
        7,
        "Segment's answer is lost before the effect",
        {
            "503": _fault("segment", "status", method="POST", code=503),
            "cut": _fault("segment", "cut", method="POST"),
            "for 20 minutes": _fault("segment", "status", code=503, **_LONG),
        },
    ),
    Fault(8, "the effect lands after the answer was lost", dict(_shares(5)), minutes=25),
    Fault(
        9,
        "Segment's list is late, empty, cut short, or without an end",
        {
            "late": _lost_and("late_list", seconds=SETTLE, times=2),
            "empty": _lost_and("empty_list"),
            "500": _lost_and("status", code=500, times=2),
            "truncated": _lost_and("truncate", bytes=60, times=2),
            "no end": _lost_and("same_offset_forever", times=4),
        },
        minutes=30,
    ),
    Fault(
        10,
        "a further row for the same person, and a page that comes twice",
        {
            "a further row": _staff(lambda world, _: world.ask(ANN)),
            "with spaces": _staff(lambda world, _: world.ask(f"  {ANN} ")),
            "a stale offset": _fault("airtable", "stale_offset", method="GET"),
        },
    ),
    Fault(
        11,
        "a row is edited between any two calls",
        {
            "another person": _staff(lambda world, row: world.staff.change(row, {"User identifier": "eve"})),
            "another type": _staff(lambda world, row: world.staff.change(row, {"Request type": "Suppress"})),
            "held": _staff(lambda world, row: world.staff.change(row, {"Hold": True})),
        },
    ),
    Fault(
        12,
        "a row is deleted, or unticked, between any two calls",
        {
            "deleted": _staff(lambda world, row: world.staff.remove(row)),
            "Submitted unticked": _staff(lambda world, row: world.staff.change(row, {"Submitted": False})),
            "Authenticated unticked": _staff(lambda world, row: world.staff.change(row, {"Authenticated": False})),
        },
        gone=True,
    ),
    Fault(
        13,
        "the wall clock is set for 20 minutes while an answer is lost",
        {
            "an hour back": _set_clock(-HOUR),
            "an hour on": _set_clock(HOUR),
            "90 days back": _set_clock(-90 * DAY),
            "90 days on": _set_clock(90 * DAY),
        },
    ),
    Fault(15, "another process locks the database for 5 minutes", {"locked": _locked}, minutes=5),
    Fault(16, "SIGTERM between any two calls", {"stopped": _stopping}, minutes=1),
    Fault(
        19,
        "a token is refused for 20 minutes",
        {
            f"{service} {code}": _fault(service, kind, **_LONG)
            for service in ("airtable", "segment")
            for code, kind in ((401, "unauthorized"), (403, "forbidden"))
        },
    ),
    Fault(
        20,
        "a column is renamed or deleted, an option is missing, the base is moved",
        {
            "renamed": _redesigned(
                {"op": "rename_field", "field": "Status note", "name": "What to do"},
                {"op": "rename_field", "field": "What to do", "name": "Status note"},
            ),
            "deleted": _redesigned(
                {"op": "delete_field", "field": "Receipt summary"},
                {"op": "add_field", "name": "Receipt summary", "type": "multilineText"},
            ),
            "a guard deleted": _redesigned(
                {"op": "delete_field", "field": "Authenticated"},
                {"op": "add_field", "name": "Authenticated", "type": "checkbox"},
            ),
            "no option": _redesigned(
                {"op": "delete_option", "field": "Status", "option": "Completed"},
                {"op": "add_option", "field": "Status", "name": "Completed"},
            ),
            "moved": _fault("airtable", "status", code=404, body={"error": "NOT_FOUND"}, **_LONG),
        },
    ),
)
"""Every fault that can be brought about between any two calls of a life, by its number."""
