"""The state machine at work: two hundred stories at every change; two thousand longer ones in `make torture`."""

from collections import Counter

import pytest
from hypothesis import Phase
from tests.torture.machine.rules import Promises
from tests.torture.machine.telling import tell

STORIES, BLOCKS = 200, 4


@pytest.mark.timeout(600)
@pytest.mark.parametrize("block", range(BLOCKS))
def test_two_hundred_stories_keep_every_promise(block: int) -> None:
    """In four blocks, so that they can run side by side; each block tells other stories, the same at every run."""
    seen = Counter[str]()
    machine = type(f"Promises{block}", (Promises,), {"seen": seen})
    tell(machine, STORIES // BLOCKS, 40, seed=block, phases=(Phase.generate, Phase.shrink))
    assert seen["stories"] >= STORIES // BLOCKS
    assert seen["steps"] >= 20 * STORIES // BLOCKS
    assert seen["regulations"] > STORIES // BLOCKS, "stories in which hardly anything is sent prove little"
    assert seen["crashes"] > STORIES // BLOCKS


def test_the_machine_has_more_than_twenty_rules() -> None:
    assert len(Promises().rules) > 20
