"""`dsr-sync explain`: the whole story of one row."""

from typing import TYPE_CHECKING, Annotated

import typer

from dsr_sync.cli import advice

if TYPE_CHECKING:
    from dsr_sync.core.model import Cells
    from dsr_sync.ports import Event


def command(
    ctx: typer.Context,
    record_id: Annotated[str, typer.Argument(metavar="REC_ID", help="The row's record id: rec and 14 characters.")],
) -> None:
    """Tell the whole story of one row: what happened, when, and why, and what it should say now."""
    with advice.given():
        from dsr_sync import bootstrap
        from dsr_sync.core.model import RecordId
        from dsr_sync.engine.preview import standing_of

        settings = bootstrap.settings_from(ctx.obj)
        bootstrap.configure_logs(settings)
        with bootstrap.reader(settings) as world:
            story = world.ledger.history(RecordId(record_id))
            for event in story:
                typer.echo(_line(event))
            if story:
                _conclude(standing_of(world, RecordId(record_id)))
    if not story:
        advice.say(f"The ledger knows nothing of {record_id}: it was never seen authenticated, or is not a row's id.")
        raise typer.Exit(advice.ExitCode.LOOK_AT_IT)


def _line(event: "Event") -> str:
    details = " ".join(f"{name}={_quoted(value)}" for name, value in event.details.items() if value is not None)
    return f"{event.at:%Y-%m-%d %H:%M:%S} UTC  {event.kind:<22}  {details}".rstrip()


def _quoted(value: object) -> str:
    text = str(value)
    return f'"{text}"' if " " in text else text


def _conclude(cells: "Cells | None") -> None:
    if cells is None:
        typer.echo("Now: it waits for nothing. It is not authenticated any more, or the row is gone.")
    else:
        typer.echo(f"Now: {cells.status}. {cells.status_note}")
