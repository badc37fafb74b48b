"""A small world to break things in: a sandbox, staff at its base, a ledger, and time that the test moves."""

import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send
from tests.torture.checker import Told, Violation, WatchedStaff, check, history_of
from tests.torture.kills.bill import Bill, bill_of
from tests.torture.kills.crashing import Crash
from tests.torture.kills.forge import Forge, Order

from dsr_sandbox import Sandbox
from dsr_sandbox.segment.model import Pace
from dsr_sync.adapters.ledger import Place, open_reader
from dsr_sync.core.model import Identifier
from dsr_sync.core.policy import Policy

COMMAND = str(Path(sys.executable).parent / "dsr-sync")
SETTLE = 900.0
"""Seconds: the product's default."""

LATER = 500.0
"""Seconds between two ticks of the healing: more than a third of the settle time, so that each proves something."""

_DAY = 25 * 3600.0
_ROUNDS = 12
_PATIENCE = 60
_LAST_WORDS = 8
"""Lines of the product's that show why a tick went wrong."""

_UNENDED = frozenset({"", "On hold", "Submitted", "In progress"})

Settings = tuple[tuple[str, str], ...]
"""Environment variables of the product, by name."""

SETTINGS = {
    "DSR_SYNC_SAFETY__COOLING_OFF_MINUTES": "0",
    "DSR_SYNC_SAFETY__MAX_SUBMISSIONS_PER_HOUR": "10000",
    "DSR_SYNC_SCHEDULE__FOLLOW_SECONDS": "0",
    "DSR_SYNC_SEGMENT__SETTLE_SECONDS": str(SETTLE),
    "DSR_SYNC_AIRTABLE__REQUESTS_PER_SECOND": "5",
    "DSR_SYNC_HTTP__PORT": "0",
    "DSR_SYNC_LOG__LEVEL": "debug",
    "PYTHONHASHSEED": "0",
}


@dataclass
class Stage:
    """One world. `settings` are environment variables of the product; `ahead` is how far its clock was moved."""

    box: Sandbox
    folder: Path
    forge: Forge
    settings: dict[str, str] = field(default_factory=dict)
    ahead: float = 0.0
    undurable: int = 0
    """How many creations reached Segment without an intent in the ledger."""
    refusing: bool = False
    """Whether Segment may have refused what was sent."""
    by_hand: set[str] = field(default_factory=set)
    """Regulations that somebody made at Segment's own page."""
    leads_to: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The user ids behind the e-mail addresses that rows name."""
    watched: bool = True
    """Whether that is looked at; not where an effect may land long after its intent was settled."""

    def __post_init__(self) -> None:
        """Staff come in; nobody has asked for anything yet."""
        self.staff = WatchedStaff(self.box)
        self.people: list[str] = []

    @property
    def ledger(self) -> Path:
        """The ledger's file."""
        return self.folder / "ledger.db"

    @property
    def url(self) -> str:
        """The ledger's URL."""
        return f"sqlite:///{self.ledger}"

    @property
    def log(self) -> Path:
        """All that the product wrote to its standard streams."""
        return self.folder / "log"

    def said(self, lines: int) -> tuple[str, ...]:
        """The last lines that the product wrote."""
        return tuple(self.log.read_text("utf-8").splitlines()[-lines:])

    def environ(self) -> dict[str, str]:
        """The whole environment of the product."""
        pointed = {name: value for name, value in self.box.settings().items() if "PROFILES" not in name}
        return pointed | SETTINGS | {"DSR_SYNC_LEDGER__URL": self.url, "PATH": "/usr/bin:/bin"} | self.settings

    def ask(self, who: str, **cells: object) -> str:
        """Staff add an authenticated row for a person of this name; its record id."""
        identifier = f"person-{who}-of-{id(self):x}"
        self.people.append(identifier)
        named = {name.replace("_", " "): value for name, value in cells.items()}
        record_id: str = self.staff.add({"User identifier": identifier, "Authenticated": True, **named})
        return record_id

    def later(self, seconds: float) -> None:
        """Let time pass, for the services and for the product."""
        self.box.clock.advance(seconds)
        self.ahead += seconds

    def once(self, crash: Crash | None = None) -> int:
        """One tick, in a child of the forge; its exit code."""
        return self.forge.run(Order(("once",), self.environ(), self.ahead, (), str(self.log), crash))

    def victim(self, tracer: tuple[str, ...], *, installed: bool) -> int:
        """One tick by the real clock, held by a tracer; its exit code, or minus the signal that killed it.

        `installed`: of the installed command, from its start; else of a child of the forge, from after the imports.
        """
        if not installed:
            return self.forge.run(Order(("once",), self.environ(), None, tracer, str(self.log)))
        with self.log.open("a") as log:
            done = subprocess.run(
                [*tracer, COMMAND, "once"],
                env=self.environ(),
                stdout=log,
                stderr=log,
                timeout=_PATIENCE,
                check=False,
            )
        return done.returncode

    def heal(self, step: float = LATER) -> None:
        """Let the product work until nothing changes any more, one tick every `step` seconds."""
        for _ in range(_ROUNDS):
            self.later(step)
            before = self.writes()
            if self.once() == 0 and self.writes() == before and not self.unended():
                return

    def writes(self) -> int:
        """How many calls of the product asked a service for a change."""
        entries = self.box.journal.entries()
        return sum(entry.service != "page" and entry.method != "GET" for entry in entries)

    def unended(self) -> list[str]:
        """The rows about which something will still happen by itself."""
        return [
            record_id
            for record_id, cells in self.staff.rows().items()
            if cells.get("Authenticated") and cells.get("Status", "") in _UNENDED
        ]

    def judge(self) -> Bill:
        """Let a day pass with all that is done daily, and name everything that was broken."""
        settled_at = self.box.clock.now() + timedelta(seconds=1)
        self.later(_DAY)
        code = self.once()
        policy = Policy(settle=timedelta(seconds=float(self.environ()["DSR_SYNC_SEGMENT__SETTLE_SECONDS"])))
        told = Told(
            policy=policy,
            paces=None,
            settled_at=settled_at,
            refused=frozenset(self.people if self.refusing else ()),
            foreign=frozenset(self.by_hand),
            leads_to=self.leads_to,
        )
        broken = check(history_of(self.box, self.url, staff=self.staff, told=told))
        broken += [Violation(3, f"the last tick ended with {code}", self.said(_LAST_WORDS))] if code else []
        broken += [Violation(2, "a regulation was asked for without an intent in the ledger")] * self.undurable
        broken += self._sound()
        return bill_of(broken, self._leaked())

    def _sound(self) -> list[Violation]:
        with closing(sqlite3.connect(f"file:{self.ledger}?mode=ro", uri=True)) as connection:
            said = connection.execute("PRAGMA integrity_check").fetchall()
        return [] if said == [("ok",)] else [Violation(0, "SQLite finds the file damaged")]

    def _leaked(self) -> int:
        """How often a person's identifier or a token is in what the product left behind."""
        secrets = [*self.people, self.box.airtable_token, self.box.segment_token]
        left = [path.read_bytes() for path in self.folder.rglob("*") if path.is_file()]
        return sum(content.count(secret.encode()) for content in left for secret in set(secrets))


class _Witness:
    """Before a creation has its effect at Segment: does the ledger hold an intent for just these persons?"""

    def __init__(self, inner: ASGIApp, stage: Stage) -> None:
        self._inner, self._stage = inner, stage

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if self._stage.watched and scope["method"] == "POST" and scope["path"].endswith("/regulations"):
            latest = self._stage.box.journal.entries("segment", method="POST")[-1]
            self._stage.undurable += not _intended(self._stage.url, latest.body["subjectIds"])
        await self._inner(scope, receive, send)


def _intended(url: str, subjects: list[str]) -> bool:
    with closing(open_reader(Place(url))) as ledger:
        wanted = {ledger.key_of(Identifier(subject)) for subject in subjects}
        return any(wanted <= unsettled.subject_keys for unsettled in ledger.unsettled())


@contextmanager
def stage(forge: Forge, settings: Settings = (), *, at_once: bool = False) -> Iterator[Stage]:
    """A new world. `at_once`: Segment is done with everything immediately, so that one tick sees a whole life."""
    with tempfile.TemporaryDirectory(prefix="kills-") as folder:
        box = Sandbox(seed=1)
        box.airtable.limits.enforced = False
        if at_once:
            box.segment.workspace.pace = Pace(0, 0)
        world = Stage(box, Path(folder), forge, dict(settings))
        box.segment.app = _Witness(box.segment.app, world)  # type: ignore[assignment] # an ASGI application too
        with box:
            yield world


def three_requests(world: Stage) -> None:
    """A deletion that two destinations take part in, a suppression, and a second row of the first person."""
    world.ask("first")
    world.ask("second", Request_type="Suppress")
    world.ask("first")
