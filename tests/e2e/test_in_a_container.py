"""The installed command as the first process of a PID namespace, which is what a container makes of it."""

import os
import signal

import pytest
from tests.e2e.container import container
from tests.e2e.house import House
from tests.e2e.process import Daemon, until


@pytest.fixture
def contained(house: House) -> House:
    """A house whose commands each start in a container."""
    house.within = container()
    return house


def at_work(daemon: Daemon) -> int:
    """The process id of the one that does the work."""
    return daemon.process.pids()[-1]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_the_first_process_ends_the_daemon_with_exit_0(contained: House, number: int) -> None:
    with contained.daemon() as daemon:
        record_id = contained.ask("usr_1")
        until(lambda: contained.row(record_id).get("Submitted"), "the row is submitted")
        daemon.process.signalled(number)
        assert daemon.process.ended(10) == 0
    assert daemon.process.events("daemon.stopped")


def test_a_ctrl_c_at_the_terminal_counts_once(contained: House) -> None:
    """It goes to every process of the terminal's group; a second one would end the daemon at once, with 130."""
    contained.box.faults.add("segment", "delay", method="POST", seconds=2)
    contained.ask("usr_1")
    with contained.daemon(DSR_SYNC_SEGMENT__SETTLE_SECONDS="900") as daemon:
        until(contained.posts, "the POST arrives")
        os.killpg(daemon.process.popen.pid, signal.SIGINT)
        assert daemon.process.ended(10) == 0
    assert daemon.process.events("daemon.stopped")


def test_sigalrm_ends_the_container_with_its_number_so_that_it_is_started_again(contained: House) -> None:
    with contained.daemon() as daemon:
        until(lambda: daemon.state() == "ready", "the daemon is ready")
        os.kill(at_work(daemon), signal.SIGALRM)
        assert daemon.process.ended(10) == 128 + signal.SIGALRM


def test_one_tick_ends_with_the_exit_code_of_the_tick(contained: House) -> None:
    record_id = contained.ask("usr_1")
    with contained.started("once") as tick:
        assert tick.ended() == 0, tick.err
    assert contained.row(record_id).get("Submitted")
    with contained.started("once", DSR_SYNC_AIRTABLE__TOKEN="nope") as tick:
        assert tick.ended() == 1, tick.err


@pytest.mark.parametrize("inherited", ["ignored", "blocked"])
def test_a_daemon_that_inherits_an_ignored_or_blocked_sigalrm_can_be_ended_by_it(house: House, inherited: str) -> None:
    house.within = ("env", "--ignore-signal=ALRM") if inherited == "ignored" else ("env", "--block-signal=ALRM")
    with house.daemon() as daemon:
        until(lambda: daemon.state() == "ready", "the daemon is ready")
        os.kill(daemon.process.popen.pid, signal.SIGALRM)
        assert daemon.process.ended(10) == -signal.SIGALRM
