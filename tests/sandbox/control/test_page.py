"""The page at the root of the Airtable port: its files, and what its own calls count as."""

import re
from collections.abc import Iterator

import httpx
import pytest

from dsr_sandbox import Sandbox

FILES = ["page.css", "page.js", "grid.js", "world.js"]


@pytest.fixture
def browser(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=sandbox.airtable_url) as client:
        yield client


def test_the_page_is_served_with_a_policy_that_allows_nothing_from_outside(browser: httpx.Client) -> None:
    response = browser.get("/")
    assert response.headers["content-type"].startswith("text/html")
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "http" not in policy
    assert "unsafe" not in policy


def test_every_file_that_the_page_names_is_there(browser: httpx.Client) -> None:
    page = browser.get("/").text
    named = set(re.findall(r'(?:src|href)="(/[^"]+)"', page))
    for script in ("page.js", "grid.js"):
        source = browser.get(f"/_sandbox/page/{script}").text
        named |= {f"/_sandbox/page/{name}" for name in re.findall(r'from "\./([^"]+)"', source)}
    assert named == {f"/_sandbox/page/{name}" for name in FILES}
    for name in named:
        assert browser.get(name).status_code == 200
    assert browser.get("/_sandbox/page/none.js").status_code == 404


@pytest.mark.parametrize("name", FILES)
def test_no_file_reaches_outside_or_writes_markup(browser: httpx.Client, name: str) -> None:
    source = browser.get(f"/_sandbox/page/{name}").text
    assert "http" not in source.replace("http-", "")
    for dangerous in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert dangerous not in source


def test_every_control_of_the_page_has_a_label(browser: httpx.Client) -> None:
    page = browser.get("/").text
    labelled = set(re.findall(r'<label for="([^"]+)"', page))
    controls = set(re.findall(r'<(?:input|select) id="([^"]+)"', page))
    assert controls == labelled
    assert "add-id" in controls


def test_the_page_lets_nobody_type_into_a_column_that_the_daemon_writes(
    browser: httpx.Client, sandbox: Sandbox
) -> None:
    """Follow-up is written by both; and a tick is a tick, as in Airtable."""
    theirs = set(re.findall(r'"([^"]+)"', browser.get("/_sandbox/page/page.js").text.split("]);")[0].split("Set([")[1]))
    staffs = {"User identifier", "Request type", "Authenticated", "Hold", "Retry", "Law", "Received at"}
    staffs |= {"Extended until", "Extension reason", "Follow-up", "Follow-up note"}
    tables = sandbox.airtable.snapshot()["bases"][sandbox.base_id]["tables"]
    assert {column["name"] for table in tables for column in table["fields"]} == theirs | staffs | {"Receipts"}


def test_what_staff_do_in_the_page_is_no_api_call_of_the_daemon(
    browser: httpx.Client, airtable: httpx.Client, sandbox: Sandbox
) -> None:
    """It counts against no limit, is hit by no fault, and stands in the journal under its own name."""
    sandbox.faults.add("airtable", "cut", times=None)
    sandbox.airtable.limits.monthly_calls_left = 0
    headers = {"Authorization": f"Bearer {sandbox.airtable_token}", "X-Sandbox-Page": "1"}
    for number in range(7):
        fields = {"User identifier": f"user-{number}"}
        path = f"/v0/{sandbox.base_id}/Requests"
        assert browser.post(path, json={"fields": fields}, headers=headers).status_code == 200
    assert [entry.service for entry in sandbox.journal.entries()] == ["page"] * 7
    sandbox.faults.clear()
    assert sandbox.airtable.limits.monthly_calls_left == 0
    assert airtable.get("/Requests").status_code == 429


def test_the_segment_port_has_the_workspace_at_its_root_and_no_page(sandbox: Sandbox) -> None:
    assert httpx.get(sandbox.segment_url).status_code == 401
    assert httpx.get(f"{sandbox.segment_url}/_sandbox/page/page.js").status_code == 404
