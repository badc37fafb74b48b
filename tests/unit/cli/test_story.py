"""The rows of the demo: together they tell the whole story, and each can end as expected."""

import pytest

from dsr_sync.cli.story import STORY, Scene
from dsr_sync.core.model import RequestType, Status


def test_there_are_a_dozen_rows_or_more_that_each_tell_something_else() -> None:
    assert len(STORY) >= 12
    assert len({scene.tells for scene in STORY}) == len(STORY)


@pytest.mark.parametrize("scene", STORY, ids=lambda scene: scene.tells)
def test_each_scene_speaks_the_words_of_the_base(scene: Scene) -> None:
    statuses = {status.value for status in Status}
    assert scene.expected in statuses | {""}
    assert scene.after in statuses | {""}
    assert scene.cells.get("Request type", "Delete") in {kind.value for kind in RequestType}
    assert bool(scene.then or scene.follow_up) == bool(scene.after)


def test_a_row_that_is_not_authenticated_is_expected_to_stay_untouched() -> None:
    assert [scene.expected for scene in STORY if not scene.cells.get("Authenticated")] == [""]
    assert all(scene.expected for scene in STORY if scene.cells.get("Authenticated"))


def test_every_status_of_the_contract_is_shown_on_the_way() -> None:
    passing = {Status.SUBMITTED, Status.IN_PROGRESS}
    shown = {scene.expected for scene in STORY} | {scene.after for scene in STORY}
    assert {status.value for status in Status} - shown <= {status.value for status in passing}


def test_someone_asks_twice_someone_suppresses_and_someone_follows_up() -> None:
    persons = [scene.cells["User identifier"] for scene in STORY]
    assert len(persons) > len(set(persons))
    assert any(scene.cells.get("Request type") == "Suppress" for scene in STORY)
    assert any(scene.follow_up for scene in STORY)
    assert any(scene.then.get("Retry") for scene in STORY)
