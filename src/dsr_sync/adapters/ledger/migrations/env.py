"""What Alembic runs the revisions with: the connection that the ledger is being opened on, in its own transaction."""

from alembic import context

from dsr_sync.adapters.ledger.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot change a column in place
    transactional_ddl=True,  # SQLite can roll back DDL, since our connections begin their transactions themselves
)
with context.begin_transaction():
    context.run_migrations()
