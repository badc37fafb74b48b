"""Every call to Segment's Profile API, one cassette each."""

from tests.contract.cassettes.stage import ADDRESS, PERSON, Stage

from dsr_sync.core.model import Identifier


def test_an_address_is_looked_up(stage: Stage) -> None:
    stage.add_profile()
    with stage.profiles() as profiles:
        found = profiles.user_ids(Identifier(ADDRESS))
    assert found == (Identifier(PERSON), Identifier(f"{PERSON}-2"))


def test_an_address_that_nobody_has_is_looked_up(stage: Stage) -> None:
    with stage.profiles() as profiles:
        profiles.check()
