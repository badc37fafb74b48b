"""The right to write: only one process at a time has it."""

import fcntl
import math
import os
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection

from dsr_sync.ports import LedgerUnusable, Occupied


class Writer(Protocol):
    """The right to write to one ledger."""

    def hold(self) -> None:
        """Take the right, or make it last longer. Raises Occupied while another process has it, and Transient."""
        ...

    def release(self) -> None:
        """Give it back, so that another process can have it at once."""
        ...

    @property
    def epoch(self) -> int | None:
        """The number of this term, one more than that of the process before; None where terms are not counted."""
        ...

    def confirm(self, connection: Connection) -> None:
        """Called first in every writing transaction. Raises Occupied if another process has taken over."""
        ...

    def trusted_for(self) -> float:
        """Seconds for which certainly nobody else has the right, by the monotonic clock; 0 or less: hold it anew."""
        ...


class FileLock:
    """SQLite: an exclusive lock on a file beside the database. The kernel gives it back when the process ends.

    The file stays where it is: to remove it would let two processes lock two files of the same name.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None
        self.epoch: int | None = None

    def hold(self) -> None:
        """Take the lock and keep it. Raises Occupied while another process has it, LedgerUnusable without a file."""
        if self._descriptor is not None:
            return
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:
            raise LedgerUnusable("ledger", "the lock file cannot be written") from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise Occupied("ledger", "another process holds the ledger") from None
        except OSError:
            os.close(descriptor)
            raise LedgerUnusable("ledger", "the file system knows no locks") from None
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the lock back."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def confirm(self, connection: Connection) -> None:
        """The lock cannot be lost, only given back. Raises Occupied once it was."""
        del connection
        if self._descriptor is None:
            raise Occupied("ledger", "the right to write was given back")

    def trusted_for(self) -> float:
        """As long as the process lives."""
        return math.inf if self._descriptor is not None else 0.0
