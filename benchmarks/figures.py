"""Start-up times and memory, measured: `make figures`. One line each with its limit; exit 1 if over.

Each is the best of five, so that what else the machine does at the time does not count.
"""

import re
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
from tests.e2e.house import bare_environment
from tests.e2e.process import Daemon, exported, run, started, until

RUNS = 5
ROWS = 10
AT_REST = 3.0
"""Seconds without anything to do, after which the daemon counts as being at rest."""


@dataclass(frozen=True)
class Figure:
    """What is measured, in which unit, and the most that is promised."""

    name: str
    unit: str
    limit: float
    measure: Callable[[Path], float]


def help_seconds(folder: Path) -> float:
    """From the start of `dsr-sync --help` to its end."""
    began = time.perf_counter()
    run("--help", env=bare_environment(), folder=folder)
    return time.perf_counter() - began


def sandbox_seconds(folder: Path) -> float:
    """From the start of `dsr-sync sandbox` to the first answer of its page, the interpreter's own start included."""
    began = time.perf_counter()
    with started("sandbox", env=bare_environment(), folder=folder) as sandbox:
        settings = exported(sandbox)
        httpx.get(settings["DSR_SYNC_AIRTABLE__ENDPOINT_URL"]).raise_for_status()
        return time.perf_counter() - began


def daemon_megabytes(folder: Path) -> float:
    """What the daemon keeps in memory (resident) when nothing is left to do after ten deletions."""
    with started("sandbox", env=bare_environment(), folder=folder) as sandbox:
        settings = exported(sandbox) | {"DSR_SYNC_HTTP__PORT": "0", "DSR_SYNC_SAFETY__COOLING_OFF_MINUTES": "0"}
        for number in range(ROWS):
            _add(settings, f"usr_{number}")
        with started("run", env=bare_environment() | settings, folder=folder) as process:
            until(lambda: len(process.events("regulation.ended")) == ROWS, "all deletions are completed")
            threading.Event().wait(AT_REST)
            return _resident_bytes(Daemon(process)) / 1_000_000


def _add(settings: dict[str, str], identifier: str) -> None:
    """Add an authenticated row, as a person does in the page."""
    base = f"{settings['DSR_SYNC_AIRTABLE__ENDPOINT_URL']}/v0/{settings['DSR_SYNC_AIRTABLE__BASE_ID']}"
    headers = {"Authorization": f"Bearer {settings['DSR_SYNC_AIRTABLE__TOKEN']}", "X-Sandbox-Page": "1"}
    fields = {"User identifier": identifier, "Authenticated": True}
    httpx.post(f"{base}/Requests", json={"fields": fields}, headers=headers).raise_for_status()


def _resident_bytes(daemon: Daemon) -> float:
    found = re.search(r"^process_resident_memory_bytes (\S+)", daemon.page("/metrics").text, re.MULTILINE)
    if found is None:
        raise RuntimeError("the daemon does not tell its memory")
    return float(found[1])


FIGURES = (
    Figure("dsr-sync --help", "s", 0.4, help_seconds),
    Figure("the sandbox is ready", "s", 1.0, sandbox_seconds),
    Figure("the daemon at rest", "MB", 120, daemon_megabytes),
)


def main() -> int:
    """Measure all; 1 if one is over its limit."""
    over = False
    for figure in FIGURES:
        best = min(_measured(figure) for _ in range(RUNS))
        over = over or best > figure.limit
        verdict = "OVER" if best > figure.limit else "ok  "
        limit = f"(at most {figure.limit:g} {figure.unit})"
        sys.stdout.write(f"{verdict} {figure.name:<22} {best:8.2f} {figure.unit:<2} {limit}\n")
    return int(over)


def _measured(figure: Figure) -> float:
    with tempfile.TemporaryDirectory() as folder:
        return figure.measure(Path(folder))


if __name__ == "__main__":
    sys.exit(main())
