from collections.abc import Iterator

import pytest
from tests.torture.replicas.fleet import Fleet, fleet
from tests.torture.replicas.postgres import database, server


@pytest.fixture(scope="module")
def server_url() -> Iterator[str]:
    """A PostgreSQL server for the tests of one file."""
    with server() as url:
        yield url


@pytest.fixture(scope="module")
def pair(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """Two replicas, one leading and one standing by; each test leaves them like that."""
    with fleet(database(server_url), tmp_path_factory.mktemp("fleet")) as made:
        yield made
