"""`dsr-sync once`: one tick."""

import typer

from dsr_sync.cli import advice


def command(ctx: typer.Context) -> None:
    """Do one tick: all that is due now, and no more."""
    from dsr_sync.daemon.mortal import become_mortal

    become_mortal()  # before anything else, since it may fork
    with advice.given():
        from dsr_sync import bootstrap

        settings = bootstrap.settings_from(ctx.obj)
        bootstrap.configure_logs(settings)
        with bootstrap.pipeline(settings) as pipeline, pipeline.kept():
            report = pipeline.tick()
    for problem in report.problems:
        advice.say(*advice.about(problem))
    code = advice.exit_code_for(report.problems)
    if report.paused:
        advice.say("A service asked to be left alone for a while, and was. Nothing is lost; try again later.")
    if code is advice.ExitCode.FINE and (report.unknown or report.paused):
        code = advice.ExitCode.TRY_AGAIN
    if report.untellable and code is not advice.ExitCode.LOOK_AT_IT:
        advice.say("Some rows could not be written to; the log names them. All others were.")
        code = advice.ExitCode.LOOK_AT_IT
    raise typer.Exit(code)
