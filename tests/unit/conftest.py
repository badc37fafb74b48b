"""Unit tests reach no network. Two folders talk to servers of their own, on loopback and nowhere else."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
ON_LOOPBACK = (HERE / "daemon", HERE / "adapters")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Cut the sockets of every test below this folder; let the servers of two folders be reached on 127.0.0.1."""
    for item in items:
        if not item.path.is_relative_to(HERE):
            continue
        if any(item.path.is_relative_to(folder) for folder in ON_LOOPBACK):
            item.add_marker(pytest.mark.allow_hosts(["127.0.0.1"]))
        else:
            item.add_marker(pytest.mark.disable_socket)
