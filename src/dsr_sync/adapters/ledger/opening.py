"""Opening a ledger: find it, lock it, bring its tables up to date, and make sure that the key is the right one."""

import hmac
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection, Engine, insert, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from dsr_sync.adapters.ledger.engines import (
    for_writing,
    memory_engine,
    postgres_engine,
    sqlite_engine,
    sqlite_reader,
)
from dsr_sync.adapters.ledger.failures import translated
from dsr_sync.adapters.ledger.keys import KeyedHash, make_key_file, read_key_file, throw_away_key
from dsr_sync.adapters.ledger.lease import Lease, LeaseTerms
from dsr_sync.adapters.ledger.migrations import bring_up_to_date, is_empty, require_up_to_date
from dsr_sync.adapters.ledger.store import SqlLedger
from dsr_sync.adapters.ledger.tables import pipelines
from dsr_sync.adapters.ledger.writer import FileLock
from dsr_sync.ports import LedgerUnusable

_MIGRATION_LOCK = 7_368_427_601
"""Any number that nobody else locks: replicas that start together bring the tables up to date one by one."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a ledger is, and what opens it.

    `url` is `sqlite:///path` or `postgresql://…`; `key` is the key of the keyed hash, at least 16 bytes. Without one,
    SQLite uses a key file beside the database, and PostgreSQL refuses.
    """

    url: str = field(repr=False)
    pipeline: str = "default"
    key: str | None = field(default=None, repr=False)


def open_ledger(place: Place, monotonic: Callable[[], float], terms: LeaseTerms | None = None) -> SqlLedger:
    """Open a ledger to write to; it is made if there is none, and its tables are brought up to date.

    Raises Occupied while another process holds it, Transient if the database cannot be reached, LedgerUnusable if it
    cannot be used: unknown kind of URL, no rights, damaged, of a newer version, or another key. `terms` and
    `monotonic` (seconds that never go back) are for the lease on PostgreSQL.
    """
    url = _parsed(place.url)
    if url.get_backend_name() == "sqlite":
        return _open_sqlite(place, _file_of(url))
    engine = postgres_engine(url, read_only=False)
    lease = Lease(engine, place.pipeline, terms or LeaseTerms(), monotonic)
    try:
        hashed = _prepared(engine, place, None)
        lease.hold()
    except BaseException:
        engine.dispose()
        raise
    return SqlLedger(engine, place.pipeline, hashed, lease)


def open_reader(place: Place) -> SqlLedger:
    """Open a ledger to read from, also while another process writes to it. It is not made if there is none.

    A ledger that is not there yet reads as an empty one. Raises Transient and LedgerUnusable, as `open_ledger` does;
    LedgerUnusable also if its tables are of an older version, because only a writer may change them.
    """
    url = _parsed(place.url)
    if url.get_backend_name() != "sqlite":
        _require_key(place)
        return _reader(postgres_engine(url, read_only=True), place, None)
    path = _file_of(url)
    key_file = _beside(path, ".key")
    if not path.exists():
        return _empty(place, key_file)
    return _reader(sqlite_reader(path), place, key_file)


def ensure_writable(place: Place) -> None:
    """Look whether `open_ledger` could write here, and change nothing; LedgerUnusable if not. SQLite only."""
    url = _parsed(place.url)
    if url.get_backend_name() != "sqlite":
        return
    path = _file_of(url).absolute()
    there = next(found for found in (path, *path.parents) if found.exists())
    if there != path and not there.is_dir():
        raise LedgerUnusable("ledger", "the folder of the ledger cannot be made")
    if not os.access(there, os.W_OK):
        raise LedgerUnusable("ledger", "the database file cannot be written")


def _open_sqlite(place: Place, path: Path) -> SqlLedger:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        raise LedgerUnusable("ledger", "the folder of the ledger cannot be made") from None
    lock = FileLock(_beside(path, ".lock"))
    lock.hold()
    try:
        engine = sqlite_engine(path)
        return SqlLedger(engine, place.pipeline, _prepared(engine, place, _beside(path, ".key")), lock)
    except BaseException:
        lock.release()
        raise


def _prepared(engine: Engine, place: Place, key_file: Path | None) -> KeyedHash:
    """Bring the tables up to date and check the key, in one transaction: a refused ledger is left as it was."""
    try:
        with translated(), engine.connect() as connection, for_writing(connection).begin():
            if connection.dialect.name == "postgresql":
                _require_key(place)
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
            bring_up_to_date(connection)
            return _recognised(connection, place, key_file)
    except BaseException:
        engine.dispose()
        raise


def _recognised(connection: Connection, place: Place, key_file: Path | None) -> KeyedHash:
    """The keyed hash of this ledger, once it is sure that the key is the one that it was made with."""
    checks = dict(connection.execute(select(pipelines.c.pipeline, pipelines.c.key_check)).all())
    key = _given(place, key_file)
    if key is None and checks:
        raise LedgerUnusable("ledger", "the key file is missing")
    if key is None and key_file is not None:
        key = make_key_file(key_file)
    hashed = KeyedHash(key or b"", place.pipeline)
    known = checks.get(place.pipeline)
    if known is None:
        connection.execute(insert(pipelines).values(pipeline=place.pipeline, key_check=hashed.check_value()))
    else:
        _compare(hashed, known)
    return hashed


def _reader(engine: Engine, place: Place, key_file: Path | None) -> SqlLedger:
    try:
        with translated(), engine.connect() as connection, connection.begin():
            if not is_empty(connection):
                require_up_to_date(connection)
                return SqlLedger(engine, place.pipeline, _read_key(connection, place, key_file), None)
    except BaseException:
        engine.dispose()
        raise
    engine.dispose()
    return _empty(place, key_file)


def _read_key(connection: Connection, place: Place, key_file: Path | None) -> KeyedHash:
    statement = select(pipelines.c.key_check).where(pipelines.c.pipeline == place.pipeline)
    known = connection.execute(statement).scalar_one_or_none()
    key = _given(place, key_file)
    if key is None and known is not None:
        raise LedgerUnusable("ledger", "the key file is missing")
    hashed = KeyedHash(key or throw_away_key(), place.pipeline)
    if known is not None:
        _compare(hashed, known)
    return hashed


def _empty(place: Place, key_file: Path | None) -> SqlLedger:
    """A ledger that holds nothing and forgets everything."""
    engine = memory_engine()
    with translated(), engine.connect() as connection, for_writing(connection).begin():
        bring_up_to_date(connection)
    hashed = KeyedHash(_given(place, key_file) or throw_away_key(), place.pipeline)
    return SqlLedger(engine, place.pipeline, hashed, None)


def _given(place: Place, key_file: Path | None) -> bytes | None:
    if place.key is not None:
        return place.key.encode()
    return read_key_file(key_file) if key_file is not None else None


def _require_key(place: Place) -> None:
    if not place.key:
        raise LedgerUnusable("ledger", "PostgreSQL needs a key: set ledger.key")


def _compare(hashed: KeyedHash, known: str) -> None:
    if not hmac.compare_digest(hashed.check_value(), known):
        raise LedgerUnusable("ledger", "the key is not the one that this ledger was made with")


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise LedgerUnusable("ledger", "the URL cannot be read") from None
    if parsed.get_backend_name() not in ("sqlite", "postgresql", "postgres"):
        raise LedgerUnusable("ledger", "the URL is neither sqlite:/// nor postgresql://")
    return parsed


def _file_of(url: URL) -> Path:
    if not url.database or url.database == ":memory:" or url.query:
        raise LedgerUnusable("ledger", "the URL of a SQLite ledger is sqlite:/// and a path, and no more")
    return Path(url.database)


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)
