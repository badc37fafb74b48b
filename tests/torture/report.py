"""`python -m tests.torture.report`: break everything at full length, and print one table of what came of it.

Every module `tests/torture/<part>.py` or package `tests/torture/<part>/__main__.py` that can be run is a part. It runs
at full length without arguments (or, for each row, with those in `PIECES`), says on standard error what it finds
broken, ends with 1 if that is anything, and prints one line of JSON per row of the table:

    {"what": "…", "runs": 600, "lost": 0, "doubled": 0, "leaked": 0, "seconds": 480.2}

`leaked` is null where nobody looked for leaks. `broken` (how many lines were said) and `note` may be there too.
`--only PART` runs one part (or, by its first word, all of a kind), and `--list` names them. Every part's rows are kept
as soon as it has ended, and what is kept of the same commit is not run again: a run of hours that was interrupted goes
on where it stopped. `--write` puts the newest rows of every part into docs/reliability.md, each with its day and
commit; `--page` does that alone.
"""

import argparse
import json
import os
import platform
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from tests.torture.evidence import Evidence, Row, Run, dated, table
from tests.torture.faults.__main__ import LENGTHS
from tests.torture.faults.table import FAULTS
from tests.torture.kills.__main__ import ROWS
from tests.torture.replicas.__main__ import KINDS

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PAGE = ROOT / "docs" / "reliability.md"
KEPT = ROOT / "docs" / "reliability.jsonl"
COMMAND = "make torture"

PIECES: dict[str, tuple[str, ...]] = {
    "faults": (*(str(fault.number) for fault in FAULTS), LENGTHS),
    "kills": tuple(ROWS),
    "replicas": tuple(KINDS),
    "simulation": ("--seeds 10000",),
}
"""The arguments with which a module is run at full length, once for each of them, where that is not without any."""

LONG_TESTS = "pytest -m torture"
"""The part that is no module: the tests under the marker `torture`."""

_BEGIN, _END = "<!-- the table: begin -->", "<!-- the table: end -->"
_RUNNABLE = 'if __name__ == "__main__":'
_TALLY = re.compile(r"(\d+) (passed|failed|errors?)")


def parts() -> list[str]:
    """Every part that there is, by name."""
    modules = [
        path.stem for path in HERE.glob("*.py") if path.stem != "report" and _RUNNABLE in path.read_text("utf-8")
    ]
    packages = [path.parent.name for path in HERE.glob("*/__main__.py")]
    found = sorted([*modules, *packages])
    return [*(f"{name} {piece}".strip() for name in found for piece in PIECES.get(name, ("",))), LONG_TESTS]


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
    module, *arguments = part.split()
    return [sys.executable, "-m", f"tests.torture.{module}", *arguments]


def _rows(said: str) -> Iterator[Row]:
    """The lines that are rows; anything else is for the person who watches."""
    for line in said.splitlines():
        found = _json(line)
        if "what" in found:
            yield Row(**{name: found[name] for name in Row.__slots__ if name in found})
        elif line:
            _say(line)


def _json(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line) if line.startswith("{") else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _tally(said: str, seconds: float) -> Iterator[Row]:
    _say(said)
    counts = {word.rstrip("s"): int(number) for number, word in _TALLY.findall(said.rstrip().rpartition("\n")[2])}
    broken = counts.get("failed", 0) + counts.get("error", 0)
    if counts:
        yield Row("the long tests", sum(counts.values()), broken=broken, note=f"`{LONG_TESTS}`", seconds=seconds)


def _say(text: str, to: TextIO | None = None) -> None:
    print(text, file=to, flush=True)


def write(runs: Sequence[Run]) -> None:
    """Put the table and its command into the page. Raises ValueError if the page has no place for it."""
    page = PAGE.read_text("utf-8")
    before, begin, rest = page.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not (begin and end):
        raise ValueError(f"{PAGE.name} has no place for the table")
    PAGE.write_text(f"{before}{begin}\n{said_of(runs)}\n{end}{after}", "utf-8")


def said_of(runs: Sequence[Run]) -> str:
    """What stands between the marks of the page."""
    machines = "; ".join(sorted({run.on for run in runs}))
    return f"By `{COMMAND}`, each row on the day and at the commit that it names, on {machines}:\n\n{dated(runs)}"


def newest(evidence: Evidence) -> list[Run]:
    """The newest run of every part that was ever run."""
    return [run for part in parts() if (run := evidence.of(part)) is not None]


def machine() -> str:
    """What it is run on, as far as it can matter."""
    return (
        f"{platform.system()}, {os.cpu_count()} processors, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}"
    )


def source() -> str:
    """The last commit that changed what is tried. Raises ValueError where the files differ from it.

    A commit that changes the page of the table, and nothing that is tried, leaves the table true.
    """
    if _git("status", "--porcelain", "--", *_TRIED):
        raise ValueError("commit first: what is tried must have a name")
    return _git("log", "--max-count=1", "--abbrev=10", "--format=%h", "--", *_TRIED)


_TRIED = ("src", "tests", "requirements", "pyproject.toml")
"""What the rows of the table depend on: the product, its tests, and what both are installed with."""


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def asked_for(names: Sequence[str] | None) -> list[str]:
    """The parts by these names or first words; all of them without any."""
    return [part for part in parts() if not names or part in names or part.split()[0] in names]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all parts, or those that are asked for; 1 if anything was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture.report")
    parser.add_argument("--only", metavar="PART", action="append", help="run this part alone; may be given again")
    parser.add_argument("--list", action="store_true", help="name the parts and run nothing")
    parser.add_argument(
        "--kept", metavar="FILE", type=Path, default=KEPT, help="keep the rows there, not beside the page"
    )
    parser.add_argument("--write", action="store_true", help="then put the newest rows into docs/reliability.md")
    parser.add_argument("--page", action="store_true", help="do that, and run nothing")
    asked = parser.parse_args(arguments)
    wanted = asked_for(asked.only)
    if not wanted:
        parser.error(f"there is no such part; there are: {', '.join(parts())}")
    if asked.list:
        _say("\n".join(wanted))
        return 0
    evidence = Evidence(asked.kept)
    rows = [] if asked.page else [row for run in _all(wanted, evidence, source()) for row in run.rows]
    if rows:
        _say(f"\n{table(rows)}")
    if asked.write or asked.page:
        write(newest(evidence))
    return int(not all(row.clean for row in rows))


def _all(wanted: Sequence[str], evidence: Evidence, commit: str) -> Iterator[Run]:
    """The runs of these parts, in order; each part is told of as it begins and as it ends."""
    for part in wanted:
        _say(f"# {part}", sys.stderr)
        done = evidence.of(part, commit)
        if done is None:
            done = Run(part, commit, f"{datetime.now(UTC):%Y-%m-%d}", machine(), tuple(run(part)))
            evidence.add(done)
        _say(table(done.rows))
        yield done


if __name__ == "__main__":
    sys.exit(main())
