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
        case TokenRefused(setting=setting, scope=scope):
            return [f"{_name(problem)} refused the token in {setting}: {problem}. It needs: {scope or 'access'}."]
        case PlanExhausted():
            return ["Airtable's calls of this month are used up (see the workspace's plan). Nothing is lost."]
        case QuotaExhausted(until=until):
            when = f" until {until:%Y-%m-%d %H:%M} UTC" if until else ""
            return [f"Segment's quota of this month is used up{when}. The rows wait and say so."]
        case Occupied():
            return ["Another dsr-sync process holds the ledger and does the work. End it first, or let it be."]
        case LedgerUnusable():
            return [f"The ledger cannot be used: {problem.reason}. Nothing was sent. See docs/runbook.md, Ledger."]
        case OutcomeUnknown():
            return [f"{_name(problem)} did not answer ({problem}). It is settled later, without sending twice."]
        case Transient():
            return [f"{_name(problem)} cannot be used just now ({problem}). Nothing is lost; try again later."]
        case _:
            return [f"{_name(problem)} refused: {problem}."]


def _name(problem: PortError) -> str:
    names = {"airtable": "Airtable", "segment": "Segment", "profiles": "Segment's Profile API", "ledger": "The ledger"}
    return names.get(problem.service, problem.service)
