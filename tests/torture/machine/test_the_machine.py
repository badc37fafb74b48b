"""The state machine at work: two hundred stories at every change, two thousand longer ones under the torture marker."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from tests.torture.machine.rules import Promises

CALM = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large)
STORIES, BLOCKS = 200, 4


@pytest.mark.timeout(600)
@pytest.mark.parametrize("block", range(BLOCKS))
def test_two_hundred_stories_keep_every_promise(block: int) -> None:
    """In four blocks, so that they can run side by side; each block tells other stories, the same at every run."""
    seen = Counter[str]()
    machine = seed(block)(type(f"Promises{block}", (Promises,), {"seen": seen}))
    told = settings(
        max_examples=STORIES // BLOCKS,
        stateful_step_count=40,
        deadline=None,
        database=None,
        suppress_health_check=CALM,
        phases=(Phase.generate, Phase.shrink),
    )
    run_state_machine_as_test(machine, settings=told, _min_steps=20)  # a story of one step is soon told
    assert seen["stories"] >= STORIES // BLOCKS
    assert seen["regulations"] > STORIES // BLOCKS, "stories in which hardly anything is sent prove little"
    assert seen["crashes"] > STORIES // BLOCKS


@pytest.mark.torture
@pytest.mark.timeout(7_200)
def test_two_thousand_stories_of_fifty_steps_keep_every_promise() -> None:
    told = settings(
        max_examples=2_000,
        stateful_step_count=50,
        deadline=None,
        database=None,
        suppress_health_check=CALM,
        print_blob=True,
    )
    run_state_machine_as_test(Promises, settings=told, _min_steps=20)


def test_the_machine_has_more_than_twenty_rules() -> None:
    assert len(Promises().rules) > 20
