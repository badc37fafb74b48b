"""A house full of canaries: in every column, every token, every error text."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.e2e.house import House
from tests.e2e.process import Daemon, Ran
from tests.torture.leaks.canaries import (
    AT_A_VENDOR,
    BEHIND_EMAIL,
    EMAIL,
    FOLLOW_UP,
    HIDDEN,
    LETTERS,
    LOCAL,
    LONG,
    NAME,
    NOTE,
    OPTION,
    REASON,
    REFUSED,
    REGULATION,
    RENAMED,
    SHARED,
    SUMMARY,
    UNTOUCHED,
    USER_ID,
    Canary,
    found,
)

from dsr_sandbox import Sandbox
from dsr_sandbox.segment.model import Behaviour, Destination, Order

_ROWS_ON_A_PAGE, _REGULATIONS_ON_A_PAGE = 100, 1_000

LOUD = {"DSR_SYNC_LOG__LEVEL": "debug", "DSR_SYNC_SEGMENT__SETTLE_SECONDS": "2"}


@dataclass
class Aviary:
    """A house, the rows in it, and everything that the product has said and left behind so far."""

    house: House
    rows: dict[str, str] = field(default_factory=dict)
    surfaces: dict[str, bytes] = field(default_factory=dict)

    def fill(self) -> None:
        """Put a canary into every column of rows of every kind, and into what Segment and its destinations say."""
        box = self.house.box
        source = next(iter(box.segment.workspace.sources))
        otherwise = (
            f"user {LETTERS.text.lower()} not found, no contact {LOCAL.core} in list, {AT_A_VENDOR.text} unknown"
        )
        named = f"no user {USER_ID.text} ({EMAIL.text}) here; {SHARED.text} neither; {otherwise}"
        box.segment.workspace.destinations += [
            Destination("Failing", "leakyDestination000001", source, Behaviour.FAIL, named),
            Destination("Refusing", "leakyDestination000002", source, Behaviour.INVALID, named),
        ]
        box.segment.profiles.put(
            [{"external_ids": [{"type": "email", "id": EMAIL.text}, {"type": "user_id", "id": BEHIND_EMAIL.text}]}]
        )
        self.house.redesign("add_option", table="Requests", field="Request type", name=OPTION.text)
        self.house.redesign("add_field", table="Requests", name="Customer name", type="singleLineText")
        self._ask(USER_ID, Status_note=NOTE.text, Receipt_summary=SUMMARY.text, Extension_reason=REASON.text)
        self._ask(SHARED)
        self.rows["again"] = self.house.ask(SHARED.text, Customer_name=NAME.text)
        self._ask(UNTOUCHED, Authenticated=False)
        for each in (EMAIL, HIDDEN, LONG, REFUSED, RENAMED, LETTERS, LOCAL):
            self._ask(each)
        self.rows["odd type"] = self.house.ask(USER_ID.text, Request_type=OPTION.text)
        self.rows["by hand"] = self.house.ask(USER_ID.text, Submitted=True, Regulation_ID=REGULATION.text)

    def fill_pages(self) -> None:
        """Make every list longer than a page: rows, regulations, and the user ids behind an address."""
        box = self.house.box
        for number in range(_ROWS_ON_A_PAGE):
            self.house.ask(f"user-spare-{number}", Authenticated=False)
        for number in range(_REGULATIONS_ON_A_PAGE):
            box.segment.workspace.create(Order("SUPPRESS_ONLY", "USER_ID", (f"user-spare-{number}",)))
        box.segment.limits.profiles_page = 1
        both = [{"type": "user_id", "id": person.text} for person in (BEHIND_EMAIL, SHARED)]
        box.segment.profiles.put([{"external_ids": [{"type": "email", "id": EMAIL.text}, *both]}])

    def _ask(self, person: Canary, **cells: object) -> None:
        named = {"Customer_name": NAME.text, **cells}
        self.rows[person.place] = self.house.ask(person.text, **named)

    def stir(self) -> None:
        """Staff go on working: a row is renamed, a follow-up gets its note, a Retry is ticked."""
        self.house.staff.change(self.rows[RENAMED.place], {"User identifier": NAME.text})
        for receipt in self.house.receipts(self.rows[USER_ID.place]).values():
            changes = {"Follow-up note": FOLLOW_UP.text, "Follow-up": "Done"}
            self.house.staff.change(receipt["id"], changes, "Receipts")
        self.house.staff.change(self.rows[SHARED.place], {"Retry": True})

    def dsr(self, *arguments: str, **changes: str) -> Ran:
        """Run a command, and keep all that it said."""
        ran = self.house.dsr(*arguments, **LOUD, **changes)
        self._keep(" ".join(arguments[:1]) + " output", ran.said.encode())
        self.keep_files()
        return ran

    @contextmanager
    def daemon(self, **changes: str) -> Iterator[Daemon]:
        """The daemon; what it said, its pages and its arguments are kept at the end of the block."""
        with self.house.daemon(**LOUD, **changes) as daemon:
            yield daemon
            if daemon.process.runs():
                self.keep_pages(daemon)
        self._keep("run output", "".join(daemon.process.out + daemon.process.err).encode())
        self.keep_files()

    def keep_pages(self, daemon: Daemon) -> None:
        """What a running daemon shows to others: its pages, its arguments, and its files as they are just now."""
        for page in ("/metrics", "/healthz", "/readyz", "/nowhere"):
            self._keep(page, daemon.page(page).content)
        self._keep("arguments", Path(f"/proc/{daemon.process.popen.pid}/cmdline").read_bytes())
        self.keep_files()

    def keep_environment(self, daemon: Daemon) -> None:
        """The environment that a running daemon was started with; it holds no token only where files do."""
        self._keep("environment", Path(f"/proc/{daemon.process.popen.pid}/environ").read_bytes())

    def look(self) -> None:
        """Every command that only looks."""
        self.dsr("status")
        self.dsr("plan", "--json")
        self.dsr("check")
        self.dsr("setup-base", "--dry-run")
        for record_id in (self.rows[USER_ID.place], self.rows["by hand"]):
            self.dsr("explain", record_id)

    def keep_files(self) -> None:
        """Every byte of every file in the ledger's folder: the database, its -wal and -shm, the key, the lock."""
        for path in self.house.folder.iterdir():
            if path.is_file():
                self._keep(f"file {path.name}", path.read_bytes())

    def leaks(self) -> list[str]:
        """Where a canary or a token was found that must not be there."""
        return sorted(set(found(self.surfaces, tokens(self.house.box))))

    def reached(self) -> dict[str, bool]:
        """Whether the canaries went where they may go: to Segment in bodies, and into Airtable's cells."""
        bodies = repr([entry.body for entry in self.house.box.journal.entries("segment", method="POST")])
        cells = repr([self.house.staff.rows(), self.house.staff.rows("Receipts")])
        return {"segment": USER_ID.text in bodies, "airtable": USER_ID.text in cells}

    def _keep(self, surface: str, content: bytes) -> None:
        self.surfaces[surface] = self.surfaces.get(surface, b"") + b"\n" + content


def tokens(box: Sandbox) -> tuple[Canary, ...]:
    """The three tokens, which are canaries as they are."""
    named: dict[str, Any] = {
        "Airtable's token": box.airtable_token,
        "Segment's token": box.segment_token,
        "the Profile token": box.profiles_token,
    }
    return tuple(Canary(place, token, token) for place, token in named.items())
