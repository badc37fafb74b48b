"""`python -m tests.reference --check | --write`: everything in this repository that is written from the code.

`--check` names what is stale and exits with 1; `--write` writes it. `--root DIR` works on another folder.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.reference import pages, phrases, settings

import dsr_sync

ROOT = Path(__file__).resolve().parents[2]

WRITTEN: dict[str, Callable[[], str]] = {
    "src/dsr_sync/logs/phrases.py": lambda: phrases.module(Path(dsr_sync.__file__).parent),
    "config/dsr-sync.example.toml": settings.example_toml,
    "config/example.env": settings.example_env,
    "docs/reference/settings.md": settings.reference,
    "docs/reference/events.md": pages.events,
    "docs/reference/metrics.md": pages.metrics,
    "docs/reference/commands.md": pages.commands,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Check or write; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.reference")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--check", action="store_true", help="exit with 1 and name what is stale")
    what.add_argument("--write", action="store_true", help="write what is stale")
    parser.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    stale = [name for name, text in WRITTEN.items() if _read(asked.root / name) != text()]
    if asked.write:
        for name in stale:
            _write(asked.root / name, WRITTEN[name]())
    for name in stale:
        say = "written" if asked.write else "stale (run `make reference`)"
        sys.stdout.write(f"{name}: {say}\n")
    return 1 if stale and asked.check else 0


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
