"""The tables of the ledger, revision by revision. They are applied when a ledger is opened to be written to."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from dsr_sync.ports import LedgerUnusable


def bring_up_to_date(connection: Connection) -> None:
    """Apply what is missing, within the transaction of the connection. Raises LedgerUnusable for a newer ledger."""
    if not _is_current(connection):
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def require_up_to_date(connection: Connection) -> None:
    """Raises LedgerUnusable unless the tables are of this version."""
    if not _is_current(connection):
        raise LedgerUnusable("ledger", "of an older version: the daemon brings it up to date when it starts")


def is_empty(connection: Connection) -> bool:
    """Whether the database holds no ledger at all."""
    return _revision(connection) is None


def _is_current(connection: Connection) -> bool:
    """Whether there is nothing to apply. Raises LedgerUnusable for a revision that this version does not know."""
    scripts = ScriptDirectory.from_config(_config())
    revision = _revision(connection)
    if revision is not None and revision not in {script.revision for script in scripts.walk_revisions()}:
        raise LedgerUnusable("ledger", "of a newer version of dsr-sync than this one")
    return revision == scripts.get_current_head()


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", __name__.rpartition(".")[0] + ":migrations")
    return config
