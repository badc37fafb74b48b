"""What can go wrong outside, as types that carry data and never a person's identifier.

Drawn::

    PortError                 the service, what it answered, and nothing about any person
    ├── Transient             nothing was done; trying again later may help (`retry_after`)
    │   ├── QuotaExhausted    the month's quota is used up (`until`)
    │   └── Occupied          another process holds the ledger
    ├── OutcomeUnknown        it may or may not have been done: never repeat it blindly
    └── Permanent             trying again will not help
        ├── TokenRefused      401/403: which token, which scope
        ├── PlanExhausted     Airtable's monthly number of calls is used up
        ├── SchemaBroken      a table or a column is missing or of the wrong type (`problems`)
        ├── LedgerUnusable    the ledger cannot be opened, or is of a newer version
        └── AlreadyStanding   the ledger already holds a live submission for one of the subjects
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from dsr_sync.ports.services import BaseProblem


@dataclass(eq=False)
class PortError(Exception):
    """Something outside did not do what was asked.

    `service` is `airtable`, `segment`, `profiles` or `ledger`; `reason` is a short fixed phrase or the service's own
    error code, never a text that may name a person; `status` is the HTTP status, if there was one.
    """

    service: str
    reason: str
    status: int | None = None

    def __str__(self) -> str:
        """The service, the status and the reason."""
        return f"{self.service}: {self.reason}" + (f" (HTTP {self.status})" if self.status else "")


@dataclass(eq=False)
class Transient(PortError):
    """Nothing was done, and trying again later may help. `retry_after` is what the service asked for, if it did."""

    retry_after: timedelta | None = None


@dataclass(eq=False)
class QuotaExhausted(Transient):
    """The month's quota does not hold the request any more; it was not accepted.

    `until` is when the quota is whole again; `left` is for how many ids it still has room.
    """

    until: datetime | None = None
    left: int = 0


@dataclass(eq=False)
class Occupied(Transient):
    """Another process holds the ledger and does the work."""


@dataclass(eq=False)
class OutcomeUnknown(PortError):
    """The request may or may not have taken effect: read timeout, 5xx, reset, truncated or id-less answer."""


@dataclass(eq=False)
class Permanent(PortError):
    """The service understood and said no; trying the same again will not help."""


@dataclass(eq=False)
class TokenRefused(Permanent):
    """The token is missing, wrong, or lacks a scope. `setting` names it, `scope` says what it needs."""

    setting: str = ""
    scope: str = ""


@dataclass(eq=False)
class PlanExhausted(Permanent):
    """Airtable's monthly number of API calls for this workspace is used up."""


@dataclass(eq=False)
class SchemaBroken(Permanent):
    """The base lacks something without which nothing is read or sent.

    `problems` are sentences naming each; `flaws` the same as data, where the base's design told it.
    """

    problems: tuple[str, ...] = ()
    flaws: tuple[BaseProblem, ...] = ()


@dataclass(eq=False)
class LedgerUnusable(Permanent):
    """The ledger cannot be opened, read or written."""


@dataclass(eq=False)
class AlreadyStanding(Permanent):
    """A live submission for the same subject and request type exists; nothing was intended."""
