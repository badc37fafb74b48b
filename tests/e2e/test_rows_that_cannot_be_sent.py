"""Rows that a person must mend: each says so in words, nothing of them is sent, and the other rows go on."""

from dataclasses import dataclass

import pytest
from tests.e2e.conftest import Build
from tests.e2e.house import House

BAD = {
    "nothing": ("", {}, "User identifier is empty"),
    "only spaces": ("   ", {}, "User identifier is empty"),
    "257 characters": ("x" * 257, {}, "256"),
    "a control character": ("usr_\u00071", {}, "cannot be seen"),
    "a character of no width": ("usr_\u200b1", {}, "cannot be seen"),
    "a protected word": ("null", {}, "stands for"),
    "a protected word in other letters": (" NULL ", {}, "stands for"),
    "an e-mail address": ("ann@example.com", {}, "e-mail address"),
    "an unknown request type": ("usr_9", {"Request_type": "Forget"}, "Request type"),
}
GOOD = {
    "256 characters": ("y" * 256, {}, "SUPPRESS_WITH_DELETE"),
    "spaces around it": (" usr_spaces ", {}, "SUPPRESS_WITH_DELETE"),
    "the type Delete": ("usr_delete", {"Request_type": "Delete"}, "SUPPRESS_WITH_DELETE"),
    "the type Suppress": ("usr_suppress", {"Request_type": "Suppress"}, "SUPPRESS_ONLY"),
    "the type Unsuppress": ("usr_unsuppress", {"Request_type": "Unsuppress"}, "UNSUPPRESS"),
}


@dataclass(frozen=True)
class Table:
    """The house after one tick, its output, and the rows by what they are."""

    house: House
    said: str
    rows: dict[str, str]


@pytest.fixture(scope="module")
def table(build: Build) -> Table:
    """Bad and good rows in turn, the bad ones first, and one tick over all of them."""
    house = build()
    house.settings["DSR_SYNC_IDENTIFIERS__EMAIL"] = "refuse"
    house.redesign("add_option", table="Requests", field="Request type", name="Forget")
    rows = {name: house.ask(identifier, **cells) for name, (identifier, cells, _) in (BAD | GOOD).items()}
    return Table(house, house.once().said, rows)


@pytest.mark.parametrize("name", BAD)
def test_a_bad_row_needs_attention_and_its_note_says_why(table: Table, name: str) -> None:
    record_id, words = table.rows[name], BAD[name][2]
    assert table.house.status(record_id) == "Needs attention"
    assert words in table.house.note(record_id)
    assert table.house.note(record_id).startswith("Nothing was sent: ")
    assert "Submitted" not in table.house.row(record_id)


@pytest.mark.parametrize("name", GOOD)
def test_the_other_rows_go_on_with_the_right_type_of_regulation(table: Table, name: str) -> None:
    identifier, _, regulation_type = GOOD[name]
    assert table.house.status(table.rows[name]) in ("Submitted", "In progress")
    assert table.house.regulations(identifier.strip()) == [regulation_type]


def test_nothing_of_a_bad_row_reaches_segment(table: Table) -> None:
    sent = [subject for post in table.house.posts() for subject in post.body["subjectIds"]]
    assert sorted(sent) == sorted(identifier.strip() for identifier, _, _ in GOOD.values())


def test_what_is_logged_names_no_person(table: Table) -> None:
    for identifier, _, _ in (BAD | GOOD).values():
        text = identifier.strip()
        assert not text or text == "null" or text not in table.said


def test_a_mended_row_goes_on_by_itself(table: Table) -> None:
    record_id = table.rows["nothing"]
    table.house.staff.change(record_id, {"User identifier": "usr_mended"})
    table.house.once()
    assert table.house.row(record_id)["Submitted"] is True
    assert table.house.regulations("usr_mended") == ["SUPPRESS_WITH_DELETE"]
