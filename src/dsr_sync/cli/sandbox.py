"""`dsr-sync sandbox`: both services, emulated on loopback."""

from typing import Annotated

import typer

from dsr_sync.cli import advice


def command(
    airtable_port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 0,
    segment_port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 0,
) -> None:
    """Start the emulator of Airtable and Segment, and print the settings that point a daemon at it."""
    with advice.given():
        from dsr_sandbox import Sandbox
        from dsr_sync.daemon.stop import Stop

        stop = Stop()
        box = Sandbox()
        try:
            box.start(airtable_port=airtable_port, segment_port=segment_port)
        except OSError as problem:
            ports = " and ".join(str(port) for port in (airtable_port, segment_port) if port)
            advice.say(f"The sandbox cannot listen on port {ports}: {(problem.strerror or 'it is taken').lower()}.")
            raise typer.Exit(advice.ExitCode.LOOK_AT_IT) from None
        with box, stop.on_signals():
            typer.echo("# The base, and a form to add requests, are at this address in a browser:")
            typer.echo(f"#   {box.airtable_url}/")
            typer.echo("# These settings point a daemon at it:")
            for name, value in box.settings().items():
                typer.echo(f"export {name}={value}")
            typer.echo("# Ctrl-C ends it, and forgets everything.")
            stop.event.wait()
