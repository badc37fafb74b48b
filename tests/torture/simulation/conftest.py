from collections.abc import Iterator

import pytest
from tests.torture.simulation.scene import Scene
from tests.torture.simulation.shelves import FakeShelf, Shelf, SqlShelf


@pytest.fixture(params=[FakeShelf, SqlShelf], ids=["fake ledger", "SQLite"])
def scene(request: pytest.FixtureRequest) -> Iterator[Scene]:
    """A small world for a story, on either ledger."""
    shelf: Shelf = request.param()
    yield Scene(shelf)
    shelf.close()
