"""`python -m tests.torture.leaks`: canaries in every column and token, through every fault and unexpected error."""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from tests.torture.checks.history import Violation
from tests.torture.checks.tally import say_searched
from tests.torture.leaks.faults import every_fault
from tests.torture.leaks.saboteur import CALLS, ERRORS
from tests.torture.leaks.trials import Came, broken, broken_daemon, through, with_token_files

_WORKERS = 3

Trial = Callable[[], Came]


def main() -> int:
    """All of them; 1 if anything leaked, or if anything was to go wrong and did not."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(_WORKERS) as pool:
        faults, errors, daemons = (dict(some) for some in _trials(Path(folder)))
        named = {**faults, **errors, **daemons, "tokens in files": partial(with_token_files, Path(folder) / "files")}
        came = dict(zip(named, pool.map(_tried, named.values()), strict=True))
    note = (
        f"{len(faults)} faults and {len(errors) + len(daemons)} unexpected errors, {len(daemons)} of them in the "
        "daemon, each met; at debug level"
    )
    runs = sum(not each.missed for each in came.values())
    return say_searched("canaries in every column and token", runs, list(_broken(came)), time.monotonic() - began, note)


def _tried(trial: Trial) -> Came:
    """A trial that breaks off has looked at nothing."""
    try:
        return trial()
    except Exception as error:  # noqa: BLE001 - the others go on, and the table says that this one did not
        return Came(missed=[f"the end: {type(error).__name__}: {str(error)[:200]}"])


def _broken(came: Mapping[str, Came]) -> Iterator[tuple[str, Violation]]:
    for name, each in came.items():
        yield from ((name, Violation(7, f"leaked: {line}")) for line in each.leaks)
        yield from ((name, Violation(0, f"never met: {line}")) for line in each.missed)


def _trials(folder: Path) -> Iterator[Iterator[tuple[str, Trial]]]:
    """The faults, the unexpected errors of `once`, and those of the daemon: each call, and each error, in turn."""
    yield (
        (f"{number} {fault.name}", partial(through, folder / str(number), fault))
        for number, fault in enumerate(every_fault())
    )
    yield (
        (f"once {call} {error} {form}", partial(broken, _place(folder, call, error, form), call, error, form))
        for call in CALLS
        for error in ERRORS
        for form in ("json", "console")
    )
    errors = tuple(ERRORS)
    yield (
        (f"run {call} {error}", partial(broken_daemon, _place(folder, "run", call, error), call, error))
        for number, call in enumerate(CALLS)
        for error in (errors[number % len(errors)], errors[(number + 3) % len(errors)])
    )


def _place(folder: Path, *names: str) -> Path:
    return folder / "-".join(names).replace(":", ".")


if __name__ == "__main__":
    sys.exit(main())
