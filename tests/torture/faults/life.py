"""One life of a few requests, and one fault that begins right after a certain call of the product's."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from tests.torture.checker import Violation
from tests.torture.faults.bench import POLL, Bench, bench
from tests.torture.faults.table import ANN, BOB, DAY, FAULTS, HOUR, Fault, Way

from dsr_sync.ports import PortError


def moments() -> range:
    """The calls of a life in which nothing goes wrong; after each of them a fault can begin."""
    with tempfile.TemporaryDirectory() as folder, bench(Path(folder)) as world:
        before = world.made_calls.made
        _ask(world)
        world.later(4 * POLL)
        assert world.judged() == []
        return range(1, world.made_calls.made - before - 2)  # the last three are idle ticks


def broken(fault: Fault, way: Way, moment: int) -> list[Violation]:
    """What is broken if this goes wrong after this call, and goes right again after a while."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as trouble, bench(Path(folder)) as world:
        world.made_calls.after(moment, lambda: trouble.enter_context(way(world)))
        rows = _ask(world)
        for _ in range(fault.minutes):
            _tick(world)
        trouble.close()
        for _ in range(14):
            _tick(world, 3 * POLL)
        for _ in range(26):  # whatever is done daily was done
            _tick(world, HOUR)
        quiet = world.clock.now()
        _tick(world, DAY)
        told = {"settled_at": quiet, "untellable": frozenset(rows[:1] if fault.gone else ())}
        return [*world.judged(**told), *_leaked(Path(folder))]


def trial(number_way_moment: tuple[int, str, int]) -> list[tuple[str, Violation]]:
    """What is broken by a fault of the table, by its number, one of its ways, and the call; each with that name."""
    number, way, moment = number_way_moment
    fault = next(fault for fault in FAULTS if fault.number == number)
    name = f"fault {number}, {way}, after call {moment}"
    try:
        return [(name, violation) for violation in broken(fault, fault.ways[way], moment)]
    except Exception as error:  # noqa: BLE001 - the others go on, and the table says that this one did not
        return [(name, Violation(0, f"the run broke off: {error!r}"))]


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


def _leaked(folder: Path) -> Iterator[Violation]:
    for path in sorted(folder.iterdir()):
        content = path.read_bytes()
        if any(person.encode() in content for person in (ANN, BOB)):
            yield Violation(7, "an identifier stands in a file of the ledger", (path.name,))
