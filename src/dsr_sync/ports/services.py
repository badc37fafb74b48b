"""The promises of the two services and of the clock."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from dsr_sync.core.actions import Tell
from dsr_sync.core.model import (
    Identifier,
    ListedRegulation,
    Receipt,
    RecordId,
    Regulation,
    RegulationId,
    RequestRow,
)

GONE = "gone"
"""Why a row cannot be told that staff deleted."""


@dataclass(frozen=True, slots=True)
class Told:
    """What came of writing to rows: done, right already, no longer there, or refused by Airtable (with its code).

    `wrote` says which of the daemon's columns were written in each row that was done.
    """

    done: tuple[RecordId, ...] = ()
    unchanged: tuple[RecordId, ...] = ()
    gone: tuple[RecordId, ...] = ()
    refused: tuple[tuple[RecordId, str], ...] = ()
    wrote: tuple[tuple[RecordId, tuple[str, ...]], ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class ReceiptKey:
    """What identifies a row of the receipts table."""

    record_id: RecordId
    regulation_id: RegulationId
    destination: str


@dataclass(frozen=True, slots=True)
class Compared:
    """A page of the receipts table: which receipts it holds, and in which columns some are not as they should be."""

    seen: tuple[ReceiptKey, ...]
    wrong: tuple[tuple[ReceiptKey, tuple[str, ...]], ...] = ()


WantedReceipts = Callable[[Mapping[ReceiptKey, str]], Mapping[ReceiptKey, Receipt]]
"""From the receipts of a page, each with its error text as it stands, to what they should say; no others."""


class RequestTable(Protocol):
    """The requests and receipts of one base. Columns are resolved before the first use; a rename does no harm."""

    def candidates(self) -> Iterator[Sequence[RequestRow]]:
        """Pages of the rows that may need something: authenticated, and unsubmitted or with Retry ticked.

        Also the rows whose Extended until is not the date in Due by: it is new, or it was refused.

        A listing that cannot be completed raises; what was yielded before is true all the same, but absence from it
        proves nothing. One call per page of 100. Raises Transient, Permanent.
        """
        ...

    def everything(self) -> Iterator[Sequence[RequestRow]]:
        """Pages of all rows, in the same way."""
        ...

    def tell(self, tells: Sequence[Tell]) -> Told:
        """Write the daemon's columns where they differ from `current` (all of them where `current` is None).

        Idempotent. Ten rows per call; one row that Airtable refuses costs the others nothing. Raises Transient,
        Permanent; then some may have been written.
        """
        ...

    def put_receipts(self, record_id: RecordId, regulation_id: RegulationId, receipts: Sequence[Receipt]) -> Told:
        """Create or update one row per receipt, found by its key. Idempotent; staff's columns are left alone.

        `Follow-up` is set to Needed where the receipt needs it and staff have not said Done; in the request's receipts
        of other regulations it is emptied where it says Needed.
        """
        ...

    def follow_ups_done(self, regulation_ids: Sequence[RegulationId]) -> frozenset[ReceiptKey]:
        """The receipts of these regulations whose Follow-up staff have set to Done."""
        ...

    def compare_receipts(self, wanted: WantedReceipts) -> Iterator[Compared]:
        """Read all receipts, one call per page of 100, and say which differ. Changes nothing.

        What staff have set to Done is theirs. Nothing where there is no receipts table. Raises Transient, Permanent.
        """
        ...

    def flaws(self) -> "tuple[BaseProblem, ...]":
        """What hampers the work without stopping it, as the base was last read. No call."""
        ...


class DeletionService(Protocol):
    """Segment's regulations."""

    def submit(self, regulation_type: str, subjects: Sequence[Identifier]) -> RegulationId:
        """Create one regulation. NOT idempotent and not reversible: sent exactly once per call, never repeated here.

        Raises Transient (or QuotaExhausted, TokenRefused) only if it is certain that nothing was accepted; Permanent
        if Segment refused it (4xx); OutcomeUnknown in every other case. Transient also, from every method, while this
        machine's clock is ahead of Segment's by more than `CLOCK_GRACE`, as far as that is known.
        """
        ...

    def turn_in(self) -> timedelta:
        """How long a submission made now would wait for its turn, at the pace that is kept to. No call."""
        ...

    def fetch(self, regulation_id: RegulationId) -> Regulation | None:
        """The regulation as it is now; None if Segment does not know it (404). Raises Transient, Permanent."""
        ...

    def listing(self) -> Iterator[Sequence[ListedRegulation]]:
        """Pages of all regulations of the last 90 days, to the end.

        A listing that cannot be completed raises Transient or Permanent; only one that ends by itself proves absence.
        """
        ...


class IdentityDirectory(Protocol):
    """Segment's profiles, which know the user ids behind an e-mail address."""

    def user_ids(self, email: Identifier) -> tuple[Identifier, ...] | None:
        """Every user id of the profile with this address; empty if it has none, None if there is no such profile.

        Of more than 100, some may be left out: no one person has as many. Idempotent. Raises Transient, Permanent.
        """
        ...


class Clock(Protocol):
    """Time. Nothing else in the product asks for it."""

    def now(self) -> datetime:
        """Wall-clock time, aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back, whatever happens to the wall clock."""
        ...

    def wait(self, seconds: float) -> bool:
        """Wait, at most so long; True as soon as the process is to stop."""
        ...


class Flaw(StrEnum):
    """What can be wrong with the base."""

    MISSING_TABLE = "missing table"
    MISSING_COLUMN = "missing column"
    WRONG_TYPE = "wrong type"
    MISSING_OPTION = "missing option"
    TWO_OF_A_NAME = "two of a name"


@dataclass(frozen=True, slots=True)
class BaseProblem:
    """One thing that the base lacks. `advice` says in words who can mend it and how.

    `table` and `column` are what the settings call them. `required`: nothing is read or sent until it is there.
    `creatable`: `setup-base` can make it; otherwise only a person can (an option of an existing column, the type of a
    column). `lost`: the base had it when it was read before.
    """

    flaw: Flaw
    table: str
    column: str
    required: bool
    creatable: bool
    advice: str
    lost: bool = False

    @property
    def hampers(self) -> bool:
        """Whether the work goes on without it, but not as somebody expects who once had it, or half has it now.

        An optional column that a base never had is no such thing.
        """
        return not self.required and (self.lost or self.flaw not in (Flaw.MISSING_TABLE, Flaw.MISSING_COLUMN))


class BaseDesign(Protocol):
    """The shape of the base: what is there, what is missing, and making it."""

    def problems(self) -> tuple[BaseProblem, ...]:
        """Everything that differs from the contract, required things first. One metadata call. Raises PortError."""
        ...

    def see_rows(self) -> None:
        """See that the requests can be read, where there is a table. Needs data.records:read. Raises PortError."""
        ...

    def create(self, problem: BaseProblem) -> None:
        """Make one missing table (with all its columns) or column. Needs the scope schema.bases:write."""
        ...


class Listener(Protocol):
    """Where the engine says what happened: the shell makes log lines and metrics of it."""

    def happened(self, event: str, **facts: str | float | bool | None) -> None:
        """One event, by its name in the catalogue, with ids, numbers and fixed words; never an identifier."""
        ...
