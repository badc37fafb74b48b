"""One base, one workspace and one ledger of their own, and the installed command that works on them over HTTP."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.e2e.nursery import nursery
from tests.e2e.process import PATIENCE, Daemon, Process, Ran, started, until

from dsr_sandbox import Sandbox
from dsr_sandbox.journal import Entry
from dsr_sandbox.staff import Staff

HASTE = {
    "DSR_SYNC_SAFETY__COOLING_OFF_MINUTES": "0",
    "DSR_SYNC_SCHEDULE__FOLLOW_SECONDS": "0",
    "DSR_SYNC_SCHEDULE__POLL_SECONDS": "0.3",
    "DSR_SYNC_SEGMENT__SETTLE_SECONDS": "0",
    "DSR_SYNC_HTTP__PORT": "0",
}
"""What takes minutes in life takes no time here."""


def bare_environment() -> dict[str, str]:
    """The environment of the tests without any setting of the product."""
    return {name: value for name, value in os.environ.items() if not name.startswith("DSR_SYNC_")}


@dataclass
class House:
    """A sandbox, the people at its base, and a folder with the ledger. `settings` are environment variables.

    `within` stands before each command that is started, such as what makes a container for it.
    """

    box: Sandbox
    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    within: Sequence[str] = ()

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
        return bare_environment() | self.box.settings() | url | HASTE | self.settings | (changes or {})

    def dsr(self, *arguments: str, **changes: str) -> Ran:
        """Run the command to its end; `changes` are environment variables."""
        return Ran(*nursery().run(arguments, self.env(changes), self.folder, 2 * PATIENCE))

    def once(self, **changes: str) -> Ran:
        """One tick that must go well."""
        ran = self.dsr("once", **changes)
        assert ran.code == 0, ran.said
        return ran

    @contextmanager
    def started(self, *arguments: str, **changes: str) -> Iterator[Process]:
        """A command that runs; killed at the end of the block if it still does."""
        with started(*arguments, env=self.env(changes), folder=self.folder, within=self.within) as process:
            yield process

    @contextmanager
    def daemon(self, **changes: str) -> Iterator[Daemon]:
        """The daemon, from when its pages answer; if it still runs at the end, SIGTERM must end it with exit 0."""
        with self.started("run", **changes) as process:
            daemon = Daemon(process)
            until(lambda: daemon.url, "the daemon says that it has started")
            yield daemon
            if process.runs():
                assert daemon.stopped() == 0, process.err

    def lose_ledger(self) -> None:
        """Delete the ledger, its key, and whatever else lies beside it."""
        for path in self.folder.glob(f"{self.ledger.name}*"):
            path.unlink()

    def ask(self, identifier: str, **cells: object) -> str:
        """Staff add an authenticated row; its record id. Other columns by their names, with `_` for a space."""
        named = {name.replace("_", " "): value for name, value in cells.items()}
        return self.staff.add({"User identifier": identifier, "Authenticated": True, **named})

    def row(self, record_id: str) -> dict[str, Any]:
        """The cells of a request as they are now."""
        return self.staff.rows()[record_id]

    def status(self, record_id: str) -> str:
        """What the column Status says, "" if nothing."""
        return str(self.row(record_id).get("Status", ""))

    def note(self, record_id: str) -> str:
        """What the column Status note says, "" if nothing."""
        return str(self.row(record_id).get("Status note", ""))

    def receipts(self, record_id: str) -> dict[str, dict[str, Any]]:
        """The receipts of a request, by destination, each with its record id as `id`."""
        found = self.staff.rows("Receipts").items()
        return {
            cells["Destination"]: {"id": key, **cells} for key, cells in found if cells.get("Request") == [record_id]
        }

    def later(self, seconds: float = 60.0) -> None:
        """Let time pass at Segment, so that what it works on ends; the product's own clock goes on as it does."""
        self.box.clock.advance(seconds)

    def a_day_later(self) -> None:
        """Let the next tick read both tables in full, as it does once a day."""
        with closing(sqlite3.connect(self.ledger)) as connection:
            connection.execute("UPDATE marks SET at = 0 WHERE name IN ('sweep', 'receipts')")
            connection.commit()

    def story(self, record_id: str) -> str:
        """What `explain` tells of a row."""
        ran = self.dsr("explain", record_id)
        assert ran.code == 0, ran.said
        return ran.out

    def posts(self) -> list[Entry]:
        """Every call that asked Segment for a regulation, whether it was heard or not."""
        return self.box.journal.entries("segment", method="POST")

    def writes(self) -> list[Entry]:
        """Every call of the product that changes something, anywhere."""
        return [entry for entry in self.box.journal.entries() if entry.service != "page" and entry.method != "GET"]

    def written(self, record_id: str) -> list[dict[str, Any]]:
        """The cells of each write to a row, by column name, in order."""
        names = self._names()
        calls = [entry for entry in self.writes() if entry.service == "airtable" and "records" in entry.body]
        records = [record for entry in calls for record in entry.body["records"] if record.get("id") == record_id]
        return [{names[key]: value for key, value in record["fields"].items()} for record in records]

    def calls(self, service: str, since: int = 0) -> list[str]:
        """The product's calls of a service, as `GET /path`, after entry `since` of the journal."""
        return [f"{entry.method} {entry.path}" for entry in self.box.journal.entries(service, since)]

    def regulations(self, identifier: str) -> list[str]:
        """The types of all regulations about a person, in the order of their creation."""
        made = self.box.segment.workspace.regulations()
        return [regulation.order.type for regulation in made if identifier in regulation.order.subjects]

    def redesign(self, op: str, **change: object) -> None:
        """Staff change the base's design."""
        self.box.airtable.redesign(self.box.base_id, {"op": op, **change})

    def _names(self) -> dict[str, str]:
        tables = self.box.airtable.snapshot()["bases"][self.box.base_id]["tables"]
        return {column["id"]: column["name"] for table in tables for column in table["fields"]}
