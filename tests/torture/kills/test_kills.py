"""A sample of each kind of breaking that `make torture` does at full length; every run must cost nothing at all."""

from pathlib import Path

import pytest
from tests.torture.kills import backups, chance, crashing, ghosts, points, sweep
from tests.torture.kills.bill import Bill
from tests.torture.kills.crew import crew
from tests.torture.kills.forge import Forge
from tests.torture.kills.stage import stage, three_requests
from tests.torture.kills.stories import STORIES

WORKERS = 2
SAMPLED = 7
"""Of the crash points each seventh, which is befores and afters in turn; all of them in `make torture`."""
_MINUTES = 60

pytestmark = pytest.mark.timeout(8 * _MINUTES)


def nothing(bill: Bill) -> bool:
    """Whether a bill is clean; an AssertionError that says what was broken if not."""
    assert bill.clean, "\n".join(bill.broken)
    return True


def test_a_kill_at_any_system_call_costs_nothing() -> None:
    bill, killed = sweep.sweep(sweep.Sweep(sweep.FAULTS["kill"]), 30, WORKERS)
    assert nothing(bill)
    assert killed >= 0.9 * bill.runs


def test_the_calls_are_counted_as_they_come_once_pythons_compiled_files_are_there(tmp_path: Path) -> None:
    cold = sweep.Life("cold", three_requests, (("PYTHONPYCACHEPREFIX", str(tmp_path)),))
    asked = sweep.Sweep(sweep.FAULTS["kill"], installed=True)
    with Forge() as forge:
        first, second = ([at for at in sweep.instants(cold, forge, asked) if at.call == "openat"] for _ in range(2))
    assert [at.number for at in first] == [at.number for at in second] != []


@pytest.mark.parametrize("fault", ["enospc", "eio"])
def test_a_disk_that_refuses_a_write_or_a_sync_costs_nothing(fault: str) -> None:
    bill, noticed = sweep.sweep(sweep.Sweep(sweep.FAULTS[fault]), 10, WORKERS)
    assert nothing(bill)
    assert noticed >= bill.runs / 2


def test_the_stories_come_by_every_named_crash_point() -> None:
    assert set(points.wanted()) <= points.come_by(WORKERS)


def test_a_crash_at_a_named_point_costs_nothing() -> None:
    bill, hit = points.crash_everywhere(0, WORKERS, SAMPLED)
    assert nothing(bill)
    assert hit == set(points.wanted()[::SAMPLED])


def test_every_name_that_is_not_hit_is_one_that_the_ports_have() -> None:
    assert {f"{name} before" for name in points.UNREACHED} < set(crashing.names())


def test_kills_at_random_moments_cost_nothing() -> None:
    bill, kills = chance.random_kills([chance.Run(seed) for seed in (1, 2)], WORKERS)
    assert nothing(bill)
    assert kills >= 3 * bill.runs


def test_a_request_whose_effect_lands_before_the_settle_time_is_over_is_not_sent_twice() -> None:
    with crew(WORKERS) as hands:
        done = hands.each(ghosts.haunted, (ghosts.DELAYS[0], ghosts.DELAYS[5], ghosts.DELAYS[-1]))
    assert all(nothing(haunting.bill) for haunting in done)
    assert [haunting.further for haunting in done] == [0, 0, 0]


def test_a_request_whose_effect_lands_later_is_found_out_and_reported() -> None:
    bill, reported = ghosts.too_late()
    assert nothing(bill)
    assert reported == ghosts.PERSONS


def test_a_regulation_made_by_hand_beside_ours_is_reported_once() -> None:
    story = next(story for story in STORIES if story.name == "made by hand beside it")
    with Forge() as forge, stage(forge) as world:
        for act in story.acts:
            act(world)
            world.once()
        world.heal(story.step)
        assert nothing(world.judge())
        assert [str(further) in said for said in ghosts.reported(world) for further in world.by_hand] == [True]


@pytest.mark.parametrize("number", [1, 2, 6])
def test_a_ledger_that_is_an_old_copy_or_lost_costs_nothing(number: int) -> None:
    with Forge() as forge:
        assert nothing(backups.lost(forge, backups.LOSSES[number]))
