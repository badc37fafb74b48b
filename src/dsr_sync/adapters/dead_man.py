"""A timer of the kernel's that ends this process if a submission takes too long.

A leader that was paused between its intent and its POST would wake up and send what another replica has long settled.
Segment cannot check an epoch, so the paused process must not wake up: the timer runs on while it is stopped, and the
pending signal, at its default action, ends it before it executes another instruction.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


class DeadMan:
    """Arms the process's one real-time interval timer (`setitimer(2)`); one submission at a time uses it."""

    def __init__(self, seconds: float) -> None:
        """`seconds` is the longest that a submission may take; it must be less than the settle time."""
        self._seconds = seconds

    @contextmanager
    def armed(self) -> Iterator[None]:
        """End the process with SIGALRM unless the block is left in time."""
        signal.setitimer(signal.ITIMER_REAL, self._seconds)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
