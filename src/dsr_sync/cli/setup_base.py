"""`dsr-sync setup-base`: make the tables and columns that are missing."""

from typing import Annotated

import typer

from dsr_sync.cli import advice

_BY_HAND = (
    "What Airtable lets only a person do: make the form (a form view of Requests with User identifier and Request "
    "type, every other field removed), and see to it that only those who check identities can tick Authenticated."
)


def command(
    ctx: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be made, and make nothing.")] = False,
) -> None:
    """Create the missing tables and columns of the base, and name what only a person can add."""
    with advice.given():
        from dsr_sync import bootstrap

        settings = bootstrap.settings_from(ctx.obj)
        bootstrap.configure_logs(settings)
        with bootstrap.outside(settings) as outside:
            problems = outside.design.problems()
            for problem in problems:
                if problem.creatable:
                    typer.echo(f"{'would make' if dry_run else 'making'}: {_what(problem.table, problem.column)}")
                    if not dry_run:
                        outside.design.create(problem)
            left = [problem for problem in problems if not problem.creatable]
            for problem in left:
                typer.echo(f"by hand: {problem.advice}")
    if not problems:
        typer.echo("Every table and column is there.")
    typer.echo(_BY_HAND)
    raise typer.Exit(advice.ExitCode.LOOK_AT_IT if any(item.required for item in left) else advice.ExitCode.FINE)


def _what(table: str, column: str) -> str:
    return f"column {column} of table {table}" if column else f"table {table}"
