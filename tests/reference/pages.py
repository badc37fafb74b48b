"""The references of events, metrics and commands, from the code."""

from typing import Any

import typer.main

from dsr_sync.cli.app import app
from dsr_sync.daemon.metrics import METRICS
from dsr_sync.logs import ADDED, EVENTS, KEYS

_EVENTS_HEAD = """\
# Events

`make reference` writes this page from `src/dsr_sync/logs`.

Every line of the log is one event: JSON off a terminal, one readable line on one. No line holds a person's identifier,
a token, the text of an error, or a word that is not in a list: what is not known to be harmless is `[redacted]`.

| event | meaning |
|---|---|
"""

_KEYS_HEAD = """
## Keys

| key | meaning |
|---|---|
"""

_METRICS_HEAD = """\
# Metrics

`make reference` writes this page from `src/dsr_sync/daemon/metrics.py`.

`dsr-sync run` shows them at `/metrics` in the text format of Prometheus. No label ever names a person, a row or a
regulation. The `process_…` metrics (memory, CPU, open files) come from the client library.

| metric | type | labels | meaning |
|---|---|---|---|
"""

_COMMANDS_HEAD = """\
# Commands

`make reference` writes this page from what each command says with `--help`.
"""

_SUFFIX = {"counter": "_total", "info": "_info"}
_WIDTH = 100


def events() -> str:
    """The page of the log's events and keys."""
    rows = "".join(f"| `{name}` | {sentence} |\n" for name, sentence in EVENTS.items())
    means = ADDED | {name: key.means for name, key in KEYS.items()}
    return _EVENTS_HEAD + rows + _KEYS_HEAD + "".join(f"| `{name}` | {text} |\n" for name, text in means.items())


def metrics() -> str:
    """The page of the metrics."""
    return _METRICS_HEAD + "".join(
        f"| `{name}{_SUFFIX.get(metric.kind, '')}` | {metric.kind} "
        f"| {', '.join(f'`{label}`' for label in metric.labels)} | {metric.means} |\n"
        for name, metric in METRICS.items()
    )


def commands() -> str:
    """The page of the commands: the help of each, as the installed command line gives it, without colours."""
    group: Any = typer.main.get_command(app)
    outer = group.context_class(group, info_name="dsr-sync", terminal_width=_WIDTH, max_content_width=_WIDTH)
    page = _COMMANDS_HEAD + _help("dsr-sync", group, outer)
    for name in group.list_commands(outer):
        command = group.get_command(outer, name)
        inner = command.context_class(command, info_name=name, parent=outer)
        page += _help(f"dsr-sync {name}", command, inner)
    return page


def _help(title: str, command: Any, context: Any) -> str:
    command.rich_markup_mode = None  # plain text, whatever is installed
    lines = [line.rstrip() for line in command.get_help(context).strip().splitlines()]
    return "\n".join(["", f"## {title}", "", "```text", *lines, "```", ""])
