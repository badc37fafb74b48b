"""Every error of the databases becomes one of the ports', by its code alone."""

import sqlite3

import psycopg
import pytest
from sqlalchemy import exc

from dsr_sync.adapters.ledger.failures import told, translated
from dsr_sync.ports import LedgerUnusable, PortError, Transient


def of_sqlite(code: int) -> exc.SQLAlchemyError:
    original = sqlite3.OperationalError("a text with jane@example.com")
    original.sqlite_errorcode = code
    return exc.OperationalError("SELECT jane@example.com", {"who": "jane@example.com"}, original)


def of_postgres(state: str | None) -> exc.SQLAlchemyError:
    original = psycopg.OperationalError("DETAIL: jane@example.com")
    original.sqlstate = state
    return exc.OperationalError("SELECT jane@example.com", {"who": "jane@example.com"}, original)


@pytest.mark.parametrize(
    ("code", "kind", "reason"),
    [
        (sqlite3.SQLITE_BUSY, Transient, "the database is locked"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, Transient, "the database is locked"),
        (sqlite3.SQLITE_FULL, LedgerUnusable, "the disk is full"),
        (sqlite3.SQLITE_IOERR_FSYNC, LedgerUnusable, "the disk cannot be read or written"),
        (sqlite3.SQLITE_CORRUPT, LedgerUnusable, "the database is damaged"),
        (sqlite3.SQLITE_READONLY, LedgerUnusable, "the database can only be read"),
        (sqlite3.SQLITE_CANTOPEN, LedgerUnusable, "the database cannot be opened"),
        (sqlite3.SQLITE_ERROR, LedgerUnusable, "the database refuses the request"),
    ],
)
def test_sqlites_codes_are_told_apart(code: int, kind: type[PortError], reason: str) -> None:
    problem = told(of_sqlite(code))
    assert (type(problem), problem.service, problem.reason) == (kind, "ledger", reason)


@pytest.mark.parametrize(
    ("state", "kind", "reason"),
    [
        ("40001", Transient, "the database gave way to another transaction"),
        ("55P03", Transient, "the database is locked"),
        ("57P01", Transient, "the database was interrupted"),
        ("25P03", Transient, "the database ended an idle transaction"),
        ("08006", Transient, "the connection to the database broke"),
        ("53300", Transient, "the database is short of resources"),
        ("53100", LedgerUnusable, "the disk is full"),
        ("25006", LedgerUnusable, "the database can only be read"),
        ("28P01", LedgerUnusable, "the database refuses the user or the password"),
        ("42501", LedgerUnusable, "the database user lacks a right"),
        ("42P01", LedgerUnusable, "the database refuses the request"),
        (None, Transient, "the database cannot be reached, or refuses the connection"),
    ],
)
def test_postgresqls_states_are_told_apart(state: str | None, kind: type[PortError], reason: str) -> None:
    problem = told(of_postgres(state))
    assert (type(problem), problem.service, problem.reason) == (kind, "ledger", reason)


def test_a_pool_without_a_free_connection_is_transient() -> None:
    assert isinstance(told(exc.TimeoutError("QueuePool limit")), Transient)


@pytest.mark.parametrize(
    "error",
    [exc.ArgumentError("jane@example.com"), exc.IntegrityError("x", {}, psycopg.IntegrityError("jane@example.com"))],
)
def test_any_other_error_is_unusable(error: exc.SQLAlchemyError) -> None:
    assert isinstance(told(error), LedgerUnusable)


@pytest.mark.parametrize("error", [of_sqlite(sqlite3.SQLITE_BUSY), of_postgres("55P03"), of_postgres(None)])
def test_no_word_of_the_library_is_passed_on(error: exc.SQLAlchemyError) -> None:
    def fail() -> None:
        with translated():
            raise error

    with pytest.raises(PortError) as raised:
        fail()
    assert "jane" not in f"{raised.value} {raised.value!r}"
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


def test_errors_that_are_not_the_librarys_pass_as_they_are() -> None:
    def fail() -> None:
        with translated():
            raise KeyError("mine")

    with pytest.raises(KeyError):
        fail()
