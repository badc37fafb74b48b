"""The examples and the references are written from the code, and say what it says."""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import pytest

from dsr_sync.logs import ADDED, EVENTS, KEYS
from dsr_sync.settings import Settings, catalogue, load_settings

ROOT = Path(__file__).resolve().parents[2]
REQUIRED = {
    "DSR_SYNC_AIRTABLE__TOKEN": "patX",
    "DSR_SYNC_AIRTABLE__BASE_ID": "appSandbox0000001",
    "DSR_SYNC_SEGMENT__TOKEN": "sgp_X",
}


def reference(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "tests.reference", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def loaded(tmp_path: Path, toml: str = "", environ: Mapping[str, str] = REQUIRED) -> Settings:
    config = tmp_path / "dsr-sync.toml"
    config.write_text(toml, encoding="utf-8")
    return load_settings(config, environ, tmp_path / "no-secrets")


def test_everything_that_is_written_from_the_code_is_up_to_date() -> None:
    checked = reference("--check")
    assert (checked.returncode, checked.stdout) == (0, "")


def test_a_stale_reference_is_named_and_written_again(tmp_path: Path) -> None:
    assert reference("--write", "--root", str(tmp_path)).returncode == 0
    page = tmp_path / "docs/reference/metrics.md"
    page.write_text(page.read_text(encoding="utf-8") + "stale", encoding="utf-8")
    checked = reference("--check", "--root", str(tmp_path))
    assert checked.returncode == 1
    assert checked.stdout == "docs/reference/metrics.md: stale (run `make reference`)\n"
    assert reference("--write", "--root", str(tmp_path)).returncode == 0
    assert reference("--check", "--root", str(tmp_path)).returncode == 0


def test_the_example_toml_is_valid_as_it_stands_once_the_required_settings_are_given(tmp_path: Path) -> None:
    assert loaded(tmp_path, read("config/dsr-sync.example.toml")) == loaded(tmp_path)


def test_the_example_toml_with_every_comment_mark_taken_away_says_the_defaults(tmp_path: Path) -> None:
    toml = re.sub(r"(?m)^# (?=[a-z_]+ = )", "", read("config/dsr-sync.example.toml"))
    assert loaded(tmp_path, toml) == loaded(tmp_path)
    assert set(flat(tomllib.loads(toml))) == set(catalogue())


def test_the_example_env_with_every_comment_mark_taken_away_says_the_defaults(tmp_path: Path) -> None:
    lines = re.findall(r"(?m)^(?:# )?(DSR_SYNC_\w+)=(.*)$", read("config/example.env"))
    assert {name for name, _ in lines} == {setting.env for setting in catalogue().values()}
    assert loaded(tmp_path, environ={**dict(lines), **REQUIRED}) == loaded(tmp_path)


def test_only_the_required_settings_are_without_a_comment_mark_in_the_examples() -> None:
    required = {setting.env for setting in catalogue().values() if setting.required}
    assert set(re.findall(r"(?m)^(DSR_SYNC_\w+)=", read("config/example.env"))) == required
    active = flat(tomllib.loads(read("config/dsr-sync.example.toml")))
    assert {catalogue()[name].env for name in active} == required


def test_the_page_of_settings_names_every_setting_with_its_default() -> None:
    page = read("docs/reference/settings.md")
    for setting in catalogue().values():
        (row,) = re.findall(rf"(?m)^\| `{setting.env}` .*$", page)
        assert f"`{setting.key}`" in row
        default = list(setting.default) if isinstance(setting.default, tuple) else setting.default
        shown = "unset" if default is None else json.dumps(default) if isinstance(default, list) else str(default)
        assert ("**required**" if setting.required else shown) in row


def test_the_page_of_events_names_every_event_and_key() -> None:
    page = read("docs/reference/events.md")
    for name in (*EVENTS, *KEYS, *ADDED):
        assert f"| `{name}` |" in page


def test_the_page_of_commands_has_every_command_of_the_contract() -> None:
    page = read("docs/reference/commands.md")
    for command in ("demo", "sandbox", "check", "setup-base", "plan", "once", "run", "status", "explain"):
        assert f"## dsr-sync {command}\n" in page


@pytest.mark.parametrize("name", ["config/dsr-sync.example.toml", "config/example.env"])
def test_every_setting_in_the_examples_has_its_line_of_explanation(name: str) -> None:
    lines = read(name).splitlines()
    for before, line in pairwise(lines):
        if re.match(r"(# )?(DSR_SYNC_\w+=|[a-z_]+ = )", line):
            assert before.startswith("# ")
            assert before.endswith((".", "Required."))


def flat(table: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            found |= flat(value, f"{prefix}{key}.")
        else:
            found[f"{prefix}{key}"] = value
    return found
