"""Random kills: the daemon works through a backlog and is killed again and again, at moments that chance picks.

python -m tests.torture.kills.chance [--runs N] [--seed FIRST] [--requests 400]
"""

import argparse
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from tests.torture.kills.bill import Bill, summed
from tests.torture.kills.crew import crew, told
from tests.torture.kills.forge import Forge
from tests.torture.kills.stage import COMMAND, Stage, stage

SETTLE = 2.0
"""Seconds, really waited for between the lives: a kill never takes longer to be noticed by the sandbox."""

_POLL = 0.2
_LIFE = 2.5
"""Seconds that a life lasts at most where it has about ten requests to work on; with more of them it is longer."""

_PER_LIFE = 9
"""Requests that come in before each life, on average, where no number is asked for."""

_PATIENCE = 120.0
"""Seconds that a start may take on a machine with much else to do."""

_KINDS = ("Delete", "Delete", "Delete", "Suppress", "Unsuppress")


@dataclass(frozen=True, slots=True)
class Run:
    """One run: the seed that picks everything, and about how many requests there are."""

    seed: int
    requests: int | None = None


def killed_at_random(forge: Forge, run: Run) -> tuple[Bill, int]:
    """One run; what it cost, and how many times the daemon was killed."""
    chance = Random(run.seed)
    settings = (
        ("DSR_SYNC_SEGMENT__SETTLE_SECONDS", str(SETTLE)),
        ("DSR_SYNC_SCHEDULE__POLL_SECONDS", str(_POLL)),
        ("DSR_SYNC_SEGMENT__REQUESTS_PER_REGULATION", chance.choice(("1", "1", "5"))),
    )
    kills = chance.randint(3, 5)
    with stage(forge, settings) as world:
        for _ in range(kills):
            asked = run.requests // kills if run.requests else chance.randint(_PER_LIFE - 3, _PER_LIFE + 3)
            _ask(world, chance, asked)
            _one_life(world, chance.uniform(0, _LIFE * max(1, asked / _PER_LIFE / 2)))
        world.heal()
        return world.judge().named(f"seed {run.seed}"), kills


def _ask(world: Stage, chance: Random, wanted: int) -> None:
    """So many more requests, one in six of them for a person who was named before."""
    for _ in range(wanted):
        known = world.people and chance.random() < 1 / 6
        who = chance.choice(world.people).split("-")[1] if known else str(len(world.people))
        world.ask(who, Request_type=chance.choice(_KINDS))


def _one_life(world: Stage, seconds: float) -> None:
    """Let the daemon live so long after its first call, and kill it."""
    before = len(world.box.journal.entries())
    with world.log.open("a") as log:
        daemon = subprocess.Popen([COMMAND, "run"], env=world.environ(), stdout=log, stderr=log)
    try:
        deadline, pause = time.monotonic() + _PATIENCE, threading.Event()
        while len(world.box.journal.entries()) == before:
            if daemon.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the daemon made no call; exit code {daemon.poll()}, {world.said(5)}")
            pause.wait(0.02)
        pause.wait(seconds)
    finally:
        daemon.send_signal(signal.SIGKILL)
        daemon.wait(_PATIENCE)


def random_kills(runs: Sequence[Run], workers: int) -> tuple[Bill, int]:
    """These runs; what they cost, and how many kills that were."""
    with crew(workers) as hands:
        done = hands.each(killed_at_random, runs)
    return summed(bill for bill, _ in done), sum(kills for _, kills in done)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; 1 if anything was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture.kills.chance")
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--requests", type=int, help="about so many in each run; else some tens")
    parser.add_argument("--workers", type=int, default=4)
    asked = parser.parse_args(arguments)
    runs = [Run(seed, asked.requests) for seed in range(asked.seed, asked.seed + asked.runs)]
    print(f"seeds {runs[0].seed} to {runs[-1].seed}")
    what = f"kill -9 at random moments, {asked.requests or 'tens of'} requests"
    return told(what, lambda: random_kills(runs, asked.workers), "kills")


if __name__ == "__main__":
    raise SystemExit(main())
