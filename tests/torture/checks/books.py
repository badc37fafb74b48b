"""Does the ledger agree with itself, and with what Segment has? The events are replayed and compared with the state."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.torture.checks.history import Booked, Books, History, Violation

from dsr_sync.core.model import Identifier, Outcome, Verdict
from dsr_sync.ports import Event

_LIVE = (Outcome.UNKNOWN.value, Outcome.ACCEPTED.value, Outcome.UNPROVABLE.value)
_FINAL = (Verdict.COMPLETED.value, Verdict.FAILED.value, Verdict.LOST.value)


def check(history: History) -> Iterator[Violation]:
    """Judge the ledger, if there is one."""
    books = history.books
    if books is None:
        return
    yield from never_twice_live(books)
    yield from _regulations(history, books)
    yield from _membership(books)
    yield from _replayed(books)
    yield from _gone(history, books)
    if history.calm:
        yield from _left_open(history, books)


def never_twice_live(books: Books) -> Iterator[Violation]:
    """Promise 2 in the ledger's own words: one live submission per person and action."""
    live = Counter((key, booked.request_type) for booked in books.submissions.values() for key in booked.live)
    for times in live.values():
        if times > 1:
            yield Violation(2, f"the ledger has {times} live submissions for one person and action")
    for number, booked in books.submissions.items():
        if booked.live and (booked.outcome not in _LIVE or booked.verdict in _FINAL):
            yield Violation(0, "a submission that is over still counts as live", (str(number),))


def _regulations(history: History, books: Books) -> Iterator[Violation]:
    """Every accepted submission has a regulation of its own, which exists and is about the same persons."""
    named = Counter(booked.regulation_id for booked in books.submissions.values() if booked.regulation_id)
    for regulation_id, times in named.items():
        if times > 1:
            yield Violation(0, "two submissions of the ledger name one regulation", (regulation_id,))
    for number, booked in books.submissions.items():
        if (booked.outcome == Outcome.ACCEPTED.value) != (booked.regulation_id is not None):
            yield Violation(0, "accepted and having a regulation do not go together", (str(number),))
        if booked.regulation_id is not None:
            yield from _regulation(history, books, booked)


def _regulation(history: History, books: Books, booked: Booked) -> Iterator[Violation]:
    made = history.regulation(booked.regulation_id or "")
    ids = (str(booked.submission_id), booked.regulation_id or "")
    if made is None:
        yield Violation(0, "the ledger names a regulation that there never was", ids)
        return
    if made.regulation_type != booked.regulation_type:
        yield Violation(0, "the ledger has a regulation under another type", ids)
    if not booked.keys <= {books.key_of(Identifier(subject)) for subject in made.subjects}:
        yield Violation(0, "the ledger has a regulation under other persons", ids)


def _membership(books: Books) -> Iterator[Violation]:
    """A joined request has the submission of its leader, and its leader leads."""
    for record_id, entry in books.entries.items():
        if entry.joined_to is None:
            continue
        leader = books.entries.get(entry.joined_to)
        if leader is None or leader.joined_to is not None or leader.submission != entry.submission:
            yield Violation(0, "a joined request does not share its leader's submission", (record_id,))


_GONE = "request.gone"

_MOVES = ("submission.intended", "submission.adopted", "request.joined", "request.returned")
"""The events that put a request into a submission."""


@dataclass(slots=True)
class _Replay:
    """What the events alone say: outcome, regulation and verdict per submission, and the submission per request."""

    outcomes: dict[int, str] = field(default_factory=dict)
    regulations: dict[int, object] = field(default_factory=dict)
    verdicts: dict[int, object] = field(default_factory=dict)
    of_request: dict[str, int | None] = field(default_factory=dict)
    broken: list[Violation] = field(default_factory=list)

    def take(self, event: Event) -> None:
        """Let one event happen."""
        number, record_id = event.submission_id, event.record_id
        if number is None:
            return
        if event.kind in _MOVES and record_id is not None:
            self.of_request[record_id] = number
        match event.kind:
            case "submission.intended":
                self.outcomes[number] = Outcome.UNKNOWN.value
            case "submission.accepted" | "submission.adopted":
                self._accepted(number, event)
            case "submission.refused":
                self._settled(number, Outcome.REFUSED)
            case "submission.unprovable":
                self._settled(number, Outcome.UNPROVABLE)
            case "submission.not_accepted":
                self._settled(number, Outcome.NOT_ACCEPTED)
                self._release(number)
            case "verdict.changed":
                self._verdict(number, event)

    def _accepted(self, number: int, event: Event) -> None:
        self.outcomes[number] = Outcome.ACCEPTED.value
        self.regulations[number] = event.details["regulation_id"]
        self.verdicts.setdefault(number, Verdict.ACCEPTED.value)

    def _settled(self, number: int, outcome: Outcome) -> None:
        if self.outcomes.get(number) != Outcome.UNKNOWN.value:
            self.broken.append(Violation(6, f"a settled submission became {outcome.value}", (str(number),)))
        self.outcomes[number] = outcome.value

    def _release(self, number: int) -> None:
        for record_id, current in self.of_request.items():
            if current == number:
                self.of_request[record_id] = None

    def _verdict(self, number: int, event: Event) -> None:
        before, after = self.verdicts.get(number), event.details["verdict"]
        if before in _FINAL and before != after:
            self.broken.append(Violation(6, f"a verdict went from {before} to {after}", (str(number),)))
        self.verdicts[number] = after


def _replayed(books: Books) -> Iterator[Violation]:
    """The state is what the events make of it."""
    replay = _Replay()
    for event in books.events:
        replay.take(event)
    yield from replay.broken
    for number, booked in books.submissions.items():
        state = (booked.outcome, booked.regulation_id, booked.verdict)
        told = (replay.outcomes.get(number), replay.regulations.get(number), replay.verdicts.get(number))
        if state != told:
            yield Violation(0, f"the events say {told} of a submission, the state {state}", (str(number),))
    for record_id, entry in books.entries.items():
        number_now = entry.submission.submission_id if entry.submission else None
        if replay.of_request.get(record_id) != number_now:
            yield Violation(0, "the events put a request into another submission than the state", (record_id,))


def _gone(history: History, books: Books) -> Iterator[Violation]:
    """Nobody is taken for gone who is there: a row that the base has in the end was never away, for no id comes again.

    Of rows that staff have deleted it cannot be told whether they were still there: the ledger's clock may be wrong.
    """
    for event in books.events:
        if event.kind == _GONE and event.record_id is not None and event.record_id in history.rows:
            yield Violation(0, "a row was taken for gone that is in the base", (event.record_id,))


def _left_open(history: History, books: Books) -> Iterator[Violation]:
    """After a calm time nothing is unknown any more, and the base is owed nothing."""
    for number, booked in books.submissions.items():
        if booked.outcome == Outcome.UNKNOWN.value:
            yield Violation(3, "a submission of unknown outcome was never settled", (str(number),))
    owed = [record_id for record_id in books.owed if record_id not in history.untellable]
    if owed:
        yield Violation(5, "rows are still owed what the ledger says", tuple(owed))
    if books.owed_receipts:
        yield Violation(5, "receipts are still owed to the base", tuple(map(str, books.owed_receipts)))
