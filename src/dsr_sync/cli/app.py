"""All commands under one name. Importing this stays cheap: each command imports its own rooms when it runs."""

from pathlib import Path
from typing import Annotated

import typer

from dsr_sync import __version__
from dsr_sync.cli import check, demo, explain, once, plan, run, sandbox, setup_base, status

app = typer.Typer(
    name="dsr-sync",
    help="Turn authenticated rows of an Airtable base into Twilio Segment regulations, once each, and follow them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"dsr-sync {__version__}")
        raise typer.Exit


@app.callback()
def common(
    ctx: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option("--config", metavar="FILE", help="TOML file with settings; stands before the command."),
    ] = None,
    version: Annotated[  # noqa: ARG001 - Typer answers it in its callback
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Keep the path of the settings file for the command that follows."""
    ctx.obj = config


for name, module in (
    ("demo", demo),
    ("sandbox", sandbox),
    ("check", check),
    ("setup-base", setup_base),
    ("plan", plan),
    ("once", once),
    ("run", run),
    ("status", status),
    ("explain", explain),
):
    app.command(name)(module.command)
