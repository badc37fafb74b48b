"""Find all that was ever sent for a person, not only what is live.

Revision 0003.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("subjects_by_key", "submission_subjects", ["pipeline", "subject_key"])
