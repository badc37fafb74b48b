"""Rows, intents and looks, made with as few words as a test needs."""

from datetime import UTC, datetime, timedelta

from dsr_sync.core.model import (
    DestinationReport,
    Identifier,
    Progress,
    RecordId,
    Regulation,
    RegulationId,
    RequestRow,
    RequestType,
    SubmissionId,
    Verdict,
)
from dsr_sync.core.receipts import receipts_of, verdict_on
from dsr_sync.ports import IntendedRequest, Intent, Ledger, Look, Noted

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DELETE, SUPPRESS = RequestType.DELETE, RequestType.SUPPRESS
TYPES = {
    RequestType.DELETE: "SUPPRESS_WITH_DELETE",
    RequestType.SUPPRESS: "SUPPRESS_ONLY",
    RequestType.UNSUPPRESS: "UNSUPPRESS",
}


def after(minutes: float) -> datetime:
    """So many minutes after the tests begin."""
    return START + timedelta(minutes=minutes)


def row(name: str, who: str, law: str = "") -> RequestRow:
    """A row of the base, for a person."""
    return RequestRow(RecordId(f"rec{name}"), START - timedelta(hours=1), Identifier(who), authenticated=True, law=law)


def noted(seen: RequestRow, minutes: float = 0, kind: RequestType | None = DELETE) -> Noted:
    """A row as it is to be remembered."""
    return Noted(seen, kind, after(minutes))


def asked(seen: RequestRow, replaces: SubmissionId | None = None) -> IntendedRequest:
    """A request that goes into an intent."""
    return IntendedRequest(seen.record_id, seen.identifier, (seen.identifier,), replaces)


def intent(*requests: IntendedRequest | RequestRow, minutes: float = 1, kind: RequestType = DELETE) -> Intent:
    """An intent for these requests."""
    all_of_them = tuple(asked(each) if isinstance(each, RequestRow) else each for each in requests)
    return Intent(kind, TYPES[kind], all_of_them, after(minutes))


def report(
    destination: str, progress: Progress = Progress.FINISHED, error: str = "", source: str = "src1"
) -> DestinationReport:
    """What one destination reports for one source."""
    word = progress.value.upper().replace(" ", "_")
    finished_at = after(50) if progress.ended else None
    return DestinationReport(source, f"id-{destination}", destination, progress, word, finished_at, error)


def regulation(name: str, progress: Progress, *reports: DestinationReport) -> Regulation:
    """A regulation as Segment reports it."""
    finished_at = after(60) if progress.ended else None
    word = progress.value.upper().replace(" ", "_")
    return Regulation(RegulationId(name), progress, word, after(1), finished_at, reports)


def look(shown: Regulation, minutes: float = 10) -> Look:
    """A look that shows this regulation."""
    receipts = receipts_of(shown)
    verdict = verdict_on(shown, receipts)
    over = verdict.final or verdict is Verdict.FOLLOW_UP
    again = None if over else after(minutes + 5)
    return Look(after(minutes), verdict, again, shown, receipts)


def sent(ledger: Ledger, *rows: RequestRow, regulation_id: str = "reg1", minutes: float = 1) -> SubmissionId:
    """Note, intend and accept these requests: one regulation for all."""
    ledger.note([noted(each) for each in rows])
    submission_id = ledger.intend(intent(*rows, minutes=minutes))
    ledger.accept(submission_id, RegulationId(regulation_id), after(minutes))
    return submission_id


def settled(ledger: Ledger) -> None:
    """Tell the base everything that it is owed."""
    ledger.told([entry.record_id for entry in ledger.owed(1000)])
    for submission in ledger.owed_receipts(1000):
        ledger.told_receipts(submission.submission_id)


FOLLOW_UP = (report("Braze", Progress.FAILED), report("Mixpanel"), report("Webhook", Progress.NOT_SUPPORTED))
"""Two destinations that need a person, and one that does not."""

DONE = regulation("reg1", Progress.FINISHED, report("Braze"))
NEEDS_PEOPLE = regulation("reg1", Progress.FAILED, *FOLLOW_UP)
RUNNING = regulation("reg1", Progress.RUNNING, report("Braze", Progress.RUNNING))


def stands(ledger: Ledger, who: str = "A") -> bool:
    """Whether the person's deletion stands."""
    person = ledger.entries([RecordId(f"rec{who}")])[RecordId(f"rec{who}")].typed_key
    return bool(ledger.standing([(person, DELETE)]))


def missing(verdict: Verdict, minutes: float = 20, again: float | None = 30) -> Look:
    """A look that did not find the regulation."""
    return Look(after(minutes), verdict, None if again is None else after(again), None, (), after(minutes))


def failed(ledger: Ledger, *rows: RequestRow, name: str = "reg1") -> SubmissionId:
    """Send these requests in one regulation that fails."""
    submission_id = sent(ledger, *rows, regulation_id=name)
    ledger.look(submission_id, look(regulation(name, Progress.INVALID)))
    return submission_id


def sharing(ledger: Ledger, submission_id: SubmissionId) -> dict[str, str | None]:
    """The rows of a submission by their last letter, each with the letter of the row that it joined."""
    return {
        entry.record_id[-1]: entry.joined_to[-1] if entry.joined_to else None
        for entry in ledger.requests_of(submission_id)
    }
