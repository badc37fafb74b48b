"""What is done to a leader, and what is measured. Each trial leaves a fleet as large as it was."""

import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random

from tests.e2e.process import until
from tests.torture.replicas.fleet import TTL, Fleet, Replica

_STEP = threading.Event()


def takeover_seconds(fleet: Fleet, number: signal.Signals) -> float:
    """Kill or stop the leader for good; seconds until another replica holds the ledger."""
    leader, terms = fleet.leader(), len(fleet.terms())
    size = len(fleet.living())
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


def pause_at_random(fleet: Fleet, chance: Random) -> None:
    """Stop the leader at any moment of its work."""
    leader = fleet.leader()
    names = fleet.ask(3)
    _STEP.wait(chance.uniform(0, 3))
    leader.signalled(signal.SIGSTOP)
    _overtake(fleet, leader, names)


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
    stale = fleet.writes_of(paused, taken)
    assert not stale, [f"{entry.method} {entry.path}" for entry in stale]
    fleet.grow(size)


def cut_off_again_and_again(fleet: Fleet, seconds: float, every: float) -> int:
    """End the leader's connections to the ledger at this pace while requests come in; how often."""
    ends, times = time.monotonic() + seconds, 0
    names: list[str] = []
    while time.monotonic() < ends:
        names += fleet.ask(1)
        fleet.cut_off(fleet.leader())
        times += 1
        _STEP.wait(every)
    fleet.wait_served(names)
    return times


def without_violations(fleet: Fleet, work: Callable[[], object]) -> None:
    """Do the work; then no promise is broken, nobody is doubled, and no two replicas led at once."""
    work()
    assert not fleet.doubled()
    assert not fleet.two_at_once()
    assert not fleet.judged()
