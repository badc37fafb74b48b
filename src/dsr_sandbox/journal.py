"""The journal: every request that reached an emulated service, and how it was answered, in order."""

import threading
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from dsr_sandbox.clock import rfc3339

_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Entry:
    """One request and its answer.

    `service` is airtable, segment, profiles or page (what a person did in the sandbox's own page). `path` is as sent,
    still percent-encoded. `body` is parsed JSON where it parses, else text. `status` is None while there is no answer,
    and stays None when the connection was cut without one. `outcome` is "" or the kind of the fault that was at work.
    `pause` is for how many seconds a 429 asked to be left alone, None where nothing was asked.
    """

    at: datetime
    service: str
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: Any
    seq: int = 0
    status: int | None = None
    outcome: str = ""
    pause: float | None = None

    def to_json(self) -> dict[str, Any]:
        """The entry as the control plane shows it; `at` becomes RFC 3339."""
        return asdict(self) | {"at": rfc3339(self.at, 6)}


class Journal:
    """All entries since the start or the last `clear()`. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: dict[int, Entry] = {}
        self._last = 0

    def open(self, entry: Entry) -> int:
        """Note a request that has arrived; returns its number. Numbers never restart."""
        with self._lock:
            self._last += 1
            self._entries[self._last] = replace(entry, seq=self._last)
            return self._last

    def close(self, seq: int, status: int | None, outcome: str = "", pause: float | None = None) -> None:
        """Note how request `seq` was answered; nothing happens if the journal was cleared meanwhile."""
        with self._lock:
            if seq in self._entries:
                self._entries[seq] = replace(self._entries[seq], status=status, outcome=outcome, pause=pause)

    def entries(
        self, service: str | None = None, since: int = 0, *, method: str | None = None, path: str = ""
    ) -> list[Entry]:
        """Entries with a number above `since`, oldest first; of one service, method or path prefix if given."""
        with self._lock:
            kept = list(self._entries.values())
        return [
            entry
            for entry in kept
            if entry.seq > since
            and service in (None, entry.service)
            and method in (None, entry.method)
            and entry.path.startswith(path)
        ]

    def clear(self) -> None:
        """Forget every entry; numbers go on from where they were."""
        with self._lock:
            self._entries.clear()


def redacted(headers: dict[str, str]) -> dict[str, str]:
    """The headers with all but the last four characters of credentials hidden; names are lower case."""
    return {name: _hidden(value) if name == "authorization" else value for name, value in headers.items()}


def _hidden(credentials: str) -> str:
    scheme, _, secret = credentials.partition(" ")
    return f"{scheme} …{secret[-_SHOWN:]}" if secret else f"…{scheme[-_SHOWN:]}"
