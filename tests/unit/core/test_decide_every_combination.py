"""What must hold of every decision: each promise is one check, made for every combination of facts there is."""

from collections.abc import Iterable

import pytest
from tests.unit.core.made import EARLIER, NOW, REGULATION
from tests.unit.core.situations import (
    IDENTIFIERS,
    LIVE,
    STATES,
    USER_IDS,
    Situation,
    situations,
    situations_of_a_search,
)

from dsr_sync.core.actions import Decision, Join, LookUp, Remember, Submit, Tell, Why
from dsr_sync.core.decide import decide
from dsr_sync.core.model import Outcome, Status
from dsr_sync.core.wording import MAX_NOTE


def told(decision: Decision) -> Tell | None:
    return next((action for action in decision.actions if isinstance(action, Tell)), None)


def submit(decision: Decision) -> Submit | None:
    return next((action for action in decision.actions if isinstance(action, Submit)), None)


def check_unauthenticated(situation: Situation, decision: Decision) -> None:
    """A row that nobody authenticated is never touched; one that was sent is told on, and its Retry is not obeyed."""
    if situation.authenticated:
        return
    if not situation.sent:
        assert decision == Decision(Why.NOT_AUTHENTICATED)
    else:
        (*_, tell) = decision.actions
        assert isinstance(tell, Tell)
        assert not tell.untick_retry


def check_one_deed(situation: Situation, decision: Decision) -> None:
    """An authenticated row is sent, or joins another, or is told why not: exactly one of these, and never silence."""
    deeds = [action for action in decision.actions if not isinstance(action, Remember)]
    assert len(deeds) == (1 if situation.authenticated or situation.sent else 0)


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
        assert sending.to_send == (USER_IDS if situation.to_be_resolved else (sending.row.identifier,))


def check_looking_up(situation: Situation, decision: Decision) -> None:
    """An address is looked up only when its user ids are all that is missing."""
    looks = any(isinstance(action, LookUp) for action in decision.actions)
    assert looks is situation.to_be_looked_up


def check_joining(situation: Situation, decision: Decision) -> None:
    """A row joins only what serves the same person and action, and only if it could be sent itself."""
    for action in decision.actions:
        if isinstance(action, Join):
            assert situation.sendable
            assert situation.served_elsewhere
            assert situation.standing != "undone"
            assert situation.nothing_at_segment or situation.retry_counts


def check_undone(situation: Situation, decision: Decision) -> None:
    """Where the opposite was sent since, the last wish neither shares the first one's result nor is sent beside it."""
    free = not situation.ticked if situation.nothing_at_segment else situation.retry_counts
    waits = situation.sendable and situation.standing == "undone" and free
    assert (decision.why is Why.UNDONE) is waits


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
    """The write that answers a Retry unticks it; what passes by itself answers nothing, so the tick stays."""
    tell = told(decision)
    if tell is not None:
        waits = decision.why in (Why.HELD, Why.PAUSED, Why.EMAIL_UNAVAILABLE, Why.OVERLAP, Why.UNDONE)
        assert tell.untick_retry is (situation.authenticated and situation.retry and not waits)


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
    """The ledger is told of a row when it does not know it, or knows it otherwise, sent or not."""
    remembers = any(isinstance(action, Remember) for action in decision.actions)
    if situation.state == "never seen":
        assert remembers is situation.authenticated
    if situation.submission is not None and decision.actions:
        assert remembers is situation.row_differs


CHECKS = (
    *(check_unauthenticated, check_one_deed, check_sending, check_looking_up, check_joining, check_undone),
    *(check_tick, check_retry, check_words, check_waiting, check_memory),
)


def check_all(combinations: Iterable[Situation]) -> int:
    """Decide about each and hold it against every promise; how many they were."""
    count = 0
    for situation in combinations:
        decision = decide(situation.observation, NOW, situation.policy)
        try:
            for check in CHECKS:
                check(situation, decision)
        except AssertionError as failure:
            failure.add_note(f"{situation}\n{decision}")
            raise
        count += 1
    return count


@pytest.mark.parametrize("state", STATES)
def test_every_combination_has_a_decision_and_every_decision_keeps_the_promises(state: str) -> None:
    """The cooling-off, pause, Hold, Retry, tick, identifier, type, duplicate and change axes, multiplied out."""
    assert check_all(situations(state)) >= 1_000


@pytest.mark.parametrize("state", STATES)
def test_the_same_holds_where_addresses_are_looked_up_whatever_the_look_up_came_to(state: str) -> None:
    assert check_all(situations_of_a_search(state)) >= 300


def test_the_same_facts_always_give_the_same_decision() -> None:
    for situation in situations("failed"):
        first = decide(situation.observation, NOW, situation.policy)
        assert decide(situation.observation, NOW, situation.policy) == first
