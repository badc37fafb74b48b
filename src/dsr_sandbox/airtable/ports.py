"""What the Airtable emulator needs from its surroundings: a clock that tests can move, and fresh ids."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The sandbox's clock. Both readings move together when a test advances it."""

    def now(self) -> datetime:
        """Give the time of day, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Give seconds that never run backwards."""
        ...


class Ids(Protocol):
    """Makes ids that were never handed out before."""

    def new(self, prefix: str) -> str:
        """Give an Airtable id: the 3-letter prefix and 14 alphanumerics (Airtable docs, ids)."""
        ...
