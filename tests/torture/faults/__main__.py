"""`python -m tests.torture.faults [what]`: every fault after every call of a life, and every limit at full length.

`what` is the number of a fault, or `lengths`. Each prints one line of JSON per row of the table.
"""

import argparse
import multiprocessing
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor

from tests.torture.checks.tally import say
from tests.torture.faults import lengths
from tests.torture.faults.life import moments, trial
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
            found = [each for some in pool.map(trial, trials) for each in some]
            note = f"{len(fault.ways)} ways, after each of {len(when)} calls"
            codes.append(say(f"fault {fault.number}: {fault.what}", len(trials), found, time.monotonic() - began, note))
    return codes


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
