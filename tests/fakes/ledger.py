"""A ledger in memory, without a database: the same promises, kept in plain Python.

It exists so that the engine can be tested without a disk, and so that the real ledger has something to be compared
with: the contract suite runs on both, and random sequences of operations must leave both in the same state.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from tests.fakes.ledger_book import already_standing, ensure_free
from tests.fakes.ledger_rows import Row, Sent, Subject
from tests.fakes.ledger_settling import Settler

from dsr_sync.adapters.ledger.scrub import plain_reason
from dsr_sync.core.deadlines import Deadline, due_by
from dsr_sync.core.model import (
    Entry,
    Identifier,
    Outcome,
    RecordId,
    RegulationId,
    RequestRow,
    RequestType,
    SubjectKey,
    Submission,
    SubmissionId,
    Verdict,
)
from dsr_sync.ports import GONE, Details, Event, IntendedRequest, Intent, Noted


class FakeLedger(Settler):
    """The `Ledger` of a test: every writing method does all that it does, or raises and does nothing."""

    def set_mark(self, name: str, at: datetime) -> None:
        """Note when something was done."""
        self.book.marks[name] = at

    def note(self, rows: Sequence[Noted]) -> None:
        """Remember authenticated rows."""
        for noted in {noted.row.record_id: noted for noted in rows}.values():
            key, record_id = self.key_of(noted.row.identifier), noted.row.record_id
            if record_id not in self.book.rows:
                self.book.rows[record_id] = Row(record_id, noted.seen_at, key, noted.request_type)
                self.book.happened(noted.seen_at, "request.seen", record_id, None)
            if self.book.rows[record_id].number is None:
                seen_at = min(self.book.rows[record_id].seen_at, noted.seen_at)
                self.book.change(record_id, typed_key=key, request_type=noted.request_type, seen_at=seen_at)
            self._heed(noted)

    def _heed(self, noted: Noted) -> None:
        stands, at = self.book.rows[noted.row.record_id], noted.seen_at
        limit = noted.deadline or Deadline(due_by(noted.row), stands.extension)
        record_id, extension = stands.record_id, limit.extension
        if extension and (stands.extension is None or stands.extension.until != extension.until):
            self.book.happened(at, "request.extended", record_id, None, until=extension.until.isoformat())
        if limit.refused and stands.extension_refused is not limit.refused:
            self.book.happened(at, "request.extension_refused", record_id, None, because=limit.refused.value)
        if stands.due_by not in (None, limit.due_by):
            due = limit.due_by.isoformat() if limit.due_by else None
            self.book.happened(at, "request.due", record_id, None, due_by=due)
        if noted.changed and noted.changed != stands.changed:
            self.book.happened(at, "request.changed", record_id, None, columns=noted.changed)
        if stands.changed and not noted.changed:
            self.book.happened(at, "request.changed_back", record_id, None)
        of_limit = {"due_by": limit.due_by, "extension": extension, "extension_refused": limit.refused}
        self.book.change(record_id, changed=noted.changed, **of_limit)

    def note_gone(self, seen: frozenset[RecordId], at: datetime) -> tuple[RecordId, ...]:
        """Which requests that were sent have lost their rows since the last time."""
        sent = sorted((row for row in self.book.rows.values() if row.number is not None), key=lambda row: row.record_id)
        gone = tuple(row.record_id for row in sent if row.gone_at is None and row.record_id not in seen)
        back = tuple(row.record_id for row in sent if row.gone_at is not None and row.record_id in seen)
        for record_ids, gone_at, kind in ((gone, at, "request.gone"), (back, None, "request.back")):
            for record_id in record_ids:
                self.book.change(record_id, gone_at=gone_at)
                self.book.happened(at, kind, record_id, None)
        return gone

    def put_right(self, record_id: RecordId, at: datetime, details: Details) -> None:
        """Somebody had changed the daemon's columns; they are as they were."""
        self.book.happened(at, "request.put_right", record_id, None, **details)

    def remember(self, name: str, value: str) -> None:
        """Keep a text that is about no row and no person."""
        self.book.texts[name] = value

    def forget_unseen(self, seen: frozenset[RecordId]) -> int:
        """Forget the requests without a submission that are not among these; how many."""
        unsent = [row for row in self.book.rows.values() if row.number is None and row.changed_at is None]
        gone = [row.record_id for row in unsent if row.record_id not in seen]
        for record_id in gone:
            del self.book.rows[record_id]
        return len(gone)

    def intend(self, intent: Intent) -> SubmissionId:
        """Make an intent. Raises AlreadyStanding."""
        with self.book.transaction():
            made = Submission(self._next(), Outcome.UNKNOWN, intent.at, intent.request_type, intent.regulation_type)
            number = self._made(intent, made)
            remembered = self.entries([request.record_id for request in intent.requests])
            self._admit(number, intent, intent.requests, live=True)
            for request in intent.requests:
                facts: Details = {"request_type": intent.request_type.value, "regulation_type": intent.regulation_type}
                more = self._repeating(request, remembered.get(request.record_id), intent.request_type)
                self.book.happened(intent.at, "submission.intended", request.record_id, number, **facts, **more)
            return number

    def _repeating(self, request: IntendedRequest, entry: Entry | None, kind: RequestType) -> Details:
        if request.replaces is not None:
            return {"replaces": request.replaces}
        former = entry.repeats if entry else None
        was_for = [
            (item.key, item.request_type)
            for item in self.book.subjects
            if (item.number, item.record_id) == (former, request.record_id)
        ]
        return {"repeats": former} if former and (self._typed(request), kind) in was_for else {}

    def _next(self) -> SubmissionId:
        return SubmissionId(len(self.book.sent) + 1)

    def _made(self, intent: Intent, submission: Submission) -> SubmissionId:
        looked_at = submission.accepted_at
        number = submission.submission_id
        self.book.sent[number] = Sent(submission, len(intent.requests), next_look_at=looked_at)
        return number

    def _admit(self, number: SubmissionId, intent: Intent, admitted: Sequence[IntendedRequest], *, live: bool) -> None:
        _refuse_twins(intent)
        remembered = self.entries([request.record_id for request in admitted])
        along = self._depart(intent, admitted, remembered)
        for request in admitted:
            for key in {*map(self.key_of, request.subjects), self._typed(request)}:
                was_sent = key in map(self.key_of, request.subjects)
                person = Subject(number, request.record_id, key, intent.request_type, sent=was_sent, live=live)
                self.book.register(person)
        for request in admitted:
            self._enter(number, intent, request)
        for leader, rows in along.items():
            self.book.join(number, leader, rows, intent.at)
        for entry in remembered.values():
            self.book.retire(entry.submission.submission_id if entry.submission else None)

    def _depart(
        self, intent: Intent, departing: Sequence[IntendedRequest], remembered: dict[RecordId, Entry]
    ) -> dict[RecordId, list[RecordId]]:
        for request in departing:
            ensure_free(remembered.get(request.record_id), request.replaces)
        for request in departing:
            if (entry := remembered.get(request.record_id)) and entry.joined_to:
                self.book.change(request.record_id, joined_to=None, number=None)
        along: dict[RecordId, list[RecordId]] = {}
        for request in departing:
            entry = remembered.get(request.record_id)
            if entry and entry.submission:
                keys = {*map(self.key_of, request.subjects), self._typed(request)}
                rows = self._along(entry, self._typed(request), keys, intent.request_type)
                self.book.leave(request.record_id, rows, intent.at)
                along[request.record_id] = rows
        return along

    def _along(self, entry: Entry, typed: SubjectKey, keys: set[SubjectKey], kind: RequestType) -> list[RecordId]:
        if entry.request_type is not kind:
            return []
        joined = self.book.joined(entry.record_id)
        return [row.record_id for row in joined if entry.typed_key == typed or row.typed_key in keys]

    def _typed(self, request: IntendedRequest) -> SubjectKey:
        known = self.book.rows.get(request.record_id)
        return self.key_of(request.identifier) if request.own or known is None else known.typed_key

    def _enter(self, number: SubmissionId, intent: Intent, request: IntendedRequest) -> None:
        key = self._typed(request)
        self._ensure_noted(request.record_id, key, intent.request_type, intent.at)
        attempts = self.book.rows[request.record_id].attempts + 1
        typed = {"typed_key": key, "request_type": intent.request_type}
        self.book.move(request.record_id, number, intent.at, joined_to=None, attempts=attempts, **typed)

    def _ensure_noted(self, record_id: RecordId, key: SubjectKey, kind: RequestType, at: datetime) -> None:
        if record_id not in self.book.rows:
            self.book.rows[record_id] = Row(record_id, at, key, kind)
            self.book.happened(at, "request.seen", record_id, None)

    def adopt(self, intent: Intent, regulation_id: RegulationId, created_at: datetime) -> SubmissionId:
        """Take over a regulation of Segment's list, or add requests to a known one. Raises AlreadyStanding."""
        with self.book.transaction():
            mine = [number for number, sent in self.book.sent.items() if sent.submission.regulation_id == regulation_id]
            if mine:
                return self._add(mine[0], intent)
            types = (intent.request_type, intent.regulation_type)
            made = Submission(self._next(), Outcome.ACCEPTED, created_at, *types, regulation_id, Verdict.ACCEPTED)
            number = self._made(intent, replace(made, accepted_at=created_at))
            self._admit(number, intent, intent.requests, live=True)
            for request in intent.requests:
                self._adopted(number, request, intent)
            return number

    def _adopted(self, number: SubmissionId, request: IntendedRequest, intent: Intent) -> None:
        regulation_id = self.book.sent[number].submission.regulation_id
        self.book.happened(intent.at, "submission.adopted", request.record_id, number, regulation_id=regulation_id)

    def _add(self, number: SubmissionId, intent: Intent) -> SubmissionId:
        _refuse_twins(intent)
        for request in intent.requests:
            row = self.book.rows.get(request.record_id)
            if row is None or row.number != number:
                self._add_one(number, request, intent)
        return number

    def _add_one(self, number: SubmissionId, request: IntendedRequest, intent: Intent) -> None:
        keys = {*map(self.key_of, request.subjects), self._typed(request)}
        leading = {row.record_id for row in self.book.leading(number)}
        same = [item.record_id for item in self.book.subjects if item.number == number and item.key in keys]
        leaders = sorted(leading.intersection(same))
        remembered = self.entries([request.record_id])
        if leaders:
            along = self._depart(intent, [request], remembered).get(request.record_id, [])
            self._ensure_noted(request.record_id, self._typed(request), intent.request_type, intent.at)
            self.book.join(number, leaders[0], [request.record_id, *along], intent.at)
            for entry in remembered.values():
                self.book.retire(entry.submission.submission_id if entry.submission else None)
            return
        sent = self.book.sent[number]
        verdict = sent.submission.verdict
        mine = (number, request.record_id)
        self.book.subjects = [item for item in self.book.subjects if (item.number, item.record_id) != mine]
        self._admit(number, intent, [request], live=not (verdict and verdict.final))
        self.book.change_sent(number, requests=sent.requests + 1)
        self._adopted(number, request, intent)
        if sent.submission.receipts:
            self.book.change_sent(number, receipts_changed_at=intent.at)
        self.book.want_follow_ups(number, intent.at)

    def join(
        self, row: RequestRow, submission_id: SubmissionId, at: datetime, subjects: Sequence[Identifier] = ()
    ) -> None:
        """Let a row share a live submission. Raises AlreadyStanding if it is no longer live."""
        kind = self._sent(submission_id).submission.request_type
        entry = self.entries([row.record_id]).get(row.record_id)
        own = entry.submission.submission_id if entry and entry.submission else None
        if own == submission_id:
            return
        ensure_free(entry, own)
        key = self.key_of(row.identifier)
        live = [item for item in self.book.subjects if item.number == submission_id and item.live]
        if not live:
            raise already_standing()
        keys = {key, *map(self.key_of, subjects)}
        leader = min(live, key=lambda item: (item.key not in keys, item.record_id)).record_id
        along = self._along(entry, key, keys, kind) if entry and own else []
        if own:
            self.book.leave(row.record_id, along, at)
        self._ensure_noted(row.record_id, key, kind, at)
        self.book.change(row.record_id, typed_key=key, request_type=kind)
        self.book.join(submission_id, leader, [row.record_id, *along], at)
        self.book.retire(own)

    def told(self, record_ids: Sequence[RecordId]) -> None:
        """These rows say what the ledger says."""
        for record_id in record_ids:
            if record_id in self.book.rows:
                self.book.change(record_id, changed_at=None)

    def told_receipts(self, submission_id: SubmissionId) -> None:
        """The receipts of this submission are in the base."""
        if submission_id in self.book.sent:
            self.book.change_sent(submission_id, receipts_changed_at=None)

    def untellable(self, record_id: RecordId, at: datetime, reason: str) -> None:
        """The row is gone or refuses what is written; the history says so once, not at every tick."""
        self.told([record_id])
        event = Event(at, "request.untellable", record_id, None, {"reason": plain_reason(reason)})
        last = next((line for line in reversed(self.book.events) if line.record_id == record_id), None)
        if last is None or (last.kind, last.details) != (event.kind, event.details):
            self.book.events.append(event)
        if reason == GONE and record_id in self.book.rows:
            self.book.hand_over(record_id, at)

    def report(self, kind: str, at: datetime, details: Details) -> None:
        """Record something that is about no single row."""
        self.book.events.append(Event(at, kind, None, None, dict(details)))

    def close(self) -> None:
        """Nothing is held."""


def _refuse_twins(intent: Intent) -> None:
    """A request cannot be in an intent twice."""
    if len({request.record_id for request in intent.requests}) < len(intent.requests):
        raise already_standing()
