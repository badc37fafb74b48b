"""Everything that can be known about a request, in every combination, and what must hold in each of them.

The axes are multiplied out in full. For each combination `Situation` says what is true of it in the words of the
contract; the tests compare the decision with that, and never with how the decision is reached.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import product

import pytest
from tests.unit.core.made import EARLIER, ENDED, KEY, NOW, OTHER_KEY, REGULATION, a_row, a_submission, an_entry

from dsr_sync.core.actions import Decision, Join, Remember, Submit, Tell, Why
from dsr_sync.core.decide import Observation, decide
from dsr_sync.core.model import Cells, Entry, Identifier, Outcome, Status, Submission, SubmissionId, Verdict
from dsr_sync.core.policy import Policy
from dsr_sync.core.wording import MAX_NOTE

IDENTIFIERS = {
    "fine": "user-ann-4711",
    "empty": "",
    "too long": "x" * 257,
    "cannot be seen": "user\u200bann",
    "protected": "Undefined",
    "e-mail": "ann@example.com",
}

STATES: dict[str, tuple[Outcome, Verdict | None] | None] = {
    "never seen": None,
    "seen": None,
    "unknown": (Outcome.UNKNOWN, None),
    "refused": (Outcome.REFUSED, None),
    "not accepted": (Outcome.NOT_ACCEPTED, None),
    "unprovable": (Outcome.UNPROVABLE, None),
    "not looked at": (Outcome.ACCEPTED, None),
    **{verdict.value: (Outcome.ACCEPTED, verdict) for verdict in Verdict},
    "followed up": (Outcome.ACCEPTED, Verdict.FOLLOW_UP),
}

LIVE = frozenset({"unknown", "not looked at", "accepted", "running", "completed", "followed up"})
ENDED_BADLY = frozenset({"refused", "unprovable", "failed", "follow-up", "lost"})
CARRIED_OUT_IN_PART = frozenset({"follow-up", "lost"})

POLICY = Policy()
NO_COOLING_OFF = Policy(cooling_off=timedelta(0))
JUST_NOW = NOW - timedelta(minutes=1)
LATER = NOW + timedelta(minutes=7)
OTHER_SUBMISSION = a_submission(submission_id=SubmissionId(2))


@dataclass(frozen=True, slots=True)
class Situation:
    """One combination of everything that is known about a request."""

    state: str
    authenticated: bool
    hold: bool
    retry: bool
    ticked: bool
    identifier: str
    request_type: str
    joined: bool
    changed: bool
    standing: str
    cooled_off: bool
    pause: str

    @property
    def submission(self) -> Submission | None:
        facts = STATES[self.state]
        return a_submission(*facts) if facts else None

    @property
    def entry(self) -> Entry | None:
        if self.state == "never seen":
            return None
        return an_entry(
            self.submission,
            seen_at=ENDED if self.cooled_off else JUST_NOW,
            typed_key=OTHER_KEY if self.changed else KEY,
            joined_to=EARLIER if self.joined else None,
            not_before={"none": None, "over": JUST_NOW, "on": LATER}[self.pause],
            followed_up_at=ENDED if self.state == "followed up" else None,
        )

    @property
    def observation(self) -> Observation:
        row = a_row(
            authenticated=self.authenticated,
            hold=self.hold,
            retry=self.retry,
            identifier=Identifier.typed(IDENTIFIERS[self.identifier]),
            request_type=self.request_type,
            cells=Cells(submitted=self.ticked),
        )
        standing = {"none": None, "own": self.submission, "other": OTHER_SUBMISSION}[self.standing]
        return Observation(row, KEY, self.entry, standing)

    @property
    def policy(self) -> Policy:
        return NO_COOLING_OFF if self.state == "never seen" and self.cooled_off else POLICY

    @property
    def row_differs(self) -> bool:
        """Whether the row says something else than what was sent, or last seen."""
        return self.changed or self.request_type != ""

    @property
    def sendable(self) -> bool:
        """Whether nothing in the row itself forbids that it is sent."""
        fine = self.identifier == "fine" and self.request_type != "Erase"
        return self.authenticated and not self.hold and fine

    @property
    def nothing_at_segment(self) -> bool:
        """Whether it is certain that Segment has nothing of this request, as the row is now."""
        return self.state in ("never seen", "seen", "not accepted") or (self.state == "refused" and self.row_differs)

    @property
    def retry_counts(self) -> bool:
        """Whether Retry may send again: what ended badly; for a changed row only what was not carried out at all."""
        return self.retry and self.state in ENDED_BADLY and not (self.row_differs and self.state in CARRIED_OUT_IN_PART)

    @property
    def paused(self) -> bool:
        return self.entry is not None and self.pause == "on"

    @property
    def served_elsewhere(self) -> bool:
        """Whether another submission serves the same person and action."""
        return self.standing == "other" or (self.standing == "own" and self.submission is not None)

    @property
    def to_be_sent(self) -> bool:
        """The contract's rule for sending, in full."""
        if not self.sendable or self.paused:
            return False
        if self.nothing_at_segment:
            ticked_by_hand = self.ticked and not self.retry
            return not ticked_by_hand and not self.served_elsewhere and self.cooled_off
        return self.retry_counts and self.standing != "other"


def situations(state: str) -> Iterator[Situation]:
    """Every combination in one state of the ledger; what an unseen row cannot have is left out."""
    both = (False, True)
    seen = state != "never seen"
    standing = ("none", "own", "other") if STATES[state] else ("none", "other")
    for authenticated, hold, retry, ticked, cooled_off in product(both, repeat=5):
        staff = partial(Situation, state, authenticated, hold, retry, ticked)
        for identifier, kind in product(IDENTIFIERS, ("", "Suppress", "Erase")):
            for joined, changed in product(both, repeat=2) if seen else [(False, False)]:
                for served, pause in product(standing, ("none", "over", "on") if seen else ("none",)):
                    yield staff(identifier, kind, joined, changed, served, cooled_off, pause)


def told(decision: Decision) -> Tell | None:
    return next((action for action in decision.actions if isinstance(action, Tell)), None)


def submit(decision: Decision) -> Submit | None:
    return next((action for action in decision.actions if isinstance(action, Submit)), None)


def check_unauthenticated(situation: Situation, decision: Decision) -> None:
    """Nothing is ever done about a row that nobody authenticated."""
    if not situation.authenticated:
        assert decision == Decision(Why.NOT_AUTHENTICATED)


def check_one_deed(situation: Situation, decision: Decision) -> None:
    """An authenticated row is sent, or joins another, or is told why not: exactly one of these, and never silence."""
    deeds = [action for action in decision.actions if not isinstance(action, Remember)]
    assert len(deeds) == (1 if situation.authenticated else 0)


def check_sending(situation: Situation, decision: Decision) -> None:
    """It is sent exactly when the contract says so, and never while a submission of its own is live."""
    sending = submit(decision)
    assert (sending is not None) is situation.to_be_sent
    if sending is not None:
        assert situation.state not in LIVE
        repeats = situation.submission if not situation.nothing_at_segment else None
        assert sending.replaces == (repeats.submission_id if repeats else None)
        shared = situation.joined and repeats is not None and not situation.row_differs
        assert sending.leader == (EARLIER if shared else sending.row.record_id)


def check_joining(situation: Situation, decision: Decision) -> None:
    """A row joins only what serves the same person and action, and only if it could be sent itself."""
    for action in decision.actions:
        if isinstance(action, Join):
            assert situation.sendable
            assert situation.served_elsewhere
            assert situation.nothing_at_segment or situation.retry_counts


def check_tick(situation: Situation, decision: Decision) -> None:
    """Submitted and Regulation ID come together; only a tick that staff made is left as it is."""
    tell = told(decision)
    if tell is None:
        return
    if decision.why is Why.TICKED_BY_HAND:
        assert (tell.cells.submitted, tell.cells.regulation_id) == (situation.ticked, "")
        return
    accepted = situation.submission is not None and situation.submission.outcome is Outcome.ACCEPTED
    assert tell.cells.submitted is accepted
    assert tell.cells.regulation_id == (REGULATION if accepted else "")


def check_retry(situation: Situation, decision: Decision) -> None:
    """The write that answers a Retry unticks it; Hold and a pause answer nothing, so the tick stays."""
    tell = told(decision)
    if tell is not None:
        waits = decision.why in (Why.HELD, Why.PAUSED)
        assert tell.untick_retry is (situation.retry and not waits)


def check_words(situation: Situation, decision: Decision) -> None:
    """What is told has a status and a note; completion has a time, and nothing else has."""
    tell = told(decision)
    if tell is not None:
        assert tell.cells.status in list(Status)
        assert 0 < len(tell.cells.status_note) <= MAX_NOTE
        assert IDENTIFIERS["fine"] not in tell.cells.status_note
        assert (tell.cells.completed_at is not None) is (tell.cells.status == Status.COMPLETED)
        assert tell.cells.due_by is not None
        assert tell.current == situation.observation.row.cells


def check_waiting(situation: Situation, decision: Decision) -> None:
    """Only what time alone changes has a time to look again, and it lies ahead."""
    waits = decision.why is Why.COOLING_OFF or (decision.why is Why.PAUSED and situation.paused)
    assert (decision.look_again_at is not None) is waits
    if decision.look_again_at is not None:
        assert decision.look_again_at > NOW


def check_memory(situation: Situation, decision: Decision) -> None:
    """The ledger is told of a row when it does not know it, or knows it otherwise and nothing was sent yet."""
    remembers = any(isinstance(action, Remember) for action in decision.actions)
    if situation.state == "never seen":
        assert remembers is situation.authenticated
    if situation.submission is not None:
        assert not remembers


@pytest.mark.parametrize("state", STATES)
def test_every_combination_has_a_decision_and_every_decision_keeps_the_promises(state: str) -> None:
    """The cooling-off, pause, Hold, Retry, tick, identifier, type, duplicate and change axes, multiplied out."""
    count = 0
    for situation in situations(state):
        decision = decide(situation.observation, NOW, situation.policy)
        try:
            check_unauthenticated(situation, decision)
            check_one_deed(situation, decision)
            check_sending(situation, decision)
            check_joining(situation, decision)
            check_tick(situation, decision)
            check_retry(situation, decision)
            check_words(situation, decision)
            check_waiting(situation, decision)
            check_memory(situation, decision)
        except AssertionError as failure:
            failure.add_note(f"{situation}\n{decision}")
            raise
        count += 1
    assert count >= 1_000


def test_the_same_facts_always_give_the_same_decision() -> None:
    for situation in situations("failed"):
        first = decide(situation.observation, NOW, situation.policy)
        assert decide(situation.observation, NOW, situation.policy) == first
