"""`python -m tests.torture.clocks`: a running daemon's wall clock is set, again and again, while it has work to do.

The clocks that are set between any two calls are fault 13 of `tests.torture.faults`.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tests.e2e.house import House
from tests.e2e.process import until
from tests.torture.checker import Told, Violation, WatchedStaff, check, history_of
from tests.torture.checks.tally import say_searched
from tests.torture.clocks.daemon import (
    JUMPS,
    Moved,
    moved,
    now,
    until_summer_time,
    until_winter_time,
)

from dsr_sandbox import Sandbox
from dsr_sync.core.policy import Policy

_INTERVAL = 3.0
"""Seconds between two ticks: long beside what a tick of sixty open regulations takes on a machine that is busy."""

_SLACK = 2.0
"""Seconds that a tick, and its log line, may take."""

_CHANGES: dict[str, Callable[[], float]] = {
    "before summer time": lambda: until_summer_time(now()),
    "before winter time": lambda: until_winter_time(now()),
}

Named = tuple[str, Violation]


def main(arguments: Sequence[str] | None = None) -> int:
    """Set it in every way, so many times; 1 if anything was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture.clocks")
    parser.add_argument("--rounds", type=int, default=10)
    asked = parser.parse_args(arguments)
    began = time.monotonic()
    waits: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        broken = list(_broken(Path(folder), asked.rounds, waits))
    note = f"ticks kept waiting {max(waits):.1f} s at most, at an interval of {_INTERVAL:g} s"
    what = "the wall clock of a running daemon set by ±1 h, ±90 days, and over both changes of daylight saving time"
    return say_searched(what, len(waits) // 2, broken, time.monotonic() - began, note)


def _broken(folder: Path, rounds: int, waits: list[float]) -> Iterator[Named]:
    with Sandbox() as box:
        house = House(box, folder, {"DSR_SYNC_SCHEDULE__POLL_SECONDS": str(_INTERVAL)})
        staff = WatchedStaff(box)
        ways = {name: (lambda ahead=ahead: ahead) for name, ahead in JUMPS.items()} | _CHANGES
        with moved(house.env(), folder) as daemon:
            for number in range(rounds):
                for name, ahead in ways.items():
                    staff.add({"User identifier": f"person-{number} {name}", "Authenticated": True})
                    yield from ((f"{number} {name}", one) for one in _set_and_put_right(daemon, ahead(), waits))
            house.later(60)
            until(lambda: _served(house), "everybody is served", 120)
        yield from (("at the end", one) for one in _leaked(house, daemon))
        policy = Policy(cooling_off=Policy().cooling_off * 0, settle=Policy().settle * 0, follow=Policy().follow * 0)
        told = Told(policy=policy)
        yield from (("at the end", one) for one in check(history_of(box, _url(house), staff=staff, told=told)))


def _set_and_put_right(daemon: Moved, ahead: float, waits: list[float]) -> Iterator[Violation]:
    for moment in (ahead, 0.0):
        waits.append(daemon.longest_wait(moment, ticks=3))
        if waits[-1] > 2 * _INTERVAL + _SLACK:
            yield Violation(0, f"no tick for {waits[-1]:.1f} s")
    if daemon.daemon.page("/healthz").status_code != 200:
        yield Violation(0, "/healthz says that the daemon is stuck")


def _leaked(house: House, daemon: Moved) -> Iterator[Violation]:
    """Whom the ledger's folder, or anything that the daemon said, names; and whether it holds a token."""
    box = house.box
    secrets = {str(cells["User identifier"]) for cells in house.staff.rows().values()}
    secrets |= {box.airtable_token, box.segment_token, box.profiles_token}
    left = {path.name: path.read_bytes() for path in house.folder.iterdir() if path.is_file()}
    left["what was said"] = "".join(daemon.process.out + daemon.process.err).encode()
    for name, content in left.items():
        if any(secret.encode() in content for secret in secrets):
            yield Violation(7, "an identifier or a token stands where it must not be", (name,))


def _served(house: House) -> bool:
    return all(cells.get("Status") == "Completed" for cells in house.staff.rows().values())


def _url(house: House) -> str:
    return house.env()["DSR_SYNC_LEDGER__URL"]


if __name__ == "__main__":
    sys.exit(main())
