"""`dsr-sync sandbox`: both services, emulated on loopback."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dsr_sync.cli import advice

if TYPE_CHECKING:
    from dsr_sandbox import Sandbox

_TO_WATCH = {
    "DSR_SYNC_SCHEDULE__POLL_SECONDS": "2",
    "DSR_SYNC_SCHEDULE__FOLLOW_SECONDS": "0",
    "DSR_SYNC_SAFETY__COOLING_OFF_MINUTES": "0.1",
}
"""What takes minutes in life takes seconds before one's eyes."""


def command(
    airtable_port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 0,
    segment_port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 0,
) -> None:
    """Start the emulator of Airtable and Segment, and print the settings that point a daemon at it."""
    with advice.given():
        from dsr_sandbox import Sandbox
        from dsr_sync.daemon.stop import Stop

        stop, box = Stop(), Sandbox()
        try:
            box.start(airtable_port=airtable_port, segment_port=segment_port)
        except OSError as problem:
            ports = " or ".join(str(port) for port in (airtable_port, segment_port) if port)
            advice.say(f"The sandbox cannot listen on port {ports}: {(problem.strerror or 'it is taken').lower()}.")
            raise typer.Exit(advice.ExitCode.LOOK_AT_IT) from None
        with box, tempfile.TemporaryDirectory(prefix="dsr-sync-sandbox-") as folder, stop.on_signals():
            _introduce(box, Path(folder))
            stop.event.wait()


def _introduce(box: "Sandbox", folder: Path) -> None:
    """The page's address, and settings to paste. The ledger goes when the sandbox goes: it would know too much."""
    typer.echo("# The base, and a form to add requests, are at this address in a browser:")
    typer.echo(f"#   {box.airtable_url}/")
    typer.echo("# Paste these settings into a second terminal, and start `dsr-sync run` there:")
    for name, value in box.settings().items():
        typer.echo(f"export {name}={value}")
    typer.echo(f"export DSR_SYNC_LEDGER__URL=sqlite:///{folder / 'ledger.db'}")
    typer.echo("# And these, to see in seconds what takes minutes in life:")
    for name, value in _TO_WATCH.items():
        typer.echo(f"export {name}={value}")
    typer.echo("# Ctrl-C ends the sandbox, and forgets everything.")
