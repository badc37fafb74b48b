"""What the ledger can be asked about persons: who is served by what, and under which names. Nothing here writes."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import ColumnElement, FromClause, and_, case, or_, select, tuple_

from dsr_sync.adapters.ledger.rows import submissions_by_number
from dsr_sync.adapters.ledger.tables import requests, submission_subjects, submissions
from dsr_sync.adapters.ledger.transaction import Tx, chunks
from dsr_sync.core.model import (
    Outcome,
    RecordId,
    RegulationId,
    RequestType,
    SubjectKey,
    Submission,
    SubmissionId,
)
from dsr_sync.ports import SentBefore

Person = tuple[SubjectKey, RequestType]

_s, _r, _p = submissions.c, requests.c, submission_subjects.c


def standing(tx: Tx, wanted: Sequence[Person]) -> dict[Person, Submission]:
    """See `Ledger.standing`."""
    numbers: dict[Person, int] = {}
    for some in chunks(sorted({key for key, _ in wanted})):
        statement = select(_p.subject_key, _p.request_type, _p.submission_id).where(
            _p.pipeline == tx.pipeline, _p.subject_key.in_(some), _p.live.is_(True)
        )
        numbers.update(((SubjectKey(key), RequestType(kind)), number) for key, kind, number in tx.execute(statement))
    numbers = {person: numbers[person] for person in wanted if person in numbers}
    loaded = submissions_by_number(tx, numbers.values())
    return {person: loaded[number] for person, number in numbers.items()}


def undone(tx: Tx, wanted: Sequence[Person]) -> frozenset[Person]:
    """See `Ledger.undone`. The person is known under all that the request named, whichever of it the later one named.

    What Segment made later counts, by its own clock: ours may have been wrong when an intent was dated. What was not
    looked at yet was sent in the order of the numbers.
    """
    found: set[Person] = set()
    live, known_as, others = (submission_subjects.alias() for _ in range(3))
    later, lifts = submissions.alias(), RequestType.UNSUPPRESS.value
    joined = (
        live.join(submissions, _s.submission_id == live.c.submission_id)
        .join(known_as, _same(known_as, live, "submission_id", "record_id"))
        .join(others, _same(others, known_as, "pipeline", "subject_key"))
        .join(later, later.c.submission_id == others.c.submission_id)
    )
    statement = select(live.c.subject_key, live.c.request_type).select_from(joined).distinct()
    statement = statement.where(
        live.c.pipeline == tx.pipeline,
        live.c.live.is_(True),
        (live.c.request_type == lifts) != (others.c.request_type == lifts),
        case(
            (or_(later.c.created_at.is_(None), _s.created_at.is_(None)), later.c.submission_id > _s.submission_id),
            else_=tuple_(later.c.created_at, later.c.submission_id) > tuple_(_s.created_at, _s.submission_id),
        ),
        later.c.outcome.in_([Outcome.UNKNOWN.value, Outcome.ACCEPTED.value, Outcome.UNPROVABLE.value]),
    )
    for some in chunks(sorted({key for key, _ in wanted})):
        rows = tx.execute(statement.where(live.c.subject_key.in_(some)))
        found.update((SubjectKey(key), RequestType(kind)) for key, kind in rows)
    return frozenset(found.intersection(wanted))


def _same(one: FromClause, other: FromClause, *columns: str) -> ColumnElement[bool]:
    return and_(*(one.c[name] == other.c[name] for name in columns))


def known(tx: Tx, regulation_ids: Sequence[RegulationId]) -> frozenset[RegulationId]:
    """See `Ledger.known`."""
    found: set[RegulationId] = set()
    for some in chunks(regulation_ids):
        statement = select(_s.regulation_id).where(_s.pipeline == tx.pipeline, _s.regulation_id.in_(some))
        found.update(tx.execute(statement).scalars())
    return frozenset(found)


def served(tx: Tx, regulation_ids: Sequence[RegulationId]) -> dict[RegulationId, frozenset[SubjectKey]]:
    """See `Ledger.served`."""
    found: defaultdict[RegulationId, set[SubjectKey]] = defaultdict(set)
    for some in chunks(regulation_ids):
        statement = (
            select(_s.regulation_id, _p.subject_key)
            .join_from(submissions, submission_subjects, _p.submission_id == _s.submission_id)
            .where(_s.pipeline == tx.pipeline, _s.regulation_id.in_(some), _p.sent.is_(True))
        )
        for regulation_id, key in tx.execute(statement):
            found[regulation_id].add(key)
    return {regulation_id: frozenset(keys) for regulation_id, keys in found.items()}


def named(tx: Tx, regulation_id: RegulationId) -> frozenset[SubjectKey]:
    """See `Ledger.named`."""
    mine = select(_s.submission_id).where(_s.pipeline == tx.pipeline, _s.regulation_id == regulation_id)
    subjects = select(_p.subject_key).where(_p.submission_id.in_(mine))
    typed = select(_r.typed_key).where(_r.pipeline == tx.pipeline, _r.submission_id.in_(mine))
    return frozenset(tx.execute(subjects.union(typed)).scalars())


def sent_before(tx: Tx, record_id: RecordId, submission_id: SubmissionId) -> SentBefore | None:
    """See `Ledger.sent_before`."""
    statement = (
        select(_s.regulation_id, _p.subject_key, _p.sent)
        .join_from(submissions, submission_subjects, _p.submission_id == _s.submission_id)
        .where(_s.pipeline == tx.pipeline, _s.submission_id == submission_id, _p.record_id == record_id)
        .where(_s.regulation_id.is_not(None))
    )
    found = [(regulation_id, key, sent) for regulation_id, key, sent in tx.execute(statement)]
    if not found:
        return None
    subjects = frozenset(key for _, key, sent in found if sent)
    return SentBefore(found[0][0], subjects, frozenset(key for _, key, _ in found))
