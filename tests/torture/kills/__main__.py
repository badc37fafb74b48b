"""`python -m tests.torture.kills [row]`: this room at full length, one line of JSON per kind of breaking."""

import argparse
from collections.abc import Callable, Sequence

from tests.torture.kills import backups, chance, ghosts, points, sweep

ROWS: dict[str, Callable[[], int]] = {
    "installed": lambda: sweep.main(["kill", "--runs", "600", "--installed"]),
    "every": lambda: sweep.main(["kill", "--every"]),
    "enospc": lambda: sweep.main(["enospc", "--runs", "150", "--installed"]),
    "eio": lambda: sweep.main(["eio", "--runs", "150", "--installed"]),
    "points": lambda: points.main(["--visits", "1"]),
    "chance": lambda: chance.main(["--runs", "100", "--requests", "400", "--workers", "6"]),
    "ghosts": lambda: ghosts.main([]),
    "late": lambda: ghosts.main(["late"]),
    "backups": lambda: backups.main([]),
}
"""What is broken, by its name on the command line."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is asked for, or everything; 1 if anything was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture.kills")
    parser.add_argument("row", nargs="?", choices=ROWS)
    asked = parser.parse_args(arguments)
    return max(ROWS[name]() for name in ([asked.row] if asked.row else ROWS))


if __name__ == "__main__":
    raise SystemExit(main())
