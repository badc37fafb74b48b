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
from tests.torture.checks.tally import say_searched
from tests.torture.replicas import trials
from tests.torture.replicas.fleet import TTL, Fleet, fleet
from tests.torture.replicas.postgres import database, server

_RUNS_PER_FLEET = 10
_MINUTE = 60.0

Named = tuple[str, Violation]

_AIMED, _ANY_MOMENT = "between intent and POST", "at any moment"
_IDLE, _BUSY = "idle", "at work"
_EVERY = 4
"""Of so many pauses, one comes at any moment; the others are aimed between intent and POST."""


@dataclass(frozen=True, slots=True)
class Run:
    """What came of one run: what the leader did or was meant to do, the figure, and what was broken, if anything."""

    how: str
    figure: float = 0.0
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """Something that is done to a leader, by the number of the run: how often, in words, and what the runs say."""

    trial: Callable[[Fleet, int], Run]
    runs: int
    what: str
    note: Callable[[Sequence[Run]], str]


def _paused(made: Fleet, number: int) -> Run:
    """Between intent and POST, every fourth time at any moment."""
    if number % _EVERY == _EVERY - 1:
        met = trials.pause_at_random(made, Random(number))
        return Run(_ANY_MOMENT, wrong="" if met else "never stopped")
    hit = trials.pause_between_intent_and_post(made)
    return Run(_AIMED, float(hit), "" if hit else "never stopped between intent and POST")


def _gone(made: Fleet, number: int, by: signal.Signals) -> trials.Takeover:
    """Every other leader has work in its hands when the signal comes; the others have nothing to do."""
    names = trials.work_in_flight(made) if number % 2 else made.ask(1)
    if not number % 2:
        made.wait_served(names)
    came = trials.takeover(made, by)
    made.wait_served(names)
    return came


def _killed(made: Fleet, number: int) -> Run:
    seconds = _gone(made, number, signal.SIGKILL).since_signal
    return _timed(number, seconds, TTL + 2)


def _ended(made: Fleet, number: int) -> Run:
    """One at work finishes the step in its hand first, so that the time counts from when it lets go of its lease."""
    came = _gone(made, number, signal.SIGTERM)
    return _timed(number, came.since_release if number % 2 else came.since_signal, 1.0)


def _timed(number: int, seconds: float, longest: float) -> Run:
    wrong = f"nobody led for {seconds:.1f} s" if seconds > longest else ""
    return Run(_BUSY if number % 2 else _IDLE, seconds, wrong)


def _cut_off(made: Fleet, _: int) -> Run:
    return Run("cut off", float(trials.cut_off_again_and_again(made, times=int(_MINUTE / 2), every=2)))


def _hits(runs: Sequence[Run]) -> str:
    aimed = [run.figure for run in runs if run.how == _AIMED]
    return f"{sum(aimed):g} of {len(aimed)} {_AIMED}, {len(runs) - len(aimed)} more {_ANY_MOMENT}"


def _replaced(since: str = "") -> Callable[[Sequence[Run]], str]:
    """How soon they were replaced; `since` is from when it counts for those at work, if not from the signal."""

    def note(runs: Sequence[Run]) -> str:
        longest = {how: [run.figure for run in runs if run.how == how] for how in (_IDLE, _BUSY)}
        said = [f"{len(seconds)} {how}: {max(seconds):.1f} s" for how, seconds in longest.items() if seconds]
        return f"replaced after, at most: {', '.join(said)}{since}; a lease lasts {TTL:g} s here"

    return note


KINDS: dict[str, Kind] = {
    "paused": Kind(_paused, 100, "a leader stopped (SIGSTOP) for three terms and woken up", _hits),
    "killed": Kind(_killed, 30, "a leader killed with kill -9", _replaced()),
    "ended": Kind(
        _ended, 30, "a leader ended with SIGTERM", _replaced(" (after it let go, with the step in hand done)")
    ),
    "cut-off": Kind(
        _cut_off,
        1,
        "a leader's connections cut (pg_terminate_backend) every 2 s for a minute",
        lambda runs: f"{sum(run.figure for run in runs):g} connections were cut",
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
    done: list[Run] = []
    broken = list(_run(kind, runs, done))
    return say_searched(kind.what, runs, broken, time.monotonic() - began, kind.note(done))


def _run(kind: Kind, runs: int, done: list[Run]) -> Iterator[Named]:
    """What was broken in so many runs, on fleets of two and of three in turn."""
    with server() as url, tempfile.TemporaryDirectory() as folder:
        for start in range(0, runs, _RUNS_PER_FLEET):
            place = Path(folder) / str(start)
            place.mkdir()
            size = 2 + start // _RUNS_PER_FLEET % 2
            with fleet(database(url), place, size) as made:
                for number in range(start, min(start + _RUNS_PER_FLEET, runs)):
                    done.append(kind.trial(made, number))
                    if done[-1].wrong:
                        yield f"run {number}", Violation(0, done[-1].wrong)
                yield from ((f"from run {start} on", violation) for violation in trials.broken(made))


if __name__ == "__main__":
    raise SystemExit(main())
