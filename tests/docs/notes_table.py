"""The table of every note in docs/for-staff.md, made of the words that the daemon uses.

`python -m tests.docs.notes_table` prints it, and `--write` puts it between the two markers in the guide.
"""

import re
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

from tests.unit.core.made import EARLIER, NOW, a_receipt, a_submission, an_entry

from dsr_sync.core.actions import Why
from dsr_sync.core.model import ExtensionRefused, Outcome, Progress, RequestType, Status, Submission, Verdict
from dsr_sync.core.urgency import urgent
from dsr_sync.core.wording import Facts, cells

GUIDE = Path(__file__).parents[2] / "docs" / "for-staff.md"
BETWEEN_THE_MARKERS = re.compile(r"(?<=-->\n)(?P<table>(?:(?!<!-- notes).*\n)*)(?=<!-- notes: end -->)")

UNWRITTEN = frozenset({Why.NOT_AUTHENTICATED})
"""An unauthenticated row is never written to, so there is no note for it."""

_TOLD = (a_receipt("Amplitude"),)
_LEFT = (a_receipt("Braze", Progress.FAILED), a_receipt("Intercom", Progress.NOT_SUPPORTED))
_FAILED = a_submission(verdict=Verdict.FAILED)
_BY_HAND = ("Old CRM",)
_DUE = date(2026, 6, 3)
_OF_A_REGULATION = {
    Why.UNPROVABLE: a_submission(Outcome.UNPROVABLE),
    Why.REFUSED: a_submission(Outcome.REFUSED),
    Why.LOST: a_submission(verdict=Verdict.LOST),
    Why.UNCONFIRMED: a_submission(Outcome.UNKNOWN),
    Why.UNCONFIRMED_ELSEWHERE: a_submission(Outcome.UNKNOWN),
    Why.ACCEPTED: a_submission(verdict=Verdict.ACCEPTED),
    Why.RUNNING: a_submission(verdict=Verdict.RUNNING),
    Why.FOLLOW_UP: a_submission(verdict=Verdict.FOLLOW_UP, receipts=_LEFT),
    Why.COMPLETED: a_submission(verdict=Verdict.COMPLETED, receipts=_TOLD),
    Why.FOLLOWED_UP: a_submission(verdict=Verdict.COMPLETED, receipts=_LEFT),
    Why.FAILED: _FAILED,
    Why.CHANGED_AFTERWARDS: a_submission(verdict=Verdict.RUNNING),
}


def render() -> str:
    """The table: one line for each note, ordered by Status as the guide explains them."""
    order = {status.value: place for place, status in enumerate(Status)}
    lines = sorted(dict.fromkeys(map(_line, examples())), key=lambda line: order[line[0]])
    lines += dict.fromkeys(map(_line, _shared()))
    notes = ["| Status | Status note |", "|---|---|", *(f"| {status} | {note} |" for status, note in lines)]
    ends = [f"| {when} | {sentence} |" for when, sentence in endings()]
    return "\n".join([*notes, "", "| When | A note may go on |", "|---|---|", *ends, ""])


def endings() -> Iterator[tuple[str, str]]:
    """The sentences that the last day or an extension adds to a note, each with the time when it is said."""
    for refused in ExtensionRefused:
        yield "an extension does not count", urgent(Facts(Why.RUNNING, refused=refused))[0]
    for when, why, days in (
        ("not sent, and it waits for you", Why.HELD, 20),
        ("not sent, and it may wait for weeks", Why.OVERLAP, 20),
        ("from a week before the last day", Why.RUNNING, 7),
        ("after the last day", Why.RUNNING, -1),
    ):
        today = datetime.combine(_DUE - timedelta(days=days), time(12), NOW.tzinfo)
        yield when, urgent(Facts(why, due_by=_DUE, now=today))[0]


def examples() -> Iterator[Facts]:
    """For each reason the facts of an ordinary case; then the cases in which a reason is put in other words."""
    for why in Why:
        if why not in UNWRITTEN:
            yield _facts(why, _OF_A_REGULATION.get(why))
    yield _facts(Why.COMPLETED, a_submission(verdict=Verdict.COMPLETED))
    for kind in (RequestType.SUPPRESS, RequestType.UNSUPPRESS):
        yield _facts(Why.COMPLETED, a_submission(verdict=Verdict.COMPLETED, request_type=kind))
    for why in (Why.REQUEST_TYPE_UNKNOWN, Why.HELD, Why.BRAKE, Why.CHANGED_AFTERWARDS):
        yield _facts(why, _FAILED)
    yield Facts(Why.PAUSED)
    for verdict, why in ((Verdict.ACCEPTED, Why.ACCEPTED), (Verdict.RUNNING, Why.RUNNING)):
        yield _facts(why, a_submission(verdict=verdict, by_hand=_BY_HAND))
    yield _facts(Why.FOLLOW_UP, a_submission(verdict=Verdict.FOLLOW_UP, receipts=_LEFT[1:]))
    for receipts in ((), _LEFT):
        yield _facts(Why.FOLLOW_UP, a_submission(verdict=Verdict.FOLLOW_UP, receipts=receipts, by_hand=_BY_HAND))


def write(guide: Path = GUIDE) -> None:
    """Put the table between the markers of the guide."""
    guide.write_text(BETWEEN_THE_MARKERS.sub(lambda _: render(), guide.read_text(encoding="utf-8")), encoding="utf-8")


def table_in(guide: Path = GUIDE) -> str:
    """What stands between the markers now. Raises ValueError if the markers are gone."""
    found = BETWEEN_THE_MARKERS.search(guide.read_text(encoding="utf-8"))
    if found is None:
        raise ValueError("the guide has no markers for the table of notes")
    return found["table"]


def _shared() -> Iterator[Facts]:
    """What a row says that shares another row's regulation, where the words differ by more than the first sentence."""
    for why in (Why.RUNNING, Why.FOLLOW_UP):
        yield _facts(why, _OF_A_REGULATION[why], joined=True)


def _facts(why: Why, submission: Submission | None, *, joined: bool = False) -> Facts:
    entry = an_entry(submission, joined_to=EARLIER if joined else None)
    return Facts(why, entry, RequestType.DELETE, until=NOW + timedelta(hours=1))


def _line(facts: Facts) -> tuple[str, str]:
    told = cells(facts)
    return told.status, told.status_note.replace("|", "\\|")


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        write()
    else:
        sys.stdout.write(render())
