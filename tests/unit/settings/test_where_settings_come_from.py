"""Environment, then secret files, then the TOML file, then defaults."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from dsr_sync.settings import Problem, Settings, SettingsError, catalogue, load_settings

REQUIRED = {
    "DSR_SYNC_AIRTABLE__TOKEN": "patFromTheEnvironment",
    "DSR_SYNC_AIRTABLE__BASE_ID": "appSandbox0000001",
    "DSR_SYNC_SEGMENT__TOKEN": "sgp_env",
}


def load(
    tmp_path: Path, environ: Mapping[str, str] | None = None, toml: str = "", required: Mapping[str, str] = REQUIRED
) -> Settings:
    config = tmp_path / "dsr-sync.toml"
    config.write_text(toml, encoding="utf-8")
    return load_settings(config, {**required, **(environ or {})}, tmp_path / "secrets")


def problems(
    tmp_path: Path, environ: Mapping[str, str] | None = None, toml: str = "", required: Mapping[str, str] = REQUIRED
) -> dict[str, Problem]:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, environ, toml, required)
    return {problem.setting: problem for problem in caught.value.problems}


def secret(tmp_path: Path, name: str, text: str) -> None:
    directory = tmp_path / "secrets"
    directory.mkdir(exist_ok=True)
    (directory / name).write_text(text, encoding="utf-8")


def test_the_three_required_settings_are_enough(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert settings.airtable.token.get_secret_value() == "patFromTheEnvironment"
    assert settings.airtable.endpoint_url == "https://api.airtable.com"
    assert settings.airtable.requests_per_second == 4.5
    assert settings.segment_url == "https://api.segmentapis.com"
    assert settings.segment.requests_per_minute == 540
    assert settings.segment.settle_seconds == 900
    assert settings.safety.max_submissions_per_hour == 100
    assert settings.schedule.poll_seconds == 60
    assert settings.ledger.url.get_secret_value() == "sqlite:///var/dsr-sync.db"
    assert (settings.http.host, settings.http.port) == ("127.0.0.1", 8080)


def test_the_environment_wins_over_secret_files_and_these_over_the_toml_file(tmp_path: Path) -> None:
    toml = "[schedule]\npoll_seconds = 10\nfollow_seconds = 11\n[safety]\ncooling_off_minutes = 12\n"
    secret(tmp_path, "dsr_sync_schedule__poll_seconds", "20")
    secret(tmp_path, "dsr_sync_schedule__follow_seconds", "21")
    settings = load(tmp_path, {"DSR_SYNC_SCHEDULE__POLL_SECONDS": "30"}, toml)
    assert settings.schedule.poll_seconds == 30
    assert settings.schedule.follow_seconds == 21
    assert settings.safety.cooling_off_minutes == 12


def test_the_process_environment_is_read_when_no_other_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("DSR_SYNC_")]:
        monkeypatch.delenv(name)
    for name, value in REQUIRED.items():
        monkeypatch.setenv(name, value)
    assert load_settings(secrets_dir=tmp_path).airtable.base_id == "appSandbox0000001"


def test_the_config_file_may_be_named_by_the_environment(tmp_path: Path) -> None:
    config = tmp_path / "elsewhere.toml"
    config.write_text("[segment]\nregion = 'eu'\n", encoding="utf-8")
    settings = load_settings(None, {**REQUIRED, "DSR_SYNC_CONFIG": str(config)}, tmp_path)
    assert settings.segment_url == "https://eu1.api.segmentapis.com"
    assert settings.profiles_url == "https://profiles.euw1.segment.com"


def test_the_option_wins_over_the_variable_that_names_a_config_file(tmp_path: Path) -> None:
    settings = load(tmp_path, {"DSR_SYNC_CONFIG": str(tmp_path / "absent.toml")}, "[http]\nport = 1\n")
    assert settings.http.port == 1


def test_a_config_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(tmp_path / "absent.toml", REQUIRED, tmp_path)
    assert caught.value.problems[0].setting == "--config"
    assert "no such file" in caught.value.problems[0].should_be


def test_a_mistake_in_the_toml_file_is_told_by_its_line_without_quoting_it(tmp_path: Path) -> None:
    found = problems(tmp_path, toml="[airtable]\ntoken = patSecretWithoutQuotes\n")
    assert "line 2" in found["--config"].should_be
    assert "patSecret" not in str(found)


def test_a_config_file_that_is_not_text_is_told(tmp_path: Path) -> None:
    config = tmp_path / "binary.toml"
    config.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="UTF-8"):
        load_settings(config, REQUIRED, tmp_path)


def test_a_missing_token_is_told_with_its_variable_and_all_problems_come_at_once(tmp_path: Path) -> None:
    found = problems(tmp_path, {"DSR_SYNC_HTTP__PORT": "http"}, required={})
    assert set(found) == {"airtable.token", "airtable.base_id", "segment.token", "http.port"}
    assert found["airtable.token"].env == "DSR_SYNC_AIRTABLE__TOKEN"
    assert found["airtable.token"].should_be.startswith("required: ")


def test_an_empty_variable_counts_as_unset(tmp_path: Path) -> None:
    assert load(tmp_path, {"DSR_SYNC_SEGMENT__REGION": " "}).segment.region == "us"
    assert "airtable.token" in problems(tmp_path, {"DSR_SYNC_AIRTABLE__TOKEN": ""})


def test_an_unknown_variable_is_an_error_that_names_the_nearest_one(tmp_path: Path) -> None:
    found = problems(tmp_path, {"DSR_SYNC_AIRTABLE__TOKN": "x"})
    assert found["airtable.tokn"].should_be == "no such setting; the nearest is DSR_SYNC_AIRTABLE__TOKEN"


def test_an_unknown_toml_key_is_an_error_that_names_the_nearest_one(tmp_path: Path) -> None:
    found = problems(tmp_path, toml="[segment]\nregio = 'eu'\n")
    assert found["segment.regio"].should_be == "no such setting; the nearest is segment.region"


def test_an_unknown_key_that_looks_like_a_value_is_not_shown(tmp_path: Path) -> None:
    found = problems(tmp_path, toml="[airtable]\n'patAbc.Def-123' = 1\n")
    assert "patAbc" not in str(found)
    assert "[not shown]" in found


def test_a_table_given_as_a_value_is_an_error(tmp_path: Path) -> None:
    assert problems(tmp_path, toml="schedule = 60\n")["schedule"].should_be == "a table: [schedule]"


def test_a_value_given_as_a_table_is_an_error(tmp_path: Path) -> None:
    assert "schedule.poll_seconds" in problems(tmp_path, toml="[schedule.poll_seconds]\nminutes = 1\n")


def test_variables_of_other_programs_are_left_alone(tmp_path: Path) -> None:
    assert load(tmp_path, {"AIRTABLE_TOKEN": "x", "PATH": "/bin", "DSR_SYNCOPATE": "1"}).segment.region == "us"


def test_what_kubernetes_adds_beside_a_service_of_our_name_is_left_alone(tmp_path: Path) -> None:
    added = {
        "DSR_SYNC_SERVICE_HOST": "127.0.0.9",
        "DSR_SYNC_SERVICE_PORT": "8080",
        "DSR_SYNC_SERVICE_PORT_HTTP": "8080",
        "DSR_SYNC_PORT": "tcp://127.0.0.9:8080",
        "DSR_SYNC_PORT_8080_TCP_ADDR": "127.0.0.9",
    }
    assert load(tmp_path, added).http.port == 8080
    assert "port" in problems(tmp_path, {"DSR_SYNC_PORT": "8080"})


def test_lists_are_json_in_the_environment_and_lists_in_toml(tmp_path: Path) -> None:
    assert load(tmp_path, {"DSR_SYNC_IDENTIFIERS__PROTECTED": '[" Boss ", "NULL"]'}).identifiers.protected == (
        "boss",
        "null",
    )
    assert load(tmp_path, toml="[identifiers]\nprotected = ['Boss']\n").identifiers.protected == ("boss",)


@pytest.mark.parametrize("text", ["boss", "boss,null", '{"a": 1}', '["  "]', "[1]", "5"])
def test_a_list_in_any_other_form_is_an_error(tmp_path: Path, text: str) -> None:
    assert "JSON" in problems(tmp_path, {"DSR_SYNC_IDENTIFIERS__PROTECTED": text})["identifiers.protected"].should_be


def _as_toml(json_text: str) -> str:
    """JSON as TOML has it: keys with an equals sign behind them."""
    return json_text.replace('": ', '" = ')


def test_every_setting_can_be_set_by_its_variable_and_by_its_toml_path(tmp_path: Path) -> None:
    examples: dict[str, str] = {
        "airtable.token": "patX",
        "airtable.base_id": "appSandbox0000002",
        "segment.token": "sgp_X",
        "segment.region": "eu",
        "segment.profiles.space_id": "spa_1",
        "identifiers.email": "as_user_id",
        "identifiers.protected": '["boss"]',
        "follow_ups.manual": '[{"name": "CRM", "owner": "Sales", "instructions": "Delete the contact."}]',
        "ledger.url": "postgresql://u@127.0.0.1/db",
        "ledger.key": "k" * 32,
        "log.level": "debug",
        "log.format": "json",
        "http.host": "0.0.0.0",  # noqa: S104 - a value to read back, nothing listens
    }
    environ = {}
    for index, setting in enumerate(catalogue().values()):
        fallback = {
            "endpoint_url": "http://127.0.0.1:1",
            "requests_per_second": "1.5",
            "delete": "DELETE_ONLY",
            "suppress": "SUPPRESS_ONLY",
            "unsuppress": "UNSUPPRESS",
        }
        numeric = isinstance(setting.default, int | float)
        environ[setting.env] = examples.get(
            setting.name, fallback.get(setting.key, "7" if numeric else f"Column {index}")
        )
    environ["DSR_SYNC_SEGMENT__PROFILES__TOKEN"] = "profileX"
    read = load_settings(None, environ, tmp_path)
    toml = "\n".join(
        f"{name} = {_as_toml(environ[setting.env])}"
        if setting.listed or isinstance(setting.default, int | float)
        else f"{name} = '{environ[setting.env]}'"
        for name, setting in catalogue().items()
    )
    config = tmp_path / "all.toml"
    config.write_text(toml, encoding="utf-8")
    assert load_settings(config, {}, tmp_path) == read


def test_a_setting_may_be_a_file_in_the_secrets_directory_with_or_without_the_prefix(tmp_path: Path) -> None:
    secret(tmp_path, "airtable__token", "patFile\n")
    secret(tmp_path, "DSR_SYNC_SEGMENT__TOKEN", "sgp_file\r\n")
    secret(tmp_path, "dsr_sync_airtable__base_id", "appSandbox0000009\n")
    settings = load(tmp_path, required={})
    assert settings.airtable.token.get_secret_value() == "patFile"
    assert settings.segment.token.get_secret_value() == "sgp_file"
    assert settings.airtable.base_id == "appSandbox0000009"


def test_files_of_others_in_the_secrets_directory_are_left_alone(tmp_path: Path) -> None:
    secret(tmp_path, "grafana_password", "x")
    (tmp_path / "secrets" / "kubernetes.io").mkdir()
    (tmp_path / "secrets" / "binary").write_bytes(b"\xff\xfe")
    assert load(tmp_path).segment.region == "us"


def test_an_unknown_file_with_our_prefix_is_an_error(tmp_path: Path) -> None:
    secret(tmp_path, "dsr_sync_segment__tokem", "x")
    assert "DSR_SYNC_SEGMENT__TOKEN" in problems(tmp_path)["segment.tokem"].should_be


def test_secrets_laid_out_by_kubernetes_are_read(tmp_path: Path) -> None:
    """A Secret volume: `name -> ..data/name`, `..data -> ..2026_11_23`, so that an update is one rename."""
    directory = tmp_path / "secrets"
    generation = directory / "..2026_11_23_10_00_00.1"
    generation.mkdir(parents=True)
    (generation / "dsr_sync_airtable__token").write_text("patKubernetes", encoding="utf-8")
    (directory / "..data").symlink_to(generation.name)
    (directory / "dsr_sync_airtable__token").symlink_to("..data/dsr_sync_airtable__token")
    required = {name: value for name, value in REQUIRED.items() if name != "DSR_SYNC_AIRTABLE__TOKEN"}
    assert load(tmp_path, required=required).airtable.token.get_secret_value() == "patKubernetes"


def test_a_link_out_of_the_secrets_directory_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "other").write_text("stolen", encoding="utf-8")
    (tmp_path / "secrets" / "ledger__key").symlink_to(tmp_path / "other")
    assert "inside" in problems(tmp_path)["ledger.key"].should_be


def test_a_secret_may_be_in_the_file_that_a_variable_names_also_a_world_readable_one(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("patMounted\n", encoding="utf-8")
    token.chmod(0o644)
    required = {name: value for name, value in REQUIRED.items() if name != "DSR_SYNC_AIRTABLE__TOKEN"}
    settings = load(tmp_path, {"DSR_SYNC_AIRTABLE__TOKEN_FILE": str(token)}, required=required)
    assert settings.airtable.token.get_secret_value() == "patMounted"


def test_a_secret_given_twice_is_an_error(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("patMounted", encoding="utf-8")
    found = problems(tmp_path, {"DSR_SYNC_AIRTABLE__TOKEN_FILE": str(token)})
    assert "DSR_SYNC_AIRTABLE__TOKEN_FILE" in found["airtable.token"].should_be


def test_a_secret_file_that_cannot_be_read_is_told_by_its_variable_and_not_by_its_path(tmp_path: Path) -> None:
    found = problems(tmp_path, {"DSR_SYNC_LEDGER__KEY_FILE": str(tmp_path / "marker-path")})
    assert found["ledger.key"].env == "DSR_SYNC_LEDGER__KEY_FILE"
    assert "marker-path" not in str(found)


def test_only_secrets_have_a_file_variant(tmp_path: Path) -> None:
    assert "http.port_file" in problems(tmp_path, {"DSR_SYNC_HTTP__PORT_FILE": str(tmp_path / "x")})
