"""Chance that is the same at every run: it all comes from one integer."""

from random import Random


def seeded(seed: int, part: str) -> Random:
    """The stream of chance of one part of the world, so that one more draw here changes nothing there."""
    return Random(f"{seed} {part}")
