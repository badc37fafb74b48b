"""TLS is verified, always: a server that cannot show who it is gets nothing."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from tests.fakes.real_clock import RealClock

from dsr_sync.adapters.wire import Call, NotSent, Wire, network

PEM = Path(__file__).parent / "loopback-server.pem"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@contextmanager
def https_server(received: list[bytes]) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(PEM)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_serve, args=(listener, context, received), daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}/"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)


def _serve(listener: socket.socket, context: ssl.SSLContext, received: list[bytes]) -> None:
    while True:
        try:
            plain, _ = listener.accept()
        except OSError:
            return
        plain.settimeout(10)
        with plain, suppress(OSError), context.wrap_socket(plain, server_side=True) as connection:
            while request := connection.recv(65536):
                received.append(request)
                connection.sendall(ANSWER)


@pytest.fixture
def trusting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trust the test server's certificate, and nothing else."""
    context = ssl.create_default_context(cafile=str(PEM))
    monkeypatch.setattr(network, "_tls", lambda: context)


def test_a_certificate_that_nobody_vouches_for_ends_the_call_before_anything_is_sent() -> None:
    received: list[bytes] = []
    with https_server(received) as url:
        wire = Wire(RealClock(), seconds=5)
        with pytest.raises(NotSent, match="TLS failed"):
            wire.send(Call("POST", url, {"Authorization": "Bearer sgp_secret"}, b"person-17"))
        wire.close()
    assert received == []


def test_a_certificate_for_another_name_ends_the_call_before_anything_is_sent(
    trusting: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    del trusting
    received: list[bytes] = []
    with https_server(received) as url:
        port = int(url.rstrip("/").rpartition(":")[2])
        found = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", port))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        wire = Wire(RealClock(), seconds=5)
        with pytest.raises(NotSent, match="TLS failed"):
            wire.send(Call("POST", f"https://api.example.com:{port}/", {}, b"person-17"))
        wire.close()
    assert received == []


def test_a_server_that_shows_who_it_is_is_spoken_to_on_one_connection(trusting: None) -> None:
    del trusting
    received: list[bytes] = []
    with https_server(received) as url:
        wire = Wire(RealClock(), seconds=5)
        answers = [wire.send(Call("POST", url, {}, body)).body for body in (b"1", b"2")]
        wire.close()
    assert answers == [b"{}", b"{}"]
    assert b"".join(received).count(b"POST / HTTP/1.1") == 2
