"""Sockets that obey one deadline per call, whatever the other side does.

httpx and requests limit the wait for each single read, not the whole call: a body or a header that arrives byte by
byte keeps both busy for ever. Here every step (name resolution, connect, TLS, each read and write) gets what is left.
"""

import math
import select
import socket
import ssl
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

import httpcore
import httpx

from dsr_sync.ports import Clock

UNRESOLVED: Final = "name not resolved"
REFUSED: Final = "no connection"
TLS_FAILED: Final = "TLS failed"

_KEPT_IDLE = 4.0
# Seconds. Shorter than what servers keep an idle connection open for (5 s is the shortest in use), because a request
# on a connection that is just being closed ends in doubt.
_READABLE_EVENTS = select.POLLIN | select.POLLHUP | select.POLLERR

SocketOption = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]
_Address = tuple[Any, ...]


class Deadline:
    """The moment by which the call in hand must have ended, on the monotonic clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._at = math.inf

    def start(self, seconds: float) -> None:
        """A new call begins; it may take so many seconds in all."""
        self._at = self._clock.monotonic() + seconds

    def left(self) -> float:
        """Seconds that are left, above 0.

        Raises:
            TimeoutError: none are left.
        """
        left = self._at - self._clock.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class DeadlineTransport(httpx.HTTPTransport):
    """httpx's transport over sockets with a deadline: TLS verified, HTTP/1.1, nothing taken from the environment."""

    def __init__(self, deadline: Deadline) -> None:
        context = _tls()
        super().__init__(verify=context, trust_env=False)
        # httpx has no public place for a network backend; the pin of httpx and the tests of the deadline guard this.
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            max_connections=2,
            keepalive_expiry=_KEPT_IDLE,
            network_backend=_DeadlineBackend(deadline),
        )


@cache
def _tls() -> ssl.SSLContext:
    # One for all: to load the certificates takes longer than a call.
    return httpx.create_ssl_context(trust_env=False)


class _DeadlineBackend(httpcore.NetworkBackend):
    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address that answers. `local_address` and `socket_options` are never set here."""
        del local_address, socket_options
        with _translated(httpcore.ConnectTimeout, httpcore.ConnectError, REFUSED):
            sock = self._connect(self._resolve(host, port), timeout)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return _DeadlineStream(sock, self._deadline)

    def _connect(self, addresses: list[_Address], timeout: float | None) -> socket.socket:
        problem: OSError | None = None
        for family, kind, protocol, _, address in addresses:
            sock = socket.socket(family, kind, protocol)
            try:
                sock.settimeout(min(self._deadline.left(), timeout or math.inf))
                sock.connect(address)
            except OSError as error:
                sock.close()
                problem = error
            else:
                return sock
        raise problem or OSError(REFUSED)

    def _resolve(self, host: str, port: int) -> list[_Address]:
        # getaddrinfo knows no timeout, so it runs beside; if it takes too long, nothing has been sent.
        found: list[list[_Address]] = []
        thread = threading.Thread(target=_look_up, args=(host, port, found), name="name-resolution", daemon=True)
        thread.start()
        thread.join(self._deadline.left())
        if thread.is_alive():
            raise TimeoutError
        if not found:
            raise httpcore.ConnectError(UNRESOLVED)
        return found[0]


class _DeadlineStream(httpcore.NetworkStream):
    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock = sock
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what is there, within the deadline; the timeout of the single step does not matter."""
        del timeout
        with _translated(httpcore.ReadTimeout, httpcore.ReadError, "read failed"):
            self._sock.settimeout(self._deadline.left())
            return self._sock.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all of it, within the deadline."""
        del timeout
        with _translated(httpcore.WriteTimeout, httpcore.WriteError, "write failed"):
            while buffer:
                self._sock.settimeout(self._deadline.left())
                buffer = buffer[self._sock.send(buffer) :]

    def close(self) -> None:
        """Close the socket."""
        self._sock.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Shake hands; a certificate that does not fit is a connection that was never made."""
        del timeout
        try:
            with _translated(httpcore.ConnectTimeout, httpcore.ConnectError, TLS_FAILED):
                self._sock.settimeout(self._deadline.left())
                secured = ssl_context.wrap_socket(self._sock, server_hostname=server_hostname)
        except (httpcore.ConnectError, httpcore.ConnectTimeout):
            self.close()
            raise
        return _DeadlineStream(secured, self._deadline)

    def get_extra_info(self, info: str) -> object:
        """What httpcore asks: whether TLS agreed on HTTP/2 (never), and whether the other side closed meanwhile."""
        if info == "ssl_object":
            return self._sock if isinstance(self._sock, ssl.SSLSocket) else None
        if info == "is_readable":
            return _is_readable(self._sock)
        return self._sock if info == "socket" else None


def _look_up(host: str, port: int, found: list[list[_Address]]) -> None:
    try:
        found.append(list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
    except (OSError, UnicodeError):
        return  # an empty list says it


def _is_readable(sock: socket.socket) -> bool:
    if sock.fileno() < 0:
        return True
    watch = select.poll()
    watch.register(sock, _READABLE_EVENTS)
    return bool(watch.poll(0))


@contextmanager
def _translated(late: type[Exception], failed: type[Exception], reason: str) -> Iterator[None]:
    try:
        yield
    except TimeoutError:
        raise late("deadline") from None
    except OSError:
        raise failed(reason) from None
