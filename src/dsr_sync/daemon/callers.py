"""The connections of the pages' callers: few at a time, and none for long, so that silent ones keep nobody out.

A limit that answers 503 to whoever comes too late would let a scanner make a probe restart a process that is well.
"""

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

MOST = 128
"""Connections at a time; for one more the oldest is cut. Often a process may open a thousand files and no more, and the
ledger and the services need some of them."""

SECONDS = 5.0
"""How long a connection may last, from its making to the last byte of its only answer; the pages take milliseconds."""


class Caller(H11Protocol):
    """One connection. It is cut when its time is over, or when it is the oldest one and too many others have come."""

    since = 0.0
    _end: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn does
        """Make room for this one if need be, and let its time begin."""
        super().connection_made(transport)
        self.since = self.loop.time()
        self._end = self.loop.call_later(SECONDS, transport.abort)
        # One that is cut stays among the connections until the loop's next round.
        there = [each for each in self.connections if isinstance(each, Caller) and not each.transport.is_closing()]
        for oldest in sorted(there, key=lambda each: each.since)[:-MOST]:
            oldest.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Its time need not be waited for."""
        if self._end is not None:
            self._end.cancel()
        super().connection_lost(exc)
