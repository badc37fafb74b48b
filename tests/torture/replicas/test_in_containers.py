"""Replicas that are each the first process of a container, to which the kernel does not do what a signal would do."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.container import container
from tests.torture.replicas import trials
from tests.torture.replicas.fleet import Fleet, fleet
from tests.torture.replicas.postgres import database


@pytest.fixture
def contained(server_url: str, tmp_path: Path) -> Iterator[Fleet]:
    """Two replicas, each in a container of its own."""
    with fleet(database(server_url), tmp_path, within=container()) as made:
        yield made


def test_a_container_that_is_paused_between_intent_and_post_ends_and_another_one_sends_what_it_held_once(
    contained: Fleet,
) -> None:
    assert trials.pause_between_intent_and_post(contained)
    assert trials.broken(contained) == []
