"""One life of a few requests, and one fault that begins right after a certain call of the product's."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.torture.checker import Violation
from tests.torture.faults.bench import POLL, Bench, bench
from tests.torture.faults.table import FAULTS, Fault
from tests.torture.faults.ways import ANN, BOB, DAY, HOUR, Struck, Way

from dsr_sync.ports import PortError


def moments() -> range:
    """The calls of a life in which nothing goes wrong; after each of them a fault can begin."""
    with tempfile.TemporaryDirectory() as folder, bench(Path(folder)) as world:
        before = world.made_calls.made
        _ask(world)
        world.later(4 * POLL)
        assert world.judged() == []
        return range(1, world.made_calls.made - before - 2)  # the last three are idle ticks


@dataclass(frozen=True, slots=True)
class Tried:
    """A life in which something was to go wrong: whether it did, and what it broke."""

    struck: bool
    broken: list[Violation]


def tried(fault: Fault, way: Way, moment: int) -> Tried:
    """What is broken if this goes wrong after this call, and goes right again after a while."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as trouble, bench(Path(folder)) as world:
        struck: list[Struck] = []
        world.made_calls.after(moment, lambda: struck.append(trouble.enter_context(way(world))))
        _ask(world)
        for _ in range(fault.minutes):
            _tick(world)
        trouble.close()
        if not any(it() for it in struck):
            return Tried(struck=False, broken=[])
        for _ in range(14):
            _tick(world, 3 * POLL)
        for _ in range(26):  # whatever is done daily was done
            _tick(world, HOUR)
        quiet = world.clock.now()
        _tick(world, DAY)
        gone = frozenset(edit.record_id for edit in world.staff.edits if edit.gone)
        return Tried(struck=True, broken=[*world.judged(settled_at=quiet, untellable=gone), *_leaked(world)])


def trial(number_way_moment: tuple[int, str, int]) -> tuple[str, str, Tried]:
    """One trial of the table by the fault's number, one of its ways, and the call: the way, its name, what came of it.

    A trial that broke off counts as one that struck: it is broken, not left out.
    """
    number, way, moment = number_way_moment
    fault = next(fault for fault in FAULTS if fault.number == number)
    name = f"fault {number}, {way}, after call {moment}"
    try:
        return way, name, tried(fault, fault.ways[way], moment)
    except Exception as error:  # noqa: BLE001 - the others go on, and the table says that this one did not
        return way, name, Tried(struck=True, broken=[Violation(0, f"the run broke off: {error!r}")])


def _ask(world: Bench) -> list[str]:
    """A deletion, a suppression, and the first person once more."""
    return [world.ask(ANN), world.ask(BOB, Request_type="Suppress"), world.ask(ANN)]


def _tick(world: Bench, seconds: float = POLL) -> None:
    """A tick later on; what the ledger cannot do now is left for the next one, as the daemon does."""
    world.box.clock.advance(seconds)
    try:
        world.tick()
    except PortError:
        return


def _leaked(world: Bench) -> Iterator[Violation]:
    """The ledger's files, and all that a log could say, hold no person and no token."""
    secrets = (ANN, BOB, world.box.airtable_token, world.box.segment_token, world.box.profiles_token)
    folder = Path(world.ledger._engine.url.database or "").parent
    left = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}
    left["what was said"] = repr(world.heard.events).encode()
    for name, content in left.items():
        if any(secret.encode() in content for secret in secrets):
            yield Violation(7, "an identifier or a token stands where it must not be", (name,))
