"""`dsr-sync sandbox` and `dsr-sync demo`, which a stranger starts first."""

import re
import signal
from pathlib import Path

import httpx
import pytest
from tests.e2e.house import bare_environment
from tests.e2e.process import exported, run, started, until

from dsr_sync.cli.story import STORY

DEMO_SECONDS = 60
CLOSING = re.compile(r"^(ok  |NOT ) expected .{16} got .{16} (.*)$", re.MULTILINE)


def test_the_sandbox_prints_settings_with_which_a_row_of_its_page_is_completed(tmp_path: Path) -> None:
    """The two terminals of the README: a row added as the page adds it, ticked, and followed by the daemon."""
    with started("sandbox", env=bare_environment(), folder=tmp_path) as sandbox:
        settings = exported(sandbox)
        url, base = settings["DSR_SYNC_AIRTABLE__ENDPOINT_URL"], settings["DSR_SYNC_AIRTABLE__BASE_ID"]
        assert any(f"{url}/" in line for line in sandbox.out)
        assert "<form" in httpx.get(f"{url}/").text
        headers = {"Authorization": f"Bearer {settings['DSR_SYNC_AIRTABLE__TOKEN']}", "X-Sandbox-Page": "1"}
        rows = httpx.Client(base_url=f"{url}/v0/{base}/Requests", headers=headers)
        with rows, started("run", env=bare_environment() | settings, folder=tmp_path) as daemon:
            fields = {"User identifier": "usr_1", "Authenticated": True}
            added = rows.post("", json={"fields": fields}).json()["id"]
            until(lambda: rows.get(f"/{added}").json()["fields"].get("Submitted"), "the row is submitted")
            until(lambda: rows.get(f"/{added}").json()["fields"]["Status"] == "Completed", "the row is completed")
            daemon.signalled()
            assert daemon.ended(10) == 0
        sandbox.signalled()
        assert sandbox.ended(10) == 0


def test_the_sandbox_serves_on_the_ports_it_is_given_and_says_when_one_is_taken(tmp_path: Path) -> None:
    with started("sandbox", env=bare_environment(), folder=tmp_path) as first:
        port = exported(first)["DSR_SYNC_SEGMENT__ENDPOINT_URL"].rpartition(":")[2]
        taken = run("sandbox", "--airtable-port", port, env=bare_environment(), folder=tmp_path)
        assert taken.code == 1
        assert port in taken.err
        assert "Traceback" not in taken.err
        first.signalled(signal.SIGINT)
        assert first.ended(10) == 0
    with started("sandbox", "--airtable-port", port, env=bare_environment(), folder=tmp_path) as second:
        assert exported(second)["DSR_SYNC_AIRTABLE__ENDPOINT_URL"].endswith(f":{port}")


def test_the_demo_ends_by_itself_with_every_row_as_expected(tmp_path: Path) -> None:
    with started("demo", "--headless", env=bare_environment(), folder=tmp_path) as demo:
        assert demo.ended(DEMO_SECONDS) == 0, "".join(demo.out + demo.err)
    closing = CLOSING.findall("".join(demo.out))
    assert sorted(closing) == sorted(("ok  ", scene.tells) for scene in STORY)
    assert "\x1b" not in "".join(demo.out)
    assert any("http://127.0.0.1:" in line for line in demo.out)
    assert demo.err == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_demo_ends_when_it_is_told_to(tmp_path: Path, number: int) -> None:
    with started("demo", "--headless", env=bare_environment(), folder=tmp_path) as demo:
        until(lambda: len(demo.out) > 3, "the demo shows something")
        demo.signalled(number)
        assert demo.ended(12) in (0, 1)
    assert "Traceback" not in "".join(demo.err)


def test_the_demo_needs_no_settings_and_heeds_none(tmp_path: Path) -> None:
    wrong = bare_environment() | {"DSR_SYNC_AIRTABLE__TOKEN": "a real one", "DSR_SYNC_SCHEDULE__POLL_SECONDS": "x"}
    with started("demo", "--headless", env=wrong, folder=tmp_path) as demo:
        until(lambda: any("Submitted" in line for line in demo.out), "a row is submitted")
        demo.signalled()
        demo.ended(12)
