"""The guide for staff, followed step by step in a real browser; the pictures in it are taken on the way."""

from pathlib import Path

import pytest
from tests.e2e.browser import pictures

pytestmark = pytest.mark.browser


def test_the_guide_holds_and_gives_the_pictures_that_are_in_it(tmp_path: Path) -> None:
    pictures.main(tmp_path)
    taken = sorted(file.name for file in tmp_path.glob("*.png"))
    assert taken == sorted(file.name for file in pictures.PICTURES.glob("*.png"))
