"""Several replicas of the installed daemon on one PostgreSQL ledger, one base and one workspace."""

import itertools
import signal
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql
from tests.e2e.house import House
from tests.e2e.process import PATIENCE, until
from tests.torture.checker import Told, Violation, WatchedStaff, check, history_of
from tests.torture.replicas.replica import Replica, Term

from dsr_sandbox import Sandbox
from dsr_sandbox.journal import Entry
from dsr_sandbox.segment.model import Pace
from dsr_sync.core.policy import Policy

TTL = 2.0
"""Seconds that a lease lasts here; the shortest that the settings allow."""

SETTLE = 2.0
KEY = "the key of the fleet, long enough for all"

_SETTINGS = {
    "DSR_SYNC_LEDGER__KEY": KEY,
    "DSR_SYNC_LEDGER__LEASE_SECONDS": str(TTL),
    "DSR_SYNC_LOG__LEVEL": "debug",
    "DSR_SYNC_SAFETY__MAX_SUBMISSIONS_PER_HOUR": "100000",
    "DSR_SYNC_SEGMENT__SETTLE_SECONDS": str(SETTLE),
    # One creation a second: so long does an intent wait for its turn, and so wide is the window before its POST.
    "DSR_SYNC_SEGMENT__REQUESTS_PER_MINUTE": "60",
    "DSR_SYNC_SCHEDULE__POLL_SECONDS": "0.4",
}


@dataclass
class Fleet:
    """The replicas of one test, the dead ones too, and the staff who give them work."""

    house: House
    url: str
    staff: WatchedStaff
    stack: ExitStack
    replicas: list[Replica] = field(default_factory=list)
    size: int = 0
    """How many replicas are to live."""
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def start(self, **changes: str) -> Replica:
        """Start another replica; it has tokens of its own."""
        number = len(self.replicas) + 1
        airtable, segment = _tokens(f"{number:04d}")
        box = self.house.box
        box.airtable.tokens[airtable] = box.airtable.tokens[box.airtable_token]
        box.segment.tokens[segment] = box.segment.tokens[box.segment_token]
        own = {
            "DSR_SYNC_AIRTABLE__TOKEN": airtable,
            "DSR_SYNC_SEGMENT__TOKEN": segment,
            "PGAPPNAME": f"replica{number}",
        }
        daemon = self.stack.enter_context(self.house.daemon(**own, **changes))
        self.replicas.append(Replica(daemon, f"{number:04d}"))
        return self.replicas[-1]

    def grow(self, to: int) -> None:
        """Start replicas until so many live; returns when each leads or stands by."""
        self.size = to
        self.ready()

    def ready(self) -> None:
        """Wait until one leads and the others stand by."""

        def settled() -> bool:
            states = sorted(replica.state() for replica in self.living())
            return states == ["ready", *["standing by"] * (len(states) - 1)]

        self.wait(settled, "one leads, the others stand by", 60)

    def wait(self, seen: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
        """Wait until it is so, and start another replica where one has ended, as whoever runs them does.

        A machine that is busy enough keeps a replica from renewing its lease in time, and then its timer ends it.
        """

        def looked() -> object:
            while len(self.living()) < self.size:
                self.start()
            return seen()

        until(looked, what, seconds)

    def living(self) -> list[Replica]:
        """The replicas that have not ended."""
        return [replica for replica in self.replicas if replica.alive]

    def terms(self) -> list[Term]:
        """Every term of every replica, in the order of their numbers."""
        return sorted((term for replica in self.replicas for term in replica.terms()), key=lambda term: term.epoch)

    def leader(self) -> Replica:
        """The replica of the latest term."""
        latest = self.terms()[-1].replica
        return next(replica for replica in self.replicas if replica.mark == latest)

    def leader_since(self) -> datetime:
        """When the latest term began."""
        return self.terms()[-1].since

    @contextmanager
    def without_database(self) -> Iterator[None]:
        """While the block runs, nobody can reach the ledger."""
        server, name = self.url.replace(f"/{self._name}?", "/postgres?"), self._name
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false".encode())
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
            try:
                yield
            finally:
                connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true".encode())

    @property
    def _name(self) -> str:
        return urlsplit(self.url).path.removeprefix("/")

    def ask(self, people: int) -> list[str]:
        """Staff add authenticated rows for so many new people; their identifiers."""
        names = [f"person-{next(self._numbers)}" for _ in range(people)]
        for name in names:
            self.staff.add({"User identifier": name, "Authenticated": True})
        return names

    def wait_served(self, names: Sequence[str], seconds: float = 60.0) -> None:
        """Wait until the rows of all these people say that it is done."""

        def served() -> bool:
            rows = {cells["User identifier"]: cells.get("Status") for cells in self.staff.rows().values()}
            return all(rows[name] == "Completed" for name in names)

        self.wait(served, "all requests completed", seconds)

    def owed(self) -> int:
        """How many rows do not say yet what the ledger says."""
        with psycopg.connect(self.url) as connection:
            found = connection.execute("SELECT count(*) FROM requests WHERE changed_at IS NOT NULL").fetchone()
        return int(found[0]) if found else 0

    def posts(self, names: Collection[str]) -> list[Entry]:
        """Every creation for one of these people that reached Segment."""
        return [entry for entry in self.house.posts() if not set(names).isdisjoint(entry.body["subjectIds"])]

    def cut_off(self, replica: Replica) -> int:
        """End the replica's connections to the ledger, as an operator or a failing server does; how many."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            found = connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s",
                (f"replica{int(replica.mark)}",),
            )
            return len(found.fetchall())

    def calls_of(self, replica: Replica, since: datetime) -> list[Entry]:
        """What a replica has asked of either service since then."""
        entries = self.house.box.journal.entries()
        return [one for one in entries if one.at >= since and one.headers["authorization"].endswith(replica.mark)]

    def two_at_once(self) -> list[str]:
        """Terms that began while another replica still trusted in an earlier one."""
        return [
            f"term {later.epoch} began while term {earlier.epoch} was trusted"
            for earlier, later in itertools.pairwise(self.terms())
            if later.since < earlier.until or later.epoch == earlier.epoch
        ]

    def fallen(self) -> list[str]:
        """The replicas that have ended by an error of their own: not when told to, killed, or by their timer."""
        codes = {each.mark: each.daemon.process.ended() for each in self.replicas if not each.alive}
        killed = (-signal.SIGKILL, 128 + signal.SIGKILL, -signal.SIGALRM, 128 + signal.SIGALRM)
        return [f"replica {mark} has ended with {code}" for mark, code in codes.items() if code not in (0, *killed)]

    def leaked(self) -> list[Violation]:
        """Identifiers and tokens in any column of the database, or in any log line of a replica."""
        secrets = {cells["User identifier"] for cells in self.staff.rows().values()}
        secrets |= {token for each in self.replicas for token in _tokens(each.mark)}
        said = [line for replica in self.replicas for line in replica.daemon.process.err]
        found = sorted(secret for text in [*self._contents(), *said] for secret in secrets if secret in text)
        return [Violation(7, f"{len(found)} times an identifier or a token where it must not be")] if found else []

    def _contents(self) -> Iterator[str]:
        """Every row of every table, as PostgreSQL writes it down."""
        with psycopg.connect(self.url) as connection:
            tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            for (table,) in tables:
                for (text,) in connection.execute(sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(table))):
                    yield str(text)

    def judged(self) -> list[Violation]:
        """What the checker of the promises says. All must have been served."""
        policy = Policy(
            cooling_off=timedelta(0),
            max_submissions_per_hour=100_000,
            settle=timedelta(seconds=SETTLE),
            follow=timedelta(0),
        )
        told = Told(policy=policy, ledger_key=KEY)
        return check(history_of(self.house.box, self.url, staff=self.staff, told=told))


def _tokens(mark: str) -> tuple[str, str]:
    """The tokens of a replica, for Airtable and for Segment; both end with its mark."""
    return f"patReplica.{mark}", f"sgp_replica_{mark}"


@contextmanager
def fleet(url: str, folder: Path, replicas: int = 2, within: Sequence[str] = ()) -> Iterator[Fleet]:
    """So many replicas on the empty database at `url`, one of them leading; all ended at the end.

    `within` stands before the command of each, such as what makes a container for it.
    """
    with Sandbox() as box, ExitStack() as stack:
        box.segment.workspace.pace = Pace(running_after=0.2, finished_after=0.5)
        house = House(box, folder, _SETTINGS | {"DSR_SYNC_LEDGER__URL": url}, within)
        made = Fleet(house, url, WatchedStaff(box), stack)
        made.grow(replicas)
        yield made
