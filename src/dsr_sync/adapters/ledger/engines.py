"""Connections to the two databases, set up so that what is committed is on the disk."""

import os
import sqlite3
from pathlib import Path

from sqlalchemy import Connection, Engine, QueuePool, StaticPool, create_engine, event
from sqlalchemy.engine import URL

from dsr_sync.ports import LedgerUnusable

_BUSY_SECONDS = 5.0
"""How long SQLite waits for another connection's lock before it says that it is busy."""

_CONNECT_SECONDS = 10

_ON_POSTGRES = (
    "SET LOCAL synchronous_commit = on",
    "SET LOCAL lock_timeout = '5s'",
    # A stopped process must not keep others out with a transaction that it does not end.
    "SET LOCAL idle_in_transaction_session_timeout = '10s'",
)
"""For one transaction at a time: a pooler between us and the server may give the connection to somebody else."""


def sqlite_engine(path: Path) -> Engine:
    """A database file to write to, mode 0600, made if there is none. Raises LedgerUnusable if it cannot be made.

    WAL lets readers look on; FULL syncs the log at every commit (sqlite.org, pragma synchronous), so that an intent
    is on the disk before anything is sent; secure_delete overwrites what was deleted.
    """
    _make_private(path)

    def connect() -> sqlite3.Connection:
        connection = _connected(str(path), uri=False)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
        return connection

    return _of_sqlite(create_engine("sqlite://", creator=connect, poolclass=QueuePool, hide_parameters=True))


def sqlite_reader(path: Path) -> Engine:
    """A database file that is only read, also while a writer is at work."""
    location = f"{path.absolute().as_uri()}?mode=ro"

    def connect() -> sqlite3.Connection:
        return _connected(location, uri=True)

    return _of_sqlite(create_engine("sqlite://", creator=connect, poolclass=QueuePool, hide_parameters=True))


def memory_engine() -> Engine:
    """An empty database that is gone when it is closed."""

    def connect() -> sqlite3.Connection:
        return _connected(":memory:", uri=False)

    return _of_sqlite(create_engine("sqlite://", creator=connect, poolclass=StaticPool, hide_parameters=True))


def postgres_engine(url: URL, *, read_only: bool) -> Engine:
    """A PostgreSQL database, spoken to with psycopg 3. Nothing is connected yet."""
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        hide_parameters=True,
        pool_pre_ping=True,
        # A pooler in transaction mode does not keep prepared statements (PgBouncer, features).
        connect_args={"connect_timeout": _CONNECT_SECONDS, "prepare_threshold": None},
    )
    if read_only:
        return engine.execution_options(postgresql_readonly=True)
    event.listen(engine, "begin", _begin_on_postgres)
    return engine


def for_writing(connection: Connection) -> Connection:
    """The same connection; its next transaction will write."""
    return connection.execution_options(ledger_writes=True)


def _connected(database: str, *, uri: bool) -> sqlite3.Connection:
    # isolation_level None: the library begins no transaction by itself, so that reading has one too (see _begin).
    connection = sqlite3.connect(
        database, uri=uri, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _of_sqlite(engine: Engine) -> Engine:
    event.listen(engine, "begin", _begin_on_sqlite)
    return engine


def _begin_on_sqlite(connection: Connection) -> None:
    # A transaction that will write takes the lock at once: one that reads first cannot wait for it later.
    writes = connection.get_execution_options().get("ledger_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _begin_on_postgres(connection: Connection) -> None:
    if connection.get_execution_options().get("ledger_writes", False):
        for statement in _ON_POSTGRES:
            connection.exec_driver_sql(statement)


def _make_private(path: Path) -> None:
    """The database file must never be readable to others, not even between its making and a chmod."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        path.chmod(0o600)
    except OSError:
        raise LedgerUnusable("ledger", "the database file cannot be written") from None
