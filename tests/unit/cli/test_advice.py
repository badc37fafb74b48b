"""What each error says to the person at the terminal, and the exit code that goes with it."""

from datetime import UTC, datetime

import pytest
import typer

from dsr_sync.cli import advice
from dsr_sync.cli.advice import ExitCode
from dsr_sync.ports import (
    LedgerUnusable,
    Occupied,
    OutcomeUnknown,
    Permanent,
    PlanExhausted,
    PortError,
    QuotaExhausted,
    SchemaBroken,
    TokenRefused,
    Transient,
)
from dsr_sync.settings import Problem, SettingsError

AIRTABLE_TOKEN = TokenRefused("airtable", "AUTHENTICATION_REQUIRED", 401, "airtable.token", "data.records:read")
EVERY = {
    "schema": (SchemaBroken("airtable", "x", None, ("No column 'Status'.",)), 1, "No column 'Status'."),
    "airtable's token": (AIRTABLE_TOKEN, 1, "DSR_SYNC_AIRTABLE__TOKEN (airtable.token)"),
    "segment's token": (TokenRefused("segment", "x", 401, "segment.token", "edit access"), 1, "It needs: edit access."),
    "the month's calls": (PlanExhausted("airtable", "X_Y"), 1, "API calls of this month are used up"),
    "the month's quota": (
        QuotaExhausted("segment", "x", 429, until=datetime(2026, 5, 31, 23, 59, tzinfo=UTC)),
        75,
        "until 2026-05-31 23:59 UTC",
    ),
    "another process": (Occupied("ledger", "x"), 75, "Another dsr-sync process holds the ledger"),
    "the ledger": (LedgerUnusable("ledger", "the disk is full"), 1, "The ledger cannot be used: the disk is full."),
    "no answer": (OutcomeUnknown("segment", "read failed"), 75, "without sending twice"),
    "down": (Transient("profiles", "no connection"), 75, "Segment's Profile API cannot be used just now: no"),
    "refused": (Permanent("segment", "conflict", 409), 1, "Segment refused: conflict (HTTP 409)."),
}  # fmt: skip


@pytest.mark.parametrize("name", EVERY)
def test_every_error_has_its_sentence_and_its_exit_code(name: str) -> None:
    problem, code, words = EVERY[name]
    assert any(words in line for line in advice.about(problem))
    assert advice.exit_code_for([problem]) == code


def test_every_kind_of_error_of_the_ports_is_among_them() -> None:
    def kinds(kind: type[PortError]) -> set[type[PortError]]:
        return {kind}.union(*(kinds(further) for further in kind.__subclasses__()))

    told = {type(problem) for problem, _, _ in EVERY.values()}
    missing = {kind.__name__ for kind in kinds(PortError) - told if kind.__module__ == PortError.__module__}
    assert missing == {"PortError", "AlreadyStanding"}


def test_a_403_of_airtable_also_names_the_base() -> None:
    [line] = advice.about(TokenRefused("airtable", "not permitted", 403, "airtable.token", "schema.bases:read"))
    assert "the scope schema.bases:read, and access to the base in DSR_SYNC_AIRTABLE__BASE_ID" in line


def test_without_problems_the_exit_code_is_0() -> None:
    assert advice.exit_code_for([]) == ExitCode.FINE


def test_what_a_person_must_look_at_outweighs_what_waiting_may_mend() -> None:
    assert advice.exit_code_for([Transient("segment", "x"), AIRTABLE_TOKEN]) == ExitCode.LOOK_AT_IT
    assert advice.exit_code_for([Transient("segment", "x"), OutcomeUnknown("segment", "x")]) == ExitCode.TRY_AGAIN


def test_wrong_settings_are_listed_and_end_with_exit_2(capsys: pytest.CaptureFixture[str]) -> None:
    problems = (Problem("airtable.token", "DSR_SYNC_AIRTABLE__TOKEN", "required"), Problem("log.level", "L", "info"))
    with pytest.raises(typer.Exit) as ended, advice.given():
        raise SettingsError(problems)
    assert ended.value.exit_code == ExitCode.WRONG_SETTINGS
    written = capsys.readouterr()
    assert written.out == ""
    assert [line.split()[0] for line in written.err.splitlines()[1:]] == ["DSR_SYNC_AIRTABLE__TOKEN", "L"]


def test_a_port_error_ends_with_its_advice_and_its_code(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended, advice.given():
        raise Occupied("ledger", "x")
    assert ended.value.exit_code == ExitCode.TRY_AGAIN
    assert "holds the ledger" in capsys.readouterr().err


def test_ctrl_c_is_no_failure() -> None:
    with pytest.raises(typer.Exit) as ended, advice.given():
        raise KeyboardInterrupt
    assert ended.value.exit_code == ExitCode.FINE


def test_any_other_error_is_a_bug_and_goes_through() -> None:
    with pytest.raises(ZeroDivisionError), advice.given():
        raise ZeroDivisionError
