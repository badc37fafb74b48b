"""One fault, or one unexpected error, from the first tick to the last: what leaked?"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.house import House
from tests.e2e.process import until
from tests.torture.leaks.aviary import LOUD, Aviary
from tests.torture.leaks.faults import Fault

from dsr_sandbox import Sandbox

_ENDS = ("tick.finished", "tick.failed")
ROOT = Path(__file__).resolve().parents[3]


@contextmanager
def aviary(folder: Path, **settings: str) -> Iterator[Aviary]:
    """A house full of canaries, with a base, a workspace and a ledger of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    with Sandbox(seed=11) as box:
        box.airtable.limits.enforced = False
        full = Aviary(House(box, folder, settings))
        full.fill()
        yield full


def through(folder: Path, *faults: Fault) -> list[str]:
    """The daemon's first tick meets the faults, with its pages, and later ticks what is left of them; what leaked."""
    with aviary(folder, DSR_SYNC_LOG__FORMAT="json") as full:
        for fault in faults:
            full.house.box.faults.add(fault.service, fault.kind, **fault.options())
        with full.daemon() as daemon:
            until(lambda: [line for name in _ENDS for line in daemon.process.events(name)], "the first tick", 60)
        full.house.later()
        full.dsr("once")
        full.house.box.faults.clear()
        full.house.later()
        full.dsr("once")
        return full.leaks()


def broken(folder: Path, call: str, error: str, form: str = "console") -> tuple[list[str], str]:
    """`once`, twice, with a call that breaks unexpectedly; what leaked, and all that was said."""
    with aviary(folder, DSR_SYNC_LOG__FORMAT=form) as full:
        said = b""
        for _ in range(2):
            command = [sys.executable, "-m", "tests.torture.leaks.saboteur", call, error, "once"]
            done = subprocess.run(
                command, cwd=ROOT, env=full.house.env(LOUD), capture_output=True, check=False, timeout=60
            )
            said += done.stdout + done.stderr
            full.house.later()
        full.surfaces["broken output"] = said
        full.keep_files()
        return full.leaks(), said.decode()
