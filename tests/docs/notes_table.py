"""The table of every note in docs/for-staff.md, made of the words that the daemon uses.

`python -m tests.docs.notes_table` prints it, and `--write` puts it between the two markers in the guide.
"""

import re
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from tests.unit.core.made import EARLIER, NOW, a_receipt, a_submission, an_entry

from dsr_sync.core.actions import Why
from dsr_sync.core.model import Outcome, Progress, RequestType, Status, Submission, Verdict
from dsr_sync.core.wording import Facts, cells

GUIDE = Path(__file__).parents[2] / "docs" / "for-staff.md"
BETWEEN_THE_MARKERS = re.compile(r"(?<=-->\n)(?P<table>(?:(?!<!-- notes).*\n)*)(?=<!-- notes: end -->)")

UNWRITTEN = frozenset({Why.NOT_AUTHENTICATED})
"""An unauthenticated row is never written to, so there is no note for it."""

_TOLD = (a_receipt("Amplitude"),)
_LEFT = (a_receipt("Braze", Progress.FAILED), a_receipt("Intercom", Progress.NOT_SUPPORTED))
_FAILED = a_submission(verdict=Verdict.FAILED)
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
    return "\n".join(
        ["| Status | Status note |", "|---|---|", *(f"| {status} | {note} |" for status, note in lines), ""]
    )


def examples() -> Iterator[Facts]:
    """For each reason the facts of an ordinary case; then the cases in which a reason is put in other words."""
    for why in Why:
        if why not in UNWRITTEN:
            yield _facts(why, _OF_A_REGULATION.get(why))
    yield _facts(Why.COMPLETED, a_submission(verdict=Verdict.COMPLETED))
    for kind in (RequestType.SUPPRESS, RequestType.UNSUPPRESS):
        yield _facts(Why.COMPLETED, a_submission(verdict=Verdict.COMPLETED, request_type=kind))
    for why in (Why.HELD, Why.CHANGED_AFTERWARDS):
        yield _facts(why, _FAILED)


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
