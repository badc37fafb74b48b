"""`dsr-sync run`: the daemon."""

import typer

from dsr_sync.cli import advice


def command(ctx: typer.Context) -> None:
    """Run until SIGTERM: tick, follow, answer /healthz, /readyz and /metrics."""
    with advice.given():
        from dsr_sync import bootstrap

        settings = bootstrap.settings_from(ctx.obj)
        bootstrap.configure_logs(settings)
        bootstrap.daemon(settings).run()
