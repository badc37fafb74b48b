"""A process that has imported the product and forks a child for each command: a tick costs a tenth of a second.

The child is the product's own command line with two things changed, both from outside: its clock runs ahead by as much
as the test says, and waiting takes no time, so that the settle time of 15 minutes passes at once. Where a real process
matters (the victim of a kill), the installed command is started instead.
"""

import ctypes
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from tests.torture.kills import crashing

import dsr_sync.bootstrap as _rooms  # noqa: F401 - imported before the fork, which is what this is for
from dsr_sync.adapters.clock import SystemClock
from dsr_sync.cli.app import app

ROOT = Path(__file__).resolve().parents[3]

_PR_SET_PTRACER = 0x59616D61
_TRACED = re.compile(r"^TracerPid:\t[1-9]", re.MULTILINE)
_GO = signal.SIGUSR1
_HOLD_SECONDS = 0.01
"""How long a tracer takes from showing up to having stopped the process once, generously."""

_PATIENCE = 60
"""Seconds after which a child that does not end is ended: nothing here takes that long."""


@dataclass(frozen=True, slots=True)
class Order:
    """One command to run; what it writes is added to `log`.

    `ahead` is by how many seconds its clock is ahead; None leaves it the machine's clock, and its waiting. `tracer` is
    a command that is to hold it from its first instruction, such as strace; it is given `-p` and the process's number.
    """

    arguments: tuple[str, ...]
    environ: Mapping[str, str] = field(repr=False)
    ahead: float | None = 0.0
    tracer: tuple[str, ...] = ()
    log: str = os.devnull
    crash: crashing.Crash | None = None


class Forge:
    """The forking process, seen from the test. One command at a time."""

    def __enter__(self) -> Self:
        """Start it; it is ready when the first command has been run."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.torture.kills.forge"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Let it end: it does when nobody asks for more."""
        self._pipe(self._process.stdin).close()
        self._process.wait(_PATIENCE)
        self._pipe(self._process.stdout).close()

    def run(self, order: Order) -> int:
        """Run a command to its end; its exit code, or minus the signal that killed it."""
        asked, answered = self._pipe(self._process.stdin), self._pipe(self._process.stdout)
        asked.write(json.dumps(asdict(order)) + "\n")
        asked.flush()
        with _held(int(answered.readline()), order.tracer):
            return int(answered.readline())

    @staticmethod
    def _pipe(pipe: IO[str] | None) -> IO[str]:
        assert pipe is not None
        return pipe


@contextmanager
def _held(child: int, tracer: tuple[str, ...]) -> Iterator[None]:
    """Let the tracer take hold of a child that waits for that, and let the child go on. Raises RuntimeError."""
    if not tracer:
        yield
        return
    with subprocess.Popen([*tracer, "-p", str(child)]) as holding:
        deadline, pause = time.monotonic() + _PATIENCE, threading.Event()
        while not _TRACED.search(Path(f"/proc/{child}/status").read_text("ascii")):
            if holding.poll() is not None or time.monotonic() > deadline:
                os.kill(child, signal.SIGKILL)
                raise RuntimeError(f"{tracer[0]} could not take hold of a process")
            pause.wait(0.002)
        pause.wait(_HOLD_SECONDS)
        os.kill(child, _GO)
        late = threading.Timer(_PATIENCE, os.kill, (child, signal.SIGKILL))  # a stopped process hears no alarm
        late.start()
        yield
        late.cancel()


class HastyClock(SystemClock):
    """The machine's clock, so many seconds ahead, on which waiting takes no time."""

    ahead = 0.0

    def __init__(self, stop: threading.Event) -> None:
        super().__init__(stop)
        self._waited = 0.0

    def now(self) -> datetime:
        """The wall clock of the time that the test is in."""
        return super().now() + timedelta(seconds=self.ahead + self._waited)

    def monotonic(self) -> float:
        """Seconds that never go back, what was not waited for included."""
        return super().monotonic() + self._waited

    def wait(self, seconds: float) -> bool:
        """Have waited."""
        self._waited += seconds
        return super().wait(0)


def _obey(order: dict[str, Any]) -> int:
    """Run one command in this process, a child that nobody else is in; its exit code."""
    signal.alarm(_PATIENCE)
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (1, 2):
        os.dup2(log, stream)
    os.environ.clear()
    os.environ.update(order["environ"])
    if order["ahead"] is not None:
        HastyClock.ahead = order["ahead"]
        import_module("dsr_sync.bootstrap.pipeline").SystemClock = HastyClock  # type: ignore[attr-defined] # test's time
    if order["tracer"]:
        # Where only ancestors may trace (Yama, kernel documentation), a process can let anybody do it.
        ctypes.CDLL(None).prctl(_PR_SET_PTRACER, ctypes.c_ulong(-1))
        signal.sigwait({_GO})
    if order["crash"]:
        crashing.arm(crashing.Crash(**order["crash"]))
    try:
        app(order["arguments"], prog_name="dsr-sync")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 1
    return 0


def _child(order: dict[str, Any]) -> None:
    code = 70
    with suppress(BaseException):
        code = _obey(order)
    with suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def main() -> None:
    """Fork one child per line of standard input, and answer each with its number and its exit code."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {_GO})  # before any child can be sent it
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _child(json.loads(line))
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
