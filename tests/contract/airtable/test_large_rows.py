"""Rows that fill more than a page may hold: the listing is complete all the same."""

import pytest
from tests.contract.airtable.worlds import SandboxWorld

from dsr_sandbox import Sandbox
from dsr_sandbox.journal import Entry
from dsr_sync.core.model import RecordId
from dsr_sync.ports import Transient

_MOST_BYTES = "dsr_sync.adapters.wire.call.MOST_BYTES"


def asked(sandbox: Sandbox) -> list[str]:
    """How many rows each call asked for, and whether it went on from an offset."""
    queries = [dict(part.split("=", 1) for part in entry.query.split("&")) for entry in _lists(sandbox)]
    return [query["pageSize"] + "+" * ("offset" in query) for query in queries]


def _lists(sandbox: Sandbox) -> list[Entry]:
    return [entry for entry in sandbox.journal.entries("airtable", method="GET") if "pageSize" in entry.query]


def read(base: SandboxWorld) -> list[RecordId]:
    return [row.record_id for page in base.table.everything() for row in page]


@pytest.fixture
def crowded(base: SandboxWorld, monkeypatch: pytest.MonkeyPatch) -> list[RecordId]:
    """100 rows that fit into a page, and 100 behind them that do not: an answer may have no more than 200 kB here."""
    monkeypatch.setattr(_MOST_BYTES, 200_000)
    rows = sorted(base.add(f"u{number}") for number in range(200))  # by id, as the sandbox lists them
    for record_id in rows[100:]:
        base.edit(record_id, identifier="x" * 3_000)
    return rows


def test_rows_of_the_longest_texts_that_a_form_takes_are_read_to_the_last(sandbox: Sandbox, base: SandboxWorld) -> None:
    rows = [base.add("世" * 100_000, authenticated=False) for _ in range(40)]  # 12 MB
    assert sorted(read(base)) == sorted(rows)
    assert asked(sandbox)[:3] == ["100", "50", "25"]


def test_a_page_that_is_too_much_is_read_in_smaller_ones_from_where_it_begins(
    sandbox: Sandbox, base: SandboxWorld, crowded: list[RecordId]
) -> None:
    assert sorted(read(base)) == crowded
    assert asked(sandbox) == ["100", "100+", "50+", "50+"]


@pytest.mark.parametrize("fault", ["stale_offset", "missing_page"])
def test_if_airtable_does_not_go_on_from_the_offset_with_a_smaller_page_the_listing_begins_again(
    sandbox: Sandbox, base: SandboxWorld, crowded: list[RecordId], fault: str
) -> None:
    sandbox.faults.add("airtable", fault, path="pageSize=50")
    found = read(base)
    assert set(found) == set(crowded)
    assert len(found) == 300  # the first page came twice
    assert asked(sandbox) == ["100", "100+", "50+", "50", "50+", "50+", "50+"]


def test_a_single_row_that_is_too_much_ends_the_listing_after_a_few_calls(
    sandbox: Sandbox, base: SandboxWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    base.add("u1")
    read(base)  # the columns are known from here on
    sandbox.journal.clear()
    monkeypatch.setattr(_MOST_BYTES, 20)
    with pytest.raises(Transient, match="larger"):
        read(base)
    assert asked(sandbox) == ["100", "50", "25", "12", "6", "3", "1"]
