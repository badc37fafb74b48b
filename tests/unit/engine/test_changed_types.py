"""After a lost ledger, what was sent under the regulation types of former settings is still this row's."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from tests.unit.engine.conftest import Bench

from dsr_sync.core.model import Progress, RecordId, RequestType, Status
from dsr_sync.core.policy import Policy

Benched = Callable[..., Bench]
DELETE, SUPPRESS, UNSUPPRESS = RequestType
FORMER = {DELETE: "DELETE_ONLY", SUPPRESS: "SUPPRESS_ONLY", UNSUPPRESS: "UNSUPPRESS"}


def with_other_types(bench: Bench) -> None:
    """Somebody takes today's types for former ones, and the ledger is lost."""
    bench.policy = Policy(cooling_off=timedelta(0), follow=timedelta(0))
    bench.clock.advance(3_600)
    bench.lose_ledger()


@pytest.fixture
def sent(benched: Benched) -> tuple[Bench, RecordId]:
    """A row that was sent with another type than today's."""
    bench = benched(regulation_types=FORMER)
    (row,) = bench.ask(["ann"])
    bench.tick()
    return bench, row


def test_its_regulation_is_taken_over_and_followed_to_its_end(sent: tuple[Bench, RecordId]) -> None:
    bench, row = sent
    regulation_id = bench.regulation_of(row)
    with_other_types(bench)
    bench.tick(2)
    assert bench.regulation_of(row) == regulation_id
    bench.segment.report(regulation_id, Progress.FINISHED)
    bench.tick(2)
    assert (bench.regulation_of(row), bench.cells(row).status) == (regulation_id, Status.COMPLETED)
    assert len(bench.sent()) == 1


def test_a_further_row_of_the_person_shares_it(sent: tuple[Bench, RecordId]) -> None:
    bench, row = sent
    with_other_types(bench)
    (further,) = bench.ask(["ann"])
    bench.tick(2)
    assert bench.regulation_of(further) == bench.regulation_of(row)
    assert len(bench.sent()) == 1
