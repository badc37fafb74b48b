"""Bounds, units, and what an error says and does not say."""

import traceback
from pathlib import Path

import pytest

from dsr_sync.core.model import RequestType
from dsr_sync.core.policy import PROTECTED, EmailRule
from dsr_sync.settings import SettingsError, catalogue, load_settings, sections

REQUIRED = {
    "DSR_SYNC_AIRTABLE__TOKEN": "patX",
    "DSR_SYNC_AIRTABLE__BASE_ID": "appSandbox0000001",
    "DSR_SYNC_SEGMENT__TOKEN": "sgp_X",
}
NOWHERE = Path("/nonexistent")


def refused(**environ: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(None, {**REQUIRED, **{f"DSR_SYNC_{name}": value for name, value in environ.items()}}, NOWHERE)
    return " ".join(problem.setting for problem in caught.value.problems)


def accepted(**environ: str) -> object:
    return load_settings(None, {**REQUIRED, **{f"DSR_SYNC_{name}": value for name, value in environ.items()}}, NOWHERE)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AIRTABLE__BASE_ID", "appTooShort"),
        ("AIRTABLE__BASE_ID", "tblSandbox0000001"),
        ("AIRTABLE__BASE_ID", "appSandbox0000001/tbl"),
        ("AIRTABLE__TOKEN", "two words"),
        ("AIRTABLE__TOKEN", "pat\u200b"),
        ("AIRTABLE__ENDPOINT_URL", "http://api.airtable.com"),
        ("AIRTABLE__ENDPOINT_URL", "http://127.0.0.1.example.org"),
        ("AIRTABLE__ENDPOINT_URL", "http://localhost@example.org"),
        ("AIRTABLE__ENDPOINT_URL", "https://user:secret@example.org"),
        ("AIRTABLE__ENDPOINT_URL", "https://example.org/?a=b"),
        ("AIRTABLE__ENDPOINT_URL", "https://example.org:port"),
        ("AIRTABLE__ENDPOINT_URL", "https://"),
        ("AIRTABLE__ENDPOINT_URL", "api.airtable.com"),
        ("AIRTABLE__ENDPOINT_URL", "file:///etc/passwd"),
        ("AIRTABLE__REQUESTS_PER_SECOND", "0"),
        ("AIRTABLE__REQUESTS_PER_SECOND", "5.1"),
        ("AIRTABLE__REQUESTS_PER_SECOND", "nan"),
        ("AIRTABLE__LOCKOUT_SECONDS", "-1"),
        ("SEGMENT__REGION", "usa"),
        ("SEGMENT__ENDPOINT_URL", "ftp://127.0.0.1"),
        ("SEGMENT__REQUESTS_PER_MINUTE", "601"),
        ("SEGMENT__REQUESTS_PER_REGULATION", "0"),
        ("SEGMENT__REQUESTS_PER_REGULATION", "5001"),
        ("SEGMENT__REQUESTS_PER_REGULATION", "1.5"),
        ("SEGMENT__SETTLE_SECONDS", "-0.1"),
        ("SEGMENT__SETTLE_SECONDS", "inf"),
        ("SEGMENT__PROFILES__SPACE_ID", "spa/1"),
        ("SEGMENT__REGULATION_TYPES__DELETE", "DELETE_ARCHIVE_ONLY"),
        ("SEGMENT__REGULATION_TYPES__DELETE", "SUPPRESS_ONLY"),
        ("SEGMENT__REGULATION_TYPES__DELETE", "UNSUPPRESS"),
        ("SEGMENT__REGULATION_TYPES__SUPPRESS", "DELETE_ONLY"),
        ("SEGMENT__REGULATION_TYPES__SUPPRESS", "SUPPRESS_WITH_DELETE"),
        ("SEGMENT__REGULATION_TYPES__SUPPRESS", "UNSUPPRESS"),
        ("SEGMENT__REGULATION_TYPES__UNSUPPRESS", "unsuppress"),
        ("SEGMENT__REGULATION_TYPES__UNSUPPRESS", "SUPPRESS_ONLY"),
        ("IDENTIFIERS__EMAIL", "yes"),
        ("IDENTIFIERS__EMAIL", "lookup"),
        ("SAFETY__MAX_SUBMISSIONS_PER_HOUR", "-1"),
        ("SAFETY__COOLING_OFF_MINUTES", "-1"),
        ("SCHEDULE__POLL_SECONDS", "0"),
        ("SCHEDULE__FOLLOW_SECONDS", "-1"),
        ("LEDGER__URL", "sqlite://"),
        ("LEDGER__URL", "sqlite:///:memory:"),
        ("LEDGER__URL", "sqlite:////data/dsr-sync.db?cache=shared"),
        ("LEDGER__KEY", "fifteen letters"),
        ("LEDGER__URL", "mysql://u@127.0.0.1/db"),
        ("LEDGER__URL", "postgres://u@127.0.0.1/db"),
        ("HTTP__PORT", "65536"),
        ("LOG__LEVEL", "verbose"),
        ("LOG__FORMAT", "xml"),
    ],
)
def test_a_value_out_of_its_bounds_is_refused(name: str, value: str) -> None:
    assert name.lower().replace("__", ".") in refused(**{name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AIRTABLE__ENDPOINT_URL", "http://127.0.0.1:8081/"),
        ("AIRTABLE__ENDPOINT_URL", "http://localhost:8081"),
        ("AIRTABLE__ENDPOINT_URL", "http://[::1]:8081"),
        ("AIRTABLE__ENDPOINT_URL", "https://proxy.example.org/airtable"),
        ("AIRTABLE__REQUESTS_PER_SECOND", "5"),
        ("AIRTABLE__LOCKOUT_SECONDS", "0.2"),
        ("SEGMENT__REQUESTS_PER_REGULATION", "5000"),
        ("SEGMENT__SETTLE_SECONDS", "0"),
        ("SAFETY__COOLING_OFF_MINUTES", "0.05"),
        ("SCHEDULE__POLL_SECONDS", "0.2"),
        ("SCHEDULE__FOLLOW_SECONDS", "0"),
        ("LEDGER__URL", "sqlite:////data/dsr-sync.db"),
        ("LEDGER__KEY", "sixteen letters!"),
        ("HTTP__PORT", "0"),
        ("SAFETY__MAX_SUBMISSIONS_PER_HOUR", "0"),
    ],
)
def test_a_value_at_its_bounds_is_accepted(name: str, value: str) -> None:
    assert accepted(**{name: value})


def test_an_endpoint_loses_its_last_slash() -> None:
    settings = load_settings(None, {**REQUIRED, "DSR_SYNC_SEGMENT__ENDPOINT_URL": "http://127.0.0.1:1/"}, NOWHERE)
    assert settings.segment_url == "http://127.0.0.1:1"


def test_a_profile_space_needs_its_token_and_the_token_its_space() -> None:
    assert refused(SEGMENT__PROFILES__SPACE_ID="spa_1") == "segment.profiles.token"
    assert refused(SEGMENT__PROFILES__TOKEN="t") == "segment.profiles.space_id"


def test_e_mails_are_refused_unless_there_is_a_space_or_the_operator_says_so() -> None:
    space = {"DSR_SYNC_SEGMENT__PROFILES__SPACE_ID": "spa_1", "DSR_SYNC_SEGMENT__PROFILES__TOKEN": "t"}
    as_id = {"DSR_SYNC_IDENTIFIERS__EMAIL": "as_user_id"}
    assert load_settings(None, REQUIRED, NOWHERE).email_rule is EmailRule.REFUSE
    assert load_settings(None, REQUIRED | space, NOWHERE).email_rule is EmailRule.LOOKUP
    assert load_settings(None, REQUIRED | space | as_id, NOWHERE).email_rule is EmailRule.AS_USER_ID


def test_postgresql_needs_a_key_of_its_own() -> None:
    url = "postgresql://u:hunter2@127.0.0.1/db"
    assert refused(LEDGER__URL=url) == "ledger.key"
    assert accepted(LEDGER__URL=url, LEDGER__KEY="k" * 32)


def test_two_columns_of_a_table_cannot_be_the_same() -> None:
    assert refused(AIRTABLE__FIELDS__REQUESTS__HOLD="Retry") == "airtable.fields.requests.retry"
    assert refused(AIRTABLE__RECEIPTS_TABLE="Requests") == "airtable.receipts_table"


def test_the_defaults_of_the_policy_are_the_defaults_of_the_settings() -> None:
    settings = load_settings(None, REQUIRED, NOWHERE)
    assert settings.identifiers.protected == PROTECTED
    assert settings.segment.regulation_types.by_request_type() == {
        RequestType.DELETE: "SUPPRESS_WITH_DELETE",
        RequestType.SUPPRESS: "SUPPRESS_ONLY",
        RequestType.UNSUPPRESS: "UNSUPPRESS",
    }


def test_secrets_do_not_show_in_the_repr_of_the_settings() -> None:
    settings = load_settings(
        None,
        {
            **REQUIRED,
            "DSR_SYNC_LEDGER__URL": "postgresql://u:hunter2@127.0.0.1/db",
            "DSR_SYNC_LEDGER__KEY": "key-marker-of-16",
        },
        NOWHERE,
    )
    for secret in ("patX", "sgp_X", "hunter2", "key-marker"):
        assert secret not in repr(settings)
        assert secret not in str(settings)


MARKER = "jane.marker@example.org"


@pytest.mark.parametrize("setting", sorted(catalogue()))
def test_no_error_shows_a_value_or_keeps_one_in_its_chain(setting: str) -> None:
    environ = {**REQUIRED, catalogue()[setting].env: f"\x00{MARKER} {MARKER}", "DSR_SYNC_HTTP__PORT": MARKER}
    with pytest.raises(SettingsError) as caught:
        load_settings(None, environ, NOWHERE)
    assert MARKER not in "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_every_setting_has_one_line_on_what_it_means_and_what_it_should_be() -> None:
    for setting in catalogue().values():
        assert setting.means
        assert setting.should_be
        assert "\n" not in setting.means + setting.should_be
        assert setting.section in sections()


def test_the_variable_of_a_setting_is_its_name_in_capitals() -> None:
    assert catalogue()["segment.profiles.space_id"].env == "DSR_SYNC_SEGMENT__PROFILES__SPACE_ID"


def test_the_secrets_are_the_tokens_the_key_and_the_address_of_the_ledger() -> None:
    assert {setting.name for setting in catalogue().values() if setting.secret} == {
        "airtable.token",
        "segment.token",
        "segment.profiles.token",
        "ledger.url",
        "ledger.key",
    }
