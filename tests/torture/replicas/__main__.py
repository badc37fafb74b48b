"""The long versions: `python -m tests.torture.replicas [what] [--runs N]`. The last line printed is one JSON object."""

import argparse
import signal
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

from tests.torture.kills.bill import Bill, summed
from tests.torture.kills.crew import told
from tests.torture.replicas import trials
from tests.torture.replicas.fleet import TTL, Fleet, fleet
from tests.torture.replicas.postgres import database, server

_RUNS_PER_FLEET = 10
_MINUTE = 60.0

Trial = Callable[[Fleet, int], bool]
"""One run on a fleet, by its number; whether the moment that was meant was hit."""


def _paused(made: Fleet, number: int) -> bool:
    """Mostly between intent and POST, every fourth time at any moment."""
    if number % 4 == 3:
        return trials.pause_at_random(made, Random(number))  # noqa: S311 - chance for a test, from a seed
    return trials.pause_between_intent_and_post(made)


def _killed(made: Fleet, _: int) -> bool:
    made.wait_served(made.ask(1))
    return trials.takeover_seconds(made, signal.SIGKILL) <= TTL + 2


def _ended(made: Fleet, _: int) -> bool:
    made.wait_served(made.ask(1))
    return trials.takeover_seconds(made, signal.SIGTERM) <= 1


def _cut_off(made: Fleet, _: int) -> bool:
    return trials.cut_off_again_and_again(made, times=int(_MINUTE / 2), every=2) > 0


_TRIALS: dict[str, tuple[Trial, int, str]] = {
    "paused": (_paused, 100, "a leader stopped for three terms and woken up"),
    "killed": (_killed, 30, "a leader killed with kill -9"),
    "ended": (_ended, 30, "a leader ended with SIGTERM"),
    "cut-off": (_cut_off, 1, "a leader's connections cut every 2 s for a minute"),
}
"""What is done, how often, and in words."""


def _run(trial: Trial, runs: int) -> tuple[Bill, int]:
    """The bill of so many runs, on fleets of two and of three in turn; and how many hit what was meant."""
    bills: list[Bill] = []
    hits = 0
    with server() as url, tempfile.TemporaryDirectory() as folder:
        for start in range(0, runs, _RUNS_PER_FLEET):
            numbers = range(start, min(start + _RUNS_PER_FLEET, runs))
            size = 2 + start // _RUNS_PER_FLEET % 2
            place = Path(folder) / str(start)
            place.mkdir()
            with fleet(database(url), place, size) as made:
                hits += sum(trial(made, number) for number in numbers)
                bills.append(_bill(made, len(numbers)))
    return summed(bills), hits


def _bill(made: Fleet, runs: int) -> Bill:
    doubled = len(made.doubled())
    return Bill(runs, doubled=doubled, broken=tuple(trials.broken(made)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is asked for, or everything; 1 if anything was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture.replicas")
    parser.add_argument("what", nargs="?", choices=_TRIALS)
    parser.add_argument("--runs", type=int)
    asked = parser.parse_args(arguments)
    names = [asked.what] if asked.what else list(_TRIALS)
    what = _TRIALS[asked.what][2] if asked.what else "replicas: leaders stopped, killed, ended and cut off"

    def work() -> tuple[Bill, int]:
        done = [_run(_TRIALS[name][0], asked.runs or _TRIALS[name][1]) for name in names]
        return summed(bill for bill, _ in done), sum(hits for _, hits in done)

    return told(what, work, "hit the moment, or kept the time")


if __name__ == "__main__":
    raise SystemExit(main())
