"""Real processes, of which some are the first of a PID namespace."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Sequence

import pytest
from tests.e2e.container import container

_PREPARED = """
    import os, signal, subprocess, sys, threading
    from pathlib import Path
    from dsr_sync.daemon.mortal import become_mortal
    become_mortal()
"""


def ran(body: str, within: Sequence[str] = (), before: Callable[[], object] | None = None) -> tuple[int, str]:
    """Exit code and output of a process that has become mortal; `before` runs in it before Python begins."""
    script = textwrap.dedent(_PREPARED) + textwrap.dedent(body)
    done = subprocess.run(
        [*within, sys.executable, "-c", script],
        capture_output=True, text=True, timeout=60, check=False, preexec_fn=before,
    )  # fmt: skip
    return done.returncode, done.stdout.strip() + done.stderr.strip()


def ignored() -> None:
    signal.signal(signal.SIGALRM, signal.SIG_IGN)


def blocked() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})


def blocked_and_sent() -> None:
    blocked()
    signal.raise_signal(signal.SIGALRM)


@pytest.mark.parametrize("before", [None, ignored, blocked])
def test_sigalrm_ends_it_whatever_it_was_started_with(before: Callable[[], object] | None) -> None:
    body = "signal.setitimer(signal.ITIMER_REAL, 0.1)\nthreading.Event().wait(30)"
    assert ran(body, before=before) == (-signal.SIGALRM, "")


def test_sigalrm_ends_it_while_another_thread_is_at_work() -> None:
    body = """
        threading.Thread(target=signal.setitimer, args=(signal.ITIMER_REAL, 0.1)).start()
        other = threading.Thread(target=threading.Event().wait, args=(30,))
        other.start()
        other.join()
    """
    assert ran(body, before=blocked) == (-signal.SIGALRM, "")


def test_a_sigalrm_from_before_its_time_is_forgotten() -> None:
    assert ran("print('alive')", before=blocked_and_sent) == (0, "alive")


def test_where_it_is_not_the_first_process_it_stays_the_only_one() -> None:
    assert ran("print(os.getppid())")[1] == str(os.getpid())


@pytest.mark.parametrize("before", [None, ignored, blocked])
def test_in_a_container_sigalrm_ends_the_one_at_work_and_the_container_with_it(
    before: Callable[[], object] | None,
) -> None:
    body = "signal.setitimer(signal.ITIMER_REAL, 0.1)\nthreading.Event().wait(30)"
    assert ran(body, container(), before) == (128 + signal.SIGALRM, "")


@pytest.mark.parametrize("code", [0, 1, 75])
def test_a_container_ends_with_the_exit_code_of_the_one_at_work(code: int) -> None:
    assert ran(f"sys.exit({code})", container()) == (code, "")


def test_a_container_whose_starter_ignored_the_end_of_children_ends_with_that_exit_code_too() -> None:
    deaf = (*container(), "env", "--ignore-signal=CHLD")  # not before unshare(1), which waits for a child itself
    assert ran("sys.exit(75)", deaf) == (75, "")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1])
def test_a_signal_to_the_first_process_reaches_the_one_at_work(number: signal.Signals) -> None:
    body = f"""
        signal.pthread_sigmask(signal.SIG_BLOCK, [{int(number)}])
        os.kill(1, {int(number)})
        print(signal.sigwait([{int(number)}]))
    """
    assert ran(body, container()) == (0, str(int(number)))


def test_a_signal_that_the_one_at_work_does_not_handle_ends_the_container_with_its_number() -> None:
    assert ran("os.kill(1, signal.SIGTERM)\nthreading.Event().wait(30)", container()) == (128 + signal.SIGTERM, "")


def test_orphans_are_buried() -> None:
    body = """
        script = "import subprocess; print(subprocess.Popen(['true']).pid, flush=True); input()"
        parent = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        orphan = Path("/proc", parent.stdout.readline().decode().strip())
        parent.kill()
        parent.wait()
        while orphan.exists():
            threading.Event().wait(0.01)
        print("buried")
    """
    assert ran(body, container()) == (0, "buried")
