"""`dsr-sync check`: is everything in place?"""

from collections.abc import Callable, Sequence

import typer

from dsr_sync.cli import advice
from dsr_sync.ports import BaseProblem, PortError


def command(ctx: typer.Context) -> None:
    """Check settings, tokens, the base and Segment; one line each, and what to do for what fails."""
    with advice.given():
        from dsr_sync import bootstrap

        settings = bootstrap.settings_from(ctx.obj)
        bootstrap.configure_logs(settings)
        typer.echo("ok    settings")
        problems: list[PortError] = []
        flaws: list[BaseProblem] = []
        with bootstrap.outside(settings) as outside:
            _step("Airtable: token and base", lambda: flaws.extend(outside.design.problems()), problems)
            if not problems:
                _columns(flaws)
                _step("Airtable: rows of the requests", outside.design.see_rows, problems)
            _step("Segment: token and workspace", outside.check_segment, problems)
            if outside.check_profiles is not None:
                _step("Segment's Profile API: space and token", outside.check_profiles, problems)
        _step("ledger", lambda: bootstrap.check_ledger(settings), problems)
        typer.echo(f"note  {_call_budget(settings.schedule.poll_seconds)}")
    code = advice.exit_code_for(problems)
    if any(flaw.required for flaw in flaws):
        code = advice.ExitCode.LOOK_AT_IT
    raise typer.Exit(code)


_MONTH_SECONDS = 30 * 24 * 3600
_PLANS = ((1_000, "Free"), (100_000, "Team"))
"""Airtable's plans that limit the calls of a month, and how many they allow (Airtable docs, API call limits)."""


def _call_budget(poll_seconds: float) -> str:
    """What polling comes to in a month, and which of Airtable's plans allow it."""
    calls = round(_MONTH_SECONDS / poll_seconds)
    too_small = [name for most, name in _PLANS if calls > most]
    plans = f"{' and '.join(too_small)} {'plan' if len(too_small) == 1 else 'plans'}"
    fits = f"too many for Airtable's {plans}" if too_small else "within every plan of Airtable"
    return f"polling every {poll_seconds:g} s makes {calls:,} Airtable calls in 30 days: {fits}"


def _columns(flaws: Sequence[BaseProblem]) -> None:
    if not any(flaw.required for flaw in flaws):
        typer.echo("ok    Airtable: tables and columns")
    for flaw in flaws:
        typer.echo(f"{'FAIL' if flaw.required else 'note'}  {flaw.advice}")


def _step(name: str, look: Callable[[], object], problems: list[PortError]) -> None:
    try:
        look()
    except PortError as problem:
        problems.append(problem)
        typer.echo(f"FAIL  {name}: {' '.join(advice.about(problem))}")
    else:
        typer.echo(f"ok    {name}")
