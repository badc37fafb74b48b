"""The ways in which things go wrong in the middle of a life, and right again; each tells whether it struck at all."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import event
from tests.torture.faults.bench import SETTLE, Bench

HOUR, DAY = 3600.0, 86_400.0

ANN, BOB = "ann-5731-canary", "bob-5732-canary"
"""The persons of a life."""

LONG = {"times": None}
"""As often as the service is called."""

Struck = Callable[[], bool]
"""Whether it met the product so far. A fault that waits for a call that never comes has broken nothing."""

Way = Callable[[Bench], AbstractContextManager[Struck]]
"""Something that goes wrong as long as the block runs."""

_REFUSED = 400
_MORE_THAN_A_PAGE = 101
_LOST: tuple[str, str, Mapping[str, Any]] = ("segment", "cut", {"method": "POST", "after_effect": True})


def _at_once() -> bool:
    """Of what needs no call of the product's to be so."""
    return True


@contextmanager
def _faulty(world: Bench, faults: Sequence[tuple[str, str, Mapping[str, Any]]]) -> Iterator[Struck]:
    """Faults of the services; all of them must have been at work, each in an answer of its own."""
    before = world.so_far()

    def struck() -> bool:
        met = {(entry.service, entry.outcome) for entry in world.box.journal.entries(since=before)}
        return all((service, kind) in met for service, kind, _ in faults)

    for service, kind, options in faults:
        world.box.faults.add(service, kind, **options)
    yield struck
    world.box.faults.clear()


def fault(service: str, kind: str, **options: Any) -> Way:
    """One fault of a service."""
    return partial(_faulty, faults=[(service, kind, options)])


def lost_and(kind: str, **options: Any) -> Way:
    """The answer to a creation is lost, and then the list that would show it is not what it should be."""
    listing = {"method": "GET", "path": "/regulations\\?", **options}
    return partial(_faulty, faults=[_LOST, ("segment", kind, listing)])


@contextmanager
def stale_offset(world: Bench) -> Iterator[Struck]:
    """There are more rows than a page holds, and just when the next page is asked for, Airtable does not know it."""
    for number in range(_MORE_THAN_A_PAGE):
        world.ask(f"held-{number}", Hold=True)
    with _faulty(world, [("airtable", "stale_offset", {"method": "GET"})]) as struck:
        yield struck


@contextmanager
def quota_used_up(world: Bench) -> Iterator[Struck]:
    """Nothing is left of the month, and then it ends."""
    both, before = ("segment_only", "segment_and_destination"), world.so_far()

    def struck() -> bool:
        return any((entry.status or 0) >= _REFUSED for entry in world.calls("segment", before, method="POST"))

    world.box.segment.quota.put({kind: {"limit": 0} for kind in both}, world.clock.now())
    yield struck
    world.box.segment.quota.put({kind: {"limit": 100_000} for kind in both}, world.clock.now())
    world.box.clock.advance(31 * DAY)


def staff(deed: Callable[[Bench, str], object]) -> Way:
    """Staff do something to the first row, and it stays so."""

    @contextmanager
    def done(world: Bench) -> Iterator[Struck]:
        deed(world, next(iter(world.staff.rows())))
        yield _at_once

    return done


def redesigned(change: Mapping[str, str], back: Mapping[str, str]) -> Way:
    """Staff change the base's design, and change it back."""

    @contextmanager
    def done(world: Bench) -> Iterator[Struck]:
        world.box.airtable.redesign(world.box.base_id, {"table": "Requests", **change})
        yield _at_once
        world.box.airtable.redesign(world.box.base_id, {"table": "Requests", **back})

    return done


def set_clock(seconds: float, *, losing: bool = False) -> Way:
    """The wall clock is wrong for a while; if `losing`, just then the answer to a creation is lost.

    With a clock that is ahead nothing is sent, so nothing can be lost.
    """

    @contextmanager
    def done(world: Bench) -> Iterator[Struck]:
        world.clock.ahead = timedelta(seconds=seconds)
        with _faulty(world, [_LOST] if losing else []) as struck:
            yield struck
        world.clock.ahead = timedelta(0)

    return done


def lost_and_set_clock(seconds: float) -> Way:
    """The answer to a creation is lost, and right after that the wall clock is wrong for a while."""

    @contextmanager
    def done(world: Bench) -> Iterator[Struck]:
        with _faulty(world, [_LOST]) as struck:

            def look() -> None:
                if struck():
                    world.clock.ahead = timedelta(seconds=seconds)
                else:
                    world.made_calls.after(1, look)

            world.made_calls.after(1, look)
            yield struck
        world.clock.ahead = timedelta(0)

    return done


@contextmanager
def locked(world: Bench) -> Iterator[Struck]:
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
        yield _at_once


@contextmanager
def stopping(world: Bench) -> Iterator[Struck]:
    """SIGTERM: the step in hand is finished, nothing else begun; and another life begins."""
    world.clock.stopped = True
    yield _at_once
    world.clock.stopped = False
    world.restart(neatly=True)


def shares(count: int) -> Iterator[tuple[str, Way]]:
    """The effect of a creation lands late, by shares of the settle time."""
    for number in range(count + 1):
        seconds = SETTLE * number / count - (1 if number == count else 0)
        yield f"lands after {seconds:g} s", fault("segment", "ghost", method="POST", seconds=seconds)
