"""The safeguards of the engine, each with the accident that it is there for. The mutation proof takes them away."""

from collections.abc import Iterator

import pytest
from tests.torture.simulation.scene import ENDLESS, Scene
from tests.torture.simulation.shelves import FakeShelf, Shelf, SqlShelf

from dsr_sync.core.model import Status

SETTLE = 900.0


@pytest.fixture(params=[FakeShelf, SqlShelf], ids=["fake ledger", "SQLite"])
def scene(request: pytest.FixtureRequest) -> Iterator[Scene]:
    shelf: Shelf = request.param()
    scene = Scene(shelf)
    scene.world.segment.next_fates = [ENDLESS]
    yield scene
    shelf.close()


@pytest.mark.parametrize("late", [1.0, 120.0, SETTLE - 120])
def test_settling_an_effect_that_comes_within_the_settle_time_is_found_and_not_sent_again(
    scene: Scene, late: float
) -> None:
    scene.world.segment.next_ghosts = [late]
    row = scene.add()
    assert scene.row(row).cells.status == Status.ON_HOLD
    scene.later(45, ticks=45)
    assert len(scene.world.segment.created()) == 1
    assert scene.row(row).cells.submitted
    assert scene.broken() == ""


def test_cold_start_what_a_lost_ledger_and_an_untold_row_do_not_know_is_found_in_segments_list(scene: Scene) -> None:
    scene.world.wire.set_on("submit", afterwards=True)
    row = scene.add()
    assert not scene.row(row).cells.submitted
    scene.lose_ledger()
    scene.later(5, ticks=5)
    assert len(scene.world.segment.created()) == 1
    assert scene.row(row).cells.submitted
    assert scene.broken() == ""


@pytest.mark.parametrize("call", ["submit", "accept"])
def test_intent_a_process_that_dies_around_the_answer_leaves_word_that_it_sent(scene: Scene, call: str) -> None:
    scene.world.wire.set_on(call, afterwards=call == "submit")
    row = scene.add()
    assert scene.world.crashes == 1
    assert len(scene.world.segment.created()) == 1
    scene.world.segment.hide(scene.world.segment.created()[0].regulation_id)  # the list lags when the next life begins
    scene.later(5, ticks=5)
    scene.world.segment.unhide(scene.world.segment.created()[0].regulation_id)
    scene.later(45, ticks=20)
    assert len(scene.world.segment.created()) == 1
    assert scene.row(row).cells.submitted
    assert scene.broken() == ""


@pytest.mark.parametrize("service", ["airtable", "segment"])
def test_pause_a_service_that_asked_to_be_left_alone_is_left_alone(scene: Scene, service: str) -> None:
    scene.fault(service, "limited", hours=0.3)
    scene.world.table.add("bob")
    scene.later(90, ticks=180)
    limited = [call for call in scene.world.weather.calls if call.status == 429]
    assert limited
    assert all(call.pause >= 30 for call in limited)
    assert "after a 429" not in scene.broken()
