"""A timer of the kernel's that ends this process when others may begin to think that it is dead.

A leader that was paused between its intent and its POST would wake up and send what another replica has long settled,
or write to a row what is no longer true. Neither service can check an epoch, so the paused process must not wake up:
the timer runs on while it is stopped, and the pending signal, at its default action, ends it before it executes
another instruction.
"""

import math
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from dsr_sync.ports import LedgerUnusable, Occupied


class DeadMan:
    """Arms the process's one real-time interval timer (`setitimer(2)`), around each call and each submission.

    The timer ends when the trust in the right to write ends, which is before anybody else can have it. Each renewal of
    that right winds it up again, so that a slow answer costs nothing.
    """

    def __init__(self, trusted_for: Callable[[], float]) -> None:
        """`trusted_for` says for how many seconds nobody else can have the right to write; infinity needs no timer."""
        self._trusted_for = trusted_for
        self._lock = threading.Lock()
        self._depth = 0
        self._wound = False

    @contextmanager
    def armed(self) -> Iterator[None]:
        """End the process with SIGALRM if the right to write ends before the block does; blocks may be nested.

        Raises Occupied if it has ended already, and LedgerUnusable where the signal would not end the process.
        """
        with self._lock:
            if not self._wind():
                raise Occupied("ledger", "the right to write was not renewed in time")
            self._depth += 1
        try:
            yield
        finally:
            with self._lock:
                self._depth -= 1
                if self._wound and not self._depth:
                    signal.setitimer(signal.ITIMER_REAL, 0)
                    self._wound = False

    def renewed(self) -> None:
        """The right to write was made to last longer. May be called from any thread."""
        with self._lock:
            if self._depth:
                self._wind()

    def _wind(self) -> bool:
        left = self._trusted_for()
        if 0 < left < math.inf:
            if not _deadly():
                raise LedgerUnusable("ledger", "SIGALRM would not end this process, so that a paused one could send")
            self._wound = True
            signal.setitimer(signal.ITIMER_REAL, left)
        return left > 0


def _deadly() -> bool:
    """Whether SIGALRM ends this process: not where it is handled, ignored or blocked, nor the first of a namespace."""
    return (
        os.getpid() != 1
        and signal.getsignal(signal.SIGALRM) == signal.SIG_DFL
        and signal.SIGALRM not in signal.pthread_sigmask(signal.SIG_BLOCK, ())
    )
