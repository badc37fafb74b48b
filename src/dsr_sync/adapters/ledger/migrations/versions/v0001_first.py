"""The first tables.

Revision 0001: requests, submissions and their subjects, reports, follow-ups, the history, marks; leases on PostgreSQL.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_APPEND_ONLY = "the history is never changed"


def upgrade() -> None:
    """Make the tables, their indexes, and the triggers that keep the history as it is."""
    _tables_of_submissions()
    _tables_of_requests()
    _tables_of_the_pipeline()
    _indexes()
    if op.get_bind().dialect.name == "postgresql":
        _leases()
        _append_only_on_postgres()
    else:
        _append_only_on_sqlite()


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=null)


def _moment(name: str, *, null: bool = True) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=null)


def _part_of_submission() -> sa.Column[int]:
    return sa.Column("submission_id", _NUMBER, sa.ForeignKey("submissions.submission_id"), primary_key=True)


def _tables_of_submissions() -> None:
    op.create_table(
        "submissions",
        sa.Column("submission_id", _NUMBER, primary_key=True),
        _text("pipeline"),
        _text("request_type"),
        _text("regulation_type"),
        sa.Column("requests", sa.Integer, nullable=False),
        _moment("intended_at", null=False),
        _text("outcome"),
        _moment("absent_at"),
        _text("regulation_id", null=True),
        _moment("accepted_at"),
        _text("verdict", null=True),
        _text("progress", null=True),
        sa.Column("segment_status", sa.Text, nullable=False, server_default=""),
        *map(
            _moment, ("created_at", "finished_at", "ended_at", "missing_since", "next_look_at", "receipts_changed_at")
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "submission_subjects",
        _part_of_submission(),
        sa.Column("record_id", sa.Text, primary_key=True),
        sa.Column("subject_key", sa.Text, primary_key=True),
        _text("pipeline"),
        _text("request_type"),
        sa.Column("sent", sa.Boolean, nullable=False),
        sa.Column("live", sa.Boolean, nullable=False),
    )
    op.create_table(
        "reports",
        _part_of_submission(),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        *map(_text, ("pipeline", "source_id", "destination_id", "destination", "progress", "word")),
        _moment("finished_at"),
        _text("error"),
    )


def _tables_of_requests() -> None:
    op.create_table(
        "requests",
        sa.Column("pipeline", sa.Text, primary_key=True),
        sa.Column("record_id", sa.Text, primary_key=True),
        _text("typed_key"),
        _text("request_type", null=True),
        sa.Column("due_by", sa.Date),
        _moment("seen_at", null=False),
        _text("joined_to", null=True),
        _moment("not_before"),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("submission_id", _NUMBER, sa.ForeignKey("submissions.submission_id")),
        _moment("followed_up_at"),
        _moment("changed_at"),
    )
    op.create_table(
        "follow_ups",
        _part_of_submission(),
        sa.Column("record_id", sa.Text, primary_key=True),
        sa.Column("destination", sa.Text, primary_key=True),
        _text("pipeline"),
        _moment("done_at"),
    )


def _tables_of_the_pipeline() -> None:
    op.create_table("pipelines", sa.Column("pipeline", sa.Text, primary_key=True), _text("key_check"))
    op.create_table(
        "marks",
        sa.Column("pipeline", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        _moment("at", null=False),
    )
    op.create_table(
        "events",
        sa.Column("event_id", _NUMBER, primary_key=True),
        _text("pipeline"),
        _moment("at", null=False),
        _text("kind"),
        _text("record_id", null=True),
        sa.Column("submission_id", _NUMBER),
        _text("details"),
        sqlite_autoincrement=True,
    )


def _leases() -> None:
    op.create_table(
        "leases",
        sa.Column("pipeline", sa.Text, primary_key=True),
        _text("holder"),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        _moment("expires_at", null=False),
    )


def _indexes() -> None:
    _index(
        "submission_subjects", "one_live_submission", ["pipeline", "subject_key", "request_type"], "live", unique=True
    )
    _index("submissions", "one_submission_per_regulation", ["pipeline", "regulation_id"], unique=True)
    _index("submissions", "submissions_sent", ["pipeline", "intended_at"])
    _index("submissions", "submissions_by_outcome", ["pipeline", "outcome", "intended_at"])
    _index("submissions", "submissions_accepted", ["pipeline", "accepted_at"])
    _index("submissions", "submissions_due", ["pipeline", "next_look_at"], "next_look_at IS NOT NULL")
    _index("submissions", "receipts_owed", ["pipeline", "receipts_changed_at"], "receipts_changed_at IS NOT NULL")
    _index("requests", "requests_of_submission", ["pipeline", "submission_id"])
    _index("requests", "requests_owed", ["pipeline", "changed_at"], "changed_at IS NOT NULL")
    _index("requests", "requests_joined", ["pipeline", "joined_to"], "joined_to IS NOT NULL")
    _index("follow_ups", "follow_ups_open", ["pipeline"], "done_at IS NULL")
    _index("events", "events_of_request", ["pipeline", "record_id"])
    _index("events", "events_of_submission", ["pipeline", "submission_id"])


def _index(table: str, name: str, columns: list[str], only: str | None = None, *, unique: bool = False) -> None:
    where = None if only is None else sa.text(f"{only} IS true" if only == "live" else only)
    on_sqlite = sa.text("live IS 1") if only == "live" else where  # as SQLAlchemy asks for it; else it is not used
    op.create_index(name, table, columns, unique=unique, sqlite_where=on_sqlite, postgresql_where=where)


def _append_only_on_sqlite() -> None:
    for deed in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER events_no_{deed.lower()} BEFORE {deed} ON events "
            f"BEGIN SELECT RAISE(ABORT, '{_APPEND_ONLY}'); END"
        )


def _append_only_on_postgres() -> None:
    op.execute(
        "CREATE FUNCTION events_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_APPEND_ONLY}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER events_no_change BEFORE UPDATE OR DELETE ON events "
        "FOR EACH ROW EXECUTE FUNCTION events_append_only()"
    )
    op.execute(
        "CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON events "
        "FOR EACH STATEMENT EXECUTE FUNCTION events_append_only()"
    )
