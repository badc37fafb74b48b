"""`python -m tests.torture.report`: break everything at full length, and print one table of what came of it.

Every module `tests/torture/<part>.py` or package `tests/torture/<part>/__main__.py` that can be run is a part. It runs
at full length without arguments (or with those in `ARGUMENTS`), says on standard error what it finds broken, ends with
1 if that is anything, and prints one line of JSON per row of the table:

    {"what": "…", "runs": 600, "lost": 0, "doubled": 0, "leaked": 0, "seconds": 480.2}

`broken` (how many lines were said) and `note` may be there too. `--only PART` runs one part, `--list` names them, and
`--write` puts the table into docs/reliability.md.
"""

import argparse
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PAGE = ROOT / "docs" / "reliability.md"
COMMAND = "make torture"

ARGUMENTS: dict[str, tuple[str, ...]] = {"simulation": ("--seeds", "10000")}
"""What a part needs to run at full length, where that is not its default."""

LONG_TESTS = "pytest -m torture"
"""The part that is no module: the tests under the marker `torture`."""

_BEGIN, _END = "<!-- the table: begin -->", "<!-- the table: end -->"
_RUNNABLE = 'if __name__ == "__main__":'
_TALLY = re.compile(r"(\d+) (passed|failed|errors?)")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table. `broken` counts everything that was said to be broken, the named kinds included."""

    what: str
    runs: int
    lost: int = 0
    doubled: int = 0
    leaked: int = 0
    broken: int = 0
    note: str = ""
    seconds: float = 0.0

    @property
    def clean(self) -> bool:
        """Whether nothing at all was broken."""
        return not (self.lost or self.doubled or self.leaked or self.broken)

    def cells(self) -> tuple[str, ...]:
        """As the table shows it."""
        counts = (f"{self.runs:,}", str(self.lost), str(self.doubled), str(self.leaked), str(self.broken))
        return (self.what, *counts, self.note, f"{self.seconds:,.0f}")


HEADINGS = ("what was broken", "runs", "lost", "doubled", "leaked", "other", "note", "seconds")


def parts() -> list[str]:
    """Every part that there is, by name."""
    modules = [
        path.stem for path in HERE.glob("*.py") if path.stem != "report" and _RUNNABLE in path.read_text("utf-8")
    ]
    packages = [path.parent.name for path in HERE.glob("*/__main__.py")]
    return [*sorted([*modules, *packages]), LONG_TESTS]


def run(part: str) -> list[Row]:
    """Run a part; its rows, and one more if it ended badly without saying why."""
    begun = time.monotonic()
    command = _command(part)
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    seconds = round(time.monotonic() - begun, 1)
    rows = list(_tally(done.stdout, seconds)) if part == LONG_TESTS else list(_rows(done.stdout))
    nothing = part == LONG_TESTS and done.returncode == _NO_TESTS
    if not nothing and (done.returncode or not rows) and all(row.clean for row in rows):
        rows.append(Row(part, 0, broken=1, note=f"ended with {done.returncode}", seconds=seconds))
    return rows


_NO_TESTS = 5
"""pytest's exit code when nothing was collected."""


def _command(part: str) -> list[str]:
    if part == LONG_TESTS:
        return [sys.executable, "-m", "pytest", "-m", "torture", "-q", "-p", "no:cacheprovider", "--timeout=0"]
    return [sys.executable, "-m", f"tests.torture.{part}", *ARGUMENTS.get(part, ())]


def _rows(said: str) -> Iterator[Row]:
    """The lines that are rows; anything else is for the person who watches."""
    for line in said.splitlines():
        found = _json(line)
        if "what" in found:
            yield Row(**{name: found[name] for name in Row.__slots__ if name in found})
        elif line:
            print(line)  # noqa: T201 - the command's answer


def _json(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line) if line.startswith("{") else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _tally(said: str, seconds: float) -> Iterator[Row]:
    print(said)  # noqa: T201 - the command's answer
    counts = {word.rstrip("s"): int(number) for number, word in _TALLY.findall(said.rstrip().rpartition("\n")[2])}
    broken = counts.get("failed", 0) + counts.get("error", 0)
    if counts:
        yield Row("the long tests", sum(counts.values()), broken=broken, note=f"`{LONG_TESTS}`", seconds=seconds)


def table(rows: Sequence[Row]) -> str:
    """The table in Markdown, which is plain enough for a terminal."""
    lines = [HEADINGS, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    shown = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    ]
    return "\n".join([shown[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *shown[1:]])


def write(rows: Sequence[Row], today: str) -> None:
    """Put the table, its date and its command into the page. Raises ValueError if the page has no place for it."""
    page = PAGE.read_text("utf-8")
    before, begin, rest = page.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not (begin and end):
        raise ValueError(f"{PAGE.name} has no place for the table")
    said = f"{today}, by `{COMMAND}`:\n\n{table(rows)}"
    PAGE.write_text(f"{before}{begin}\n{said}\n{end}{after}", "utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all parts, or the one that is asked for; 1 if anything was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture.report")
    parser.add_argument("--only", choices=parts(), action="append", help="run this part alone; may be given again")
    parser.add_argument("--list", action="store_true", help="name the parts and run nothing")
    parser.add_argument("--write", action="store_true", help="put the table into docs/reliability.md")
    asked = parser.parse_args(arguments)
    if asked.list:
        print("\n".join(parts()))  # noqa: T201 - the command's answer
        return 0
    rows: list[Row] = []
    for part in asked.only or parts():
        print(f"# {part}", file=sys.stderr, flush=True)  # noqa: T201 - the command's answer
        rows += run(part)
        print(table(rows[-1:]), flush=True)  # noqa: T201 - the command's answer
    print(f"\n{table(rows)}")  # noqa: T201 - the command's answer
    if asked.write:
        write(rows, f"{datetime.now(UTC):%Y-%m-%d}")
    return int(not all(row.clean for row in rows))


if __name__ == "__main__":
    raise SystemExit(main())
