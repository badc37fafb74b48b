"""A process that signals can end, also in a container: without that the dead man's timer would be a pretence.

The kernel drops what a signal's default action would do to the first process of a PID namespace, which is what a
container's command is; and a signal that whoever started us had ignored or blocked stays so in us.
"""

import os
import signal
from collections.abc import Collection

_FIRST = 1
"""The process id of the first process of a PID namespace."""

_PASSED_ON = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)
"""What a supervisor, a terminal or a person may send to a container's first process, and means for the one at work."""


def become_mortal() -> None:
    """See to it that SIGALRM ends this process. Main thread only, before there are other threads, sockets or a ledger.

    The first process of a PID namespace forks: its child returns and does the work. The parent never returns; it passes
    signals on, buries orphans, and ends with the child's exit code, or 128 + the signal that ended it, so that whoever
    watches over the container starts it again.
    """
    signal.signal(signal.SIGALRM, signal.SIG_IGN)  # forgets one that was sent, and held back, before our time
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGALRM})
    if os.getpid() == _FIRST:
        _work_in_a_child()


def _work_in_a_child() -> None:
    awaited = {signal.SIGCHLD, *_PASSED_ON}
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # where it is ignored, nobody learns an exit code
    before = signal.pthread_sigmask(signal.SIG_BLOCK, awaited)  # what comes from here on waits for the parent
    child = os.fork()
    if child:
        os._exit(_watched(child, awaited))
    os.setsid()  # a terminal's Ctrl-C goes to the parent alone; passed on, it would count as the second one
    signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _watched(child: int, awaited: Collection[signal.Signals]) -> int:
    """Pass signals on until the child has ended; the exit code that tells how."""
    while True:
        number = signal.sigwait(awaited)
        if number != signal.SIGCHLD:
            os.kill(child, number)
        elif (code := _buried(child)) is not None:
            return code


def _buried(child: int) -> int | None:
    """Take leave of every process that has ended, orphans too; the exit code if the child is among them."""
    while True:
        ended, status = os.waitpid(-1, os.WNOHANG)
        if ended == child:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code
        if not ended:
            return None
