"""Limits, lock-outs, outages, back-offs and deadlines at full length, each against what it may cost at most."""

import itertools
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.torture.checker import Violation
from tests.torture.faults.bench import Bench, bench
from tests.torture.faults.measures import FORMS, locked_out, outage, peak, rate, restarted_in_a_back_off

from dsr_sync.core.model import Identifier

_CALLS, _LOCKOUTS, _RESTARTS = 1_000, 100, 20
_MOST_IN_A_DAY = 1_500
_DEADLINE = 30.0

_PUNCTUAL = 0.999
"""The pace is set to just nine tenths of the limits, and a process wakes up a little late for each burst."""
_LATE = 1.0
"""Seconds by which the end of a lock-out is noticed at most."""

Named = tuple[str, Violation]


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of one measurement: how many runs, what was broken, and the figures."""

    what: str
    runs: int
    broken: list[Named]
    note: str


@contextmanager
def _world(*, frozen: bool = True, seconds: float = _DEADLINE) -> Iterator[Bench]:
    with tempfile.TemporaryDirectory() as folder, bench(Path(folder), frozen=frozen, seconds=seconds) as world:
        yield world


def limits(*, frozen: bool, calls: int = _CALLS) -> Iterator[Measured]:
    """So many calls of each kind one after the other; they take no time, or the time that they really take."""
    how = "calls that take no time" if frozen else "calls that take their time"
    with _world(frozen=frozen) as world:
        ports = world.engine.world
        kinds: dict[str, tuple[int, float, str, Callable[[int], object]]] = {
            "Airtable": (5, 4.5, "GET", lambda _: list(ports.table.candidates())),
            "Segment's creations": (
                10,
                9.0,
                "POST",
                lambda number: ports.deletions.submit("SUPPRESS_ONLY", _one(number)),
            ),
        }
        for name, (most, least, method, call) in kinds.items():
            before = world.so_far()
            for number in range(calls):
                call(number)
            made = world.calls(name.split("'")[0].lower(), before, method=method)
            highest, steady = peak(made), rate(made, most)
            kept = highest <= most and steady >= least * _PUNCTUAL and len(made) == calls
            said = f"at most {highest} in any second, {steady:.3f} a second while there is work"
            broken = [] if kept else [("limit", Violation(0, said))]
            yield Measured(f"the limit of {name}: {how}", calls, broken, said)


def _one(number: int) -> list[Identifier]:
    return [Identifier.typed(f"person-{number}")]


def lock_outs(times: int = _LOCKOUTS) -> Measured:
    """Airtable answers 429 so often, with each form of Retry-After in turn."""
    waits, broken = [], []
    with _world() as world:
        for number, form in zip(range(times), itertools.cycle(FORMS), strict=False):
            wait, expected = locked_out(world, form)
            waits.append(wait - expected)
            if not 0 <= wait - expected <= _LATE:
                said = f"left alone for {wait:.1f} s instead of {expected:g}"
                broken.append((f"{number} {form}", Violation(0, said)))
    note = f"called again {min(waits):.1f} to {max(waits):.1f} s after the time was over, at four ticks a second"
    return Measured("Airtable's lock-out, with every form of Retry-After", times, broken, note)


def outages(hours: float = 24.0) -> Iterator[Measured]:
    """A service answers nothing but 503 for a day, while requests wait."""
    for service, every in itertools.product(("airtable", "segment"), (60.0, 20.0)):
        with _world() as world:
            people = [f"person-{number}" for number in range(5)]
            for person in people:
                world.box.clock.advance(1)
                world.ask(person)
            calls = outage(world, service, hours, every)
            world.later(2 * every, every)
            broken = [] if calls <= _MOST_IN_A_DAY * hours / 24 + 5 else [("calls", Violation(0, f"{calls} calls"))]
            sent = [entry.body["subjectIds"][0] for entry in world.calls("segment", method="POST")]
            if list(dict.fromkeys(sent)) != people:
                broken.append(("order", Violation(3, "not all were sent two polls later, in the order of their rows")))
            world.later(3_600, 60)
            broken += [("afterwards", violation) for violation in world.judged()]
        note = f"{calls:,} calls of the dead service, sent within two polls afterwards"
        yield Measured(f"{service.title()} out of order for {hours:g} h, a tick every {every:g} s", 1, broken, note)


def restarts(rounds: int = 10) -> Measured:
    """The process ends and starts again twenty times in a back-off."""
    broken, calls = [], 0
    for number, service in zip(range(rounds), itertools.cycle(("airtable", "segment")), strict=False):
        with _world() as world:
            made = restarted_in_a_back_off(world, service, _RESTARTS)
            calls += made
            if made:
                broken.append((f"{number} {service}", Violation(0, f"{made} calls in the back-off")))
    return Measured("restarts in a back-off, twenty in each", rounds * _RESTARTS, broken, f"{calls} calls")


def deadlines(seconds: float = _DEADLINE) -> Measured:
    """An answer comes byte by byte: the call ends at its deadline, on the real clock."""
    broken, took = [], []
    for service, method in (("airtable", "GET"), ("segment", "POST"), ("segment", "GET")):
        with _world(frozen=False, seconds=seconds) as world:
            world.ask("ann")
            if method == "GET" and service == "segment":
                world.tick()
            world.fault(service, "trickle", method=method, bytes=1, every_seconds=1.0)
            before = len(world.made_calls.seconds)
            world.tick()
            took.append(max(world.made_calls.seconds[before:]))
            if abs(took[-1] - seconds) > 1:
                broken.append((f"{service} {method}", Violation(0, f"ended after {took[-1]:.1f} s")))
    note = f"the calls ended after {min(took):.1f} to {max(took):.1f} s; the deadline of a call is {seconds:g} s"
    return Measured("an answer that comes byte by byte", len(took), broken, note)
