"""The guide for staff says what the code says."""

import re
from pathlib import Path

import pytest
from tests.docs.notes_table import GUIDE, UNWRITTEN, endings, examples, render, table_in, write

from dsr_sync.core.actions import Why
from dsr_sync.core.model import ExtensionRefused, Law, Progress, RequestType, Status

TEXT = GUIDE.read_text(encoding="utf-8")


def test_the_table_of_notes_is_the_one_that_the_code_makes() -> None:
    """If this fails: `python -m tests.docs.notes_table --write`."""
    assert table_in() == render()


def test_the_table_has_a_line_for_every_reason_that_a_row_can_give() -> None:
    assert {facts.why for facts in examples()} == set(Why) - UNWRITTEN


def test_every_sentence_that_a_note_may_end_with_is_in_the_table() -> None:
    said = [sentence for _, sentence in endings()]
    assert len(set(said)) == len(said) == len(ExtensionRefused) + 4
    assert all(f"| {sentence} |" in table_in() for sentence in said)


def test_the_table_tells_of_systems_told_by_hand_and_of_repeats() -> None:
    for words in ("must be told by hand", "Not sent again", "Nothing was sent again", "as soon as it can"):
        assert words in table_in()


def test_writing_the_table_again_changes_nothing_but_the_table(tmp_path: Path) -> None:
    guide = tmp_path / "guide.md"
    guide.write_text(TEXT.replace(table_in(), "| an old table |\n"), encoding="utf-8")
    write(guide)
    assert guide.read_text(encoding="utf-8") == TEXT


def test_a_guide_without_markers_is_an_error_and_not_a_guide_without_table(tmp_path: Path) -> None:
    guide = tmp_path / "guide.md"
    guide.write_text("no markers\n", encoding="utf-8")
    with pytest.raises(ValueError, match="no markers"):
        table_in(guide)


@pytest.mark.parametrize("status", Status)
def test_every_status_is_explained(status: Status) -> None:
    assert f"| **{status}** |" in TEXT


@pytest.mark.parametrize("option", [*RequestType, *Progress])
def test_every_option_that_staff_meet_is_named_as_it_is(option: str) -> None:
    assert f"`{option}`" in TEXT


@pytest.mark.parametrize("law", Law)
def test_every_law_is_named(law: Law) -> None:
    assert law in TEXT


def test_no_picture_is_promised_that_is_not_there() -> None:
    pictures = re.findall(r"!\[[^\]]{20,}\]\(([^)]+)\)", TEXT)
    assert len(pictures) == TEXT.count("![") >= 3
    for picture in pictures:
        file = GUIDE.parent / picture
        assert file.read_bytes().startswith(b"\x89PNG")
        assert file.stat().st_size < 150_000
