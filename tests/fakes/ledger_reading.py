"""What the fake ledger can be asked."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.fakes.ledger_book import Book
from tests.fakes.ledger_rows import Sent, Subject

from dsr_sync.adapters.ledger.scrub import scrubbed
from dsr_sync.core.deadlines import near
from dsr_sync.core.model import (
    Entry,
    Identifier,
    Outcome,
    RecordId,
    RegulationId,
    RequestType,
    SubjectKey,
    Submission,
    SubmissionId,
    Verdict,
)
from dsr_sync.ports import Event, OpenFollowUp, ReceiptKey, SentBefore, Summary, Unsettled


def plain_hash(identifier: Identifier) -> SubjectKey:
    """A hash that is good enough where nothing is kept."""
    return SubjectKey(hashlib.sha256(b"fake:" + identifier.reveal().encode("utf-8", "surrogatepass")).hexdigest())


class Reader:
    """The reading half. `book` is what was written down; a test may look."""

    def __init__(self, hashed: Callable[[Identifier], SubjectKey] = plain_hash) -> None:
        self.book = Book()
        self._hashed = hashed

    def key_of(self, identifier: Identifier) -> SubjectKey:
        """The keyed hash of an identifier."""
        return self._hashed(identifier)

    def entries(self, record_ids: Sequence[RecordId]) -> dict[RecordId, Entry]:
        """What is remembered of these rows."""
        return {
            record_id: replace(self.book.entry(record_id), repeats=self._to_be_repeated(record_id))
            for record_id in record_ids
            if record_id in self.book.rows
        }

    def _to_be_repeated(self, record_id: RecordId) -> SubmissionId | None:
        row = self.book.rows[record_id]
        if row.number is not None or not row.attempts:
            return None
        intended = (event for event in reversed(self.book.events) if event.kind == "submission.intended")
        said = next(event.details for event in intended if event.record_id == record_id)
        last = said.get("replaces", said.get("repeats"))
        return SubmissionId(last) if isinstance(last, int) else None

    def standing(
        self, wanted: Sequence[tuple[SubjectKey, RequestType]]
    ) -> dict[tuple[SubjectKey, RequestType], Submission]:
        """The live submissions for these persons and actions."""
        live = {(item.key, item.request_type): item.number for item in self.book.subjects if item.live}
        return {person: self.book.sent[live[person]].submission for person in wanted if person in live}

    def undone(self, wanted: Sequence[tuple[SubjectKey, RequestType]]) -> frozenset[tuple[SubjectKey, RequestType]]:
        """For which of these persons and actions the opposite was sent after their live submission."""
        live = [item for item in self.book.subjects if item.live and (item.key, item.request_type) in set(wanted)]
        return frozenset((item.key, item.request_type) for item in live if self._undone(item))

    def _undone(self, standing: Subject) -> bool:
        mine = (standing.number, standing.record_id)
        named = {item.key for item in self.book.subjects if (item.number, item.record_id) == mine}
        opposite = [item for item in self.book.subjects if item.request_type.undoes(standing.request_type)]
        return any(
            self._came_later(item.number, standing.number)
            and self.book.sent[item.number].submission.outcome not in (Outcome.REFUSED, Outcome.NOT_ACCEPTED)
            for item in opposite
            if item.key in named
        )

    def _came_later(self, one: SubmissionId, other: SubmissionId) -> bool:
        made, before = self.book.sent[one].created_at, self.book.sent[other].created_at
        return one > other if made is None or before is None else (made, one) > (before, other)

    def sent_since(self, moment: datetime) -> tuple[datetime, ...]:
        """When each request was sent since then, oldest first."""
        counted = [sent for sent in self.book.sent.values() if sent.submission.outcome is not Outcome.NOT_ACCEPTED]
        times = [sent.submission.intended_at for sent in counted for _ in range(sent.requests)]
        return tuple(sorted(time for time in times if time >= moment))

    def unsettled(self) -> tuple[Unsettled, ...]:
        """The submissions of unknown outcome, oldest first."""
        unknown = [sent for sent in self.book.sent.values() if sent.submission.outcome is Outcome.UNKNOWN]
        unknown.sort(key=lambda sent: (sent.submission.intended_at, sent.submission.submission_id))
        return tuple(self._unsettled(sent) for sent in unknown)

    def _unsettled(self, sent: Sent) -> Unsettled:
        number = sent.submission.submission_id
        return Unsettled(
            submission=sent.submission,
            subject_keys=frozenset(item.key for item in self.book.subjects if item.number == number and item.sent),
            record_ids=tuple(row.record_id for row in self.book.sharing(number)),
            absent_at=sent.absent_at,
        )

    def due(self, now: datetime, limit: int, latest: datetime | None = None) -> tuple[Submission, ...]:
        """Submissions whose regulation is to be looked at now, or was put off too far; longest overdue first."""
        ripe = [(sent.next_look_at, number) for number, sent in self.book.sent.items() if sent.next_look_at]
        due = [number for at, number in sorted(ripe) if at <= now or (latest is not None and at > latest)]
        return tuple(self.book.sent[number].submission for number in due[:limit])

    def requests_of(self, submission_id: SubmissionId) -> tuple[Entry, ...]:
        """The requests that share this submission, its own before the joined ones."""
        return tuple(self.book.entry(row.record_id) for row in self.book.sharing(submission_id))

    def owed(self, limit: int) -> tuple[Entry, ...]:
        """Requests whose row has not been told of the last change, oldest change first."""
        owed = sorted((row.changed_at, row.record_id) for row in self.book.rows.values() if row.changed_at)
        return tuple(self.book.entry(record_id) for _, record_id in owed[:limit])

    def owed_receipts(self, limit: int) -> tuple[Submission, ...]:
        """Submissions whose receipts in the base are behind."""
        behind = [(sent.receipts_changed_at, number) for number, sent in self.book.sent.items()]
        owed = sorted((at, number) for at, number in behind if at is not None)
        return tuple(self.book.sent[number].submission for _, number in owed[:limit])

    def open_follow_ups(self) -> tuple[OpenFollowUp, ...]:
        """Receipts that wait for a person."""
        return tuple(
            OpenFollowUp(ReceiptKey(record_id, regulation_id, name), number)
            for (number, record_id, name), done in sorted(self.book.follow_ups.items())
            if done is None and (regulation_id := self._waiting(number, record_id, name)) is not None
        )

    def done_follow_ups(self, submission_id: SubmissionId) -> frozenset[ReceiptKey]:
        """The receipts of this submission that staff have set to Done."""
        regulation_id = self.book.sent[submission_id].submission.regulation_id
        done = [
            (record, name)
            for (number, record, name), at in self.book.follow_ups.items()
            if at and number == submission_id
        ]
        return frozenset(ReceiptKey(record, regulation_id, name) for record, name in done if regulation_id)

    def _waiting(self, number: SubmissionId, record_id: RecordId, name: str) -> RegulationId | None:
        submission = self.book.sent[number].submission
        open_ones = [row.record_id for row in self.book.leading(number) if row.followed_up_at is None]
        at_work = submission.verdict in (Verdict.ACCEPTED, Verdict.RUNNING) and name in submission.by_hand
        waits = record_id in open_ones and (submission.verdict is Verdict.FOLLOW_UP or at_work)
        return submission.regulation_id if waits else None

    def with_receipts(self, after: RecordId | None, limit: int) -> tuple[Entry, ...]:
        """Requests with a regulation and a row, in the order of their ids; joined ones left out."""
        rows = sorted(self.book.rows.values(), key=lambda row: row.record_id)
        wanted = [row for row in rows if row.record_id > (after or "") and row.joined_to is None and not row.gone_at]
        entries = [self.book.entry(row.record_id) for row in wanted if row.number is not None]
        return tuple(entry for entry in entries if entry.submission and entry.submission.regulation_id)[:limit]

    def scrubbed(self, submission_id: SubmissionId, texts: Sequence[str]) -> tuple[str, ...]:
        """These error texts as they would be kept for this submission."""
        people = self._people(submission_id)
        return tuple(scrubbed(text, lambda words: self.key_of(Identifier(words)) in people) for text in texts)

    def _people(self, number: SubmissionId) -> set[SubjectKey]:
        people = {item.key for item in self.book.subjects if item.number == number}
        return people | {row.typed_key for row in self.book.sharing(number)}

    def remembered(self, name: str) -> str | None:
        """The text that was kept under this name, if any."""
        return self.book.texts.get(name)

    def known(self, regulation_ids: Sequence[RegulationId]) -> frozenset[RegulationId]:
        """Which of these regulations this ledger accounts for."""
        mine = {sent.submission.regulation_id for sent in self.book.sent.values()}
        return frozenset(regulation_id for regulation_id in regulation_ids if regulation_id in mine)

    def served(self, regulation_ids: Sequence[RegulationId]) -> dict[RegulationId, frozenset[SubjectKey]]:
        """The subjects of these regulations for whom a request of this ledger was sent."""
        found: dict[RegulationId, frozenset[SubjectKey]] = {}
        for subject in self.book.subjects:
            regulation_id = self.book.sent[subject.number].submission.regulation_id
            if regulation_id in regulation_ids and regulation_id is not None and subject.sent:
                found[regulation_id] = found.get(regulation_id, frozenset()) | {subject.key}
        return found

    def named(self, regulation_id: RegulationId) -> frozenset[SubjectKey]:
        """Under which keys the requests that share this regulation name their persons."""
        mine = {number for number, sent in self.book.sent.items() if sent.submission.regulation_id == regulation_id}
        typed = {row.typed_key for row in self.book.rows.values() if row.number in mine}
        return frozenset(typed.union(item.key for item in self.book.subjects if item.number in mine))

    def sent_before(self, record_id: RecordId, submission_id: SubmissionId) -> SentBefore | None:
        """What that submission was about for this request."""
        sent = self.book.sent.get(submission_id)
        mine = [one for one in self.book.subjects if (one.number, one.record_id) == (submission_id, record_id)]
        if sent is None or sent.submission.regulation_id is None or not mine:
            return None
        subjects = frozenset(one.key for one in mine if one.sent)
        return SentBefore(sent.submission.regulation_id, subjects, frozenset(one.key for one in mine))

    def over_since(self, regulation_id: RegulationId) -> datetime | None:
        """When this ledger learned that the regulation serves nobody any more."""
        sent = [number for number, one in self.book.sent.items() if one.submission.regulation_id == regulation_id]
        if any(subject.live and subject.number in sent for subject in self.book.subjects):
            return None
        ends = ("verdict.changed", "request.followed_up")
        return max(
            (each.at for each in self.book.events if each.submission_id in sent and each.kind in ends), default=None
        )

    def witness(self, after: datetime, before: datetime) -> RegulationId | None:
        """The newest regulation accepted between these times that Segment was not found to be missing."""
        all_of_them = [sent.submission for sent in self.book.sent.values()]
        present = [
            (item.accepted_at, item.submission_id, item.regulation_id)
            for item in all_of_them
            if item.accepted_at and item.missing_since is None and after <= item.accepted_at <= before
        ]
        return max(present)[2] if present else None

    def mark(self, name: str) -> datetime | None:
        """When something was last done, or until when something is put off."""
        return self.book.marks.get(name)

    def history(self, record_id: RecordId) -> tuple[Event, ...]:
        """The whole story of one row, oldest first."""
        numbers = {event.submission_id for event in self.book.events if event.record_id == record_id} - {None}
        return tuple(
            event
            for event in self.book.events
            if event.record_id == record_id or (event.record_id is None and event.submission_id in numbers)
        )

    def height(self) -> int:
        """The number of the last event."""
        return len(self.book.events)

    def summary(self, now: datetime) -> Summary:
        """The ledger in numbers."""
        entries = [self.book.entry(record_id) for record_id in self.book.rows]
        states = [_state(entry) for entry in entries]
        with_rows = [(entry, state) for entry, state in zip(entries, states, strict=True) if not entry.gone]
        still_open = [entry for entry, state in with_rows if state != "completed"]
        dates = [entry.due_by for entry in still_open if entry.due_by]
        spans = near(now.astimezone(UTC).date()).items()
        return Summary(
            by_state={state: states.count(state) for state in states},
            oldest_open_seen_at=min((entry.seen_at for entry in still_open), default=None),
            earliest_due_by=min(dates, default=None),
            due={span.value: sum(first <= due_by <= last for due_by in dates) for span, (first, last) in spans},
            unsettled=len(self.unsettled()),
            owed=sum(row.changed_at is not None for row in self.book.rows.values()),
            open_follow_ups=len(self.open_follow_ups()),
            sent_last_hour=len(self.sent_since(now - timedelta(hours=1))),
            last_tick_at=self.mark("tick"),
        )


def _state(entry: Entry) -> str:
    submission = entry.submission
    if submission is None:
        return "seen"
    if submission.outcome is not Outcome.ACCEPTED or entry.verdict is None:
        return submission.outcome.value
    return entry.verdict.value
