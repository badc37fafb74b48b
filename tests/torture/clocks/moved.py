"""`python moved.py run …`: the product's command in a process whose wall clock is set by lines on standard input.

Each line is by how many seconds the wall clock is ahead from now on. The steady clock goes on as it does.
"""

import datetime as dt
import sys
import threading
from collections.abc import Iterable

import time_machine

from dsr_sync.__main__ import main


def obey(lines: Iterable[str]) -> None:
    """Set the clock as each line says."""
    travel: time_machine.travel | None = None
    for line in lines:
        if travel is not None:
            travel.stop()
        travel = time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=float(line)), tick=True)
        travel.start()


if __name__ == "__main__":
    first = sys.argv.pop(1)
    obey([first])
    threading.Thread(target=obey, args=(sys.stdin,), daemon=True).start()
    main()
