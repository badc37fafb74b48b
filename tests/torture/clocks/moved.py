"""`python moved.py run …`: the product's command in a process whose wall clock is set by lines on standard input.

Each line is by how many seconds the wall clock is ahead from now on. The steady clock goes on as it does.
"""

import datetime as dt
import sys
import threading
from collections.abc import Iterable

import time_machine

from dsr_sync.__main__ import main


class Clock:
    """The wall clock of this process."""

    def __init__(self) -> None:
        self._travel: time_machine.travel | None = None

    def set_ahead(self, seconds: float) -> None:
        """Let it be ahead by so much from now on."""
        if self._travel is not None:
            self._travel.stop()
        self._travel = time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds), tick=True)
        self._travel.start()

    def obey(self, lines: Iterable[str]) -> None:
        """Set it as each line says."""
        for line in lines:
            self.set_ahead(float(line))


if __name__ == "__main__":
    clock = Clock()
    clock.set_ahead(float(sys.argv.pop(1)))
    threading.Thread(target=clock.obey, args=(sys.stdin,), daemon=True).start()
    main()
