"""`python -m tests.torture.faults [what]`: every fault after every call of a life, and every limit at full length.

`what` is the number of a fault, or `lengths`. Each prints one line of JSON per row of the table.
"""

import argparse
import multiprocessing
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor

from tests.torture.checks.history import Violation
from tests.torture.checks.tally import say, say_searched
from tests.torture.faults import lengths
from tests.torture.faults.life import Tried, moments, trial
from tests.torture.faults.table import FAULTS, Fault

_WORKERS = 2
LENGTHS = "lengths"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is asked for, or everything; 1 if anything was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture.faults")
    parser.add_argument("what", nargs="?", choices=[*(str(fault.number) for fault in FAULTS), LENGTHS])
    asked = parser.parse_args(arguments)
    codes = [0]
    if asked.what != LENGTHS:
        codes += _faults([fault for fault in FAULTS if asked.what in (None, str(fault.number))])
    if asked.what in (None, LENGTHS):
        codes += _lengths()
    return max(codes)


def _faults(faults: Iterable[Fault]) -> list[int]:
    """One row per fault."""
    when, codes = moments(), []
    with ProcessPoolExecutor(_WORKERS, multiprocessing.get_context("spawn")) as pool:
        for fault in faults:
            began = time.monotonic()
            trials = [(fault.number, way, moment) for way in fault.ways for moment in when]
            done = list(pool.map(trial, trials))
            runs = sum(came.struck for _, _, came in done)
            note = (
                f"{len(fault.ways)} ways; struck in {runs} of {len(done)} trials, one after each of {len(when)} calls"
            )
            found = list(broken_in(tuple(fault.ways), done))
            codes.append(
                say_searched(f"fault {fault.number}: {fault.what}", runs, found, time.monotonic() - began, note)
            )
    return codes


def broken_in(ways: Iterable[str], done: Iterable[tuple[str, str, Tried]]) -> Iterator[tuple[str, Violation]]:
    """What was broken in these trials, each with its name; a way that never struck has tried nothing."""
    struck: set[str] = set()
    for way, name, came in done:
        struck |= {way} if came.struck else set()
        yield from ((name, violation) for violation in came.broken)
    yield from ((way, Violation(0, "it never struck in any of its trials")) for way in ways if way not in struck)


def _lengths() -> list[int]:
    """One row per measurement."""
    codes, began = [], time.monotonic()
    for measured in _measured():
        seconds, began = time.monotonic() - began, time.monotonic()
        codes.append(say(measured.what, measured.runs, measured.broken, seconds, measured.note))
    return codes


def _measured() -> Iterable[lengths.Measured]:
    yield from lengths.limits(frozen=True)
    yield from lengths.limits(frozen=False)
    yield lengths.lock_outs()
    yield from lengths.outages()
    yield lengths.restarts()
    yield lengths.deadlines()


if __name__ == "__main__":
    sys.exit(main())
