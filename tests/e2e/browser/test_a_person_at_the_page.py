"""The two terminals of the README and a person at the page: a row is added by the form, ticked, and completed."""

import json
from pathlib import Path

import pytest
from tests.e2e.browser.chromium import Page, opened
from tests.e2e.house import bare_environment
from tests.e2e.process import exported, started, until

pytestmark = pytest.mark.browser

PERSON = "usr_4711"


def cell(page: Page, column: str) -> str:
    """What the one row shows in a column."""
    script = f"""(() => {{
        const found = [...document.querySelectorAll('tbody tr > [data-label]')].find(
            cell => cell.dataset.label === {json.dumps(column)});
        return found ? found.innerText : '';
    }})()"""
    return str(page.evaluate(script)).strip()


def ticked(page: Page, column: str) -> bool:
    """Whether a checkbox of the one row is ticked."""
    label = json.dumps(f"{column} of {PERSON}")
    return bool(page.evaluate(f"document.querySelector(`input[aria-label={label}]`)?.checked"))


def test_a_row_added_by_the_form_and_ticked_is_submitted_and_completed(tmp_path: Path) -> None:
    with started("sandbox", env=bare_environment(), folder=tmp_path) as sandbox:
        settings = exported(sandbox)
        with opened(settings["DSR_SYNC_AIRTABLE__ENDPOINT_URL"], tmp_path) as page:
            page.shows("No requests yet")
            page.enter("#add-id", PERSON)
            page.enter("#add-law", "GDPR")
            page.click("#add button.main")
            page.shows(f"Added {PERSON}.")
            with started("run", env=bare_environment() | settings, folder=tmp_path) as daemon:
                until(lambda: daemon.events("tick.finished"), "a tick, in which the row is not authenticated yet")
                assert not ticked(page, "Submitted")
                page.click(f"input[aria-label='Authenticated of {PERSON}']")
                until(lambda: cell(page, "Status") == "On hold", "the row shows that it cools off")
                until(lambda: ticked(page, "Submitted"), "the row shows that it was submitted")
                assert cell(page, "Regulation ID")
                until(lambda: cell(page, "Status") == "Completed", "the row shows that it is completed")
                page.shows("Done. Segment reports")
                page.picture(tmp_path / "completed.png", 700)
                page.tab("Receipts")
                page.shows("Amplitude (Actions)")
                page.tab("Segment")
                page.shows("SUPPRESS_WITH_DELETE")
                daemon.signalled()
                assert daemon.ended(10) == 0
    assert (tmp_path / "completed.png").stat().st_size > 10_000
