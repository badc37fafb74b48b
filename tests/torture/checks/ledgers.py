"""Read a ledger to its last line: every submission, every request, every event."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import select
from tests.torture.checks.history import Booked, Books

from dsr_sync.adapters.ledger import SqlLedger
from dsr_sync.adapters.ledger.tables import events, requests, submission_subjects, submissions
from dsr_sync.core.model import RecordId, RequestType, SubjectKey
from dsr_sync.ports import Event, Ledger

_ALL = 1_000


def books_of(ledger: SqlLedger) -> Books:
    """Everything in a SQL ledger, read before it returns."""
    with ledger._reading() as tx:
        sent: dict[int, set[str]] = defaultdict(set)
        live: dict[int, set[str]] = defaultdict(set)
        for subject in tx.execute(select(submission_subjects)).mappings():
            number = subject["submission_id"]
            if subject["sent"]:
                sent[number].add(subject["subject_key"])
            if subject["live"]:
                live[number].add(subject["subject_key"])
        booked = {
            row["submission_id"]: Booked(
                submission_id=row["submission_id"],
                outcome=row["outcome"],
                request_type=row["request_type"],
                regulation_type=row["regulation_type"],
                intended_at=row["intended_at"],
                regulation_id=row["regulation_id"],
                verdict=row["verdict"],
                keys=frozenset(sent[row["submission_id"]]),
                live=frozenset(live[row["submission_id"]]),
            )
            for row in tx.execute(select(submissions)).mappings()
        }
        happened = [
            Event(row["at"], row["kind"], row["record_id"], row["submission_id"], json.loads(row["details"]))
            for row in tx.execute(select(events).order_by(events.c.event_id)).mappings()
        ]
        record_ids = [RecordId(record_id) for record_id in tx.execute(select(requests.c.record_id)).scalars()]
    return books_from(ledger, record_ids, booked, happened)


def books_from(
    ledger: Ledger, record_ids: Sequence[RecordId], booked: Mapping[int, Booked], happened: Sequence[Event]
) -> Books:
    """What the port of any ledger can answer by itself, put together with what it cannot."""
    live = [(SubjectKey(key), RequestType(one.request_type)) for one in booked.values() for key in sorted(one.live)]
    entries = ledger.entries(record_ids)
    return Books(
        entries={str(record_id): entry for record_id, entry in entries.items()},
        submissions=booked,
        events=happened,
        standing=ledger.standing(live),
        owed=[entry.record_id for entry in ledger.owed(_ALL)],
        owed_receipts=[submission.submission_id for submission in ledger.owed_receipts(_ALL)],
        key_of=ledger.key_of,
        undone=ledger.undone(live),
    )
