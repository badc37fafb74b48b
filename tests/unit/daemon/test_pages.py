"""The pages over real HTTP on loopback."""

import http.client
import json
import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.process import until

from dsr_sync.daemon.callers import MOST
from dsr_sync.daemon.health import State
from dsr_sync.daemon.http import AddressTaken, Pages, Sources


def get(pages: Pages, path: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", pages.port, timeout=5)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def test_healthz_is_fine_while_the_loops_tick_and_503_once_they_do_not(
    pages: Pages, clock: Any, sources: Sources
) -> None:
    status, _, body = get(pages, "/healthz")
    assert (status, json.loads(body)) == (200, {"alive": True, "stuck": []})
    clock.passes(181)
    status, _, body = get(pages, "/healthz")
    assert (status, json.loads(body)) == (503, {"alive": False, "stuck": ["tick"]})
    sources.pulse.begin("tick")
    assert get(pages, "/healthz")[0] == 200


@pytest.mark.parametrize("state", State)
def test_readyz_names_the_state(pages: Pages, sources: Sources, state: State) -> None:
    sources.readiness.set(state)
    status, _, body = get(pages, "/readyz")
    assert status == (200 if state in (State.READY, State.STANDING_BY) else 503)
    assert json.loads(body) == {"state": state.value, "about": []}


def test_readyz_names_the_columns_that_are_broken(pages: Pages, sources: Sources) -> None:
    sources.readiness.set(State.SCHEMA_BROKEN, ["Regulation ID"])
    assert json.loads(get(pages, "/readyz")[2])["about"] == ["Regulation ID"]


def test_metrics_are_in_the_text_format_of_prometheus(pages: Pages, sources: Sources) -> None:
    sources.metrics.submission("accepted")
    status, headers, body = get(pages, "/metrics")
    assert status == 200
    assert headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert b'dsr_sync_submissions_total{result="accepted"} 1.0\n' in body


def test_nothing_else_is_there_and_nothing_can_be_changed(pages: Pages) -> None:
    assert get(pages, "/")[0] == 404
    assert get(pages, "/healthz", "POST")[0] == 405


def test_the_server_does_not_say_what_it_is_made_of(pages: Pages) -> None:
    assert "server" not in get(pages, "/healthz")[1]


def test_a_port_in_use_is_a_clear_error(sources: Sources) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(AddressTaken, match=f"port {port}: address already in use"):
            Pages(sources, "127.0.0.1", port).start()


def test_an_address_of_another_machine_is_a_clear_error(sources: Sources) -> None:
    with pytest.raises(AddressTaken, match=r"192\.0\.2\.1"):
        Pages(sources, "192.0.2.1", 0).start()


def test_starting_and_stopping_are_quick_and_leave_nothing_behind(sources: Sources) -> None:
    begun = time.monotonic()
    with Pages(sources, "127.0.0.1", 0).served() as pages:
        assert get(pages, "/healthz")[0] == 200
        port = pages.port
    assert time.monotonic() - begun < 3
    assert "http" not in {thread.name for thread in threading.enumerate()}
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), timeout=5):
        pass


def test_stopping_does_not_wait_for_a_caller_who_says_nothing(sources: Sources) -> None:
    pages = Pages(sources, "127.0.0.1", 0)
    pages.start()
    with socket.create_connection(("127.0.0.1", pages.port), timeout=5) as silent:
        silent.sendall(b"GET /healthz HTTP/1.1\r\n")
        begun = time.monotonic()
        pages.stop()
        assert time.monotonic() - begun < 4


@pytest.mark.parametrize("said", [b"", b"GET /healthz HTTP/1.1\r\nHost:"], ids=["nothing", "half a request"])
def test_callers_who_say_too_little_keep_nobody_out_and_are_cut(pages: Pages, said: bytes) -> None:
    with callers(pages, MOST + 20, said) as silent:
        assert [get(pages, "/healthz")[0] for _ in range(5)] == [200] * 5
        until(lambda: all(is_cut(caller) for caller in silent), "every connection is cut")
        assert get(pages, "/healthz")[0] == 200


def test_where_many_say_nothing_the_oldest_are_cut_at_once_so_that_files_are_left_for_the_work(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dsr_sync.daemon.callers.SECONDS", 600)  # nobody's time is over here
    before = open_files()
    with callers(pages, 2 * MOST) as silent:
        assert get(pages, "/healthz")[0] == 200
        until(lambda: all(map(is_cut, silent[:MOST])), "the older half is cut")
        assert [is_cut(caller) for caller in silent[MOST + 1 :]] == [False] * (MOST - 1)
        assert open_files() <= before + 2 * MOST + MOST


def test_a_connection_serves_one_request(pages: Pages) -> None:
    assert get(pages, "/healthz")[1]["connection"] == "close"


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@contextmanager
def callers(pages: Pages, number: int, said: bytes = b"") -> Iterator[list[socket.socket]]:
    """So many connections that are open at once, if the pages let them be; each has sent this, and reads nothing."""
    with ExitStack() as stack:
        made = []
        for _ in range(number):
            made.append(stack.enter_context(socket.create_connection(("127.0.0.1", pages.port), timeout=5)))
            with suppress(ConnectionError):  # cut already
                made[-1].sendall(said)
        yield made


def is_cut(caller: socket.socket) -> bool:
    """Whether the other side has ended the connection."""
    poll = select.poll()
    poll.register(caller, select.POLLRDHUP)
    return bool(poll.poll(0))


@pytest.mark.allow_hosts(["127.0.0.1", "127.0.0.2"])
def test_only_the_given_address_is_listened_on(pages: Pages) -> None:
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.2", pages.port), timeout=5):
        pass
