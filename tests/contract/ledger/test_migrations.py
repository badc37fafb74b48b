"""The tables are made and brought up to date when a ledger is opened, and never taken back."""

import time
from collections.abc import Callable
from contextlib import closing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from tests.contract.ledger.conftest import KEY
from tests.contract.ledger.made import after

from dsr_sync.adapters.ledger import Place, SqlLedger, open_ledger, open_reader
from dsr_sync.adapters.ledger.tables import leases, metadata
from dsr_sync.ports import LedgerUnusable

Open = Callable[[Place], SqlLedger]


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest) -> Place:
    """A ledger that is not there yet, on each database."""
    if request.param == "postgres":
        return Place(request.getfixturevalue("database"), key=KEY)
    found = request.getfixturevalue("sqlite_place")
    assert isinstance(found, Place)
    return found


def set_revision(place: Place, revision: str | None) -> None:
    """Pretend that another version of the product was here."""
    with closing(open_ledger(place, time.monotonic)) as ledger, ledger._writing() as tx:
        tx.connection.exec_driver_sql("DELETE FROM alembic_version")
        if revision is not None:
            tx.connection.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{revision}')")  # noqa: S608 - ours


def test_the_migrations_make_exactly_the_tables_that_the_code_speaks_of(opened: Open, place: Place) -> None:
    ledger = opened(place)
    with ledger._engine.connect() as connection:
        only_there = {leases.name} if connection.dialect.name == "sqlite" else set()
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": False})
        differences = compare_metadata(context, metadata)
    assert [found for found in differences if found[0] != "add_table" or found[1].name not in only_there] == []


def test_the_tables_have_the_same_constraints_as_the_code_says(opened: Open, place: Place) -> None:
    ledger = opened(place)
    with ledger._writing() as tx, pytest.raises(Exception, match=r"(?i)foreign key"):
        tx.connection.exec_driver_sql(
            "INSERT INTO reports (submission_id, position, pipeline, source_id, destination_id, destination, progress, "
            "word, error) VALUES (999, 0, 'p', 's', 'd', 'd', 'Running', 'w', '')"
        )


def test_opening_a_ledger_again_keeps_what_is_in_it(opened: Open, place: Place) -> None:
    with closing(open_ledger(place, time.monotonic)) as ledger:
        ledger.set_mark("tick", after(5))
    assert opened(place).mark("tick") == after(5)


@pytest.mark.parametrize("door", [lambda place: open_ledger(place, time.monotonic), open_reader])
def test_a_ledger_of_a_newer_version_is_refused_and_left_alone(
    place: Place, door: Callable[[Place], SqlLedger]
) -> None:
    set_revision(place, "9999")
    with pytest.raises(LedgerUnusable, match="newer version"):
        door(place)


def test_a_reader_leaves_an_older_ledger_to_the_writer(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    open_ledger(place, time.monotonic).close()
    monkeypatch.setattr(ScriptDirectory, "get_current_head", lambda _: "a later revision")
    with pytest.raises(LedgerUnusable, match="older version"):
        open_reader(place)


def test_a_database_with_foreign_tables_of_the_same_name_is_unusable(place: Place) -> None:
    set_revision(place, None)  # the tables are there, and nothing says that they are the ledger's
    with pytest.raises(LedgerUnusable):
        open_ledger(place, time.monotonic)
