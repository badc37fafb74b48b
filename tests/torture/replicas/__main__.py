"""The long versions: `python -m tests.torture.replicas [what] [--runs N]`. One line of JSON for each thing done."""

import argparse
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.torture.checker import Violation
from tests.torture.checks.tally import say
from tests.torture.replicas import trials
from tests.torture.replicas.fleet import TTL, Fleet, fleet
from tests.torture.replicas.postgres import database, server

_RUNS_PER_FLEET = 10
_MINUTE = 60.0

Named = tuple[str, Violation]
Trial = Callable[[Fleet, int], float]
"""One run on a fleet, by its number; the figure that is looked at: 0 or 1, or seconds."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Something that is done to a leader: how often, in words, and what the figures say."""

    trial: Trial
    runs: int
    what: str
    note: Callable[[list[float]], str]
    longest: float = float("inf")
    """Seconds; more than that is broken."""


def _paused(made: Fleet, number: int) -> float:
    """Mostly between intent and POST, every fourth time at any moment."""
    if number % 4 == 3:
        return float(trials.pause_at_random(made, Random(number)))  # noqa: S311 - chance for a test, from a seed
    return float(trials.pause_between_intent_and_post(made))


def _killed(made: Fleet, _: int) -> float:
    made.wait_served(made.ask(1))
    return trials.takeover_seconds(made, signal.SIGKILL)


def _ended(made: Fleet, _: int) -> float:
    made.wait_served(made.ask(1))
    return trials.takeover_seconds(made, signal.SIGTERM)


def _cut_off(made: Fleet, _: int) -> float:
    return float(trials.cut_off_again_and_again(made, times=int(_MINUTE / 2), every=2))


def _replaced(seconds: list[float]) -> str:
    return f"replaced after {max(seconds):.1f} s at most; a lease lasts {TTL:g} s here"


KINDS: dict[str, Kind] = {
    "paused": Kind(
        _paused,
        100,
        "a leader stopped (SIGSTOP) for three terms and woken up",
        lambda hits: f"{sum(hits):g} of them between intent and POST",
    ),
    "killed": Kind(_killed, 30, "a leader killed with kill -9", _replaced, TTL + 2),
    "ended": Kind(_ended, 30, "a leader ended with SIGTERM", _replaced, 1.0),
    "cut-off": Kind(
        _cut_off,
        1,
        "a leader's connections cut (pg_terminate_backend) every 2 s for a minute",
        lambda ended: f"{sum(ended):g} connections were cut",
    ),
}
"""What is done, by its name on the command line."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is asked for, or everything; 1 if anything was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture.replicas")
    parser.add_argument("what", nargs="?", choices=KINDS)
    parser.add_argument("--runs", type=int)
    asked = parser.parse_args(arguments)
    return max(_told(KINDS[name], asked.runs) for name in ([asked.what] if asked.what else KINDS))


def _told(kind: Kind, runs: int | None) -> int:
    began, runs = time.monotonic(), runs or kind.runs
    figures: list[float] = []
    broken = list(_run(kind, runs, figures))
    return say(kind.what, runs, broken, time.monotonic() - began, kind.note(figures))


def _run(kind: Kind, runs: int, figures: list[float]) -> Iterator[Named]:
    """What was broken in so many runs, on fleets of two and of three in turn."""
    with server() as url, tempfile.TemporaryDirectory() as folder:
        for start in range(0, runs, _RUNS_PER_FLEET):
            place = Path(folder) / str(start)
            place.mkdir()
            size = 2 + start // _RUNS_PER_FLEET % 2
            with fleet(database(url), place, size) as made:
                for number in range(start, min(start + _RUNS_PER_FLEET, runs)):
                    figures.append(kind.trial(made, number))
                    if figures[-1] > kind.longest:
                        yield f"run {number}", Violation(0, f"nobody led for {figures[-1]:.1f} s")
                yield from ((f"from run {start} on", violation) for violation in trials.broken(made))


if __name__ == "__main__":
    raise SystemExit(main())
