"""The pictures in docs/for-staff.md: `python -m tests.e2e.browser.pictures` follows the guide and takes them anew."""

import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.e2e.browser.chromium import Page, opened
from tests.e2e.house import House
from tests.e2e.process import until

from dsr_sandbox import Sandbox

PICTURES = Path(__file__).parents[3] / "docs" / "pictures"
UNHURRIED = {"DSR_SYNC_SAFETY__COOLING_OFF_MINUTES": "5"}


def add(page: Page, identifier: str, **chosen: str) -> None:
    """Fill in the form and tick Authenticated in the new row, as the guide says."""
    page.enter("#add-id", identifier)
    for name, value in chosen.items():
        page.enter(f"#add-{name}", value)
    page.click("#add button.main")
    page.shows(identifier)
    page.click(f"input[aria-label='Authenticated of {identifier}']")


def take(house: House, page: Page, pictures: Path) -> None:
    """The three pictures, in the order of the guide."""
    house.box.segment.workspace.put_destinations([{"name": "Amplitude", "behaviour": "finish"}])
    page.shows("No requests yet")
    add(page, "user-4711", law="GDPR")
    with house.daemon(**UNHURRIED):
        page.shows("Will be sent to Segment after")
    page.picture(pictures / "waiting.png", 430)
    with house.daemon():
        page.shows("Segment accepted")
        need_more_time(page, "user-4711")
        house.later()
        page.shows("Done. Segment reports")
        destinations = [{"name": "Amplitude", "behaviour": "finish"}, {"name": "Intercom", "behaviour": "unsupported"}]
        house.box.segment.workspace.put_destinations(destinations)
        add(page, "user-0815", law="CCPA")
        page.shows("Segment accepted")
        house.later()
        page.shows("Follow-up needed")
        add(page, "test")
        page.shows("Nothing was sent")
        page.picture(pictures / "requests.png", 600)
        page.tab("Receipts")
        page.shows("Not supported")
        page.picture(pictures / "receipts.png", 520)
        mark_done(page)
        page.tab("Requests")
        until(lambda: "Follow-up needed" not in page.text(), "the request completes when its follow-up is done")


def need_more_time(page: Page, identifier: str) -> None:
    """Write down when the person asked, the reason for the extension and its date, and see Due by follow."""
    today = datetime.now(UTC).date()
    until_day = (today + timedelta(days=45)).isoformat()
    page.enter(f"[aria-label='Received at of {identifier}']", f"{today - timedelta(days=3)}T09:00")
    page.enter(f"[aria-label='Extension reason of {identifier}']", "Four systems have to be searched.")
    page.enter(f"[aria-label='Extended until of {identifier}']", until_day)
    due = "[...document.querySelectorAll('[data-label=\"Due by\"]')].map(cell => cell.innerText).join()"
    until(lambda: page.evaluate(due) == until_day, "Due by shows the day that the extension names")
    page.evaluate("document.querySelector('.scroll').scrollLeft = 0")


def mark_done(page: Page) -> None:
    """Write down the evidence and set the follow-up to Done."""
    row = "[...document.querySelectorAll('tbody tr')].find(r => r.innerText.includes('Intercom'))"
    page.evaluate(f"{row}.querySelector(\"textarea[aria-label^='Follow-up note']\").id = 'note'")
    page.enter("#note", "Deleted by hand, ticket 123")
    page.evaluate(f"{row}.querySelector(\"select[aria-label^='Follow-up of']\").id = 'done'")
    page.enter("#done", "Done")


def main(pictures: Path = PICTURES) -> None:
    """Take all pictures."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        box = stack.enter_context(Sandbox(seed=7))
        box.airtable.limits.enforced = False
        page = stack.enter_context(opened(box.airtable_url, folder))
        take(House(box, folder), page, pictures)


if __name__ == "__main__":
    main()
