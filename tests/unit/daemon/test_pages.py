"""The pages over real HTTP on loopback."""

import http.client
import json
import socket
import threading
import time
from typing import Any

import pytest

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


@pytest.mark.allow_hosts(["127.0.0.1", "127.0.0.2"])
def test_only_the_given_address_is_listened_on(pages: Pages) -> None:
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.2", pages.port), timeout=5):
        pass
