"""A history in which every promise was kept: Ann's row, her regulation, its receipt and the ledger that knows them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.torture.checks.history import Booked, Books, Edit, History, Made, Write

from dsr_sync.core.decide import Observation, decide
from dsr_sync.core.model import (
    Cells,
    Entry,
    Identifier,
    Outcome,
    Progress,
    Receipt,
    RecordId,
    RegulationId,
    RequestRow,
    RequestType,
    SubjectKey,
    Submission,
    SubmissionId,
    Verdict,
)
from dsr_sync.core.policy import Policy
from dsr_sync.ports import Details, Event, ReceiptKey

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ANN, ROW, REGULATION = "user-ann", RecordId("recAnn"), RegulationId("regulation-of-ann")
TYPE = "SUPPRESS_WITH_DELETE"


def after(minutes: float) -> datetime:
    """So many minutes later than the beginning."""
    return START + timedelta(minutes=minutes)


def key_of(identifier: Identifier) -> SubjectKey:
    """A hash that can be read."""
    return SubjectKey(f"key of {identifier.reveal()}")


def an_edit(minutes: float = 0, **columns: Any) -> Edit:
    """Ann's row as staff left it."""
    return replace(Edit(after(minutes), ROW, ANN), **columns)


def a_regulation(minutes: float = 6, **facts: Any) -> Made:
    """Ann's regulation; done after an hour."""
    return replace(Made(REGULATION, TYPE, (ANN,), after(minutes), ended_at=after(66)), **facts)


def a_submission(**facts: Any) -> Submission:
    """What the ledger knows of Ann's regulation: completed, one destination."""
    receipt = Receipt("Braze", Progress.FINISHED, "FINISHED", 1, 1, after(66))
    completed = Submission(
        SubmissionId(1),
        Outcome.ACCEPTED,
        after(6),
        RequestType.DELETE,
        TYPE,
        REGULATION,
        Verdict.COMPLETED,
        "FINISHED",
        after(6),
        after(66),
        receipts=(receipt,),
    )
    return replace(completed, **facts)


def an_entry(submission: Submission | None = None, **facts: Any) -> Entry:
    """What the ledger knows of Ann's row."""
    noted = Entry(ROW, after(1), key_of(Identifier(ANN)), RequestType.DELETE, submission=submission or a_submission())
    return replace(noted, due_by=(START + timedelta(days=31)).date(), **facts)


def an_event(kind: str, minutes: float, **details: str | None) -> Event:
    """A line of the ledger about Ann's submission."""
    kept: Details = dict(details)
    record_id = ROW if kind in ("submission.intended", "request.joined", "submission.adopted", "request.gone") else None
    return Event(after(minutes), kind, record_id, SubmissionId(1), kept)


EVENTS = (
    an_event("submission.intended", 6),
    an_event("submission.accepted", 6, regulation_id=REGULATION),
    an_event("verdict.changed", 66, verdict="completed"),
)


def a_booking(**facts: Any) -> Booked:
    """The ledger's row for Ann's submission."""
    key = key_of(Identifier(ANN))
    done = Booked(1, "accepted", "Delete", TYPE, after(6), REGULATION, "completed", frozenset({key}))
    return replace(done, **facts)


def the_books(**facts: Any) -> Books:
    """The ledger of a history."""
    right = Books({ROW: an_entry()}, {1: a_booking()}, EVENTS, {}, (), (), key_of)
    return replace(right, **facts)


def a_row(entry: Entry | None = None, **columns: Any) -> RequestRow:
    """Ann's row as the base shows it in the end: what the ledger says, unless a test says otherwise."""
    bare = RequestRow(ROW, START, Identifier(ANN), authenticated=True, cells=Cells())
    known = entry or an_entry()
    decision = decide(Observation(bare, known.typed_key, known), after(5_000), Policy())
    told = next((action.cells for action in decision.actions if hasattr(action, "cells")), Cells())
    columns.setdefault("cells", told)
    return replace(bare, **columns)


def a_write(minutes: float, **changes: Any) -> Write:
    """The daemon writes to Ann's row."""
    return Write(after(minutes), ROW, changes)


def a_history(**facts: Any) -> History:
    """Everything kept; a test breaks one thing."""
    good = History(
        edits=[an_edit()],
        rows={ROW: a_row()},
        regulations=[a_regulation()],
        ended_at=after(5_000),
        writes=[
            a_write(7, submitted=True, status="Submitted", regulation_id=REGULATION),
            a_write(67, status="Completed"),
        ],
        receipts={ReceiptKey(ROW, REGULATION, "Braze"): ("Finished", "")},
        books=the_books(),
    )
    return replace(good, **facts)
