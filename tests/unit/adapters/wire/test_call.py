"""One call over real sockets: whatever the other side does, it ends in time and says what is certain."""

import gzip
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from tests.fakes.real_clock import RealClock
from tests.fakes.server import Script, Served

from dsr_sync.adapters.wire import Call, NoAnswer, NotSent, Oversized, Wire

Serve = Callable[[Script], Served]
LIMIT = 10 * 1024 * 1024
SECRET = "sgp_very-secret"


def call(url: str, body: bytes = b"") -> Call:
    return Call("POST" if body else "GET", f"{url}/path?secret=1", {"Authorization": f"Bearer {SECRET}"}, body)


def answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def says(reply: bytes, *, then_close: bool = False) -> Script:
    def script(connection: socket.socket, _: threading.Event) -> None:
        connection.sendall(reply)
        if then_close:
            connection.shutdown(socket.SHUT_RDWR)

    return script


def trickles(reply: bytes, pause: float = 0.05) -> Script:
    def script(connection: socket.socket, stop: threading.Event) -> None:
        for byte in reply:
            connection.sendall(bytes([byte]))
            if stop.wait(pause):
                return

    return script


def large_then_silent(connection: socket.socket, stop: threading.Event) -> None:
    connection.sendall(answer(b"x" * 1_000_000)[:-1])
    stop.wait(5)


def says_nothing(_: socket.socket, stop: threading.Event) -> None:
    stop.wait(30)


@pytest.fixture
def wire() -> Iterator[Wire]:
    made = Wire(RealClock(), seconds=5)
    yield made
    made.close()


@pytest.fixture
def hasty() -> Iterator[Wire]:
    made = Wire(RealClock(), seconds=0.4)
    yield made
    made.close()


@contextmanager
def ends_in(least: float, most: float) -> Iterator[None]:
    began = time.monotonic()
    yield
    assert least <= time.monotonic() - began <= most


def test_a_complete_answer_comes_back_whole(serve: Serve, wire: Wire) -> None:
    served = serve(says(answer(b'{"a":1}', "Retry-After: 7", status="422 Unprocessable")))
    found = wire.send(call(served.url, b'{"q":1}'))
    assert (found.status, found.body, found.headers["retry-after"]) == (422, b'{"a":1}', "7")
    assert served.requests[0].startswith(b"POST /path?secret=1 HTTP/1.1\r\n")
    assert served.requests[0].endswith(b'\r\n\r\n{"q":1}')


def test_a_connection_is_kept_for_the_next_call(serve: Serve, wire: Wire) -> None:
    served = serve(says(answer(b"{}")))
    wire.send(call(served.url))
    wire.send(call(served.url))
    assert (served.connections, len(served.requests)) == (1, 2)


def test_a_kept_connection_that_the_server_closed_is_not_used_again(serve: Serve, wire: Wire) -> None:
    served = serve(says(answer(b"{}"), then_close=True))
    wire.send(call(served.url, b"1"))
    wire.send(call(served.url, b"2"))
    assert served.connections == 2


def test_a_trickled_body_ends_at_the_deadline(serve: Serve, hasty: Wire) -> None:
    served = serve(trickles(answer(b"x" * 10_000)))
    with ends_in(0.35, 2), pytest.raises(NoAnswer, match="in time"):
        hasty.send(call(served.url))


def test_trickled_headers_end_at_the_deadline(serve: Serve, hasty: Wire) -> None:
    served = serve(trickles(b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 10_000))
    with ends_in(0.35, 2), pytest.raises(NoAnswer, match="in time"):
        hasty.send(call(served.url))


def test_silence_ends_at_the_deadline(serve: Serve, hasty: Wire) -> None:
    served = serve(says_nothing)
    with ends_in(0.35, 2), pytest.raises(NoAnswer, match="in time"):
        hasty.send(call(served.url))


def test_a_reader_too_slow_for_the_body_ends_at_the_deadline(hasty: Wire) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf, ends_in(0.35, 2), pytest.raises(NoAnswer):
        hasty.send(call(f"http://127.0.0.1:{deaf.getsockname()[1]}", b"x" * 30_000_000))


def test_a_late_call_does_not_shorten_the_next_one(serve: Serve, hasty: Wire) -> None:
    silent, served = serve(says_nothing), serve(says(answer(b"{}")))
    with pytest.raises(NoAnswer):
        hasty.send(call(silent.url))
    assert hasty.send(call(served.url)).status == 200


def test_a_body_of_the_largest_size_is_read(serve: Serve, wire: Wire) -> None:
    served = serve(says(answer(b"x" * LIMIT)))
    assert len(wire.send(call(served.url)).body) == LIMIT


def test_a_body_beyond_the_largest_size_is_dropped(serve: Serve, wire: Wire) -> None:
    served = serve(says(answer(b"x" * (LIMIT + 1))))
    with pytest.raises(NoAnswer, match="larger"):
        wire.send(call(served.url))


def test_a_gzipped_body_is_unpacked(serve: Serve, wire: Wire) -> None:
    served = serve(says(answer(gzip.compress(b'{"a":1}', mtime=0), "Content-Encoding: gzip")))
    assert wire.send(call(served.url)).body == b'{"a":1}'
    assert b"accept-encoding: gzip\r\n" in served.requests[0].lower()


def test_a_gzip_bomb_is_stopped_at_the_largest_size(serve: Serve, wire: Wire) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(bytes(1024 * 1024)) for _ in range(200)) + packer.flush()
    assert len(bomb) < 300_000
    served = serve(says(answer(bomb, "Content-Encoding: gzip")))
    with pytest.raises(NoAnswer, match="larger"):
        wire.send(call(served.url))


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (gzip.compress(b'{"a":1}', mtime=0)[:-9], "gzip"),
        (b"not gzip at all", "gzip"),
        (b"whatever", "br"),
    ],
)
def test_a_body_that_cannot_be_unpacked_is_no_answer(serve: Serve, wire: Wire, body: bytes, encoding: str) -> None:
    served = serve(says(answer(body, f"Content-Encoding: {encoding}")))
    with pytest.raises(NoAnswer):
        wire.send(call(served.url))


def test_an_empty_body_is_an_answer_even_if_it_claims_to_be_gzipped(serve: Serve, wire: Wire) -> None:
    served = serve(says(answer(b"", "Content-Encoding: gzip", status="502 Bad Gateway")))
    assert wire.send(call(served.url)).status == 502


def test_a_body_cut_short_is_no_answer(serve: Serve, wire: Wire) -> None:
    served = serve(says(answer(b'{"a":1}')[:-3], then_close=True))
    with pytest.raises(NoAnswer, match="broken"):
        wire.send(call(served.url))


def test_a_connection_closed_without_an_answer_is_no_answer(serve: Serve, wire: Wire) -> None:
    served = serve(lambda connection, _: connection.shutdown(socket.SHUT_RDWR))
    with pytest.raises(NoAnswer, match="broken"):
        wire.send(call(served.url, b"once"))
    assert served.connections == 1


def test_something_that_is_not_http_is_no_answer(serve: Serve, wire: Wire) -> None:
    served = serve(says(b"SSH-2.0-OpenSSH_9.6\r\n", then_close=True))
    with pytest.raises(NoAnswer):
        wire.send(call(served.url))


def test_a_refused_connection_is_certainly_not_sent(wire: Wire) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(NotSent, match="no connection"):
        wire.send(call(f"http://127.0.0.1:{port}", b"x"))


def test_a_name_that_does_not_resolve_is_certainly_not_sent(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(NotSent, match="name not resolved"):
        wire.send(call("http://api.example.com", b"x"))


def test_a_resolver_that_hangs_ends_at_the_deadline_and_nothing_is_sent(
    hasty: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()

    def hang(*_: object, **__: object) -> list[object]:
        released.wait(30)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    try:
        with ends_in(0.35, 2), pytest.raises(NotSent, match="in time"):
            hasty.send(call("http://api.example.com", b"x"))
    finally:
        released.set()


def test_a_server_without_tls_is_certainly_not_sent_to(serve: Serve, wire: Wire) -> None:
    def plain(connection: socket.socket, _: threading.Event) -> None:
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    served = serve(plain)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        answering = threading.Thread(target=_speak_plainly, args=(listener,), daemon=True)
        answering.start()
        with pytest.raises(NotSent, match="TLS failed"):
            wire.send(call(f"https://127.0.0.1:{listener.getsockname()[1]}", b"x"))
        answering.join(5)
    assert served.requests == []


def _speak_plainly(listener: socket.socket) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def test_a_redirect_is_an_answer_and_is_not_followed(serve: Serve, wire: Wire) -> None:
    elsewhere = serve(says(answer(b"{}")))
    served = serve(says(answer(b"", f"Location: {elsewhere.url}/", status="307 Temporary Redirect")))
    assert wire.send(call(served.url, b"x")).status == 307
    assert elsewhere.requests == []


def test_proxies_of_the_environment_are_not_used(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    served = serve(says(answer(b"{}")))
    wire = Wire(RealClock())
    assert wire.send(call(served.url)).status == 200
    wire.close()


def test_a_call_that_cannot_be_written_is_certainly_not_sent(serve: Serve, wire: Wire) -> None:
    served = serve(says(answer(b"{}")))
    with pytest.raises(NotSent, match="cannot be written"):
        wire.send(Call("GET", served.url, {"Authorization": "Bearer two\nlines"}))
    assert served.requests == []
    with pytest.raises(NotSent, match="cannot be written"):
        wire.send(Call("GET", "ftp://127.0.0.1:9/", {}))


def test_neither_reprs_nor_errors_hold_the_url_the_token_or_the_body(serve: Serve, wire: Wire) -> None:
    served = serve(lambda connection, _: connection.shutdown(socket.SHUT_RDWR))
    with pytest.raises(NoAnswer) as raised:
        wire.send(call(served.url, b"person-17"))
    texts = [repr(call(served.url, b"person-17")), repr(raised.value), str(raised.value), str(raised.value.args)]
    assert not [text for text in texts for word in (SECRET, "person-17", "secret=1") if word in text]
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None


def test_too_much_is_told_from_what_is_cut_so_that_less_can_be_asked_for(serve: Serve, wire: Wire) -> None:
    large, cut = serve(says(answer(b"x" * (LIMIT + 1)))), serve(says(answer(b"x" * 100)[:-1]))
    with pytest.raises(Oversized):
        wire.send(call(large.url))
    with pytest.raises(NoAnswer) as raised:
        wire.send(call(cut.url))
    assert not isinstance(raised.value, Oversized)


def test_a_large_answer_that_is_late_is_too_much_and_one_that_only_trickles_is_not(serve: Serve, hasty: Wire) -> None:
    large, stalling = serve(large_then_silent), serve(trickles(answer(b"x" * 10_000)))
    with pytest.raises(Oversized, match="in time"):
        hasty.send(call(large.url))
    with pytest.raises(NoAnswer, match="in time") as raised:
        hasty.send(call(stalling.url))
    assert not isinstance(raised.value, Oversized)
