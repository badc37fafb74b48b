"""A bench whose rows may name people by their addresses."""

from dataclasses import replace

from tests.fakes.directory import FakeIdentityDirectory
from tests.unit.engine.conftest import Bench


def looking_up(bench: Bench, **profiles: str) -> Bench:
    """The bench with a directory in which each of these addresses at x.example leads to a user id."""
    directory = FakeIdentityDirectory()
    for name, user_id in profiles.items():
        directory.put(f"{name}@x.example", [user_id])
    bench.engine.world = replace(bench.engine.world, directory=directory)
    return bench
