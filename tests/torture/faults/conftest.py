from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.torture.faults.bench import Bench, bench


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Bench]:
    """A bench on a clock that moves only when the test, or a wait of the product, moves it."""
    with bench(tmp_path) as made:
        yield made
