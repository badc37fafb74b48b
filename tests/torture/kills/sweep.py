"""The kill sweep: the installed command dies at one system call after another, is started again, and nothing is lost.

Debian's `strace` does the breaking, after the method of Tessera's POSIX fault test: first one clean life is traced,
then each interesting call of it, by its name and number, is where one run is killed, or fails with ENOSPC or EIO. The
life is that of three requests, from the opening of the ledger to the exit: a deletion with two destinations, a
suppression, and a duplicate of the first.

    python -m tests.torture.kills.sweep kill|enospc|eio [--runs N] [--installed]
"""

import argparse
import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tests.torture.kills.bill import Bill, summed
from tests.torture.kills.crew import crew, spread, told
from tests.torture.kills.forge import Forge
from tests.torture.kills.stage import Settings, Stage, stage, three_requests

MOVING = frozenset(
    {
        "pwrite64", "pread64", "write", "fsync", "fdatasync", "ftruncate", "unlink", "rename", "openat", "close",
        "fcntl", "flock", "fchown", "chmod", "lseek", "sendto", "sendmsg", "recvfrom", "recvmsg", "connect", "socket",
        "poll", "getrandom", "exit_group",
    }
)  # fmt: skip
"""The calls that change something outside the process, ask for it, or learn of it."""

FAILING = frozenset({"pwrite64", "write", "fsync", "fdatasync", "ftruncate"})
"""The calls that a full or a broken disk refuses."""

_STRACE = ("strace", "-f", "-qq")
_LINE = re.compile(r"(\d+) +(\w+)\((.*)")
_ANYWHERE = frozenset({"sendto", "recvfrom", "connect", "poll", "exit_group"})


@dataclass(frozen=True, slots=True, order=True)
class Instant:
    """The `number`th call of this name by the process's main thread, counted from its start. `place` orders them."""

    place: int
    call: str
    number: int


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens there. `inject` is in strace's words; `calls` are those that it can happen to."""

    what: str
    inject: str
    calls: frozenset[str]
    lasting: bool = False
    """Whether every other run keeps failing from there on, as a disk does that stays full."""


FAULTS = {
    "kill": Fault("kill -9 at a system call", "signal=KILL", MOVING),
    "enospc": Fault("disk full (ENOSPC) at a write or fsync", "error=ENOSPC", FAILING, lasting=True),
    "eio": Fault("disk broken (EIO) at a write or fsync", "error=EIO", FAILING, lasting=True),
}


@dataclass(frozen=True, slots=True)
class Life:
    """A life to break: what was before, and how fast Segment is. The victim always goes by the real clock."""

    name: str
    begin: Callable[[Stage], None]
    settings: Settings = ()


def _unanswered(world: Stage) -> None:
    """Both creations were cut before they had an effect, and once missed in a listing; now they will be sent again."""
    three_requests(world)
    world.box.faults.add("segment", "cut", method="POST", times=2)
    world.once()
    world.once()


LIVES = (
    Life("first", three_requests),
    Life("settling", _unanswered, (("DSR_SYNC_SEGMENT__SETTLE_SECONDS", "0"),)),
)


@dataclass(frozen=True, slots=True)
class Sweep:
    """What is done, and to whom: the installed command, or (much faster) a child of the forge."""

    fault: Fault
    installed: bool = False


def instants(life: Life, forge: Forge, asked: Sweep) -> list[Instant]:
    """Every interesting call of a clean life that has to do with the ledger, the services or the log, in order.

    Raises RuntimeError if there is no strace, or the clean life is not clean.
    """
    if shutil.which("strace") is None:
        raise RuntimeError("the kill sweep needs strace (Debian's package of that name)")
    _rehearse(life, forge, asked)
    with stage(forge, life.settings, at_once=True) as world:
        life.begin(world)
        trace = world.folder / "trace"
        shown = f"trace={','.join(sorted(asked.fault.calls))}"
        if world.victim((*_STRACE, "-y", "-o", str(trace), "-e", shown), installed=asked.installed):
            raise RuntimeError("the life to be broken does not go well by itself")
        lines = trace.read_text(encoding="utf-8", errors="replace").splitlines()
        trace.unlink()
        return list(_interesting(lines, world, asked.fault.calls))


def _rehearse(life: Life, forge: Forge, asked: Sweep) -> None:
    """One life that nobody looks at: where Python writes its compiled files, it makes calls that no later one makes."""
    with stage(forge, life.settings, at_once=True) as world:
        life.begin(world)
        world.victim((), installed=asked.installed)


def _interesting(lines: Sequence[str], world: Stage, calls: frozenset[str]) -> Iterator[Instant]:
    begun = False
    main = lines[0].split()[0]
    numbers: Counter[str] = Counter()
    for place, line in enumerate(lines):
        found = _LINE.match(line)
        if not found or found[1] != main:
            continue
        call, arguments = found[2], found[3]
        numbers[call] += 1
        begun = begun or str(world.ledger) in arguments
        ours = str(world.folder) in arguments or "socket:" in arguments or call in _ANYWHERE
        if begun and ours and call in calls:
            yield Instant(place, call, numbers[call])


def broken_at(asked: Sweep, life: Life, instant: Instant, forge: Forge) -> tuple[Bill, bool]:
    """One run that is broken at the instant, and then healed; what it cost, and whether the process ended badly."""
    fault = asked.fault
    for_good = "+" if fault.lasting and instant.place % 2 else ""
    with stage(forge, life.settings, at_once=True) as world:
        life.begin(world)
        inject = f"inject={instant.call}:{fault.inject}:when={instant.number}{for_good}"
        tracer = (*_STRACE, "-o", "/dev/null", "-e", f"trace={instant.call}", "-e", inject)
        code = world.victim(tracer, installed=asked.installed)
        world.heal()
        return world.judge().named(f"{life.name} {instant.call} {instant.number}{for_good}"), code != 0


def sampled(every: Sequence[tuple[Life, Instant]], wanted: int) -> list[tuple[Life, Instant]]:
    """So many of them: of each call as many as of any other while there are some, spread over its occurrences."""
    kinds: dict[tuple[str, str], list[tuple[Life, Instant]]] = defaultdict(list)
    for life, instant in every:
        kinds[life.name, instant.call].append((life, instant))
    quota = dict.fromkeys(kinds, 0)
    while sum(quota.values()) < min(wanted, len(every)):
        open_kinds = [kind for kind in kinds if quota[kind] < len(kinds[kind])]
        for kind in open_kinds[: wanted - sum(quota.values())]:
            quota[kind] += 1
    return [at for kind, some in kinds.items() for at in spread(some, quota[kind])]


def sweep(asked: Sweep, runs: int | None, workers: int) -> tuple[Bill, int]:
    """So many runs, or all, at instants spread over both lives; what they cost, and how many ended badly."""
    with crew(workers) as hands:
        with Forge() as forge:
            every = [(life, instant) for life in LIVES for instant in instants(life, forge, asked)]
        chosen = sampled(every, len(every) if runs is None else runs)
        done = hands.each(lambda forge, at: broken_at(asked, at[0], at[1], forge), chosen)
    died = sum(died for _, died in done)
    return summed([*(bill for bill, _ in done), Bill(0, broken=tuple(too_few(asked, runs, len(done), died)))]), died


_BADLY = 0.9
"""The share of the kills that must have met the process alive, or the sweep has broken nothing."""


def too_few(asked: Sweep, runs: int | None, done: int, died: int) -> Iterator[str]:
    """What a sweep has to say that was smaller than was asked for, or did not kill."""
    if runs is not None and done < runs:
        yield f"only {done} of {runs} runs could be made"
    if asked.fault is FAULTS["kill"] and died < _BADLY * done:
        yield f"only {died} of {done} runs were ended by the kill"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the sweep that is asked for; 1 if anything was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture.kills.sweep")
    parser.add_argument("fault", choices=FAULTS)
    parser.add_argument("--runs", type=int, default=600)
    parser.add_argument("--every", action="store_true", help="a run for every instant that there is")
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--installed", action="store_true", help="the installed command from its start; slower")
    given = parser.parse_args(arguments)
    asked = Sweep(FAULTS[given.fault], given.installed)
    what = asked.fault.what + (", installed command" if asked.installed else "")
    return told(what, lambda: sweep(asked, None if given.every else given.runs, given.workers), "ended badly")


if __name__ == "__main__":
    raise SystemExit(main())
