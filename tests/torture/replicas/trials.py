"""What is done to a leader, and what is measured. Each trial leaves a fleet as large as it was."""

import signal
import threading
import time
from datetime import UTC, datetime
from random import Random

from tests.e2e.process import until
from tests.torture.checker import Violation
from tests.torture.replicas.fleet import TTL, Fleet, Replica

_STEP = threading.Event()


def takeover_seconds(fleet: Fleet, number: signal.Signals) -> float:
    """Kill or stop the leader for good; seconds until another replica holds the ledger."""
    leader, terms, size = fleet.leader(), len(fleet.terms()), len(fleet.living())
    begun = datetime.now(UTC)
    leader.signalled(number)
    until(lambda: len(fleet.terms()) > terms, "another replica takes over")
    taken = fleet.terms()[-1].since
    leader.daemon.process.ended()
    fleet.grow(size)
    return (taken - begun).total_seconds()


def pause_between_intent_and_post(fleet: Fleet) -> bool:
    """Stop the leader when it has committed an intent and not sent it yet; whether that moment was hit."""
    leader = fleet.leader()
    names = fleet.ask(3)
    until(lambda: fleet.intents() > len(fleet.posts()), "an intent that is not sent yet")
    leader.signalled(signal.SIGSTOP)
    hit = fleet.intents() > len(fleet.posts())
    _overtake(fleet, leader, names)
    return hit


def pause_at_random(fleet: Fleet, chance: Random) -> bool:
    """Stop the leader at any moment of its work; whether it was in the middle of a submission."""
    leader = fleet.leader()
    names = fleet.ask(3)
    _STEP.wait(chance.uniform(0, 3))
    leader.signalled(signal.SIGSTOP)
    hit = fleet.intents() > len(fleet.posts())
    _overtake(fleet, leader, names)
    return hit


def cut_off_again_and_again(fleet: Fleet, times: int, every: float) -> int:
    """End the leader's connections to the ledger so often at this pace while requests come in; how many were ended."""
    names: list[str] = []
    ended = 0
    for _ in range(times):
        names += fleet.ask(1)
        ended += fleet.cut_off(fleet.leader())
        _STEP.wait(every)
    fleet.wait_served(names)
    return ended


def broken(fleet: Fleet) -> list[Violation]:
    """Everything that was broken since the fleet was made, once it has nothing left to do."""
    fleet.ready()
    until(lambda: fleet.owed() == 0, "the base says what the ledger says")
    return [*(Violation(0, line) for line in fleet.two_at_once()), *fleet.leaked(), *fleet.judged()]


def _overtake(fleet: Fleet, paused: Replica, names: list[str]) -> None:
    """Let another replica do all the work, wake the paused one up after three terms at least, and see it give up."""
    begun, terms, size = time.monotonic(), len(fleet.terms()), len(fleet.living())
    until(lambda: len(fleet.terms()) > terms, "another replica takes over")
    taken = fleet.terms()[-1].since
    fleet.wait_served(names)
    until(lambda: time.monotonic() - begun >= 3 * TTL, "three terms have passed")
    paused.signalled(signal.SIGCONT)
    until(lambda: not paused.alive or paused.state() == "standing by", "the paused one dies or stands by")
    if not paused.alive:
        assert paused.daemon.process.ended() == -signal.SIGALRM, paused.daemon.process.err[-5:]
    calls = fleet.calls_of(paused, taken)
    assert not calls, [f"{entry.method} {entry.path}" for entry in calls]
    fleet.grow(size)
