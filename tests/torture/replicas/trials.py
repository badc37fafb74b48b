"""What is done to a leader, and what is measured. Each trial leaves a fleet as large as it was."""

import signal
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from tests.e2e.process import until
from tests.torture.checker import Violation
from tests.torture.replicas.fleet import TTL, Fleet
from tests.torture.replicas.replica import Replica
from tests.torture.replicas.windows import Window, open_windows, posted_once_by_another, still_open

_STEP = threading.Event()
_TRIES = 20


@dataclass(frozen=True, slots=True)
class Takeover:
    """Seconds until another replica held the ledger: since the signal, and since the old leader let go of its lease.

    It lets go shortly before its exit; one that never did has let go with its exit.
    """

    since_signal: float
    since_release: float


def takeover(fleet: Fleet, number: signal.Signals) -> Takeover:
    """Kill or end the leader for good, and let another replica take over. After SIGTERM its exit code must be 0."""
    leader, terms = fleet.leader(), len(fleet.terms())
    signalled = datetime.now(UTC)
    leader.signalled(number)
    code, released = leader.daemon.process.ended(), datetime.now(UTC)
    assert code == (-number if number == signal.SIGKILL else 0), leader.daemon.process.err[-5:]
    for line in leader.daemon.process.events("lease.given_back")[-1:]:
        released = min(released, max(datetime.fromisoformat(line["at"]), signalled))
    until(lambda: len(fleet.terms()) > terms, "another replica takes over")
    taken = fleet.terms()[-1].since
    fleet.ready()
    return Takeover((taken - signalled).total_seconds(), (taken - released).total_seconds())


def work_in_flight(fleet: Fleet) -> list[str]:
    """Ask for more than can be sent in a second; returns, with whom it is about, once the leader is in the midst."""
    names = fleet.ask(4)
    fleet.wait(lambda: open_windows(fleet, names) or fleet.posts(names), "the leader is at work")
    assert len(fleet.posts(names)) < len(names), "all were sent before anybody saw the first"
    return names


def pause_between_intent_and_post(fleet: Fleet) -> bool:
    """Stop the leader when it has committed an intent and not sent it yet; whether that moment was hit in the end.

    Where it was missed, the leader goes on at once, and more is asked for. A leader that was hit must die by its timer
    and send nothing; what it held must be sent once, by another replica, after the settle time.
    """
    names: list[str] = []
    for _ in range(_TRIES):
        fleet.ready()
        leader, latest = fleet.leader(), fleet.ask(3)
        names += latest
        _wait_for_window(fleet, latest)
        if not _halted(fleet, leader):
            continue
        held = still_open(fleet, latest)
        if held:
            _overtake(fleet, leader, names, held)
            return True
        leader.signalled(signal.SIGCONT)
    fleet.wait_served(names)
    return False


def pause_at_random(fleet: Fleet, chance: Random) -> bool:
    """Stop the leader at any moment of its work; whether there was one to stop, in the end."""
    for _ in range(_TRIES):
        fleet.ready()
        leader, names = fleet.leader(), fleet.ask(3)
        _STEP.wait(chance.uniform(0, 3))
        if _halted(fleet, leader):
            _overtake(fleet, leader, names, still_open(fleet, names))
            return True
    return False


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
    wrong = [*fleet.two_at_once(), *fleet.fallen()]
    return [*(Violation(0, line) for line in wrong), *fleet.leaked(), *fleet.judged()]


def _wait_for_window(fleet: Fleet, names: Sequence[str]) -> None:
    """Wait until a window is open, or it is too late for one."""
    fleet.wait(
        lambda: open_windows(fleet, names) or len(fleet.posts(names)) >= len(names), "an intent that is not sent yet"
    )


def _halted(fleet: Fleet, leader: Replica) -> bool:
    """Stop the leader; False if it has ended before, or led no more, and goes on."""
    if not leader.stopped():
        return False
    if fleet.leader() is leader:
        return True
    leader.signalled(signal.SIGCONT)
    return False


def _overtake(fleet: Fleet, paused: Replica, names: Sequence[str], held: Sequence[Window]) -> None:
    """Let another replica do all the work, wake the stopped one up after three terms at least, and see it give up.

    `held` are the windows in which it was stopped; in one of them only its death keeps it from sending.
    """
    begun = time.monotonic()
    fleet.wait(lambda: fleet.leader() is not paused, "another replica takes over")
    taken = fleet.terms()[-1].since
    fleet.wait_served(names)
    until(lambda: time.monotonic() - begun >= 3 * TTL, "three terms have passed")
    paused.signalled(signal.SIGCONT)
    until(lambda: not paused.alive or paused.state() == "standing by", "the paused one dies or stands by")
    calls = fleet.calls_of(paused, taken)
    assert not calls, [f"{entry.method} {entry.path}" for entry in calls]
    if held or not paused.alive:
        assert not paused.alive, "it lived on with an intent in its hand"
        assert paused.daemon.process.ended() == paused.code_of_sigalrm, paused.daemon.process.err[-5:]
    wrong = [each for window in held if (each := posted_once_by_another(fleet, window, paused))]
    assert not wrong, wrong
    fleet.ready()
