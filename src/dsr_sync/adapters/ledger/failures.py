"""What the database library raises, told in the words of the ports.

Nothing of the library's own text is passed on: SQLAlchemy's holds parameters, PostgreSQL's holds whole rows in its
DETAIL lines.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from dsr_sync.ports import LedgerUnusable, PortError, Transient

_OTHER = LedgerUnusable("ledger", "the database refuses the request")

_SQLITE = {
    sqlite3.SQLITE_BUSY: Transient("ledger", "the database is locked"),
    sqlite3.SQLITE_LOCKED: Transient("ledger", "the database is locked"),
    sqlite3.SQLITE_INTERRUPT: Transient("ledger", "the database was interrupted"),
    sqlite3.SQLITE_FULL: LedgerUnusable("ledger", "the disk is full"),
    sqlite3.SQLITE_IOERR: LedgerUnusable("ledger", "the disk cannot be read or written"),
    sqlite3.SQLITE_CORRUPT: LedgerUnusable("ledger", "the database is damaged"),
    sqlite3.SQLITE_NOTADB: LedgerUnusable("ledger", "the file is not a database"),
    sqlite3.SQLITE_READONLY: LedgerUnusable("ledger", "the database can only be read"),
    sqlite3.SQLITE_CANTOPEN: LedgerUnusable("ledger", "the database cannot be opened"),
    sqlite3.SQLITE_PERM: LedgerUnusable("ledger", "the database cannot be opened"),
}
"""By SQLite's primary result code (sqlite.org, result and error codes)."""

_POSTGRES = {
    "53100": LedgerUnusable("ledger", "the disk is full"),
    "25006": LedgerUnusable("ledger", "the database can only be read"),
    "40": Transient("ledger", "the database gave way to another transaction"),
    "53": Transient("ledger", "the database is short of resources"),
    "55": Transient("ledger", "the database is locked"),
    "57": Transient("ledger", "the database was interrupted"),
    "08": Transient("ledger", "the connection to the database broke"),
    "25P": Transient("ledger", "the database ended an idle transaction"),
    "28": LedgerUnusable("ledger", "the database refuses the user or the password"),
    "3D": LedgerUnusable("ledger", "the server has no such database"),
    "42501": LedgerUnusable("ledger", "the database user lacks a right"),
    "XX": LedgerUnusable("ledger", "the database is damaged"),
}
"""By SQLSTATE, the longest beginning that fits (PostgreSQL documentation, appendix A)."""


@contextmanager
def translated() -> Iterator[None]:
    """Turn whatever the database library raises within into a PortError without a single word of its text."""
    try:
        yield
    except exc.SQLAlchemyError as error:
        raise told(error) from None


def told(error: exc.SQLAlchemyError) -> PortError:
    """What a database error means: Transient where trying again may help, else LedgerUnusable."""
    if isinstance(error, exc.TimeoutError):
        return Transient("ledger", "no connection to the database was free")
    original = error.orig if isinstance(error, exc.DBAPIError) else None
    if isinstance(original, sqlite3.Error):
        return _of_sqlite(original)
    if isinstance(error, exc.DBAPIError):
        return _of_postgres(error)
    return _copied(_OTHER)


def _of_sqlite(error: sqlite3.Error) -> PortError:
    code = getattr(error, "sqlite_errorcode", None)
    return _copied(_SQLITE.get(code & 0xFF, _OTHER) if isinstance(code, int) else _OTHER)


def _of_postgres(error: exc.DBAPIError) -> PortError:
    state = getattr(error.orig, "sqlstate", None)
    if not isinstance(state, str):
        if isinstance(error, exc.OperationalError | exc.InterfaceError):
            return Transient("ledger", "the database cannot be reached, or refuses the connection")
        return _copied(_OTHER)
    fitting = max((start for start in _POSTGRES if state.startswith(start)), key=len, default=None)
    return _copied(_POSTGRES[fitting] if fitting else _OTHER)


def _copied(problem: PortError) -> PortError:
    """A fresh one: an exception that is raised twice drags its first traceback along."""
    return type(problem)(problem.service, problem.reason)
