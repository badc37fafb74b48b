"""From signals to one Event, which everything that waits waits on."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Stop:
    """Whether the process is to stop. `event` is set by the first signal, and may be set by hand as well."""

    def __init__(self) -> None:
        self.event = threading.Event()
        self.signal: str | None = None
        """The name of the signal that came, such as `SIGTERM`."""

    @contextmanager
    def on_signals(self) -> Iterator[None]:
        """Let the first SIGTERM or SIGINT set the event, and a second end the process at once (128 + its number).

        Main thread only. The event is set by a thread of its own that reads what arrives through a pipe: a handler
        that ran in the middle of `event.wait` could not take the event's lock.
        """
        reading, writing = os.pipe()
        os.set_blocking(writing, False)
        before = {number: signal.signal(number, lambda *_: None) for number in _SIGNALS}
        wakeup = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        watcher = threading.Thread(target=self._watch, args=(reading,), name="signals", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            signal.set_wakeup_fd(wakeup)
            for number, handler in before.items():
                signal.signal(number, handler)
            os.close(writing)
            watcher.join()

    def _watch(self, reading: int) -> None:
        """Read one byte per signal until the pipe is closed."""
        with os.fdopen(reading, "rb", buffering=0) as numbers:
            while byte := numbers.read(1):
                if byte[0] in _SIGNALS:
                    self._came(signal.Signals(byte[0]))

    def _came(self, which: signal.Signals) -> None:
        if self.signal is not None:
            os._exit(128 + which)
        self.signal = which.name
        self.event.set()
