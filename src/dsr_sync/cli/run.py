"""`dsr-sync run`: the daemon."""

import typer

from dsr_sync.cli import advice


def command(ctx: typer.Context) -> None:
    """Run until SIGTERM: tick, follow, answer /healthz, /readyz and /metrics."""
    from dsr_sync.daemon.mortal import become_mortal

    become_mortal()  # before anything else, since it may fork
    with advice.given():
        from dsr_sync import bootstrap
        from dsr_sync.daemon.http import AddressTaken

        settings = bootstrap.settings_from(ctx.obj)
        bootstrap.configure_logs(settings)
        try:
            bootstrap.daemon(settings, reread=lambda: bootstrap.settings_from(ctx.obj)).run()
        except AddressTaken as problem:
            advice.say(f"The pages for health and metrics have no place: {problem}.")
            advice.say("Free it, or choose another with DSR_SYNC_HTTP__HOST and DSR_SYNC_HTTP__PORT.")
            raise typer.Exit(advice.ExitCode.LOOK_AT_IT) from None
