"""`dsr-sync status`: the ledger in numbers."""

import json
from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated

import typer

from dsr_sync.cli import advice

_LABELS = {
    "oldest_open_seen_at": "oldest open request, first seen",
    "earliest_due_by": "earliest Due by of an open request",
    "due": "open requests by how near their Due by is",
    "unsettled": "submissions that Segment has not confirmed yet",
    "owed": "rows that do not say yet what the ledger says",
    "open_follow_ups": "follow-ups that wait for a person",
    "sent_last_hour": "requests sent in the last hour",
    "last_tick_at": "last tick",
}


def command(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Show counts, the oldest open request, deadlines, quota and the last tick. Asks neither service."""
    with advice.given():
        from dsr_sync import bootstrap

        settings = bootstrap.settings_from(ctx.obj)
        bootstrap.configure_logs(settings)
        with bootstrap.reader(settings) as world:
            now = world.clock.now()
            numbers = asdict(world.ledger.summary(now)) | {"quota": bootstrap.quota(world, now)}
    if as_json:
        typer.echo(json.dumps(numbers, default=_iso, indent=2))
        return
    by_state, quota = numbers.pop("by_state"), numbers.pop("quota")
    typer.echo("requests: " + (", ".join(f"{count} {state}" for state, count in sorted(by_state.items())) or "none"))
    for name, value in numbers.items():
        typer.echo(f"{_LABELS[name]}: {_words(value)}")
    used_up = [f"used up for {kind} until {_words(until)}" for kind, until in quota.items() if until is not None]
    typer.echo(f"Segment's monthly quota: {', '.join(used_up) or 'open'}")


def _words(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_words(item)}" for name, item in value.items())
    return "none" if value is None else _iso(value) if isinstance(value, date) else str(value)


def _iso(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else str(value)
