"""What came of breaking things: rows that are kept, each with the day and the commit of its run, and the table of them.

The file has one line of JSON for each run of a part, the newest last:

    {"part": "kills installed", "source": "216bf2c10e", "day": "2026-11-26", "on": "…", "rows": [{"what": "…", …}]}

All parts take hours and the product changes daily, so the page may show rows of several commits. Each says its own.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table. `broken` counts everything that was said to be broken, the named kinds included.

    `leaked` is None where nobody looked for leaks.
    """

    what: str
    runs: int
    lost: int = 0
    doubled: int = 0
    leaked: int | None = None
    broken: int = 0
    note: str = ""
    seconds: float = 0.0

    @property
    def clean(self) -> bool:
        """Whether nothing at all was broken."""
        return not (self.lost or self.doubled or self.leaked or self.broken)

    def cells(self) -> tuple[str, ...]:
        """As the table shows it."""
        leaked = "–" if self.leaked is None else str(self.leaked)
        counts = (f"{self.runs:,}", str(self.lost), str(self.doubled), leaked, str(self.broken))
        return (self.what, *counts, self.note, f"{self.seconds:,.0f}")


HEADINGS = ("what was broken", "runs", "lost", "doubled", "leaked", "other", "note", "seconds")


@dataclass(frozen=True, slots=True)
class Run:
    """What came of one part: at which commit, on which day (UTC), on which machine, and its rows."""

    part: str
    source: str
    day: str
    on: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """The runs that are kept in a file. Without a file: none."""

    path: Path | None

    def of(self, part: str, source: str | None = None) -> Run | None:
        """The newest run of a part, at this commit if one is named."""
        found = [run for run in self._all() if run.part == part and source in (None, run.source)]
        return found[-1] if found else None

    def add(self, run: Run) -> None:
        """Keep a run."""
        if self.path:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(f"{json.dumps(asdict(run), ensure_ascii=False)}\n")

    def _all(self) -> Iterator[Run]:
        lines = self.path.read_text("utf-8").splitlines() if self.path and self.path.exists() else []
        for line in lines:
            kept: dict[str, Any] = json.loads(line)
            yield Run(**{**kept, "rows": tuple(Row(**row) for row in kept["rows"])})


def table(rows: Sequence[Row]) -> str:
    """The table in Markdown, which is plain enough for a terminal."""
    return _aligned([HEADINGS, *(row.cells() for row in rows)])


def dated(runs: Sequence[Run]) -> str:
    """The same, with the day and the commit of each row."""
    lines = [(*row.cells(), f"{run.day}, {run.source}") for run in runs for row in run.rows]
    return _aligned([(*HEADINGS, "run on, at commit"), *lines])


def _aligned(lines: Sequence[tuple[str, ...]]) -> str:
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    shown = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    ]
    return "\n".join([shown[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *shown[1:]])
