"""From what went wrong to what to do about it: the exit codes and the only sentences about errors."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import IntEnum

import typer

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


class ExitCode(IntEnum):
    """What the process says to its caller; 75 is EX_TEMPFAIL of sysexits.h."""

    FINE = 0
    LOOK_AT_IT = 1
    WRONG_SETTINGS = 2
    TRY_AGAIN = 75


@contextmanager
def given() -> Iterator[None]:
    """Run a command; say what to do if it cannot be done, and exit with the code for it. No traceback."""
    from dsr_sync.settings import SettingsError

    try:
        yield
    except SettingsError as wrong:
        say("These settings are missing or wrong:", *(f"  {problem}" for problem in wrong.problems))
        raise typer.Exit(ExitCode.WRONG_SETTINGS) from None
    except PortError as problem:
        say(*about(problem))
        raise typer.Exit(exit_code_for([problem])) from None
    except KeyboardInterrupt:
        raise typer.Exit(ExitCode.FINE) from None


def say(*lines: str) -> None:
    """Write lines for a person to standard error."""
    for line in lines:
        print(line, file=sys.stderr)  # noqa: T201 - this is the one place that talks to the person at the terminal


def exit_code_for(problems: Sequence[PortError]) -> ExitCode:
    """1 if a person must look at any of them, 75 if waiting may help, 0 if there are none."""
    if any(isinstance(problem, Permanent) for problem in problems):
        return ExitCode.LOOK_AT_IT
    return ExitCode.TRY_AGAIN if problems else ExitCode.FINE


def about(problem: PortError) -> list[str]:
    """What happened and what to do, in sentences."""
    match problem:
        case SchemaBroken(problems=problems):
            return [
                "The base is not as it must be, so nothing was sent:",
                *(f"  {line}" for line in problems),
                "`dsr-sync setup-base` makes what is missing; `dsr-sync check` looks again.",
            ]
        case TokenRefused():
            return [_of_token(problem)]
        case PlanExhausted():
            return [
                "Airtable's API calls of this month are used up. Nothing is lost.",
                "Work goes on with the next month, or with a larger plan of the workspace.",
            ]
        case QuotaExhausted(until=until):
            when = f" until {until:%Y-%m-%d %H:%M} UTC" if until else ""
            return [f"Segment's quota of this month is used up{when}. The rows wait and say so."]
        case Occupied():
            return ["Another dsr-sync process holds the ledger and does the work. End it first, or let it be."]
        case LedgerUnusable():
            return [f"The ledger cannot be used: {problem.reason}. Nothing was sent. See docs/runbook.md, Ledger."]
        case OutcomeUnknown():
            return [
                f"{_name(problem)} did not answer: {_reason(problem)}. The next ticks settle it, without sending twice."
            ]
        case Transient():
            return [f"{_name(problem)} cannot be used just now: {_reason(problem)}. Nothing is lost; try again later."]
        case _:
            return [f"{_name(problem)} refused: {_reason(problem)}."]


def _of_token(problem: TokenRefused) -> str:
    """Which token, and what it needs. A 403 of Airtable also stands for a base that the token may not see."""
    from dsr_sync.settings import env_name

    told = f"{_name(problem)} refused the token in {env_name(problem.setting)} ({problem.setting}): {_reason(problem)}."
    scope = problem.scope or "access"
    if problem.service == "airtable":
        base = env_name("airtable.base_id")
        return f"{told} It needs the scope {scope}, and access to the base in {base}."
    return f"{told} It needs: {scope}."


def _reason(problem: PortError) -> str:
    return problem.reason + (f" (HTTP {problem.status})" if problem.status else "")


def _name(problem: PortError) -> str:
    names = {"airtable": "Airtable", "segment": "Segment", "profiles": "Segment's Profile API", "ledger": "The ledger"}
    return names.get(problem.service, problem.service)
