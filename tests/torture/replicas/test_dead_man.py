"""The dead man's timer, in processes of their own: it is made to end them."""

import signal
import subprocess
import sys
from collections.abc import Sequence

import pytest
from tests.e2e.container import container

from dsr_sync.adapters.dead_man import DeadMan
from dsr_sync.ports import Occupied

_SCRIPT = """
import sys, threading, time
from dsr_sync.adapters.dead_man import DeadMan
from dsr_sync.ports import LedgerUnusable
begun = time.monotonic()
trust = [{trust}]
dead_man = DeadMan(lambda: begun + trust[0] - time.monotonic())
{body}
print("survived")
"""

_WAITS = "with dead_man.armed():\n    threading.Event().wait({seconds})"


_TRIES = (
    "try:\n    with dead_man.armed():\n        print('sent')\nexcept LedgerUnusable as problem:\n    print(problem)"
)


def ran(trust: float, body: str, *, first: str = "", within: Sequence[str] = ()) -> tuple[int, str]:
    """Exit code and output of a process that trusts in its lease for so many seconds, and does `first` before all."""
    script = first + _SCRIPT.format(trust=trust, body=body)
    command = [*within, sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout.strip()


def test_a_process_that_outlives_its_trust_in_a_call_ends_by_sigalrm() -> None:
    assert ran(0.3, _WAITS.format(seconds=30)) == (-signal.SIGALRM, "")


def test_a_call_that_ends_in_time_disarms_it() -> None:
    assert ran(1.5, _WAITS.format(seconds=0.01) + "\nthreading.Event().wait(2)") == (0, "survived")


def test_a_renewal_winds_it_up_again() -> None:
    body = (
        "with dead_man.armed():\n"
        "    trust[0] = 30\n"
        "    threading.Thread(target=dead_man.renewed).start()\n"
        "    threading.Event().wait(2)"
    )
    assert ran(1.5, body) == (0, "survived")


def test_the_end_of_an_inner_call_leaves_the_submission_around_it_armed() -> None:
    body = "with dead_man.armed():\n    with dead_man.armed():\n        pass\n    threading.Event().wait(30)"
    assert ran(0.6, body) == (-signal.SIGALRM, "")


def test_a_stopped_process_ends_before_its_next_instruction() -> None:
    """The timer runs on while the process is stopped; once it may run again, it is dead before it can send."""
    body = 'with dead_man.armed():\n    print("armed", flush=True)\n    sys.stdin.readline()\n'
    body += '    print("sent", flush=True)'
    process = subprocess.Popen(
        [sys.executable, "-c", _SCRIPT.format(trust=2.0, body=body)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "armed\n"
        process.send_signal(signal.SIGSTOP)
        process.stdin.write("go\n")
        process.stdin.flush()
        subprocess.run([sys.executable, "-c", "import threading; threading.Event().wait(2.5)"], check=True)
        process.send_signal(signal.SIGCONT)
        assert process.wait(30) == -signal.SIGALRM
        assert process.stdout.read() == ""


def test_in_a_container_it_ends_the_process_at_work_and_the_container_too() -> None:
    mortal = "from dsr_sync.daemon.mortal import become_mortal\nbecome_mortal()\n"
    waits = _WAITS.format(seconds=30)
    assert ran(0.3, waits, first=mortal, within=container()) == (128 + signal.SIGALRM, "")


@pytest.mark.parametrize(
    "first",
    [
        "signal.signal(signal.SIGALRM, signal.SIG_IGN)",
        "signal.signal(signal.SIGALRM, lambda *_: None)",
        "signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})",
    ],
)
def test_where_sigalrm_would_not_end_the_process_nothing_is_begun(first: str) -> None:
    code, said = ran(30, _TRIES, first=f"import signal\n{first}\n")
    assert (code, "SIGALRM would not end this process" in said, "sent" in said.split()[:1]) == (0, True, False), said


def test_the_first_process_of_a_container_which_nothing_ends_begins_nothing() -> None:
    code, said = ran(30, _TRIES, within=container())
    assert (code, "SIGALRM would not end this process" in said) == (0, True), said


def test_without_the_right_to_write_nothing_is_begun() -> None:
    with pytest.raises(Occupied, match="not renewed in time"), DeadMan(lambda: 0.0).armed():
        pytest.fail("the block must not run")


def test_where_nobody_can_take_over_the_timer_of_somebody_else_is_left_alone() -> None:
    before = signal.getitimer(signal.ITIMER_REAL)[0]
    with DeadMan(lambda: float("inf")).armed():
        assert (signal.getitimer(signal.ITIMER_REAL)[0] > 0) is (before > 0)
    assert (signal.getitimer(signal.ITIMER_REAL)[0] > 0) is (before > 0)
