"""`dsr-sync plan`: what the next tick would do."""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from dsr_sync.cli import advice

if TYPE_CHECKING:
    from dsr_sync.engine.preview import Foreseen


def command(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Show what the next tick would do, with the reason per row. Changes nothing anywhere."""
    with advice.given():
        from dsr_sync import bootstrap
        from dsr_sync.engine.preview import preview

        settings = bootstrap.settings_from(ctx.obj)
        bootstrap.configure_logs(settings)
        with bootstrap.reader(settings) as world:
            foreseen = list(preview(world))
    if as_json:
        typer.echo(json.dumps({"rows": [_as_json(item) for item in foreseen]}, indent=2))
    else:
        _print(foreseen)


def _print(foreseen: "list[Foreseen]") -> None:
    if not foreseen:
        typer.echo("Nothing to do: no authenticated row is waiting.")
    for item in foreseen:
        until = f", until {_iso(item.until)}" if item.until else ""
        typer.echo(f"{item.record_id}  {item.deed:<7}  {item.why.value}{until}")


def _as_json(item: "Foreseen") -> dict[str, str | None]:
    return {"record_id": item.record_id, "does": item.deed, "why": item.why.value, "until": _iso(item.until)}


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
