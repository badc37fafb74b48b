"""Requests, entries and submissions to ask the core about. Everything has a default, so a test names what matters."""

from datetime import UTC, date, datetime, timedelta
from typing import TypedDict, Unpack

from dsr_sync.core.actions import Submit
from dsr_sync.core.model import (
    Cells,
    DestinationReport,
    Entry,
    Identifier,
    Outcome,
    Progress,
    Receipt,
    RecordId,
    Regulation,
    RegulationId,
    RequestRow,
    RequestType,
    SubjectKey,
    Submission,
    SubmissionId,
    Verdict,
)

NOW = datetime(2026, 5, 3, 14, 5, tzinfo=UTC)
SENT = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)
ENDED = datetime(2026, 5, 2, 18, 0, tzinfo=UTC)
CREATED = datetime(2026, 4, 30, 8, 0, tzinfo=UTC)
RECORD = RecordId("recAAAAAAAAAAAAAA")
EARLIER = RecordId("recEARLIERAAAAAAA")
REGULATION = RegulationId("reg_1")
KEY = SubjectKey("key-of-ann")
OTHER_KEY = SubjectKey("key-of-bob")
PERSON = "user-ann-4711"


class RowColumns(TypedDict, total=False):
    """What a test may say of a row."""

    record_id: RecordId
    created_at: datetime
    identifier: Identifier
    request_type: str
    authenticated: bool
    hold: bool
    retry: bool
    law: str
    received_at: datetime | None
    extended_until: date | None
    extension_reasoned: bool
    cells: Cells


class SubmissionFacts(TypedDict, total=False):
    """What a test may say of a submission."""

    submission_id: SubmissionId
    intended_at: datetime
    request_type: RequestType
    regulation_type: str
    segment_status: str
    accepted_at: datetime | None
    ended_at: datetime | None
    receipts: tuple[Receipt, ...]
    by_hand: tuple[str, ...]


class EntryFacts(TypedDict, total=False):
    """What a test may say of an entry of the ledger."""

    seen_at: datetime
    typed_key: SubjectKey
    request_type: RequestType | None
    joined_to: RecordId | None
    not_before: datetime | None
    followed_up_at: datetime | None


def a_row(**columns: Unpack[RowColumns]) -> RequestRow:
    """An authenticated row for Ann."""
    defaults: RowColumns = {
        "record_id": RECORD,
        "created_at": CREATED,
        "identifier": Identifier(PERSON),
        "authenticated": True,
    }
    return RequestRow(**(defaults | columns))


def a_submission(
    outcome: Outcome = Outcome.ACCEPTED, verdict: Verdict | None = None, **facts: Unpack[SubmissionFacts]
) -> Submission:
    """A submission for Ann; with a regulation id exactly if it was accepted."""
    defaults: SubmissionFacts = {
        "submission_id": SubmissionId(1),
        "intended_at": SENT,
        "request_type": RequestType.DELETE,
        "regulation_type": "SUPPRESS_WITH_DELETE",
    }
    if outcome is Outcome.ACCEPTED:
        defaults |= {"accepted_at": SENT + timedelta(seconds=1), "segment_status": "A_WORD"}
        if verdict is not None and verdict not in (Verdict.ACCEPTED, Verdict.RUNNING):
            defaults["ended_at"] = ENDED
    regulation_id = REGULATION if outcome is Outcome.ACCEPTED else None
    return Submission(outcome=outcome, verdict=verdict, regulation_id=regulation_id, **(defaults | facts))


def an_entry(submission: Submission | None = None, **facts: Unpack[EntryFacts]) -> Entry:
    """What the ledger remembers of Ann's row, long after the cooling-off time."""
    defaults: EntryFacts = {"seen_at": CREATED, "typed_key": KEY, "request_type": RequestType.DELETE}
    return Entry(record_id=RECORD, submission=submission, due_by=CREATED.date().replace(month=5), **(defaults | facts))


def a_receipt(destination: str = "Amplitude", progress: Progress = Progress.FINISHED, sources: int = 1) -> Receipt:
    """What a destination reported, for all its sources alike."""
    finished = sources if progress is Progress.FINISHED else 0
    return Receipt(destination, progress, "A_WORD", finished, sources)


def a_report(
    progress: Progress,
    destination: str = "Amplitude",
    *,
    source: str = "src_1",
    word: str = "A_WORD",
    finished_at: datetime | None = None,
    error: str = "",
) -> DestinationReport:
    """One source × destination of a regulation."""
    return DestinationReport(source, f"{source}/{destination}", destination, progress, word, finished_at, error)


def a_regulation(progress: Progress, *reports: DestinationReport) -> Regulation:
    """A regulation as Segment reports it."""
    return Regulation(REGULATION, progress, "OVERALL_WORD", SENT, ENDED if progress.ended else None, reports)


def a_submit(number: int, request_type: RequestType = RequestType.DELETE) -> Submit:
    """A request that is ready to be sent, told apart by its number."""
    row = a_row(record_id=RecordId(f"rec{number:014}"), identifier=Identifier(f"user-{number}"))
    return Submit(row, request_type, row.record_id)
