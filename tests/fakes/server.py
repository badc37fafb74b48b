"""A server that does to one connection after another whatever a test writes down."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

Script = Callable[[socket.socket, threading.Event], None]


@dataclass
class Served:
    """A running server: its address, what it was sent, and how many connections came."""

    url: str
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0


def accept(listener: socket.socket, script: Script, served: Served, stop: threading.Event) -> None:
    """Serve until the listener is closed: each request that arrives whole is answered by the script."""
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        served.connections += 1
        with connection, suppress(OSError):
            connection.settimeout(10)
            while request := _request(connection):
                served.requests.append(request)
                script(connection, stop)


def _request(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(65536)
        if not piece:
            return b""
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    wanted = int(lengths[0].split(b":")[1]) if lengths else 0
    while len(body) < wanted:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body
