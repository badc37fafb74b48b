"""`python -m tests.torture.leaks`: canaries in every column and token, through every fault and unexpected error."""

import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from tests.torture.checks.history import Violation
from tests.torture.checks.tally import say
from tests.torture.leaks.faults import every_fault
from tests.torture.leaks.saboteur import CALLS, ERRORS
from tests.torture.leaks.trials import broken, through

_WORKERS = 4


def main() -> int:
    """All of them; 1 if anything leaked."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(_WORKERS) as pool:
        named = list(_trials(Path(folder)).items())
        leaks = list(pool.map(lambda trial: trial[1](), named))
    found = [
        (name, Violation(7, f"leaked: {line}")) for (name, _), lines in zip(named, leaks, strict=True) for line in lines
    ]
    note = f"{len(every_fault())} faults, {len(named) - len(every_fault())} unexpected errors, at debug level"
    return say("canaries in every column and token", len(named), found, time.monotonic() - began, note)


def _trials(folder: Path) -> dict[str, Callable[[], list[str]]]:
    faults: dict[str, Callable[[], list[str]]] = {
        f"{number} {fault.name}": partial(through, folder / str(number), fault)
        for number, fault in enumerate(every_fault())
    }
    errors: dict[str, Callable[[], list[str]]] = {
        f"{call} {error} {form}": partial(
            _broken, folder / f"{call}-{error}-{form}".replace(":", "."), (call, error, form)
        )
        for call in CALLS
        for error in ERRORS
        for form in ("json", "console")
    }
    return faults | errors


def _broken(folder: Path, how: tuple[str, str, str]) -> list[str]:
    return broken(folder, *how)[0]


if __name__ == "__main__":
    sys.exit(main())
