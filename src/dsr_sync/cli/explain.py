"""`dsr-sync explain`: the whole story of one row."""

from typing import Annotated

import typer

from dsr_sync.cli import advice


def command(
    ctx: typer.Context,
    record_id: Annotated[str, typer.Argument(metavar="REC_ID", help="The row's record id: rec and 14 characters.")],
) -> None:
    """Tell the whole story of one row, from the ledger: what happened, when, and why."""
    with advice.given():
        from dsr_sync import bootstrap
        from dsr_sync.core.model import RecordId

        settings = bootstrap.settings_from(ctx.obj)
        bootstrap.configure_logs(settings)
        with bootstrap.reader(settings) as world:
            story = world.ledger.history(RecordId(record_id))
    if not story:
        advice.say(f"The ledger knows nothing of {record_id}: it was never seen authenticated, or is not a row's id.")
        raise typer.Exit(advice.ExitCode.LOOK_AT_IT)
    for event in story:
        details = ", ".join(f"{name} {value}" for name, value in event.details.items() if value is not None)
        typer.echo(f"{event.at:%Y-%m-%d %H:%M:%S} UTC  {event.kind}{f': {details}' if details else ''}")
