"""A request as the handlers see it, and the small checks that all of them share."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from dsr_sandbox.airtable.errors import bad_body, bad_request, forbidden, not_found
from dsr_sandbox.airtable.iterators import Iterators
from dsr_sandbox.airtable.limits import AirtableLimits
from dsr_sandbox.airtable.model import Base, Json, Table
from dsr_sandbox.clock import SandboxClock
from dsr_sandbox.ids import IdFactory

_INDEXED = re.compile(r"\[\d*\]$")


@dataclass(frozen=True)
class Call:
    """One request: the decoded path segments behind `/v0/`, the query in order, the raw body, the token's scopes."""

    method: str
    path: tuple[str, ...]
    query: Sequence[tuple[str, str]]
    body: bytes
    scopes: frozenset[str]

    def one(self, name: str) -> str | None:
        """Give a query parameter; the last one counts if it is repeated."""
        return next((value for key, value in reversed(self.query) if key == name), None)

    def many(self, name: str) -> list[str]:
        """Give a list parameter: `name[]=`, `name[0]=` or `name=` repeated."""
        return [value for key, value in self.query if _INDEXED.sub("", key) == name]

    def json(self) -> dict[str, Any]:
        """Parse the body as a JSON object.

        Raises:
            AirtableError: 422 `INVALID_REQUEST_BODY`.
        """
        try:
            found = json.loads(self.body, parse_constant=_refuse)
        except (ValueError, RecursionError) as error:
            raise bad_body() from error
        if not isinstance(found, dict):
            raise bad_body()
        return found


def _refuse(constant: str) -> None:
    raise ValueError(constant)


@dataclass
class World:
    """Everything that the emulator remembers."""

    clock: SandboxClock
    ids: IdFactory
    limits: AirtableLimits
    iterators: Iterators
    bases: dict[str, Base] = field(default_factory=dict)

    def base(self, base_id: str) -> Base:
        """Find a base for a record call.

        Raises:
            AirtableError: 404, shape B (live probes).
        """
        if base_id not in self.bases:
            raise not_found()
        return self.bases[base_id]

    def meta_base(self, base_id: str) -> Base:
        """Find a base for a metadata call.

        Raises:
            AirtableError: 403 (live probes).
        """
        if base_id not in self.bases:
            raise forbidden()
        return self.bases[base_id]


def table_of(base: Base, name_or_id: str) -> Table:
    """Find a table by name or id.

    Raises:
        AirtableError: 403 (live probes).
    """
    found = base.find_table(name_or_id)
    if found is None:
        raise forbidden()
    return found


def flag(value: Json) -> bool:
    """Take a switch: pyairtable sends 1 in a query and true in a body.

    Raises:
        AirtableError: 422 for anything else (assumed).
    """
    if value in (None, False, "", "0", "false", 0):
        return False
    if value in (True, "1", "true", 1):
        return True
    raise bad_request()
