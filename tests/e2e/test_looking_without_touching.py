"""`plan`, `status`, `explain`, `check`: they say what is and what would be, and change nothing anywhere."""

from pathlib import Path

import pytest
from tests.e2e.conftest import Build
from tests.e2e.house import House, bare_environment
from tests.e2e.process import run

from dsr_sync import __version__

NOBODY = "rec00000000000000"
LOOKING = ("plan", "plan --json", "status", "status --json", f"explain {NOBODY}", "check", "setup-base --dry-run")


@pytest.fixture(scope="module")
def before(build: Build) -> House:
    """A house with rows and no ledger yet."""
    house = build()
    house.settings["DSR_SYNC_SAFETY__MAX_SUBMISSIONS_PER_HOUR"] = "2"
    return house


@pytest.fixture(scope="module")
def rows(before: House) -> dict[str, str]:
    """The record id of each row, by the word for what it waits for."""
    before.staff.add({"User identifier": "usr_0"})
    return {
        "ready": before.ask("usr_1"),
        "duplicate": before.ask("usr_1"),
        "identifier.empty": before.ask(""),
        "hold": before.ask("usr_2", Hold=True),
        "request_type.unknown": before.ask("usr_3", Request_type="Suppress"),
    }


@pytest.mark.parametrize("arguments", LOOKING)
def test_looking_changes_nothing_anywhere_and_makes_no_ledger(
    before: House, rows: dict[str, str], arguments: str
) -> None:
    cells = before.staff.rows()
    before.dsr(*arguments.split())
    assert before.writes() == []
    assert before.staff.rows() == cells
    assert list(before.folder.iterdir()) == []
    assert rows


def test_plan_says_for_each_row_what_would_be_done_and_why(before: House, rows: dict[str, str]) -> None:
    plan = before.dsr("plan", "--json")
    assert plan.code == 0
    foreseen = {row["record_id"]: (row["does"], row["why"]) for row in plan.json()["rows"]}
    assert sorted(foreseen[rows[name]] for name in ("ready", "duplicate")) == [
        ("join", "duplicate"),
        ("submit", "ready"),
    ]
    assert foreseen[rows["identifier.empty"]] == ("tell", "identifier.empty")
    assert foreseen[rows["hold"]] == ("tell", "hold")
    assert len(foreseen) == 5
    assert "usr_" not in plan.said


def test_plan_says_the_same_in_words(before: House, rows: dict[str, str]) -> None:
    plan = before.dsr("plan")
    assert plan.code == 0
    lines = {line.split()[0]: line for line in plan.out.splitlines()}
    assert set(rows.values()) <= set(lines)
    assert "identifier.empty" in lines[rows["identifier.empty"]]


def test_plan_says_until_when_a_row_waits(before: House, rows: dict[str, str]) -> None:
    plan = before.dsr("plan", "--json", DSR_SYNC_SAFETY__COOLING_OFF_MINUTES="5")
    [row] = [row for row in plan.json()["rows"] if row["record_id"] == rows["ready"]]
    assert row["does"] == "wait"
    assert row["why"] == "cooling_off"
    assert row["until"]


def test_plan_does_what_it_says(house: House) -> None:
    house.ask("usr_1")
    bad = house.ask("null")
    plan = house.dsr("plan", "--json").json()["rows"]
    assert sorted(row["does"] for row in plan) == ["submit", "tell"]
    house.once()
    assert len(house.posts()) == 1
    assert house.dsr("plan", "--json").json()["rows"] == [
        {"record_id": bad, "does": "nothing", "why": "identifier.protected", "until": None}
    ]


def test_plan_on_a_lost_ledger_foresees_that_what_segment_has_is_taken_over(house: House) -> None:
    house.box.faults.add("segment", "cut", method="POST", after_effect=True)
    record_id = house.ask("usr_1")
    house.dsr("once")
    house.lose_ledger()
    [row] = house.dsr("plan", "--json").json()["rows"]
    assert row == {"record_id": record_id, "does": "adopt", "why": "ready", "until": None}
    assert len(house.posts()) == 1


def test_explain_knows_nothing_of_an_unknown_row_and_says_so_with_exit_1(before: House) -> None:
    ran = before.dsr("explain", NOBODY)
    assert ran.code == 1
    assert NOBODY in ran.err


def test_plan_without_segment_foresees_that_nothing_is_sent(house: House) -> None:
    house.ask("usr_1")
    plan = house.dsr("plan", "--json", DSR_SYNC_SEGMENT__ENDPOINT_URL="http://127.0.0.1:9")
    assert plan.code == 0
    assert [(row["does"], row["why"]) for row in plan.json()["rows"]] == [("wait", "paused")]


def test_explain_says_what_an_unsent_row_waits_for(house: House) -> None:
    bad, withdrawn = house.ask(""), house.ask("usr_1", Hold=True)
    house.once()
    story = house.dsr("explain", bad)
    assert story.code == 0
    assert "Now: Needs attention. Nothing was sent: User identifier is empty." in story.out
    house.staff.change(withdrawn, {"Authenticated": None})
    assert "Now: it waits for nothing." in house.dsr("explain", withdrawn).out


def test_status_answers_before_the_first_tick(before: House) -> None:
    status = before.dsr("status")
    assert status.code == 0
    assert "requests: none" in status.out


def test_check_says_ok_to_each_when_all_is_well(before: House) -> None:
    check = before.dsr("check")
    assert check.code == 0
    lines = [line for line in check.out.splitlines() if line.startswith("ok")]
    for what in ("settings", "Airtable", "Segment", "ledger"):
        assert any(what in line for line in lines), what
    assert "FAIL" not in check.out


FAILURES = {
    "airtable token": ({"DSR_SYNC_AIRTABLE__TOKEN": "nope"}, 1, "DSR_SYNC_AIRTABLE__TOKEN"),
    "segment token": ({"DSR_SYNC_SEGMENT__TOKEN": "nope"}, 1, "DSR_SYNC_SEGMENT__TOKEN"),
    "airtable down": ({"DSR_SYNC_AIRTABLE__ENDPOINT_URL": "http://127.0.0.1:9"}, 75, "Airtable"),
    "segment down": ({"DSR_SYNC_SEGMENT__ENDPOINT_URL": "http://127.0.0.1:9"}, 75, "Segment"),
    "a column": ({"DSR_SYNC_AIRTABLE__FIELDS__REQUESTS__STATUS": "State"}, 1, "'State'"),
    "the table": ({"DSR_SYNC_AIRTABLE__REQUESTS_TABLE": "DSR"}, 1, "'DSR'"),
    "the ledger": ({"DSR_SYNC_LEDGER__URL": "sqlite:////dev/null/x.db"}, 1, "ledger"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_check_names_what_fails_and_goes_on_with_the_rest(before: House, name: str) -> None:
    settings, code, words = FAILURES[name]
    check = before.dsr("check", **settings)
    assert check.code == code, check.said
    failed = [line for line in check.out.splitlines() if line.startswith("FAIL")]
    assert len(failed) == 1
    assert words in failed[0]
    assert len([line for line in check.out.splitlines() if line.startswith("ok")]) >= 3
    assert "Traceback" not in check.said


def test_the_version_and_the_help_need_no_settings(tmp_path: Path) -> None:
    assert run("--version", env=bare_environment(), folder=tmp_path).out == f"dsr-sync {__version__}\n"
    help_text = run("--help", env=bare_environment(), folder=tmp_path)
    assert help_text.code == 0
    for command in ("demo", "sandbox", "check", "setup-base", "plan", "once", "run", "status", "explain"):
        assert f" {command} " in help_text.out
        assert run(command, "--help", env=bare_environment(), folder=tmp_path).code == 0


def test_all_settings_can_come_from_a_file(house: House) -> None:
    config = house.folder / "dsr-sync.toml"
    box = house.box
    config.write_text(
        f'[airtable]\ntoken = "{box.airtable_token}"\nbase_id = "{box.base_id}"\nendpoint_url = "{box.airtable_url}"\n'
        f'[segment]\ntoken = "{box.segment_token}"\nendpoint_url = "{box.segment_url}"\nsettle_seconds = 0\n'
        f'[safety]\ncooling_off_minutes = 0\n[ledger]\nurl = "sqlite:///{house.ledger}"\n'
    )
    record_id = house.ask("usr_1")
    ran = run("--config", str(config), "once", env=bare_environment(), folder=house.folder)
    assert ran.code == 0, ran.said
    assert house.row(record_id)["Submitted"] is True
    named = run("status", "--json", env=bare_environment() | {"DSR_SYNC_CONFIG": str(config)}, folder=house.folder)
    assert named.json()["sent_last_hour"] == 1
