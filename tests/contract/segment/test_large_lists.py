"""Segment's list where a page of it is more than can be taken: it is read to the end all the same."""

from uuid import UUID

import pytest
from tests.contract.segment.conftest import SandboxWorld

from dsr_sandbox import Sandbox
from dsr_sync.ports import Transient

_MOST_BYTES = "dsr_sync.adapters.wire.call.MOST_BYTES"


def counts(sandbox: Sandbox) -> list[int]:
    """How many regulations each call asked for."""
    queries = [entry.query for entry in sandbox.journal.entries("segment", method="GET")]
    return [int(query.split("&")[0].removeprefix("pagination.count=")) for query in queries]


def made(sandbox: Sandbox, number: int, ids: int) -> list[list[str]]:
    """Regulations of so many UUIDs each, as Segment lists them: the newest first."""
    people = [[str(UUID(int=each * 10_000 + one)) for one in range(ids)] for each in range(number)]
    for subjects in people:
        sandbox.segment.add_regulation({"subjects": subjects, "type": "SUPPRESS_WITH_DELETE"})
    return people[::-1]


def listed(world: SandboxWorld) -> list[list[str]]:
    return [[subject.reveal() for subject in each.subjects] for page in world.service.listing() for each in page]


def test_a_list_whose_regulations_fill_more_than_a_page_may_hold_is_read_to_the_end(
    sandbox: Sandbox, adapter_world: SandboxWorld
) -> None:
    people = made(sandbox, 70, 4_500)  # 12.6 MB, which the quota of three months allows
    assert listed(adapter_world) == people
    assert counts(sandbox) == [1_000, 500, 250, 125, 62, 31, 31, 31]


def test_the_smaller_page_begins_where_the_larger_one_did_and_the_rest_goes_on_so(
    sandbox: Sandbox, adapter_world: SandboxWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_MOST_BYTES, 320_000)
    people = made(sandbox, 600, 10) + made(sandbox, 1_000, 1)  # the younger ones are listed first, and are small
    assert sorted(listed(adapter_world)) == sorted(people)
    assert counts(sandbox)[:3] == [1_000, 1_000, 500]
    assert set(counts(sandbox)[3:]) == {500}


def test_a_single_regulation_that_is_too_much_ends_the_listing_after_a_few_calls(
    sandbox: Sandbox, adapter_world: SandboxWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_MOST_BYTES, 1_000)
    made(sandbox, 1, 100)
    with pytest.raises(Transient, match="larger"):
        listed(adapter_world)
    assert counts(sandbox) == [1_000, 500, 250, 125, 62, 31, 15, 7, 3, 1]
