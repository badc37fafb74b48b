"""How the demo shows its rows: a table that changes before one's eyes, or plain lines where there is no terminal."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

_COLOURS = {
    "Needs attention": "red",
    "On hold": "yellow",
    "Submitted": "cyan",
    "In progress": "cyan",
    "Follow-up needed": "magenta",
    "Completed": "green",
    "Failed": "red",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the base as the demo shows it."""

    tells: str
    submitted: bool
    status: str
    note: str
    settled: bool


class Stage(Protocol):
    """Something that shows the rows."""

    def __enter__(self) -> Self:
        """Begin to show."""
        ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End."""
        ...

    def show(self, lines: Sequence[Line]) -> None:
        """Show the rows as they are now."""
        ...


class LiveTable:
    """A table and a progress bar, redrawn in place."""

    def __init__(self, console: Console, title: str) -> None:
        self._title = title
        self._progress = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console
        )
        self._task = self._progress.add_task("rows settled", total=None)
        self._live = Live(console=console, refresh_per_second=4)

    def __enter__(self) -> Self:
        """Take over the terminal's last lines."""
        self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Leave the last picture standing."""
        self._live.stop()

    def show(self, lines: Sequence[Line]) -> None:
        """Draw all rows."""
        settled = sum(line.settled for line in lines)
        self._progress.update(self._task, total=len(lines), completed=settled)
        self._live.update(Group(_table(self._title, lines), self._progress))


class PlainLines:
    """One line for every change, for logs and pipes."""

    def __init__(self, console: Console, title: str) -> None:
        self._console = console
        self._before: list[Line] = []
        self._console.print(title, highlight=False, markup=False, soft_wrap=True)

    def __enter__(self) -> Self:
        """Nothing to prepare."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Nothing to put back."""

    def show(self, lines: Sequence[Line]) -> None:
        """Print the rows whose status changed."""
        for number, line in enumerate(lines):
            before = self._before[number].status if number < len(self._before) else ""
            if line.status != before:
                text = f"{line.status:<16}  {line.tells}"
                self._console.print(text, highlight=False, markup=False, soft_wrap=True)
        self._before = list(lines)


def _table(title: str, lines: Sequence[Line]) -> Table:
    table = Table(title=title, expand=True)
    table.add_column("what this row shows", ratio=3)
    table.add_column("Submitted", justify="center", width=9)
    table.add_column("Status", width=16)
    table.add_column("Status note", ratio=5, no_wrap=True, overflow="ellipsis")
    for line in lines:
        colour = _COLOURS.get(line.status, "dim")
        tick = "✓" if line.submitted else ""
        table.add_row(Text(line.tells), tick, Text(line.status or "–", style=colour), Text(line.note, style="dim"))
    return table
