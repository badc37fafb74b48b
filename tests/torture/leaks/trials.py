"""One fault, or one unexpected error, from the first tick to the last: what leaked?"""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.house import House
from tests.e2e.process import Daemon, Process, a_process, until
from tests.torture.leaks.aviary import LOUD, Aviary
from tests.torture.leaks.faults import Fault
from tests.torture.leaks.saboteur import RAISED

from dsr_sandbox import Sandbox

_MORE_TICKS = 3
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


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a trial: where something leaked, what was to go wrong and did not, and all that was said."""

    leaks: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    said: str = field(default="", repr=False)

    @property
    def clean(self) -> bool:
        """Whether it went wrong, and nothing leaked."""
        return not (self.leaks or self.missed)


def through(folder: Path, *faults: Fault) -> Came:
    """The product meets the faults, and later ticks what is left of them."""
    with aviary(folder, DSR_SYNC_LOG__FORMAT="json") as full:
        if any(fault.paged for fault in faults):
            full.fill_pages()
        for fault in faults:
            full.house.box.faults.add(fault.service, fault.kind, **fault.options())
        (_set_up if any(fault.sets_up for fault in faults) else _ticked)(full)
        missed = _missed(full, faults)
        for _ in range(_MORE_TICKS if missed else 0):  # one fault may have to be over before another one is met
            full.house.later()
            full.dsr("once")
        full.house.box.faults.clear()
        full.house.later()
        full.dsr("once")
        return Came(full.leaks(), _missed(full, faults))


def _missed(full: Aviary, faults: Sequence[Fault]) -> list[str]:
    return [fault.name for fault in faults if not fault.struck(full.house.box)]


def _ticked(full: Aviary) -> None:
    """The daemon's first tick, with its pages, and one by `once`."""
    with full.daemon() as daemon:
        until(lambda: [line for name in _ENDS for line in daemon.process.events(name)], "the first tick", 60)
    full.house.later()
    full.dsr("once")


def _set_up(full: Aviary) -> None:
    """The only command that makes columns has one to make."""
    full.house.redesign("delete_field", table="Requests", field="Receipt summary")
    full.dsr("setup-base")


def broken(folder: Path, call: str, error: str, form: str = "console") -> Came:
    """`once`, twice, with a call that breaks unexpectedly."""
    with aviary(folder, DSR_SYNC_LOG__FORMAT=form) as full:
        said = b""
        for _ in range(2):
            done = subprocess.run(
                _sabotaged(call, error, "once"), cwd=ROOT, env=full.house.env(LOUD),
                capture_output=True, check=False, timeout=60,
            )  # fmt: skip
            said += done.stdout + done.stderr
            full.house.later()
        return _sabotage(full, said.decode())


def broken_daemon(folder: Path, call: str, error: str) -> Came:
    """The daemon with a call that breaks unexpectedly, again and again; its pages are read afterwards."""
    with aviary(folder, DSR_SYNC_LOG__FORMAT="json") as full:
        with a_process(_sabotaged(call, error, "run"), env=full.house.env(LOUD), folder=ROOT) as process:
            daemon = Daemon(process)
            until(lambda: daemon.url, "the daemon says that it has started")
            with suppress(AssertionError):  # what never broke is told below
                until(lambda: _raised_later(full, process), "the call breaks", 20)
            full.keep_pages(daemon)
            daemon.stopped()
        return _sabotage(full, "".join(process.out + process.err))


def with_token_files(folder: Path) -> Came:
    """The daemon has its tokens from files: its environment and arguments, which others may read, hold none."""
    with aviary(folder, DSR_SYNC_LOG__FORMAT="json") as full:
        secrets = folder / "secrets"
        secrets.mkdir()
        settings: dict[str, str] = {}
        for name, value in full.house.box.settings().items():
            if name.endswith("TOKEN"):
                (secrets / name).write_text(value, "utf-8")
                settings |= {name: "", f"{name}_FILE": str(secrets / name)}
        with full.daemon(**settings) as daemon:
            until(lambda: daemon.process.events("tick.finished"), "the first tick", 60)
            full.keep_environment(daemon)
        served = full.reached()
        return Came(full.leaks(), [place for place, reached in served.items() if not reached])


def _sabotaged(call: str, error: str, command: str) -> list[str]:
    return [sys.executable, "-m", "tests.torture.leaks.saboteur", call, error, command]


def _raised_later(full: Aviary, process: Process) -> bool:
    full.house.later(20)
    return any(RAISED in line for line in process.err)


def _sabotage(full: Aviary, said: str) -> Came:
    full.surfaces["broken output"] = said.encode()
    full.keep_files()
    return Came(full.leaks(), [] if RAISED in said else ["the unexpected error"], said)
