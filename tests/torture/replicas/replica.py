"""One process of a fleet: how it stands, and when it held the ledger."""

import signal
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import httpx
from tests.e2e.process import Daemon, until


@dataclass(frozen=True, slots=True)
class Term:
    """A time during which one replica held the ledger: from when, and when it trusted in it at the latest."""

    epoch: int
    replica: str
    since: datetime
    until: datetime


@dataclass(eq=False)
class Replica:
    """One process of the fleet. `mark` is how its tokens end, by which the journal knows it."""

    daemon: Daemon
    mark: str

    @property
    def alive(self) -> bool:
        """Whether the process has not ended."""
        return self.daemon.process.runs()

    def state(self) -> str:
        """What /readyz says, "" if it does not answer."""
        with suppress(httpx.HTTPError):
            return self.daemon.state()
        return ""

    def terms(self) -> Iterator[Term]:
        """When it held the ledger, from its own log."""
        names = ("lease.taken", "lease.renewed", "lease.lost", "lease.given_back")
        said = sorted(
            (line for name in names for line in self.daemon.process.events(name)), key=lambda line: line["at"]
        )
        term: Term | None = None
        for line in said:
            at = datetime.fromisoformat(line["at"])
            if line["event"] == "lease.taken":
                yield from [term] if term else []
                term = Term(line["epoch"], self.mark, at, at + timedelta(seconds=line["seconds"]))
            elif term is not None and line["event"] == "lease.renewed":
                term = Term(term.epoch, self.mark, term.since, at + timedelta(seconds=line["seconds"]))
            elif term is not None:
                yield Term(term.epoch, self.mark, term.since, min(term.until, at))
                term = None
        yield from [term] if term else []

    def signalled(self, number: signal.Signals) -> None:
        """Send a signal to the process."""
        self.daemon.process.signalled(number)

    def stopped(self) -> bool:
        """Send SIGSTOP; returns when none of its threads runs any more.

        False if it has ended before: on a busy machine a lease is not always renewed in time, and then its timer may
        have ended it. Nothing else may.
        """
        self.signalled(signal.SIGSTOP)
        until(lambda: not self.alive or set(self._states()) == {"T"}, "every thread has stopped")
        if self.alive:
            return True
        assert self.daemon.process.ended() == self.code_of_sigalrm, self.daemon.process.err[-5:]
        return False

    def _states(self) -> Iterator[str]:
        """How each thread stands, by the kernel's letters."""
        for pid in self.daemon.process.pids():
            for task in Path(f"/proc/{pid}/task").iterdir():
                with suppress(OSError):  # a thread that ends just now has no state
                    yield (task / "stat").read_text("ascii", "replace").rpartition(")")[2].split()[0]

    @property
    def code_of_sigalrm(self) -> int:
        """The exit code of a replica that its timer has ended; in a container it is that of the first process."""
        return 128 + signal.SIGALRM if self.daemon.process.contained else -signal.SIGALRM
