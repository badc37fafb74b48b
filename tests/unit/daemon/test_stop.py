"""Real signals to a real process."""

import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from dsr_sync.daemon.stop import Stop

PATIENT = """
    from dsr_sync.daemon.stop import Stop
    stop = Stop()
    with stop.on_signals():
        print("up", flush=True)
        stop.event.wait()
        print(stop.signal, flush=True)
        {then}
    print("ended", flush=True)
"""


@contextmanager
def process(then: str = "pass") -> Iterator[subprocess.Popen[str]]:
    code = textwrap.dedent(PATIENT).format(then=then)
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as started:
        try:
            assert line(started) == "up"
            yield started
        finally:
            started.kill()


def line(started: "subprocess.Popen[str]") -> str:
    assert started.stdout is not None
    return started.stdout.readline().strip()


@pytest.mark.parametrize("which", [signal.SIGTERM, signal.SIGINT])
def test_the_first_signal_sets_the_event_and_the_process_ends_by_itself(which: signal.Signals) -> None:
    with process() as started:
        started.send_signal(which)
        assert line(started) == which.name
        assert line(started) == "ended"
        assert started.wait(10) == 0


@pytest.mark.parametrize("which", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_the_process_at_once(which: signal.Signals) -> None:
    with process(then="__import__('threading').Event().wait(60)") as started:
        started.send_signal(signal.SIGTERM)
        assert line(started) == "SIGTERM"
        started.send_signal(which)
        assert started.wait(10) == 128 + which


def test_a_second_signal_ends_a_process_whose_main_thread_never_looks_up() -> None:
    with process(then="exec('while True: pass')") as started:
        started.send_signal(signal.SIGTERM)
        assert line(started) == "SIGTERM"
        started.send_signal(signal.SIGTERM)
        assert started.wait(10) == 128 + signal.SIGTERM


def test_afterwards_the_signals_are_as_they_were() -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    stop = Stop()
    with stop.on_signals():
        assert signal.getsignal(signal.SIGTERM) is not before[0]
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before
    assert not stop.event.is_set()


def test_the_event_may_be_set_by_hand() -> None:
    stop = Stop()
    with stop.on_signals():
        stop.event.set()
    assert stop.event.is_set()
    assert stop.signal is None
