"""How an answer leaves: whole, drop by drop, cut short, or not at all; and waits that end when the sandbox stops."""

import asyncio
import contextlib
from dataclasses import dataclass

from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from dsr_sandbox.exchange import Answer, send_answer

_TRANSPORT = "dsr_sandbox.transport"


class CuttableProtocol(H11Protocol):
    """uvicorn's HTTP protocol, which also tells the application its transport, so that it can be cut."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn narrows it
        """Called by asyncio for each new connection."""
        super().connection_made(transport)
        self.app_state = self.app_state | {_TRANSPORT: transport}


class Stopping:
    """The one event that ends all waiting. Made and set in the event loop of the servers."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def set(self) -> None:
        """End all waits, now and later."""
        self._event.set()

    async def pause(self, seconds: float) -> bool:
        """Wait real seconds; True if they passed, False if the sandbox stops."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._event.wait(), seconds)
        return not self._event.is_set()


@dataclass(frozen=True, slots=True)
class Connection:
    """The client's side of one request."""

    scope: Scope
    receive: Receive
    send: Send
    stopping: Stopping

    async def whole(self, answer: Answer) -> None:
        """Send the answer at once."""
        await send_answer(answer, self.send)

    async def cut(self) -> None:
        """Close the connection without another byte."""
        self._transport().abort()
        await self._closed()

    async def truncated(self, answer: Answer, length: int) -> None:
        """Announce the whole answer, send `length` bytes of its body, and close."""
        await self._begin(answer)
        await self.send({"type": "http.response.body", "body": answer.body[:length], "more_body": True})
        self._transport().close()
        await self._closed()

    async def trickled(self, answer: Answer, size: int, every_seconds: float) -> None:
        """Send the body in pieces of `size` bytes with pauses between; cut when the sandbox stops."""
        await self._begin(answer)
        for start in range(0, len(answer.body), size):
            await self.send(
                {"type": "http.response.body", "body": answer.body[start : start + size], "more_body": True}
            )
            if self._transport().is_closing() or not await self.stopping.pause(every_seconds):
                return await self.cut()
        return await self.send({"type": "http.response.body", "body": b""})

    async def _begin(self, answer: Answer) -> None:
        await self.send({"type": "http.response.start", "status": answer.status, "headers": list(answer.headers)})

    async def _closed(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass

    def _transport(self) -> asyncio.Transport:
        transport = self.scope["state"][_TRANSPORT]
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - for the type checker: CuttableProtocol put it there
        return transport
