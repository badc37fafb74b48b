"""Read a ledger to its last line: every submission, every request, every event."""

import json
from collections import defaultdict

from sqlalchemy import select

from dsr_sync.adapters.ledger import SqlLedger
from dsr_sync.adapters.ledger.tables import events, requests, submission_subjects, submissions
from dsr_sync.core.model import Identifier, RecordId
from dsr_sync.ports import Event
from torture.checks.history import Booked, Books


def books_of(ledger: SqlLedger) -> Books:
    """Everything in a SQL ledger, read in one transaction; `ledger` stays open."""
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
    entries = {str(record_id): entry for record_id, entry in ledger.entries(record_ids).items()}
    return Books(ledger, entries, booked, happened, lambda text: ledger.key_of(Identifier(text)))
