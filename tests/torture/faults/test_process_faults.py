"""Faults 14 to 17 and 19 of the table (`table.py`): the machine, the ledger, the process and its secrets."""

import itertools
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event
from tests.e2e.house import House
from tests.e2e.process import until
from tests.torture.faults.bench import POLL, Bench

from dsr_sandbox import Sandbox
from dsr_sync.ports import LedgerUnusable, Transient


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with Sandbox() as box:
        yield House(box, tmp_path, {"DSR_SYNC_SEGMENT__SETTLE_SECONDS": "3"})


@contextmanager
def full_disk(world: Bench) -> Iterator[None]:
    """While the block runs, the database cannot grow by a page."""

    def limit(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # no less than what there is

    def lift(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute("PRAGMA max_page_count = 1000000")

    yield from _on_checkout(world, limit, lift)


@contextmanager
def impatient(world: Bench) -> Iterator[None]:
    """Do not wait five seconds for the lock of another process."""

    def wait(milliseconds: int) -> Callable[..., None]:
        return lambda connection, *_: connection.execute(f"PRAGMA busy_timeout = {milliseconds}")

    yield from _on_checkout(world, wait(20), wait(5000))


def _on_checkout(world: Bench, first: Callable[..., None], last: Callable[..., None]) -> Iterator[None]:
    engine = world.ledger._engine
    event.listen(engine, "checkout", first)
    try:
        yield
    finally:
        event.remove(engine, "checkout", first)
        event.listen(engine, "checkout", last)


def test_fault_14_without_room_for_an_intent_nothing_is_sent_and_it_heals_without_a_restart(world: Bench) -> None:
    rows = [world.ask(f"person-{number}") for number in range(40)]  # more than the pages that are there have room for
    with full_disk(world):
        with pytest.raises(LedgerUnusable, match="the disk is full"):
            world.later(600)
        intents = world.ledger.sent_since(world.clock.now() - timedelta(days=1))
        assert len(world.calls("segment", method="POST")) <= len(intents)
    world.later(600)
    assert {world.status(row) for row in rows} == {"Completed"}
    assert {world.regulations(f"person-{number}") for number in range(40)} == {1}


def test_fault_15_while_another_process_locks_the_database_nothing_is_sent_and_then_it_goes_on(
    world: Bench, tmp_path: Path
) -> None:
    row = world.ask("ann")
    with impatient(world), closing(sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Transient, match="locked"):
            world.tick()
        assert not world.calls("segment", method="POST")
        other.execute("ROLLBACK")
    world.later(300)
    assert world.status(row) == "Completed"
    assert world.regulations("ann") == 1


def test_fault_15_an_answer_that_cannot_be_stored_is_settled_and_not_asked_for_again(
    world: Bench, tmp_path: Path
) -> None:
    row = world.ask("ann")
    with impatient(world), closing(sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)) as other:
        _lock_when_posted(world, other)
        with pytest.raises(Transient, match="locked"):
            world.tick()
        assert world.regulations("ann") == 1
        other.execute("ROLLBACK")
    world.restart()
    world.later(3600)
    assert len(world.calls("segment", method="POST")) == 1
    assert world.status(row) == "Completed"


def _lock_when_posted(world: Bench, other: sqlite3.Connection) -> None:
    """Let the other process take the lock between the POST and the storing of its answer."""
    deletions = world.engine.world.deletions
    submit = deletions.submit

    def submitted(*asked: object) -> object:
        answer = submit(*asked)  # type: ignore[arg-type] # as it is passed on
        other.execute("BEGIN IMMEDIATE")
        return answer

    deletions.submit = submitted  # type: ignore[assignment,method-assign] # one call that takes longer


def test_fault_16_sigterm_in_a_batch_finishes_the_call_in_hand_and_begins_no_other(house: House) -> None:
    with house.daemon() as daemon:
        until(lambda: daemon.state() == "ready", "the daemon is ready")
        house.box.faults.add("segment", "delay", method="POST", seconds=1.5, after_effect=True, times=None)
        for number in range(4):
            house.ask(f"person-{number}")
        until(house.posts, "a submission is in flight")
        assert daemon.stopped(10) == 0
        assert len(house.posts()) <= 2
    house.box.faults.clear()
    with house.daemon():
        until(lambda: all(house.regulations(f"person-{number}") for number in range(4)), "the others are sent")
    assert [len(house.regulations(f"person-{number}")) for number in range(4)] == [1, 1, 1, 1]


def test_fault_16_sigterm_in_a_back_off_ends_it_at_once(house: House) -> None:
    house.box.faults.add("airtable", "status", code=503, times=None)
    with house.daemon() as daemon:
        until(lambda: daemon.process.events("tick.failed"), "a back-off has begun")
        assert daemon.stopped(5) == 0


def test_fault_17_kill_9_with_a_submission_in_flight_costs_nothing_and_nobody(house: House) -> None:
    """At every system call: `tests/torture/kills`."""
    with house.daemon() as daemon:
        until(lambda: daemon.state() == "ready", "the daemon is ready")
        house.box.faults.add("segment", "delay", method="POST", seconds=20, after_effect=True)
        row = house.ask("ann")
        until(lambda: house.regulations("ann"), "the submission has had its effect")
        daemon.process.signalled(signal.SIGKILL)
        daemon.process.ended()
    with house.daemon():
        until(lambda: house.row(row).get("Submitted"), "the regulation is found")
    assert len(house.regulations("ann")) == 1
    assert len(house.posts()) == 1


@pytest.mark.parametrize("service", ["airtable", "segment"])
@pytest.mark.parametrize("kind", ["unauthorized", "forbidden"])
def test_fault_19_a_refused_token_is_tried_once_in_five_minutes(world: Bench, service: str, kind: str) -> None:
    world.ask("ann")
    fault = world.fault(service, kind, times=None)
    before = world.so_far()
    world.later(3600)
    times = [call.at for call in world.calls(service, before)]
    # A 403 of Airtable may also mean a table that is gone, so its probe is two calls, one right after the other.
    probes = 1 + sum(later - earlier > timedelta(minutes=1) for earlier, later in itertools.pairwise(times))
    assert 11 <= probes <= 13
    assert len(times) <= 2 * probes
    world.box.faults.remove(fault)
    world.later(5 * 60 + 2 * POLL)
    assert world.regulations("ann") == 1


def test_fault_19_a_token_that_was_changed_in_its_file_is_used_without_a_restart(house: House, tmp_path: Path) -> None:
    secret = tmp_path / "segment-token"
    secret.write_text("sgp_expired")
    changes = {"DSR_SYNC_SEGMENT__TOKEN": "", "DSR_SYNC_SEGMENT__TOKEN_FILE": str(secret)}
    with house.daemon(**changes) as daemon:
        row = house.ask("ann")
        until(lambda: daemon.state() == "token refused", "the daemon says that its token is refused")
        assert daemon.page("/readyz").json()["about"] == ["segment.token"]
        assert daemon.page("/readyz").status_code == 503
        refused = len([entry for entry in house.box.journal.entries("segment") if entry.status == 401])
        assert refused <= 2
        secret.write_text(house.box.segment_token)
        until(lambda: house.row(row).get("Submitted"), "the new token is used")
        until(lambda: daemon.state() == "ready", "the daemon says that all is well")
        assert 429 not in {entry.status for entry in house.box.journal.entries("airtable")}, "the limits hold all along"


def test_fault_19_where_tls_fails_nothing_is_asked_without_it(house: House) -> None:
    plain = house.box.segment_url.removeprefix("http://")
    house.ask("ann")
    assert house.dsr("once", DSR_SYNC_SEGMENT__ENDPOINT_URL=f"https://{plain}").code == 75
    assert not house.box.journal.entries("segment")
