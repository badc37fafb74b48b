"""The tables of the ledger, the same on SQLite and PostgreSQL. Every row carries the name of its pipeline.

Times are whole microseconds since 1970 in UTC, so that both databases keep them exactly and compare them as numbers.
What a migration creates and what stands here is compared by a test.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    false,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Number = BigInteger().with_variant(Integer, "sqlite")
"""64 bits on both; SQLite numbers its rows only in a column that is called INTEGER."""


class Moment(TypeDecorator[datetime]):
    """An aware time, stored as microseconds since 1970 and given back in UTC. A naive time is an error."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """To microseconds. Raises ValueError for a time without a zone."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone means nothing")
        return (value - EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """To an aware time in UTC."""
        del dialect
        return None if value is None else EPOCH + timedelta(microseconds=value)


metadata = MetaData()

pipelines = Table(
    "pipelines",
    metadata,
    Column("pipeline", Text, primary_key=True),
    Column("key_check", Text, nullable=False),
)
"""One row per pipeline: what proves that the key is the one the keyed hashes were made with."""

submissions = Table(
    "submissions",
    metadata,
    Column("submission_id", Number, primary_key=True),
    Column("pipeline", Text, nullable=False),
    Column("request_type", Text, nullable=False),
    Column("regulation_type", Text, nullable=False),
    Column("requests", Integer, nullable=False),  # how many it was made for: the brake counts them
    Column("intended_at", Moment, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("absent_at", Moment),
    Column("regulation_id", Text),
    Column("accepted_at", Moment),
    Column("verdict", Text),
    Column("progress", Text),  # Segment's overall state, in our word and in Segment's
    Column("segment_status", Text, nullable=False, server_default=""),
    Column("created_at", Moment),  # the regulation's own times, as Segment gave them
    Column("finished_at", Moment),
    Column("ended_at", Moment),
    Column("missing_since", Moment),
    Column("next_look_at", Moment),
    Column("receipts_changed_at", Moment),  # None: the receipts in the base are up to date
    sqlite_autoincrement=True,
)

requests = Table(
    "requests",
    metadata,
    Column("pipeline", Text, primary_key=True),
    Column("record_id", Text, primary_key=True),
    Column("typed_key", Text, nullable=False),
    Column("request_type", Text),
    Column("due_by", Date),
    Column("seen_at", Moment, nullable=False),
    Column("joined_to", Text),
    Column("not_before", Moment),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("submission_id", Number, ForeignKey("submissions.submission_id")),
    Column("followed_up_at", Moment),
    Column("changed_at", Moment),  # None: the row in the base says what the ledger says
    Column("extended_until", Date),  # the first lawful extension, and when it was first seen
    Column("extension_seen_at", Moment),
    Column("extension_refused", Text),  # why the extension in the row does not count
    Column("row_changed", Text, nullable=False, server_default=""),  # the columns changed after the row was sent
    Column("gone_at", Moment),  # when the row was first missing from the base
)
"""The rows of the base. A joined request names its leader; both have the same submission."""

submission_subjects = Table(
    "submission_subjects",
    metadata,
    Column("submission_id", Number, ForeignKey("submissions.submission_id"), primary_key=True),
    Column("record_id", Text, primary_key=True),
    Column("subject_key", Text, primary_key=True),
    Column("pipeline", Text, nullable=False),
    Column("request_type", Text, nullable=False),
    Column("sent", Boolean, nullable=False),
    Column("live", Boolean, nullable=False),
)
"""Whom a submission is about. `sent` is false for the identifier in the row where others were sent in its place."""

reports = Table(
    "reports",
    metadata,
    Column("submission_id", Number, ForeignKey("submissions.submission_id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("pipeline", Text, nullable=False),
    Column("source_id", Text, nullable=False),
    Column("destination_id", Text, nullable=False),
    Column("destination", Text, nullable=False),
    Column("progress", Text, nullable=False),
    Column("word", Text, nullable=False),
    Column("finished_at", Moment),
    Column("error", Text, nullable=False),
)
"""Every source × destination as last reported; `error` is scrubbed."""

follow_ups = Table(
    "follow_ups",
    metadata,
    Column("submission_id", Number, ForeignKey("submissions.submission_id"), primary_key=True),
    Column("record_id", Text, primary_key=True),
    Column("destination", Text, primary_key=True),
    Column("pipeline", Text, nullable=False),
    Column("done_at", Moment),
    Column("by_hand", Boolean, nullable=False, server_default=false()),
)
"""What a person has to see to. `by_hand`: a system outside Segment, of which its reports say nothing."""

events = Table(
    "events",
    metadata,
    Column("event_id", Number, primary_key=True),
    Column("pipeline", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("kind", Text, nullable=False),
    Column("record_id", Text),
    Column("submission_id", Number),
    Column("details", Text, nullable=False),  # JSON
    sqlite_autoincrement=True,
)
"""The history. Triggers refuse every change and every deletion."""

marks = Table(
    "marks",
    metadata,
    Column("pipeline", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("at", Moment, nullable=False),
)

remembered = Table(
    "remembered",
    metadata,
    Column("pipeline", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
"""Texts that are about no row and no person, such as the ids of the base's columns."""

leases = Table(
    "leases",
    metadata,
    Column("pipeline", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("expires_at", Moment, nullable=False),
)
"""Which process may write (PostgreSQL only; on SQLite a file lock says so)."""


def _where(name: str, *columns: Column[Any], only: ColumnElement[bool]) -> Index:
    return Index(name, *columns, sqlite_where=only, postgresql_where=only)


_s, _r, _p = submissions.c, requests.c, submission_subjects.c

live_subject = Index(
    "one_live_submission",
    _p.pipeline,
    _p.subject_key,
    _p.request_type,
    unique=True,
    sqlite_where=_p.live.is_(True),
    postgresql_where=_p.live.is_(True),
)
"""Promise 2, kept by the database itself: one live submission per person and action."""

Index("subjects_by_key", _p.pipeline, _p.subject_key)
Index("one_submission_per_regulation", _s.pipeline, _s.regulation_id, unique=True)
Index("submissions_sent", _s.pipeline, _s.intended_at)
Index("submissions_by_outcome", _s.pipeline, _s.outcome, _s.intended_at)
Index("submissions_accepted", _s.pipeline, _s.accepted_at)
Index("requests_of_submission", _r.pipeline, _r.submission_id)
Index("events_of_request", events.c.pipeline, events.c.record_id)
Index("events_of_submission", events.c.pipeline, events.c.submission_id)
_where("submissions_due", _s.pipeline, _s.next_look_at, only=_s.next_look_at.is_not(None))
_where("receipts_owed", _s.pipeline, _s.receipts_changed_at, only=_s.receipts_changed_at.is_not(None))
_where("requests_owed", _r.pipeline, _r.changed_at, only=_r.changed_at.is_not(None))
_where("requests_joined", _r.pipeline, _r.joined_to, only=_r.joined_to.is_not(None))
_where("follow_ups_open", follow_ups.c.pipeline, only=follow_ups.c.done_at.is_(None))
