"""`python -m tests.torture.kills`: all of this room at full length, one line of JSON per kind of breaking."""

from tests.torture.kills import backups, chance, ghosts, points, sweep


def main() -> int:
    """Run all of it; 1 if anything was broken."""
    codes = [
        sweep.main(["kill", "--runs", "600", "--installed"]),
        sweep.main(["kill", "--runs", "10000"]),  # more than there are: every one of them
        sweep.main(["enospc", "--runs", "150"]),
        sweep.main(["eio", "--runs", "150"]),
        points.main(["--visits", "1"]),
        chance.main(["--runs", "100"]),
        ghosts.main([]),
        ghosts.main(["late"]),
        backups.main([]),
    ]
    return max(codes)


if __name__ == "__main__":
    raise SystemExit(main())
