"""/healthz, /readyz and /metrics: Starlette on uvicorn, in a thread of its own."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dsr_sync.daemon.callers import Caller
from dsr_sync.daemon.health import Pulse, ReadinessBoard
from dsr_sync.daemon.metrics import CONTENT_TYPE, Metrics

_OK, _UNAVAILABLE = 200, 503
_PATIENCE = 5.0
"""Seconds that the server may take to start, and to finish what it is answering when it stops."""
_WAITING = 32
"""Connections that the kernel keeps until they are taken up, and that are taken up at one go."""


@dataclass(eq=False)
class AddressTaken(Exception):
    """The pages cannot be served there: the port is in use, or the address is not this machine's."""

    host: str
    port: int
    reason: str

    def __str__(self) -> str:
        """Which address, and why."""
        return f"cannot listen on {self.host} port {self.port}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Sources:
    """What the pages show."""

    pulse: Pulse
    readiness: ReadinessBoard
    metrics: Metrics


def application(sources: Sources) -> Starlette:
    """The three pages. None needs the network, the ledger or a lock that a tick could hold for long."""

    async def healthz(_: Request) -> Response:
        stuck = sources.pulse.stuck()
        return JSONResponse({"alive": not stuck, "stuck": list(stuck)}, _UNAVAILABLE if stuck else _OK)

    async def readyz(_: Request) -> Response:
        now = sources.readiness.now
        status = _OK if now.state.fine else _UNAVAILABLE
        return JSONResponse({"state": now.state.value, "about": list(now.about)}, status)

    async def metrics(_: Request) -> Response:
        return Response(sources.metrics.exposition(), headers={"Content-Type": CONTENT_TYPE})

    return Starlette(routes=[Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)])


class Pages:
    """The server. Loopback unless the operator said otherwise; no access log, so that nothing is logged of callers."""

    def __init__(self, sources: Sources, host: str, port: int) -> None:
        """Prepare to listen on `host` and `port` (0 takes a free one)."""
        self._host, self._port = host, port
        self._server = _Server(
            uvicorn.Config(
                application(sources),
                loop="asyncio",
                http=Caller,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                headers=[("Connection", "close")],  # else a caller could send its next request as its time ends
                backlog=_WAITING,
                timeout_graceful_shutdown=1,
            )
        )
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        """The port that is listened on, once started."""
        return self._port

    @contextmanager
    def served(self) -> Iterator["Pages"]:
        """Serve from here to the end of the block. Raises AddressTaken."""
        self.start()
        try:
            yield self
        finally:
            self.stop()

    def start(self) -> None:
        """Listen, and answer from another thread. Raises AddressTaken."""
        listener = _listen(self._host, self._port)
        self._port = listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, args=(listener,), name="http", daemon=True)
        self._thread.start()
        self._server.ready.wait(_PATIENCE)

    def stop(self) -> None:
        """Finish what is being answered, at most a second or so, and end."""
        if self._thread is not None:
            self._server.should_exit = True
            self._thread.join(_PATIENCE)
            self._thread = None

    def _serve(self, listener: socket.socket) -> None:
        with listener:
            asyncio.run(self._server.serve(sockets=[listener]))


class _Server(uvicorn.Server):
    """uvicorn, which says when it answers."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket, bound here and not in uvicorn, which would log the error and end the process."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise AddressTaken(host, port, _why(error)) from None
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen()
    except OSError as error:
        listener.close()
        raise AddressTaken(host, port, _why(error)) from None
    return listener


def _why(error: OSError) -> str:
    return (error.strerror or "it cannot be opened").lower()
