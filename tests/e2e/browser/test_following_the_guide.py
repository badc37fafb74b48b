"""The guide for staff, followed in a real browser; the pictures in it are taken on the way.

Followed are: adding a request, Authenticated, Hold, unticking Authenticated in time, follow-ups, more time to answer,
Retry, and a column that is renamed. The page of the sandbox cannot rename a column: that one step is taken behind it.
"""

from pathlib import Path

import pytest
from tests.e2e.browser import pictures
from tests.e2e.browser.chromium import Page, opened
from tests.e2e.browser.pictures import UNHURRIED, add
from tests.e2e.house import House
from tests.e2e.process import until

pytestmark = pytest.mark.browser


def test_the_guide_holds_and_gives_the_pictures_that_are_in_it(tmp_path: Path) -> None:
    pictures.main(tmp_path)
    taken = sorted(file.name for file in tmp_path.glob("*.png"))
    assert taken == sorted(file.name for file in pictures.PICTURES.glob("*.png"))


def tick(page: Page, column: str, identifier: str) -> None:
    """Click the checkbox of a row."""
    page.click(f"input[aria-label='{column} of {identifier}']")


def ticked(page: Page, column: str, identifier: str) -> bool:
    """Whether the checkbox of a row is ticked, as the page shows it."""
    return bool(page.evaluate(f"document.querySelector(`input[aria-label='{column} of {identifier}']`)?.checked"))


def test_what_is_held_waits_until_hold_is_unticked(house: House, tmp_path: Path) -> None:
    with opened(house.box.airtable_url, tmp_path) as page, house.daemon():
        page.shows("No requests yet")
        page.enter("#add-id", "user-1")
        page.click("#add button.main")
        page.shows("Added user-1.")
        tick(page, "Hold", "user-1")
        until(lambda: "Hold" in next(iter(house.staff.rows().values())), "Hold is in the base")
        tick(page, "Authenticated", "user-1")
        page.shows("Not sent, because Hold is ticked.")
        assert house.posts() == []
        tick(page, "Hold", "user-1")
        page.shows("Segment accepted")
        assert ticked(page, "Submitted", "user-1")


def test_authenticated_unticked_in_time_keeps_the_row_from_being_sent(house: House, tmp_path: Path) -> None:
    with opened(house.box.airtable_url, tmp_path) as page:
        page.shows("No requests yet")
        add(page, "user-1")
        with house.daemon(**UNHURRIED):
            page.shows("Will be sent to Segment after")
            tick(page, "Authenticated", "user-1")
            until(lambda: "Authenticated" not in next(iter(house.staff.rows().values())), "the tick has gone")
        with house.daemon() as daemon:  # for which no time to think is left
            until(lambda: len(daemon.process.events("tick.finished")) > 2, "some ticks go by")
            assert house.posts() == []
            page.shows("Will be sent to Segment after")  # the row is left as it is
            tick(page, "Authenticated", "user-1")
            page.shows("Segment accepted")


def test_retry_sends_a_failed_request_once_more_and_is_unticked(house: House, tmp_path: Path) -> None:
    workspace = house.box.segment.workspace
    with opened(house.box.airtable_url, tmp_path) as page, house.daemon():
        page.shows("No requests yet")
        add(page, "user-1")
        page.shows("Segment accepted")
        workspace.force(workspace.regulations()[0].id, {"overallStatus": "INVALID"})
        page.shows("Tick Retry to send it again.")
        tick(page, "Retry", "user-1")
        page.shows("Segment accepted")
        until(lambda: not ticked(page, "Retry", "user-1"), "the page shows that Retry was answered")
    assert len(house.posts()) == 2


def test_a_renamed_column_goes_on_under_its_new_name(house: House, tmp_path: Path) -> None:
    with opened(house.box.airtable_url, tmp_path) as page, house.daemon() as daemon:
        page.shows("No requests yet")
        until(lambda: daemon.process.events("tick.finished"), "the columns are known")
        house.redesign("rename_field", table="Requests", field="Authenticated", name="Checked by us")
        page.shows("Checked by us")
        page.enter("#add-id", "user-1")
        page.click("#add button.main")
        page.shows("Added user-1.")
        tick(page, "Checked by us", "user-1")
        page.shows("Segment accepted")
    assert len(house.posts()) == 1
