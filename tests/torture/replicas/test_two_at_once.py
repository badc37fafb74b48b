"""Two that lead at once are found in what they log, however briefly."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.e2e.house import House
from tests.e2e.process import Daemon, Process
from tests.torture.checker import WatchedStaff
from tests.torture.replicas.fleet import Fleet
from tests.torture.replicas.replica import Replica

from dsr_sandbox import Sandbox

Said = tuple[str, float, int]
"""An event, at which second, and the number of the term."""


@pytest.fixture
def nobody(tmp_path: Path) -> Iterator[Fleet]:
    """A fleet without replicas."""
    with Sandbox() as box, ExitStack() as stack:
        yield Fleet(House(box, tmp_path), "", WatchedStaff(box), stack)


def joined(fleet: Fleet, *said: Said) -> None:
    """Add a replica that has logged this, each line with a trust of two seconds, and has ended."""
    with subprocess.Popen([sys.executable, "-c", ""], text=True) as popen:
        lines = [
            json.dumps({"event": event, "at": f"2026-11-26T12:00:{at:09.6f}+00:00", "epoch": epoch, "seconds": 2.0})
            for event, at, epoch in said
        ]
        fleet.replicas.append(Replica(Daemon(Process(popen, err=lines)), f"{len(fleet.replicas) + 1:04d}"))


FIRST: tuple[Said, ...] = (("lease.taken", 0, 1), ("lease.renewed", 1, 1))
"""The first replica trusts in its lease until second 3."""


def test_a_term_that_begins_while_another_replica_still_trusts_in_its_own_is_found(nobody: Fleet) -> None:
    joined(nobody, *FIRST)
    joined(nobody, ("lease.taken", 2.999, 2))
    assert nobody.two_at_once() == ["term 2 began while term 1 was trusted"]


def test_a_term_that_begins_when_the_trust_in_the_last_one_has_ended_is_in_order(nobody: Fleet) -> None:
    joined(nobody, *FIRST)
    joined(nobody, ("lease.taken", 3, 2))
    assert nobody.two_at_once() == []


@pytest.mark.parametrize("end", ["lease.given_back", "lease.lost"])
def test_who_has_given_the_lease_back_or_lost_it_trusts_in_it_no_longer(nobody: Fleet, end: str) -> None:
    joined(nobody, *FIRST, (end, 1.5, 1))
    joined(nobody, ("lease.taken", 1.5, 2))
    assert nobody.two_at_once() == []


def test_two_terms_of_one_number_are_found_even_if_they_never_overlap(nobody: Fleet) -> None:
    joined(nobody, *FIRST, ("lease.given_back", 2, 1))
    joined(nobody, ("lease.taken", 30, 1))
    assert nobody.two_at_once() == ["term 1 began while term 1 was trusted"]
