"""What the statements of one transaction share."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Connection, CursorResult, Executable

from dsr_sync.adapters.ledger.keys import KeyedHash

CHUNK = 500
"""Values in one IN list: far below the limits of both databases, and few enough statements for any page."""

T = TypeVar("T")

Result = CursorResult[*tuple[Any, ...]]
"""Rows of any columns; SQLAlchemy's own types do not follow a statement that is put together in parts."""

Parameters = dict[str, Any]
"""The values of one statement, by the names of its columns."""


@dataclass(frozen=True, slots=True)
class Tx:
    """One transaction of one pipeline."""

    connection: Connection
    pipeline: str
    hashed: KeyedHash = field(repr=False)

    def execute(self, statement: Executable, values: Sequence[Parameters] | None = None) -> Result:
        """Execute one statement, once per set of values."""
        return self.connection.execute(statement, values)


def chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """The values in pieces that fit into one statement."""
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]
