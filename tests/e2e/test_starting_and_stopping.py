"""The daemon's beginnings and ends: signals, restarts in the middle, and a second one that takes over."""

import signal

import pytest
from tests.e2e.house import House
from tests.e2e.process import until


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_an_idle_daemon_with_exit_0(house: House, number: int) -> None:
    with house.daemon(DSR_SYNC_SCHEDULE__POLL_SECONDS="60") as daemon:
        until(lambda: daemon.process.events("tick.finished"), "the first tick")
        daemon.process.signalled(number)
        assert daemon.process.ended(10) == 0
    assert daemon.process.events("daemon.stopped")


def test_sigterm_while_segment_hangs_exits_0_in_time_and_the_next_start_settles_it(house: House) -> None:
    house.box.faults.add("segment", "delay", method="POST", seconds=100, after_effect=True)
    first, second = house.ask("usr_1"), house.ask("usr_2")
    with house.daemon(DSR_SYNC_SEGMENT__SETTLE_SECONDS="900") as daemon:
        until(house.posts, "the POST arrives")
        assert daemon.stopped(10) == 0
    assert len(house.posts()) == 1
    with house.daemon(DSR_SYNC_SEGMENT__SETTLE_SECONDS="900"):
        until(lambda: all(house.row(record_id).get("Submitted") for record_id in (first, second)), "both are submitted")
    assert len(house.posts()) == 2
    assert house.regulations("usr_1") == house.regulations("usr_2") == ["SUPPRESS_WITH_DELETE"]


def test_a_second_sigterm_ends_it_at_once(house: House) -> None:
    house.box.faults.add("segment", "delay", method="POST", seconds=100)
    house.ask("usr_1")
    with house.daemon(DSR_SYNC_SEGMENT__SETTLE_SECONDS="900") as daemon:
        until(house.posts, "the POST arrives")
        daemon.process.signalled()
        until(lambda: daemon.process.events("daemon.stopping"), "the first signal is heard")
        daemon.process.signalled()
        assert daemon.process.ended(3) == 128 + signal.SIGTERM


def test_a_restart_in_mid_flight_loses_nothing(house: House) -> None:
    """Stopped after each step that shows, and started again: every row ends with one regulation."""
    rows = [house.ask(f"usr_{number}") for number in range(6)]
    for count in (1, 3):
        with house.daemon() as daemon:
            until(lambda enough=count: len(house.posts()) >= enough, f"{count} rows are sent")  # type: ignore[misc] # mypy takes no default
            assert daemon.stopped() == 0
    with house.daemon():
        until(lambda: all(house.row(record_id).get("Submitted") for record_id in rows), "all are submitted")
        house.later()
        until(lambda: {house.status(record_id) for record_id in rows} == {"Completed"}, "all are completed")
    assert len(house.posts()) == 6


def test_a_second_daemon_stands_by_and_takes_over(house: House) -> None:
    with house.daemon() as first:
        until(lambda: first.state() == "ready", "the first is ready")
        with house.daemon() as second:
            until(lambda: second.state() == "standing by", "the second stands by")
            assert second.page("/readyz").status_code == 200
            assert second.page("/healthz").status_code == 200
            house.ask("usr_1")
            until(house.posts, "the first sends")
            assert first.stopped() == 0
            until(lambda: second.state() == "ready", "the second takes over")
            record_id = house.ask("usr_2")
            until(lambda: house.row(record_id).get("Submitted"), "the second sends")
    assert len(house.posts()) == 2


def test_a_killed_daemon_gives_the_ledger_back(house: House) -> None:
    with house.daemon() as first:
        until(lambda: first.state() == "ready", "the first is ready")
        first.process.signalled(signal.SIGKILL)
        first.process.ended()
    house.once()
