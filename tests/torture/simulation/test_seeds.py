"""The simulation itself: a sample at every change; ten thousand seeds are a part of `make torture`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.torture.simulation.runner import run
from tests.torture.simulation.story import simulate

ROOT = Path(__file__).resolve().parents[3]
BLOCKS = 5


@pytest.mark.parametrize("block", range(BLOCKS))
def test_a_sample_of_ninety_days_keeps_every_promise(block: int) -> None:
    summary = run(range(block * 24, block * 24 + 24))
    assert summary.violations == []
    assert summary.crashes > 24, "the processes of a sample were hardly ever cut short"
    assert summary.regulations > 24, "a sample in which hardly anything was sent proves little"


def test_the_real_ledger_lives_through_the_same_ninety_days_as_the_fake_one() -> None:
    on_sqlite, on_fake = simulate(11, sqlite=True), simulate(11)
    assert on_sqlite.violations == []
    assert on_sqlite.diary == on_fake.diary


def test_a_seed_tells_the_same_story_at_every_run_and_in_every_process() -> None:
    told = [_told_by_a_process(hash_seed) for hash_seed in ("1", "2")]
    assert told[0] == told[1]
    assert told[0].count("\n") > 100


def _told_by_a_process(hash_seed: str) -> str:
    command = [sys.executable, "-m", "tests.torture.simulation", "--seed", "7", "--verbose"]
    environment = os.environ | {"PYTHONHASHSEED": hash_seed}
    answer = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=60)
    return answer.stdout
