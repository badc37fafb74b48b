"""Who works: this replica, or another one that holds the ledger. Safe to use from any thread."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, suppress

from dsr_sync.bootstrap.pipeline import Pipeline
from dsr_sync.ports import Occupied, PortError


class Holding:
    """The pipeline of this replica, once it could be taken.

    A pipeline that was lost is closed and never used again: the one that is taken next reads Segment's list anew
    before it sends anything.
    """

    def __init__(self, opened: Callable[[], AbstractContextManager[Pipeline]]) -> None:
        self._opened = opened
        self._lock = threading.Lock()
        self._stack = ExitStack()
        self._pipeline: Pipeline | None = None
        self._lost = False

    @property
    def pipeline(self) -> Pipeline | None:
        """The pipeline, unless another replica has the ledger."""
        return self._pipeline

    @property
    def lost(self) -> bool:
        """Whether another replica may have taken the ledger, so that the pipeline is to be let go."""
        return self._lost

    def take(self) -> bool:
        """Try to take the ledger; whether that is new. Raises Occupied, Transient, LedgerUnusable."""
        with self._lock:
            if self._pipeline is not None:
                return False
            self._pipeline = self._stack.enter_context(self._opened())
            self._lost = False
            return True

    def renew(self) -> None:
        """Make the lease last longer. Raises Occupied if it was lost, and Transient."""
        with self._lock:
            if self._pipeline is not None and not self._lost:
                try:
                    self._pipeline.renew()
                except Occupied:
                    self._lost = True
                    raise

    def let_go(self) -> None:
        """Close the pipeline and give the ledger back. Only between two ticks."""
        with self._lock:
            self._pipeline, self._lost = None, False
            with suppress(PortError):  # what cannot be given back now runs out by itself
                self._stack.close()
