"""The fixtures of the end-to-end tests: a house of one's own, or one that a whole module shares."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.e2e.house import House

from dsr_sandbox import Sandbox

Build = Callable[[], House]


def built(stack: ExitStack, folder: Path) -> House:
    """A house whose Airtable counts no calls: a test makes as many in a second as an operator does in an hour."""
    box = stack.enter_context(Sandbox(seed=7))
    box.airtable.limits.enforced = False
    return House(box, folder)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house of the test's own."""
    with ExitStack() as stack:
        yield built(stack, tmp_path)


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Build]:
    """Build houses that live as long as the module: for a story that is told once and looked at by many tests."""
    with ExitStack() as stack:
        yield lambda: built(stack, tmp_path_factory.mktemp("house"))
