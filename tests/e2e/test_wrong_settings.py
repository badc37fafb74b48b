"""Wrong and missing settings: exit 2, the setting's name, what it should be, no traceback and no secret."""

from pathlib import Path

import pytest
from tests.e2e.conftest import Build
from tests.e2e.house import House, bare_environment
from tests.e2e.process import Ran, run

SECRET = "pat-s3cret-in-the-wrong-place"
READERS = ("check", "setup-base", "plan", "once", "run", "status", "explain rec00000000000000")
WRONG = {
    "AIRTABLE__TOKEN": f"{SECRET} with spaces",
    "AIRTABLE__BASE_ID": SECRET,
    "AIRTABLE__ENDPOINT_URL": f"http://{SECRET}.example.com",
    "AIRTABLE__REQUESTS_PER_SECOND": "50",
    "SEGMENT__REGION": "mars",
    "SEGMENT__SETTLE_SECONDS": "-1",
    "SEGMENT__REGULATION_TYPES__DELETE": "DESTROY",
    "IDENTIFIERS__PROTECTED": "null, test",
    "SCHEDULE__POLL_SECONDS": "0",
    "LEDGER__URL": f"mysql://root:{SECRET}@db/x",
    "LEDGER__KEY": "too short",
    "HTTP__PORT": "70000",
    "LOG__LEVEL": "loud",
    "AIRTABLE__TOKN": SECRET,
}


@pytest.fixture(scope="module")
def house(build: Build) -> House:
    return build()


def is_plain(ran: Ran) -> bool:
    """Whether it is exit 2 with words for a person: no traceback, no secret, nothing on standard output."""
    return ran.code == 2 and "Traceback" not in ran.said and SECRET not in ran.said and not ran.out


@pytest.fixture(scope="module")
def told(house: House) -> Ran:
    """What is said when all of them are wrong at once."""
    return house.dsr("once", **{f"DSR_SYNC_{name}": value for name, value in WRONG.items()})


@pytest.mark.parametrize("name", WRONG)
def test_each_wrong_setting_is_named_with_what_it_should_be(told: Ran, name: str) -> None:
    assert is_plain(told), told
    [line] = [line for line in told.err.splitlines() if f"DSR_SYNC_{name} " in line]
    assert len(line.partition("): ")[2]) > 5


def test_settings_that_are_wrong_only_together_are_named_too(house: House) -> None:
    ran = house.dsr("once", DSR_SYNC_AIRTABLE__FIELDS__REQUESTS__STATUS="Submitted")
    assert is_plain(ran), ran
    assert "DSR_SYNC_AIRTABLE__FIELDS__REQUESTS__STATUS " in ran.err


@pytest.mark.parametrize("command", READERS)
def test_every_command_names_all_required_settings_at_once(tmp_path: Path, command: str) -> None:
    ran = run(*command.split(), env=bare_environment(), folder=tmp_path)
    assert is_plain(ran), ran
    for name in ("AIRTABLE__TOKEN", "AIRTABLE__BASE_ID", "SEGMENT__TOKEN"):
        assert f"DSR_SYNC_{name} " in ran.err


def test_a_settings_file_that_is_not_there_or_no_toml_is_named(house: House) -> None:
    bad = house.folder / "bad.toml"
    bad.write_text("[airtable\n")
    for path in (house.folder / "nope.toml", bad):
        ran = house.dsr("--config", str(path), "once")
        assert is_plain(ran), ran
        assert "--config" in ran.err


def test_a_settings_file_with_an_unknown_key_names_it_and_the_nearest(house: House) -> None:
    config = house.folder / "unknown.toml"
    config.write_text("[schedule]\npol_seconds = 5\n")
    ran = house.dsr("--config", str(config), "once")
    assert is_plain(ran)
    assert "schedule.pol_seconds" in ran.err
    assert "schedule.poll_seconds" in ran.err


def test_nothing_is_asked_of_anybody_before_the_settings_are_right(house: House) -> None:
    since = len(house.box.journal.entries())
    house.dsr("once", DSR_SYNC_SCHEDULE__POLL_SECONDS="0")
    assert len(house.box.journal.entries()) == since


@pytest.mark.parametrize(
    "arguments", ["once twice", "plan --jsn", "explain", "unknown", "sandbox --airtable-port 70000"]
)
def test_wrong_usage_is_exit_2_with_a_hint(house: House, arguments: str) -> None:
    ran = house.dsr(*arguments.split())
    assert ran.code == 2
    assert "Usage: dsr-sync" in ran.err
    assert "Traceback" not in ran.err


def test_a_port_that_is_taken_is_named(house: House) -> None:
    port = house.box.airtable_url.rpartition(":")[2]
    ran = house.dsr("run", DSR_SYNC_HTTP__PORT=port)
    assert "Traceback" not in ran.err
    assert ran.code == 1
    assert port in ran.err
    assert "DSR_SYNC_HTTP__PORT" in ran.err
