"""Starting and stopping the sandbox, its clock and its ids."""

import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx
import pytest

from dsr_sandbox import Sandbox
from dsr_sandbox.clock import SandboxClock, rfc3339
from dsr_sandbox.ids import IdFactory


def test_it_is_ready_within_a_second_and_gone_within_another() -> None:
    begun = time.monotonic()
    sandbox = Sandbox()
    sandbox.start()
    assert httpx.get(f"{sandbox.segment_url}/_sandbox/clock").status_code == 200
    assert time.monotonic() - begun < 1
    begun = time.monotonic()
    sandbox.stop()
    assert time.monotonic() - begun < 1
    for url in sandbox.airtable_url, sandbox.segment_url:
        with pytest.raises(httpx.ConnectError):
            httpx.get(url)


def test_open_connections_do_not_hold_up_a_stop() -> None:
    others = set(threading.enumerate())  # a sandbox of another test may be running
    sandbox = Sandbox()
    sandbox.start()
    port = httpx.URL(sandbox.segment_url).port
    with socket.create_connection(("127.0.0.1", port)), socket.create_connection(("127.0.0.1", port)) as half:
        half.sendall(b"POST /regulations HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{")
        begun = time.monotonic()
        sandbox.stop()
        assert time.monotonic() - begun < 10
    assert "dsr-sandbox" not in {thread.name for thread in set(threading.enumerate()) - others}


def test_a_stopped_sandbox_can_be_started_again_on_its_ports_with_its_state() -> None:
    sandbox = Sandbox()
    sandbox.start()
    sandbox.segment.add_regulation({"subjects": ["kept"]})
    urls = sandbox.airtable_url, sandbox.segment_url
    sandbox.stop()
    sandbox.start(*(httpx.URL(url).port or 0 for url in urls))
    try:
        assert (sandbox.airtable_url, sandbox.segment_url) == urls
        headers = {"Authorization": f"Bearer {sandbox.segment_token}"}
        response = httpx.get(f"{sandbox.segment_url}/regulations", headers=headers)
        assert len(response.json()["data"]["regulations"]) == 1
    finally:
        sandbox.stop()


def test_a_port_that_is_taken_is_an_error_and_nothing_is_left_open() -> None:
    with Sandbox() as first:
        second = Sandbox()
        with pytest.raises(OSError, match="in use"):
            second.start(segment_port=httpx.URL(first.segment_url).port or 0)
        second.stop()


def test_a_started_sandbox_moves_to_other_ports_and_stays_there_in_a_with_block() -> None:
    sandbox = Sandbox()
    sandbox.start()
    before = sandbox.segment_url
    sandbox.start()
    with sandbox:
        assert sandbox.segment_url != before
        assert httpx.get(sandbox.segment_url).status_code == 401
        with pytest.raises(httpx.ConnectError):
            httpx.get(before)


def test_two_sandboxes_are_two_worlds() -> None:
    with Sandbox() as one, Sandbox() as other:
        one.segment.add_regulation({"subjects": ["a"]})
        assert one.segment_url != other.segment_url
        assert other.segment.workspace.regulations() == []


def test_the_settings_point_a_daemon_at_it() -> None:
    with Sandbox() as sandbox:
        settings = sandbox.settings()
        assert settings.keys() == {
            "DSR_SYNC_AIRTABLE__TOKEN",
            "DSR_SYNC_AIRTABLE__BASE_ID",
            "DSR_SYNC_AIRTABLE__ENDPOINT_URL",
            "DSR_SYNC_SEGMENT__TOKEN",
            "DSR_SYNC_SEGMENT__ENDPOINT_URL",
            "DSR_SYNC_SEGMENT__PROFILES__SPACE_ID",
            "DSR_SYNC_SEGMENT__PROFILES__TOKEN",
            "DSR_SYNC_SEGMENT__PROFILES__ENDPOINT_URL",
        }
        assert settings["DSR_SYNC_AIRTABLE__ENDPOINT_URL"].startswith("http://127.0.0.1:")


def test_answers_are_dated_by_the_sandboxes_clock() -> None:
    with Sandbox() as sandbox:
        sandbox.clock.advance(86_400)
        dated = parsedate_to_datetime(httpx.get(sandbox.segment_url).headers["Date"])
        assert abs(dated - sandbox.clock.now()) < timedelta(seconds=5)


def test_the_clock_goes_with_real_time_and_never_back() -> None:
    clock = SandboxClock()
    first = clock.now()
    assert abs(first - datetime.now(UTC)) < timedelta(seconds=5)
    clock.advance(3_600)
    assert clock.now() - first >= timedelta(hours=1)
    with pytest.raises(ValueError, match="never goes back"):
        clock.advance(-1)


def test_a_frozen_clock_stands_still_and_goes_on_from_there() -> None:
    clock = SandboxClock()
    clock.freeze()
    clock.freeze()
    stood = clock.now(), clock.monotonic()
    assert (clock.now(), clock.monotonic()) == stood
    clock.advance(5)
    assert clock.monotonic() - stood[1] == pytest.approx(5)
    clock.unfreeze()
    clock.unfreeze()
    assert clock.monotonic() - stood[1] < 6


def test_times_are_written_as_both_services_write_them() -> None:
    at = datetime(2022, 3, 8, 0, 39, 36, 546951, tzinfo=UTC)
    assert rfc3339(at) == "2022-03-08T00:39:36.546Z"
    assert rfc3339(at, 6) == "2022-03-08T00:39:36.546951Z"


def test_a_seed_makes_the_same_ids_and_none_makes_others() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    assert [IdFactory(3).airtable("rec") for _ in range(2)] == [IdFactory(3).airtable("rec")] * 2
    assert IdFactory(3).regulation(at) == IdFactory(3).regulation(at)
    assert IdFactory().segment() != IdFactory().segment()


def test_ids_have_their_lengths_and_regulations_sort_by_time() -> None:
    ids, at = IdFactory(), datetime(2026, 1, 1, tzinfo=UTC)
    assert len(ids.airtable("rec")) == 17
    assert len(ids.segment()) == 22
    earlier, later = ids.regulation(at), ids.regulation(at + timedelta(seconds=1))
    assert len(earlier) == len(later) == 27
    assert earlier < later
