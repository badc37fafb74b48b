"""One base, one workspace and one ledger of their own, and the installed command that works on them over HTTP."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dsr_sandbox import Sandbox
from dsr_sandbox.journal import Entry
from dsr_sandbox.staff import Staff

COMMAND = str(Path(sys.executable).parent / "dsr-sync")
PATIENCE = 30.0
"""Seconds after which a test gives up on something that should have happened long before."""

HASTE = {
    "DSR_SYNC_SAFETY__COOLING_OFF_MINUTES": "0",
    "DSR_SYNC_SCHEDULE__FOLLOW_SECONDS": "0",
    "DSR_SYNC_SCHEDULE__POLL_SECONDS": "0.3",
    "DSR_SYNC_SEGMENT__SETTLE_SECONDS": "0",
    "DSR_SYNC_HTTP__PORT": "0",
}
"""What takes minutes in life takes no time here."""


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


def until(seen: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
    """Look again and again until it is so; an AssertionError naming `what` if it is not in time."""
    deadline, pause = time.monotonic() + seconds, threading.Event()
    while not seen():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        pause.wait(0.03)


@dataclass
class Process:
    """A command that runs, and the lines that it has written so far."""

    popen: "subprocess.Popen[str]"
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
        """Send a signal to it."""
        self.popen.send_signal(number)

    def ended(self, seconds: float = PATIENCE) -> int:
        """Wait until it has ended; its exit code."""
        code = self.popen.wait(seconds)
        for reader in self._readers:
            reader.join(seconds)
        return code

    def running(self) -> bool:
        """Whether it has not ended."""
        return self.popen.poll() is None

    def close(self) -> None:
        """End it however it stands."""
        if self.running():
            self.popen.kill()
        self.ended()
        for stream in (self.popen.stdout, self.popen.stderr):
            if stream is not None:
                stream.close()


@contextmanager
def started(*arguments: str, env: dict[str, str], folder: Path) -> Iterator[Process]:
    """Start the installed command; killed at the end of the block if it still runs."""
    popen = subprocess.Popen(
        [COMMAND, *arguments], cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    process = Process(popen)
    try:
        process.read()
        yield process
    finally:
        process.close()


def bare_environment() -> dict[str, str]:
    """The environment of the tests without any setting of the product."""
    return {name: value for name, value in os.environ.items() if not name.startswith("DSR_SYNC_")}


@dataclass
class House:
    """A sandbox, the people at its base, a folder with the ledger, and the settings that name them all."""

    box: Sandbox
    folder: Path
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def staff(self) -> Staff:
        """The people at the base."""
        return Staff(self.box)

    @property
    def ledger(self) -> Path:
        """The ledger's file."""
        return self.folder / "ledger.db"

    def env(self, changes: dict[str, str] | None = None) -> dict[str, str]:
        """The whole environment of a command; an empty text in `changes` is as good as unset."""
        url = {"DSR_SYNC_LEDGER__URL": f"sqlite:///{self.ledger}"}
        return bare_environment() | self.box.settings() | url | HASTE | self.extra | (changes or {})

    def dsr(self, *arguments: str, changes: dict[str, str] | None = None) -> Ran:
        """Run the installed command to its end."""
        done = subprocess.run(
            [COMMAND, *arguments],
            cwd=self.folder, env=self.env(changes), capture_output=True, text=True, timeout=2 * PATIENCE, check=False,
        )  # fmt: skip
        return Ran(done.returncode, done.stdout, done.stderr)

    def once(self, **settings: str) -> Ran:
        """One tick that must go well. Settings are the ends of their names in upper case, such as `POLL_SECONDS`."""
        ran = self.dsr("once", changes=settings)
        assert ran.code == 0, ran.said
        return ran

    def lose_ledger(self) -> None:
        """Delete the ledger, its key, and whatever else lies beside it."""
        for path in self.folder.glob(f"{self.ledger.name}*"):
            path.unlink()

    def ask(self, identifier: str, **cells: object) -> str:
        """Staff add an authenticated row; its record id. Other columns by their names with `_` for a space."""
        named = {name.replace("_", " "): value for name, value in cells.items()}
        return self.staff.add({"User identifier": identifier, "Authenticated": True, **named})

    def row(self, record_id: str) -> dict[str, Any]:
        """The cells of a request as they are now."""
        return self.staff.rows()[record_id]

    def status(self, record_id: str) -> str:
        """What the column Status says, "" if nothing."""
        return str(self.row(record_id).get("Status", ""))

    def receipts(self, record_id: str) -> dict[str, dict[str, Any]]:
        """The receipts of a request, by destination."""
        found = self.staff.rows("Receipts").items()
        return {cells["Destination"]: {"id": key, **cells} for key, cells in found if cells["Request"] == [record_id]}

    def posts(self) -> list[Entry]:
        """Every call that asked Segment for a regulation, whether it was heard or not."""
        return self.box.journal.entries("segment", method="POST")

    def writes(self) -> list[Entry]:
        """Every call of the product that changes something, anywhere."""
        return [entry for entry in self.box.journal.entries() if entry.service != "page" and entry.method != "GET"]

    def written(self, record_id: str) -> list[dict[str, Any]]:
        """The cells of each write to a row, by column id, in order."""
        records = [record for entry in self.writes() if entry.service == "airtable" for record in entry.body["records"]]
        return [record["fields"] for record in records if record.get("id") == record_id]

    def column(self, name: str, table: str = "Requests") -> str:
        """The id of a column."""
        tables = self.box.airtable.snapshot()["bases"][self.box.base_id]["tables"]
        fields = next(shown["fields"] for shown in tables if shown["name"] == table)
        return str(next(shown["id"] for shown in fields if shown["name"] == name))

    def redesign(self, op: str, **change: object) -> None:
        """Staff change the base's design."""
        self.box.airtable.redesign(self.box.base_id, {"op": op, **change})

    def regulations(self, identifier: str) -> list[str]:
        """The types of all regulations about a person, in the order of their creation."""
        made = self.box.segment.workspace.regulations()
        return [regulation.order.type for regulation in made if identifier in regulation.order.subjects]

    @contextmanager
    def running(self, **settings: str) -> Iterator["Daemon"]:
        """The daemon, once its pages answer; ended by SIGTERM at the end of the block, with exit 0 in time."""
        with self.started("run", **settings) as process:
            daemon = Daemon(process)
            until(daemon.answers, "the daemon's pages answer")
            yield daemon
            if process.running():
                process.signalled()
                assert process.ended(10) == 0, process.err

    @contextmanager
    def started(self, *arguments: str, **settings: str) -> Iterator[Process]:
        """A command that runs; killed at the end of the block if it still does."""
        with started(*arguments, env=self.env(settings), folder=self.folder) as process:
            yield process


@dataclass
class Daemon:
    """A running `dsr-sync run`."""

    process: Process

    @property
    def port(self) -> int:
        """Where its pages are; 0 as long as it has not said so."""
        said = self.process.events("daemon.started")
        return int(said[0]["port"]) if said else 0

    def answers(self) -> bool:
        """Whether it serves its pages; an AssertionError if it ended instead."""
        assert self.process.running(), self.process.err
        return self.port != 0

    def page(self, path: str) -> tuple[int, str]:
        """Status and text of one of its pages."""
        from urllib.error import HTTPError
        from urllib.request import urlopen

        with suppress(HTTPError), urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
        return 0, ""
