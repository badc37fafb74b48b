"""/healthz, /readyz and /metrics of a running daemon."""

import math
import signal
import socket
import time
from contextlib import ExitStack

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.e2e.house import House
from tests.e2e.process import Daemon, until

PROMISED = {
    "dsr_sync_requests",
    "dsr_sync_oldest_unsubmitted_seconds",
    "dsr_sync_deadline_remaining_seconds",
    "dsr_sync_ambiguous_requests",
    "dsr_sync_write_backs_owed",
    "dsr_sync_open_follow_ups",
    "dsr_sync_leader",
    "dsr_sync_poll_last_success_timestamp_seconds",
    "dsr_sync_ticks_total",
    "dsr_sync_submissions_total",
    "dsr_sync_api_requests_total",
    "dsr_sync_api_request_duration_seconds_count",
    "dsr_sync_api_quota_remaining",
    "dsr_sync_build_info",
    "process_resident_memory_bytes",
}

LAST_SUCCESS = "dsr_sync_poll_last_success_timestamp_seconds"
OF_LEDGER = (
    LAST_SUCCESS,
    "dsr_sync_oldest_unsubmitted_seconds",
    "dsr_sync_deadline_remaining_seconds",
    "dsr_sync_ambiguous_requests",
    "dsr_sync_write_backs_owed",
    "dsr_sync_open_follow_ups",
)
"""The gauges without labels that speak of the ledger and of ticks."""


def samples(daemon: Daemon) -> dict[str, dict[tuple[str, ...], float]]:
    """The metrics as a scraper reads them: name to label values to value."""
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(daemon.page("/metrics").text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sample.labels.values())] = sample.value
    return found


def test_a_daemon_at_work_is_alive_ready_and_tells_its_numbers(house: House) -> None:
    house.box.segment.workspace.put_destinations([{"name": "Mixpanel", "behaviour": "unsupported"}])
    house.ask("usr_1")
    house.ask("")
    with house.daemon() as daemon:
        until(house.posts, "the row is sent")
        house.later()
        until(lambda: samples(daemon)["dsr_sync_open_follow_ups"] == {(): 1.0}, "the follow-up is counted")
        health, ready = daemon.page("/healthz"), daemon.page("/readyz")
        assert (health.status_code, health.json()["alive"]) == (200, True)
        assert (ready.status_code, ready.json()["state"]) == (200, "ready")
        seen = samples(daemon)
        assert daemon.page("/nope").status_code == 404
    assert set(seen) >= PROMISED
    assert seen["dsr_sync_requests"] == {("follow-up",): 1.0, ("seen",): 1.0}
    assert seen["dsr_sync_submissions_total"] == {("accepted",): 1.0}
    assert seen["dsr_sync_ticks_total"][("succeeded",)] >= 1
    assert seen["dsr_sync_poll_last_success_timestamp_seconds"][()] > 1_000_000_000
    assert seen["dsr_sync_deadline_remaining_seconds"][()] > 0
    assert any(labels[0] == "segment" and "POST" in labels for labels in seen["dsr_sync_api_requests_total"])


def test_of_two_daemons_only_the_one_that_leads_shows_the_ledger_and_can_set_off_an_alert(house: House) -> None:
    house.ask("")
    with house.daemon() as first:
        until(lambda: samples(first).get("dsr_sync_requests"), "the first has ticked")
        with house.daemon() as second:
            until(lambda: second.state() == "standing by", "the second stands by")
            standby, leader = samples(second), samples(first)
            assert (leader["dsr_sync_leader"], standby["dsr_sync_leader"]) == ({(): 1.0}, {(): 0.0})
            assert time.time() - leader[LAST_SUCCESS][()] < 1800
            assert [name for name in OF_LEDGER if not math.isnan(standby[name][()])] == []
            assert "dsr_sync_requests" not in standby
            assert "dsr_sync_requests_due" not in standby
            first.process.signalled(signal.SIGKILL)
            until(lambda: samples(second)["dsr_sync_leader"] == {(): 1.0}, "the second leads")
            until(lambda: samples(second).get("dsr_sync_requests") == {("seen",): 1.0}, "it shows what the ledger says")
            assert [name for name in OF_LEDGER if math.isnan(samples(second)[name][()])] == []
            assert time.time() - samples(second)[LAST_SUCCESS][()] < 1800


def test_a_daemon_that_never_succeeds_shows_when_one_last_did(house: House) -> None:
    """A restart must not keep somebody from being woken."""
    house.once()
    before = time.time()
    with house.daemon(DSR_SYNC_AIRTABLE__TOKEN="nope") as daemon:
        until(lambda: daemon.state() == "token refused", "a tick has failed")
        seen = samples(daemon)
        assert seen["dsr_sync_leader"] == {(): 1.0}
        assert 0 < seen[LAST_SUCCESS][()] <= before


def test_a_scanner_that_opens_connections_and_says_nothing_gets_no_daemon_restarted(house: House) -> None:
    with house.daemon() as daemon, ExitStack() as scanner:
        until(lambda: daemon.state() == "ready", "the daemon is ready")
        for _ in range(300):
            scanner.enter_context(socket.create_connection(("127.0.0.1", httpx.URL(daemon.url).port or 0), timeout=5))
        assert {daemon.page(path).status_code for path in ("/healthz", "/readyz", "/metrics")} == {200}
        record_id = house.ask("usr_1")
        until(lambda: house.row(record_id).get("Submitted"), "the work goes on")


def test_no_page_names_a_person(house: House) -> None:
    house.ask("usr_very_private")
    house.ask("ann@example.com")
    with house.daemon() as daemon:
        until(house.posts, "the row is sent")
        until(lambda: len(daemon.process.events("tick.finished")) > 2, "further ticks")
        pages = "".join(daemon.page(path).text for path in ("/healthz", "/readyz", "/metrics"))
    for text in (pages, "".join(daemon.process.err), "".join(daemon.process.out)):
        assert "usr_very_private" not in text
        assert "ann@example.com" not in text


def test_a_broken_base_is_503_with_the_column_and_heals_by_itself(house: House) -> None:
    with house.daemon() as daemon:
        until(lambda: daemon.state() == "ready", "the daemon is ready")
        house.redesign("delete_field", table="Requests", field="Status note")
        record_id = house.ask("usr_1")
        until(lambda: daemon.page("/readyz").status_code == 503, "the daemon sees that the column is gone")
        told = daemon.page("/readyz").json()
        assert "'Status note'" in " ".join(told["about"])
        assert daemon.page("/healthz").status_code == 200
        assert house.posts() == []
        house.redesign("add_field", table="Requests", name="Status note", type="multilineText")
        until(lambda: daemon.state() == "ready", "the daemon is ready again")
        until(lambda: house.row(record_id).get("Submitted"), "the row is submitted")
    assert len(daemon.process.events("base.schema_broken")) == 1
    assert len(daemon.process.events("base.schema_mended")) == 1


@pytest.mark.parametrize("service", ["AIRTABLE", "SEGMENT"])
def test_a_service_that_is_down_leaves_the_daemon_alive_and_ready(house: House, service: str) -> None:
    """The far side's health is not ours: a restart would mend nothing."""
    with house.daemon(**{f"DSR_SYNC_{service}__ENDPOINT_URL": "http://127.0.0.1:9"}) as daemon:
        house.ask("usr_1")
        until(lambda: daemon.process.events("tick.finished"), "a tick")
        until(lambda: daemon.state() != "starting", "the daemon says how it stands")
        assert daemon.page("/readyz").status_code == 200
        assert daemon.page("/healthz").status_code == 200


def test_a_refused_token_stays_503_with_the_setting_while_the_service_is_left_alone(house: House) -> None:
    with house.daemon(DSR_SYNC_AIRTABLE__TOKEN="nope") as daemon:
        until(lambda: daemon.state() == "token refused", "the daemon says that the token is refused")
        ticks = len(daemon.process.events("tick.finished"))
        until(
            lambda: len(daemon.process.events("tick.finished")) > ticks + 1, "further ticks, which leave Airtable alone"
        )
        ready = daemon.page("/readyz")
        assert ready.status_code == 503
        assert "airtable.token" in ready.json()["about"]
        assert ("succeeded",) not in samples(daemon)["dsr_sync_ticks_total"]


def test_a_token_that_segment_refuses_stays_503_whatever_airtable_does_meanwhile(house: House) -> None:
    record_id = house.ask("usr_1")
    with house.daemon(DSR_SYNC_SEGMENT__TOKEN="nope") as daemon:
        until(lambda: daemon.state() == "token refused", "the daemon says that the token is refused")
        house.staff.change(record_id, {"Hold": True})  # so that nothing asks Segment any more
        house.box.faults.add("airtable", "status", code=503, times=3)
        until(lambda: 503 in [call.status for call in house.box.journal.entries("airtable")], "Airtable fails")
        ticks = len(daemon.process.events("tick.finished"))
        until(lambda: len(daemon.process.events("tick.finished")) > ticks, "the tick without Airtable, or the next one")
        assert daemon.page("/readyz").json() == {"state": "token refused", "about": ["segment.token"]}
