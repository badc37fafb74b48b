"""The installed command as a process: run to its end, or started, watched and ended by signals."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from tests.e2e.container import below, targets

from dsr_sandbox.staff import NO_AUTHORITIES

COMMAND = str(Path(sys.executable).parent / "dsr-sync")
PATIENCE = 30.0
"""Seconds after which a test gives up on something that should have happened long before."""


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that has ended: its exit code and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """All that a person at the terminal saw."""
        return self.out + self.err

    def json(self) -> Any:
        """Standard output as the JSON that it must be."""
        return json.loads(self.out)


def run(*arguments: str, env: Mapping[str, str], folder: Path) -> Ran:
    """Run the installed command to its end."""
    done = subprocess.run(
        [COMMAND, *arguments], cwd=folder, env=env, capture_output=True, text=True, timeout=2 * PATIENCE, check=False
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def until(seen: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
    """Look again and again until it is so; an AssertionError that says `what` is missing if it is not in time."""
    deadline, pause = time.monotonic() + seconds, threading.Event()
    while not seen():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        pause.wait(0.03)


@dataclass
class Process:
    """A command that runs, and the lines that it has written so far; `contained` if `unshare` stands before it."""

    popen: "subprocess.Popen[str]"
    contained: bool = False
    out: list[str] = field(default_factory=list)
    err: list[str] = field(default_factory=list)
    _readers: list[threading.Thread] = field(default_factory=list)

    def read(self) -> None:
        """Read both streams, each in a thread of its own."""
        for stream, lines in ((self.popen.stdout, self.out), (self.popen.stderr, self.err)):
            assert stream is not None
            reader = threading.Thread(target=lines.extend, args=(stream,), daemon=True)
            reader.start()
            self._readers.append(reader)

    def events(self, name: str) -> list[dict[str, Any]]:
        """The log lines of this event."""
        lines = [json.loads(line) for line in list(self.err) if line.startswith("{")]
        return [line for line in lines if line["event"] == name]

    def signalled(self, number: int = signal.SIGTERM) -> None:
        """Send a signal to it; in a container to its first process, except for a pause."""
        if not self.contained:
            self.popen.send_signal(number)
            return
        for pid in targets(self.popen.pid, number):
            os.kill(pid, number)

    def pids(self) -> list[int]:
        """The process, or all processes of its container, the first one at the beginning."""
        return below(self.popen.pid) if self.contained else [self.popen.pid]

    def ended(self, seconds: float = PATIENCE) -> int:
        """Wait until it has ended; its exit code."""
        code = self.popen.wait(seconds)
        for reader in self._readers:
            reader.join(seconds)
        return code

    def runs(self) -> bool:
        """Whether it has not ended."""
        return self.popen.poll() is None

    def close(self) -> None:
        """End it however it stands."""
        if self.runs():
            self.popen.kill()
        self.ended()
        for stream in (self.popen.stdout, self.popen.stderr):
            if stream is not None:
                stream.close()


@contextmanager
def started(*arguments: str, env: Mapping[str, str], folder: Path, within: Sequence[str] = ()) -> Iterator[Process]:
    """Start the installed command; killed at the end of the block if it still runs. `within` stands before it."""
    with a_process([COMMAND, *arguments], env=env, folder=folder, within=within) as process:
        yield process


@contextmanager
def a_process(
    command: Sequence[str], *, env: Mapping[str, str], folder: Path, within: Sequence[str] = ()
) -> Iterator[Process]:
    """Start any command; killed at the end of the block if it still runs. `within` makes a container for it."""
    popen = subprocess.Popen(
        [*within, *command],
        cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=bool(within),
    )  # fmt: skip
    process = Process(popen, contained=bool(within))
    try:
        process.read()
        yield process
    finally:
        process.close()


def exported(sandbox: Process) -> dict[str, str]:
    """The settings that `dsr-sync sandbox` prints, as a shell takes them, once it has printed them all."""
    until(lambda: any("Ctrl-C" in line for line in sandbox.out), "the sandbox prints its settings")
    lines = [line.removeprefix("export ").strip() for line in sandbox.out if line.startswith("export ")]
    return dict(line.split("=", 1) for line in lines)


@dataclass
class Daemon:
    """A running `dsr-sync run`."""

    process: Process

    @property
    def url(self) -> str:
        """Where its pages are; "" as long as it has not said so. An AssertionError if it ended instead."""
        said = self.process.events("daemon.started")
        assert said or self.process.runs(), self.process.err
        return f"http://127.0.0.1:{said[0]['port']}" if said else ""

    def page(self, path: str) -> httpx.Response:
        """One of its pages."""
        return httpx.get(self.url + path, timeout=10, verify=NO_AUTHORITIES)

    def state(self) -> str:
        """What /readyz says."""
        return str(self.page("/readyz").json()["state"])

    def stopped(self, seconds: float = 10.0) -> int:
        """Send SIGTERM; the exit code, which must come within the promised time."""
        self.process.signalled()
        return self.process.ended(seconds)
