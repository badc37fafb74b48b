"""Serving ASGI applications from one daemon thread, quick to start and quick to end."""

import asyncio
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp

from dsr_sandbox.connection import CuttableProtocol, Stopping

_LOOPBACK = "127.0.0.1"
_PATIENCE = 10.0
_AGAIN = 0.02
# Clients keep connections; one that is closed just when it is used again would look like a fault that nobody ordered.
_KEEP_ALIVE = 600


class _Server(uvicorn.Server):
    def __init__(self, app: ASGIApp) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=CuttableProtocol,
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="error",
                access_log=False,
                proxy_headers=False,
                server_header=False,
                date_header=False,
                timeout_keep_alive=_KEEP_ALIVE,
            )
        )
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Again and again: a connection may still be on its way in when the listener closes.
        cutting = asyncio.create_task(self._cut())
        try:
            await super().shutdown(sockets)
        finally:
            cutting.cancel()

    async def _cut(self) -> None:
        while True:
            for connection in list(self.server_state.connections):
                if connection.transport is not None:
                    connection.transport.abort()
            await asyncio.sleep(_AGAIN)


@dataclass(frozen=True, slots=True)
class Running:
    """Servers at work in a thread of their own."""

    thread: threading.Thread
    loop: asyncio.AbstractEventLoop
    servers: tuple[_Server, ...]
    stopping: Stopping

    def end(self) -> None:
        """End all servers; open connections are cut. Returns when the ports are free.

        Raises:
            RuntimeError: they did not end in time.
        """
        self.loop.call_soon_threadsafe(self.stopping.set)
        for server in self.servers:
            server.should_exit = True
        self.thread.join(_PATIENCE)
        if self.thread.is_alive():
            raise RuntimeError("The sandbox did not stop in time.")


def listen(port: int) -> socket.socket:
    """A loopback socket that listens on `port`, 0 for a free one.

    Raises:
        OSError: the port is taken.
    """
    # With the protocol named, asyncio switches Nagle's algorithm off; else each answer waits 40 ms for an ACK.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((_LOOPBACK, port))
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


def url_of(listener: socket.socket) -> str:
    """The base URL that a listening socket is reached by."""
    host, port = listener.getsockname()
    return f"http://{host}:{port}"


def serve(apps: Mapping[socket.socket, ASGIApp], stopping: Stopping) -> Running:
    """Serve each application on its listening socket, which belongs to its server from here on.

    Raises:
        RuntimeError: a server did not come up.
    """
    loop = asyncio.new_event_loop()
    servers = {listener: _Server(app) for listener, app in apps.items()}
    thread = threading.Thread(target=_run, args=(loop, servers), name="dsr-sandbox", daemon=True)
    thread.start()
    if not all(server.ready.wait(_PATIENCE) for server in servers.values()):
        raise RuntimeError("The sandbox did not come up.")
    return Running(thread, loop, tuple(servers.values()), stopping)


def _run(loop: asyncio.AbstractEventLoop, servers: dict[socket.socket, _Server]) -> None:
    async def all_of_them() -> None:
        await asyncio.gather(*(server.serve(sockets=[listener]) for listener, server in servers.items()))

    try:
        loop.run_until_complete(all_of_them())
    finally:
        loop.close()
