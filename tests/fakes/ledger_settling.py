"""How submissions of the fake ledger are settled: accepted, refused, not accepted, given up."""

from collections.abc import Sequence
from datetime import datetime

from tests.fakes.ledger_following import Follower

from dsr_sync.adapters.ledger.scrub import plain_reason
from dsr_sync.core.model import (
    Outcome,
    RecordId,
    RegulationId,
    SubmissionId,
    Verdict,
)
from dsr_sync.ports import Permanent


class Settler(Follower):
    """The half that learns what became of a submission."""

    def accept(
        self, submission_id: SubmissionId, regulation_id: RegulationId, at: datetime, created_at: datetime | None = None
    ) -> None:
        """There is a regulation. Raises Permanent if the submission was settled otherwise."""
        before = self._sent(submission_id).submission
        if before.regulation_id == regulation_id:
            return
        if self.known([regulation_id]):
            raise Permanent("ledger", "the regulation belongs to another submission")
        self._settle(submission_id, Outcome.ACCEPTED, (Outcome.UNKNOWN, Outcome.UNPROVABLE))
        accepted_at, how = (at, "answered") if created_at is None else (created_at, "found")
        answered = {"regulation_id": regulation_id, "accepted_at": accepted_at, "verdict": Verdict.ACCEPTED}
        self._change(submission_id, **answered)
        self.book.change_sent(submission_id, next_look_at=accepted_at)
        self._changed(submission_id, at, "submission.accepted", regulation_id=regulation_id, how=how)

    def refuse(self, submission_id: SubmissionId, at: datetime, reason: str) -> None:
        """Segment said no. Raises Permanent if the submission was settled otherwise."""
        repeated = self.book.named_in(submission_id, "repeats") | self.book.named_in(submission_id, "replaces")
        if repeated:
            self._go_back(submission_id, repeated, at, reason)
            return
        self._settle(submission_id, Outcome.REFUSED)
        self.book.free(submission_id)
        self._changed(submission_id, at, "submission.refused", reason=plain_reason(reason))

    def release(self, submission_id: SubmissionId, at: datetime, reason: str, not_before: datetime | None) -> None:
        """There is certainly no regulation. Raises Permanent if the submission was settled otherwise."""
        changed = {row.record_id for row in self.book.sharing(submission_id) if row.changed}
        replaced = self.book.named_in(submission_id, "replaces")
        self._release(submission_id, at, reason, not_before)
        for leader, former in replaced.items():
            if leader in changed:
                self.book.put_back(former, [leader], at)

    def _release(self, submission_id: SubmissionId, at: datetime, reason: str, not_before: datetime | None) -> None:
        self._settle(submission_id, Outcome.NOT_ACCEPTED)
        self.book.free(submission_id)
        until = not_before.isoformat() if not_before else None
        kind = "submission.not_accepted"
        self._changed(submission_id, at, kind, reason=plain_reason(reason), not_before=until)
        for row in self.book.sharing(submission_id):
            self.book.change(row.record_id, number=None, joined_to=None, not_before=not_before)

    def take_back(self, submission_id: SubmissionId, at: datetime, reason: str, not_before: datetime | None) -> None:
        """Segment did not take it just now. Raises Permanent if the submission was settled otherwise."""
        self._go_back(submission_id, self.book.named_in(submission_id, "replaces"), at, reason, not_before)

    def _go_back(
        self,
        submission_id: SubmissionId,
        formers: dict[RecordId, SubmissionId],
        at: datetime,
        reason: str,
        not_before: datetime | None = None,
    ) -> None:
        book = self.book
        along = {leader: sorted(row.record_id for row in book.joined(leader)) for leader in formers}
        self._release(submission_id, at, reason, not_before)
        for leader, former in formers.items():
            book.put_back(former, [leader, *along[leader]], at)
            book.revive(former, leader, at)

    def give_up(self, submission_id: SubmissionId, at: datetime) -> None:
        """The outcome can no longer be proved. Raises Permanent if the submission was settled otherwise."""
        self._settle(submission_id, Outcome.UNPROVABLE)
        self._changed(submission_id, at, "submission.unprovable")

    def absent(self, submission_id: SubmissionId, at: datetime) -> None:
        """A complete listing did not hold it."""
        sent = self._sent(submission_id)
        if sent.submission.outcome is Outcome.UNKNOWN and sent.absent_at is None:
            self.book.change_sent(submission_id, absent_at=at)
            self.book.happened(at, "submission.absent", None, submission_id)

    def _settle(self, number: SubmissionId, outcome: Outcome, expected: Sequence[Outcome] = (Outcome.UNKNOWN,)) -> None:
        if number not in self.book.sent or self.book.sent[number].submission.outcome not in expected:
            raise Permanent("ledger", "the submission is unknown or settled already")
        self._change(number, outcome=outcome)

    def _changed(self, number: SubmissionId, at: datetime, kind: str, **details: object) -> None:
        self.book.happened(at, kind, None, number, **details)
        self.book.owe(number, at)
