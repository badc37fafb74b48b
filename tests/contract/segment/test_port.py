"""The promises of DeletionService, one by one, kept by the fake and by the adapter alike."""

from datetime import timedelta

import pytest
from tests.contract.segment.conftest import PAGE, World

from dsr_sync.core.model import DestinationReport, Identifier, Progress, RegulationId
from dsr_sync.core.receipts import receipts_of
from dsr_sync.ports import OutcomeUnknown, Permanent, Transient

TYPE = "SUPPRESS_WITH_DELETE"


def subjects(*ids: str) -> list[Identifier]:
    return [Identifier(each) for each in ids]


def listed(world: World) -> list[tuple[str, tuple[str, ...]]]:
    entries = [entry for page in world.service.listing() for entry in page]
    return [(entry.regulation_type, tuple(subject.reveal() for subject in entry.subjects)) for entry in entries]


def test_a_submission_creates_one_regulation_about_exactly_these_subjects(world: World) -> None:
    world.service.submit("SUPPRESS_ONLY", subjects("u1", ' Zoë "q" +/&= ', "U1"))
    assert world.created() == [("SUPPRESS_ONLY", ("u1", ' Zoë "q" +/&= ', "U1"))]


def test_each_submission_creates_another_regulation(world: World) -> None:
    first, second = (world.service.submit(TYPE, subjects("u1")) for _ in range(2))
    assert first != second
    assert len(world.created()) == 2


@pytest.mark.parametrize("after_effect", [True, False])
def test_a_lost_answer_is_an_unknown_outcome_and_nothing_is_sent_again(world: World, after_effect: bool) -> None:
    world.lose_answer(after_effect=after_effect)
    with pytest.raises(OutcomeUnknown):
        world.service.submit(TYPE, subjects("u1"))
    assert len(world.created()) == int(after_effect)


def test_a_submission_turned_away_for_now_has_surely_created_nothing(world: World) -> None:
    world.turn_away()
    with pytest.raises(Transient):
        world.service.submit(TYPE, subjects("u1"))
    assert world.created() == []


def test_a_submission_that_is_refused_has_surely_created_nothing(world: World) -> None:
    world.refuse()
    with pytest.raises(Permanent):
        world.service.submit(TYPE, subjects("u1"))
    assert world.created() == []


def test_a_new_regulation_waits(world: World) -> None:
    regulation_id = world.service.submit(TYPE, subjects("u1"))
    found = world.service.fetch(regulation_id)
    assert found is not None
    assert (found.regulation_id, found.progress, found.word) == (regulation_id, Progress.WAITING, "INITIALIZED")
    assert found.finished_at is None


@pytest.mark.parametrize("progress", list(Progress))
def test_a_regulation_is_told_in_our_words_beside_segments_own(world: World, progress: Progress) -> None:
    regulation_id = world.service.submit(TYPE, subjects("u1"))
    report = DestinationReport("s1", "d1", "Amplitude", Progress.NOT_SUPPORTED, "NOT_SUPPORTED", None, "no key")
    world.report(regulation_id, progress, [report])
    found = world.service.fetch(regulation_id)
    assert found is not None
    assert (found.progress, found.reports) == (progress, (report,))
    assert (found.finished_at is not None) == progress.ended


def test_an_unknown_word_means_running_and_is_kept(world: World) -> None:
    regulation_id = world.service.submit(TYPE, subjects("u1"))
    world.report(regulation_id, Progress.RUNNING, word="IN_PROGRESS")
    found = world.service.fetch(regulation_id)
    assert found is not None
    assert (found.progress, found.word, receipts_of(found)) == (Progress.RUNNING, "IN_PROGRESS", ())


def test_a_regulation_that_nobody_knows_is_none(world: World) -> None:
    assert world.service.fetch(RegulationId("1qJkfE1tpwvQcklImGksLN629wn")) is None


def test_an_empty_list_ends_by_itself(world: World) -> None:
    assert listed(world) == []


def test_the_list_names_type_subjects_and_time(world: World) -> None:
    regulation_id = world.service.submit("UNSUPPRESS", subjects("u1", "u2"))
    (entry,) = (entry for page in world.service.listing() for entry in page)
    found = world.service.fetch(regulation_id)
    assert found is not None
    assert (entry.regulation_id, entry.created_at) == (regulation_id, found.created_at)
    assert (entry.regulation_type, [each.reveal() for each in entry.subjects]) == ("UNSUPPRESS", ["u1", "u2"])


def test_the_list_goes_to_its_end_over_many_pages(world: World) -> None:
    world.create_many(2 * PAGE + 1)
    pages = [len(page) for page in world.service.listing()]
    assert pages == [PAGE, PAGE, 1]
    assert sorted(listed(world)) == sorted(("SUPPRESS_ONLY", (f"other-{index}",)) for index in range(2 * PAGE + 1))


def test_a_list_that_cannot_be_completed_raises_after_what_it_gave(world: World) -> None:
    world.create_many(PAGE + 1)
    world.break_list(after_pages=1)
    pages = world.service.listing()
    assert len(next(pages)) == PAGE
    with pytest.raises(Transient):
        next(pages)


def test_what_is_older_than_ninety_days_is_forgotten_by_the_list_and_by_its_id(world: World) -> None:
    regulation_id = world.service.submit(TYPE, subjects("u1"))
    world.let_days_pass(89)
    assert len(listed(world)) == 1
    assert world.service.fetch(regulation_id) is not None
    world.let_days_pass(2)
    assert listed(world) == []
    assert world.service.fetch(regulation_id) is None


def test_times_are_aware_and_in_utc(world: World) -> None:
    found = world.service.fetch(world.service.submit(TYPE, subjects("u1")))
    assert found is not None
    assert found.created_at.utcoffset() == timedelta(0)
