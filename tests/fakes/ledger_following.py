"""What looks at regulations showed, as the fake ledger records it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from tests.fakes.ledger_book import by_destination
from tests.fakes.ledger_reading import Reader
from tests.fakes.ledger_rows import Sent

from dsr_sync.adapters.ledger.scrub import scrubbed
from dsr_sync.core.model import Identifier, Outcome, Regulation, Submission, SubmissionId, Verdict
from dsr_sync.core.receipts import ended_at, receipts_of
from dsr_sync.ports import Look, Permanent, ReceiptKey


class Follower(Reader):
    """The half that follows regulations."""

    def look(self, submission_id: SubmissionId, look: Look) -> None:
        """Record what a look at a regulation showed. Raises Permanent if there is none."""
        before = self._sent(submission_id).submission
        if before.outcome is not Outcome.ACCEPTED:
            raise Permanent("ledger", "only an accepted submission is looked at")
        if self._stands(before, look.verdict):
            self.book.change_sent(submission_id, next_look_at=None)
            if look.verdict is not before.verdict:
                kind = "verdict.later_change"
                self.book.happened(look.at, kind, None, submission_id, kept=before.verdict, shown=look.verdict.value)
            return
        self._change(submission_id, verdict=look.verdict, missing_since=look.missing_since)
        self.book.change_sent(submission_id, next_look_at=None if look.verdict.final else look.next_look_at)
        if look.regulation is not None:
            self._change(submission_id, **self._shown(before, look.regulation, look))
            self.book.change_sent(submission_id, created_at=look.regulation.created_at)
        at_work = [row for row in self.book.leading(submission_id) if row.followed_up_at is None]
        if at_work and not look.verdict.final:
            self._change(submission_id, by_hand=tuple(sorted({*before.by_hand, *look.by_hand})))
            self.book.want(submission_id, look.by_hand, look.at, by_hand=True)
        self._tell_of(before, self._sent(submission_id).submission, look.at)

    def _stands(self, before: Submission, verdict: Verdict) -> bool:
        if before.verdict is not None and before.verdict.final:
            return True
        if before.verdict is Verdict.FOLLOW_UP and verdict is Verdict.LOST:
            return True
        if verdict in (Verdict.FOLLOW_UP, Verdict.COMPLETED):
            return False
        return any(row.followed_up_at for row in self.book.leading(before.submission_id))

    def _shown(self, before: Submission, regulation: Regulation, look: Look) -> dict[str, object]:
        number = before.submission_id
        people = self._people(number)
        clean = [
            replace(report, error=scrubbed(report.error, lambda words: self.key_of(Identifier(words)) in people))
            for report in regulation.reports
        ]
        over = look.verdict in (Verdict.COMPLETED, Verdict.FAILED, Verdict.FOLLOW_UP)
        return {
            "segment_status": regulation.word,
            "ended_at": ended_at(regulation, before.ended_at or look.at) if over else None,
            "receipts": receipts_of(replace(regulation, reports=tuple(clean))),
        }

    def _tell_of(self, before: Submission, after: Submission, at: datetime) -> None:
        if before == after:
            return
        number = after.submission_id
        self._tell_the_story(before, after, at)
        self.book.owe(number, at)
        if (before.receipts, before.by_hand) != (after.receipts, after.by_hand):
            self.book.change_sent(number, receipts_changed_at=at)
        if after.verdict and after.verdict.final:
            self.book.free(number)
        self.book.want_follow_ups(number, at)

    def _tell_the_story(self, before: Submission, after: Submission, at: datetime) -> None:
        number, word = after.submission_id, after.segment_status
        if (before.verdict, before.segment_status) != (after.verdict, word):
            facts: dict[str, object] = {"verdict": after.verdict, "before": before.verdict, "segment_status": word}
            self.book.happened(at, "verdict.changed", None, number, **facts)
        if (before.missing_since is None) != (after.missing_since is None):
            kind = "regulation.missing" if after.missing_since else "regulation.found_again"
            self.book.happened(at, kind, None, number)
        known = by_destination(before.receipts)
        for receipt in after.receipts:
            if receipt != known.get(receipt.destination):
                facts = {
                    "destination": receipt.destination,
                    "status": receipt.progress.value,
                    "segment_status": receipt.segment_status,
                    "sources_finished": receipt.sources_finished,
                    "sources_total": receipt.sources_total,
                }
                self.book.happened(at, "receipt.changed", None, number, **facts)

    def follow_up_done(self, keys: Sequence[ReceiptKey], at: datetime) -> None:
        """Staff set these follow-ups to Done."""
        touched: dict[SubmissionId, None] = {}
        for key in keys:
            for number in self._waiting_for(key):
                self.book.follow_ups[number, key.record_id, key.destination] = at
                self.book.happened(at, "follow_up.done", key.record_id, number, destination=key.destination)
                touched[number] = None
        for number in touched:
            self.book.complete(number, at)

    def _waiting_for(self, key: ReceiptKey) -> list[SubmissionId]:
        """The submissions, at most one, in which this follow-up is not done."""
        row = self.book.rows.get(key.record_id)
        number = row.number if row and row.joined_to is None else None
        if number is None or self.book.sent[number].submission.regulation_id != key.regulation_id:
            return []
        follow_up = (number, key.record_id, key.destination)
        return [number] if self.book.follow_ups.get(follow_up, key) is None else []

    def _sent(self, number: SubmissionId) -> Sent:
        if number not in self.book.sent:
            raise Permanent("ledger", "no such submission")
        return self.book.sent[number]

    def _change(self, number: SubmissionId, **values: object) -> None:
        changed = replace(self.book.sent[number].submission, **values)  # type: ignore[arg-type]  # any field
        self.book.change_sent(number, submission=changed)
