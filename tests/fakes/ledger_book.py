"""What the fake ledger writes down, and how requests move between submissions in it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from tests.fakes.ledger_rows import Row, Sent, Subject

from dsr_sync.core.model import (
    Entry,
    Outcome,
    Receipt,
    RecordId,
    SubmissionId,
    Verdict,
)
from dsr_sync.core.receipts import needing_follow_up
from dsr_sync.ports import GONE, AlreadyStanding, Details, Event

REPEATABLE = (Verdict.FAILED, Verdict.FOLLOW_UP, Verdict.LOST)


FollowUp = tuple[SubmissionId, RecordId, str]


@dataclass(slots=True)
class Book:
    """The whole ledger. Everything in it is frozen, so that a copy of the outer shell is a snapshot."""

    rows: dict[RecordId, Row] = field(default_factory=dict)
    sent: dict[SubmissionId, Sent] = field(default_factory=dict)
    subjects: list[Subject] = field(default_factory=list)
    follow_ups: dict[FollowUp, datetime | None] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    marks: dict[str, datetime] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing."""
        rows, sent, subjects = dict(self.rows), dict(self.sent), list(self.subjects)
        follow_ups, marks, lines = dict(self.follow_ups), dict(self.marks), len(self.events)
        try:
            yield
        except BaseException:
            self.rows, self.sent, self.subjects = rows, sent, subjects
            self.follow_ups, self.marks = follow_ups, marks
            del self.events[lines:]
            raise

    def entry(self, record_id: RecordId) -> Entry:
        """A request as the port shows it."""
        row = self.rows[record_id]
        leader = self.rows[row.joined_to] if row.joined_to else row
        return Entry(
            record_id=row.record_id,
            seen_at=row.seen_at,
            typed_key=row.typed_key,
            request_type=row.request_type,
            due_by=row.due_by,
            joined_to=row.joined_to,
            not_before=row.not_before,
            attempts=row.attempts,
            submission=self.sent[row.number].submission if row.number is not None else None,
            followed_up_at=leader.followed_up_at,
            extension=row.extension,
            extension_refused=row.extension_refused,
            changed=row.changed,
            owed=row.changed_at is not None,
            gone=row.gone_at is not None,
        )

    def happened(
        self, at: datetime, kind: str, record_id: RecordId | None, number: SubmissionId | None, **details: object
    ) -> None:
        """Add a line to the history."""
        plain: Details = {name: value for name, value in details.items() if isinstance(value, str | int | None)}
        self.events.append(Event(at, kind, record_id, number, plain))

    def change(self, record_id: RecordId, **values: object) -> None:
        """Change what is remembered of a row."""
        self.rows[record_id] = replace(self.rows[record_id], **values)  # type: ignore[arg-type]  # any field

    def change_sent(self, number: SubmissionId, **values: object) -> None:
        """Change what the ledger alone knows of a submission."""
        self.sent[number] = replace(self.sent[number], **values)  # type: ignore[arg-type]  # any field

    def sharing(self, number: SubmissionId) -> list[Row]:
        """The requests of a submission, its own before the joined ones."""
        rows = [row for row in self.rows.values() if row.number == number]
        return sorted(rows, key=lambda row: (row.joined_to is not None, row.record_id))

    def leading(self, number: SubmissionId) -> list[Row]:
        """The requests that a submission was made for."""
        return [row for row in self.sharing(number) if row.joined_to is None]

    def joined(self, record_id: RecordId) -> list[Row]:
        """The rows that joined this one, the one seen first before the others."""
        rows = [row for row in self.rows.values() if row.joined_to == record_id]
        return sorted(rows, key=lambda row: (row.seen_at, row.record_id))

    def free(self, number: SubmissionId, record_id: RecordId | None = None) -> None:
        """The persons of a submission, or of one of its requests, are no longer served by it."""
        self._subjects(number, record_id, lambda subject: replace(subject, live=False))

    def _subjects(
        self, number: SubmissionId, record_id: RecordId | None, changed: Callable[[Subject], Subject]
    ) -> None:
        self.subjects = [
            changed(subject) if subject.number == number and record_id in (None, subject.record_id) else subject
            for subject in self.subjects
        ]

    def owe(self, number: SubmissionId, at: datetime) -> None:
        """Every row of a submission is to be told of a change."""
        for row in self.sharing(number):
            self.change(row.record_id, changed_at=at)

    def register(self, subject: Subject) -> None:
        """Write down whom a submission is about: one live submission per person and action."""
        same = (subject.key, subject.request_type)
        if subject.live and any(other.live and (other.key, other.request_type) == same for other in self.subjects):
            raise already_standing()
        self.subjects.append(subject)

    def leave(self, record_id: RecordId, along: Sequence[RecordId], at: datetime) -> None:
        """A leader leaves its submission; the first of the joined rows that stay takes its place."""
        row = self.rows[record_id]
        if row.number is None or row.joined_to is not None:
            return
        staying = [other.record_id for other in self.joined(record_id) if other.record_id not in along]
        if not staying:
            self.free(row.number, record_id)
            return
        self._bequeath(record_id, staying, at)

    def _bequeath(self, record_id: RecordId, staying: Sequence[RecordId], at: datetime) -> None:
        row, heir = self.rows[record_id], staying[0]
        if row.number is None:
            return
        for stayed in staying:
            self.change(stayed, joined_to=heir, changed_at=at)
        self.change(heir, joined_to=None, followed_up_at=row.followed_up_at)
        self._subjects(row.number, record_id, lambda subject: replace(subject, record_id=heir))
        self.follow_ups = {
            (number, heir if (number, owner) == (row.number, record_id) else owner, name): done
            for (number, owner, name), done in self.follow_ups.items()
        }
        submission = self.sent[row.number].submission
        if submission.receipts or submission.by_hand:
            self.change_sent(row.number, receipts_changed_at=at)
        self.happened(at, "request.leads", heir, row.number, instead_of=record_id)

    def hand_over(self, record_id: RecordId, at: datetime) -> None:
        """The row of a leader was deleted; the first of the joined rows that is still there takes its place."""
        if self.rows[record_id].number is None or self.rows[record_id].joined_to is not None:
            return
        joined = [other.record_id for other in self.joined(record_id)]
        heir = next((other for other in joined if not self._is_gone(other)), None)
        if heir is not None:
            self._bequeath(record_id, [heir, *(other for other in joined if other != heir)], at)
            self.change(record_id, joined_to=heir)

    def _is_gone(self, record_id: RecordId) -> bool:
        last = next((event for event in reversed(self.events) if event.record_id == record_id), None)
        told = (last.kind, last.details.get("reason")) if last else None
        return told in (("request.gone", None), ("request.untellable", GONE))

    def join(self, number: SubmissionId, leader: RecordId, joining: Sequence[RecordId], at: datetime) -> None:
        """These rows share the submission of the leader."""
        for record_id in joining:
            self.move(record_id, number, at, joined_to=leader)
            self.happened(at, "request.joined", record_id, number, joined_to=leader)
        if joining and self._is_gone(leader):
            self.hand_over(leader, at)

    def move(self, record_id: RecordId, number: SubmissionId, at: datetime, **values: object) -> None:
        """A row comes into a submission."""
        arrived = {"number": number, "not_before": None, "followed_up_at": None, "changed_at": at, "changed": ""}
        self.change(record_id, **{**arrived, **values})

    def put_back(self, number: SubmissionId, rows: Sequence[RecordId], at: datetime) -> None:
        """A leader, and the rows that came along with it, are again in the submission that was to be repeated."""
        leader, *along = rows
        mine = [each for each in self.subjects if each.number == number and each.record_id == leader]
        if not mine:
            return
        former = self.sent[number].submission
        guess = next((each.key for each in mine if not each.sent), min(each.key for each in mine))
        now = self.rows[leader].typed_key
        typed = now if now in {each.key for each in mine} else guess
        self.change(leader, number=number, typed_key=typed, request_type=former.request_type)
        for record_id in along:
            self.change(record_id, number=number, joined_to=leader)
        for record_id in rows:
            self.happened(at, "request.returned", record_id, number)

    def named_in(self, number: SubmissionId, name: str) -> dict[RecordId, SubmissionId]:
        """The submission that the intent of each request names as what it `replaces`, or `repeats`."""
        mine = [event for event in self.events if event.kind == "submission.intended" and event.submission_id == number]
        return {
            event.record_id: SubmissionId(former)
            for event in mine
            if event.record_id is not None and isinstance(former := event.details.get(name), int)
        }

    def revive(self, number: SubmissionId, leader: RecordId, at: datetime) -> None:
        """What is not over serves its persons again, is looked at again, and owes its receipts again."""
        former = self.sent[number].submission
        if former.outcome is Outcome.UNPROVABLE or former.verdict is Verdict.FOLLOW_UP:
            taken = {(each.key, each.request_type) for each in self.subjects if each.live}
            self._subjects(
                number,
                leader,
                lambda each: replace(each, live=each.live or (each.key, each.request_type) not in taken),
            )
        if former.verdict is Verdict.FOLLOW_UP:
            self.change_sent(number, next_look_at=at, receipts_changed_at=at)

    def retire(self, number: SubmissionId | None) -> None:
        """A submission that nobody shares is looked at no more."""
        if number is not None and not self.sharing(number):
            self.change_sent(number, next_look_at=None, receipts_changed_at=None)

    def want_follow_ups(self, number: SubmissionId, at: datetime) -> None:
        """One follow-up for each request that is not done with and each destination that needs a person."""
        submission = self.sent[number].submission
        if submission.verdict is None or submission.verdict.final:
            return
        self.want(number, submission.by_hand, at, by_hand=True)
        if submission.verdict is not Verdict.FOLLOW_UP:
            return
        needed = {receipt.destination for receipt in needing_follow_up(submission.receipts)}
        for key, done in list(self.follow_ups.items()):
            if key[0] == number and done is None and key[2] not in needed.union(submission.by_hand):
                del self.follow_ups[key]
        self.want(number, sorted(needed), at, by_hand=False)
        self.complete(number, at)

    def want(self, number: SubmissionId, names: Sequence[str], at: datetime, *, by_hand: bool) -> None:
        """One follow-up by each of these names for each request that is not done with."""
        for row in self.leading(number):
            for name in sorted(names) if row.followed_up_at is None else ():
                if (number, row.record_id, name) not in self.follow_ups:
                    self.follow_ups[number, row.record_id, name] = None
                    self.change_sent(number, receipts_changed_at=at)
                    if by_hand:
                        self.happened(at, "follow_up.wanted", row.record_id, number, destination=name)

    def complete(self, number: SubmissionId, at: datetime) -> None:
        """Complete the requests whose follow-ups are all done."""
        if self.sent[number].submission.verdict is not Verdict.FOLLOW_UP:
            return
        for row in self.leading(number):
            mine = [done for (of, owner, _), done in self.follow_ups.items() if (of, owner) == (number, row.record_id)]
            if row.followed_up_at is None and mine and None not in mine:
                self.change(row.record_id, followed_up_at=at)
                joined = sorted(other.record_id for other in self.joined(row.record_id))
                for record_id in (row.record_id, *joined):
                    self.change(record_id, changed_at=at)
                    self.happened(at, "request.followed_up", record_id, number)
                self.free(number, row.record_id)


def already_standing() -> AlreadyStanding:
    """The error for a person who is served already."""
    return AlreadyStanding("ledger", "a live submission for one of the subjects exists")


def ensure_free(entry: Entry | None, replaces: SubmissionId | None) -> None:
    """A request leaves only a submission that ended badly and is to be replaced, or that was refused."""
    submission = entry.submission if entry else None
    if entry is None or submission is None:
        if replaces is not None:
            raise already_standing()
        return
    if submission.outcome is Outcome.REFUSED and replaces in (None, submission.submission_id):
        return
    bad = submission.outcome is Outcome.UNPROVABLE or entry.verdict in REPEATABLE
    if replaces != submission.submission_id or not bad:
        raise already_standing()


def by_destination(receipts: Sequence[Receipt]) -> dict[str, Receipt]:
    """Receipts by the name of their destination."""
    return {receipt.destination: receipt for receipt in receipts}
