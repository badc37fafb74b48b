"""Every call to Segment, one cassette each."""

from tests.contract.cassettes.stage import PERSON, Stage

from dsr_sync.adapters.segment import SEGMENT_AND_DESTINATIONS
from dsr_sync.core.model import Identifier, Progress


def test_the_workspace_answers(stage: Stage) -> None:
    with stage.deletions() as deletions:
        assert deletions.check() != ""


def test_a_regulation_is_created(stage: Stage) -> None:
    with stage.deletions() as deletions:
        regulation_id = deletions.submit("SUPPRESS_WITH_DELETE", [Identifier(PERSON)])
        assert len(regulation_id) == 27
    assert stage.quotas[SEGMENT_AND_DESTINATIONS] > 0


def test_a_regulation_is_looked_at(stage: Stage) -> None:
    regulation_id = stage.add_regulation()
    with stage.deletions() as deletions:
        found = deletions.fetch(regulation_id)
    assert found is not None
    assert (found.regulation_id, found.progress, found.word) == (regulation_id, Progress.WAITING, "INITIALIZED")


def test_regulations_are_listed(stage: Stage) -> None:
    stage.add_regulation()
    with stage.deletions() as deletions:
        entries = [entry for page in deletions.listing() for entry in page]
    assert PERSON in {subject.reveal() for entry in entries for subject in entry.subjects}
    assert "SUPPRESS_ONLY" in {entry.regulation_type for entry in entries}
