"""One of several ledgers to which the same is done, and all that it can be asked."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tests.contract.ledger.made import DELETE, SUPPRESS, after, row

from dsr_sync.core.model import (
    Entry,
    Identifier,
    RegulationId,
    RequestType,
    Submission,
    SubmissionId,
)
from dsr_sync.ports import Event, Ledger

NAMES, PEOPLE, KINDS = "ABCDEFG", ("ann", "bob", "cleo"), (DELETE, SUPPRESS, RequestType.UNSUPPRESS)
REGULATIONS = tuple(RegulationId(f"reg{number}") for number in range(9))


_NUMBERS = ("replaces", "repeats")
"""What an event says of submissions."""


@dataclass
class Side:
    """One ledger, and its submissions in the order of their making: their numbers differ from ledger to ledger."""

    ledger: Ledger
    made: list[SubmissionId] = field(default_factory=list)

    def submission(self, place: int, among: Sequence[SubmissionId] = ()) -> SubmissionId:
        """One of these, or of all; a number that is nobody's where there is none."""
        found = among or self.made
        return found[place % len(found)] if found else SubmissionId(999_999_999)

    def unknown(self) -> list[SubmissionId]:
        return [item.submission.submission_id for item in self.ledger.unsettled()]

    def followed(self) -> list[SubmissionId]:
        return [number for number in self.made for entry in self.ledger.requests_of(number) if entry.verdict]

    def place(self, number: object) -> object:
        return self.made.index(SubmissionId(number)) if isinstance(number, int) and number in self.made else number

    def remember(self, number: SubmissionId) -> int:
        if number not in self.made:
            self.made.append(number)
        return self.made.index(number)

    def same(self, submission: Submission | None) -> Submission | None:
        if submission is None:
            return None
        return replace(submission, submission_id=SubmissionId(self.made.index(submission.submission_id)))

    def same_entry(self, entry: Entry) -> Entry:
        former = None if entry.repeats is None else SubmissionId(self.made.index(entry.repeats))
        return replace(entry, submission=self.same(entry.submission), repeats=former)

    def same_event(self, event: Event) -> Event:
        details = {name: self.place(value) if name in _NUMBERS else value for name, value in event.details.items()}
        number = None if event.submission_id is None else SubmissionId(self.made.index(event.submission_id))
        return replace(event, submission_id=number, details=details)  # type: ignore[arg-type]  # an index is an int

    def state(self) -> dict[str, Any]:
        """Everything that the ledger can be asked, in words that are the same for all ledgers."""
        ledger, rows = self.ledger, [row(name, "").record_id for name in NAMES]
        wanted = [(ledger.key_of(Identifier(who)), kind) for who in PEOPLE for kind in KINDS]
        return {
            "entries": {key: self.same_entry(entry) for key, entry in ledger.entries(rows).items()},
            "standing": {person: self.same(found) for person, found in ledger.standing(wanted).items()},
            "undone": ledger.undone(wanted),
            "named": [ledger.named(regulation_id) for regulation_id in REGULATIONS],
            "sent": ledger.sent_since(after(5)),
            "unsettled": [
                (self.same(item.submission), item.subject_keys, item.record_ids, item.absent_at)
                for item in ledger.unsettled()
            ],
            "due": [self.same(item) for item in ledger.due(after(40), 3)],
            "sharing": [[self.same_entry(e) for e in ledger.requests_of(number)] for number in self.made],
            "owed": [self.same_entry(entry) for entry in ledger.owed(4)],
            "receipts": [self.same(item) for item in ledger.owed_receipts(3)],
            "follow_ups": [(self.place(item.submission_id), item.key) for item in ledger.open_follow_ups()],
            "known": ledger.known(REGULATIONS),
            "served": ledger.served(REGULATIONS),
            "sent before": [ledger.sent_before(record_id, number) for number in self.made for record_id in rows],
            "height": ledger.height() > 0,
            "witness": ledger.witness(after(0), after(30)),
            "history": [[self.same_event(event) for event in ledger.history(record_id)] for record_id in rows],
            "summary": ledger.summary(after(90)),
            "with receipts": [self.same_entry(entry) for entry in ledger.with_receipts(rows[0], 4)],
        }
