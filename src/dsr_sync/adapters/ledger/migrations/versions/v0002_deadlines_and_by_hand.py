"""Extensions, changed and deleted rows, systems told by hand, and texts that are kept.

Revision 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and the table."""
    op.add_column("requests", sa.Column("extended_until", sa.Date))
    op.add_column("requests", sa.Column("extension_seen_at", sa.BigInteger))
    op.add_column("requests", sa.Column("extension_refused", sa.Text))
    op.add_column("requests", sa.Column("row_changed", sa.Text, nullable=False, server_default=""))
    op.add_column("requests", sa.Column("gone_at", sa.BigInteger))
    op.add_column("follow_ups", sa.Column("by_hand", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_table(
        "remembered",
        sa.Column("pipeline", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
