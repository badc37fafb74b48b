"""What really happened, as somebody saw it who sees everything: staff, the base, Segment, the ledger, every call."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dsr_sync.core.model import Entry, Identifier, RequestRow, RequestType, SubjectKey, Submission
from dsr_sync.core.policy import Policy
from dsr_sync.ports import Event, ReceiptKey


@dataclass(frozen=True, slots=True)
class Edit:
    """How staff's columns of a row stood from `at` on, until the next edit of the same row.

    `retry`: Retry was ticked by this very edit. `by_hand`: staff wrote into columns of the daemon's (ticked Submitted,
    copied a row with its regulation).
    """

    at: datetime
    record_id: str
    identifier: str = field(repr=False)
    request_type: str = ""
    authenticated: bool = True
    hold: bool = False
    retry: bool = False
    by_hand: bool = False
    gone: bool = False

    @property
    def may_be_sent(self) -> bool:
        """Whether a row that stands like this may be submitted at all (promise 1)."""
        return self.authenticated and not self.hold and not self.gone


@dataclass(frozen=True, slots=True)
class Write:
    """One write of the daemon's to one row of the requests table: attributes of `Cells`, and `retry`."""

    at: datetime
    record_id: str
    changes: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Made:
    """A regulation that exists, or existed, at Segment, on Segment's own clock.

    `asked_at` is when the POST arrived that it came of (a ghost's effect is later); None: at its creation.
    `ended_at` is when Segment was done with it. `foreign`: nobody but a person at Segment's page made it.
    """

    regulation_id: str
    regulation_type: str
    subjects: tuple[str, ...] = field(repr=False)
    created_at: datetime
    asked_at: datetime | None = None
    ended_at: datetime | None = None
    foreign: bool = False

    @property
    def asked(self) -> datetime:
        """When it was asked for."""
        return self.asked_at or self.created_at


@dataclass(frozen=True, slots=True)
class Call:
    """One request that reached a service: seconds on that service's monotonic clock, and how it was answered.

    `creates`: it asks for a new regulation. `pause` is how long a 429 asks to be left alone, in seconds.
    """

    at: float
    service: str
    creates: bool = False
    status: int | None = 200
    pause: float = 0.0


@dataclass(frozen=True, slots=True)
class Booked:
    """A submission as the ledger has it: `keys` are the keyed hashes of whom it was sent for, `live` those served."""

    submission_id: int
    outcome: str
    request_type: str
    regulation_type: str
    intended_at: datetime
    regulation_id: str | None = None
    verdict: str | None = None
    keys: frozenset[str] = frozenset()
    live: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Books:
    """The ledger, read to the last line.

    `standing` are the live submissions per keyed hash and action, `undone` those whose opposite was sent since. `owed`
    and `owed_receipts` are what the base is still to be told of: rows, and submissions. `key_of` gives the keyed hash
    of an identifier.
    """

    entries: Mapping[str, Entry]
    submissions: Mapping[int, Booked]
    events: Sequence[Event]
    standing: Mapping[tuple[SubjectKey, RequestType], Submission]
    owed: Sequence[str]
    owed_receipts: Sequence[int]
    key_of: Callable[[Identifier], SubjectKey]
    undone: frozenset[tuple[SubjectKey, RequestType]] = frozenset()


@dataclass(frozen=True, slots=True)
class Paces:
    """What the services allow: calls in any sliding second, and the pause after a 429 (Airtable docs, Segment docs).

    However long a 429 asks to be left alone, coming back after `longest_pause` is right.
    """

    airtable_per_second: int = 5
    creations_per_second: int = 10
    lockout_seconds: float = 30.0
    longest_pause: float = 3600.0


@dataclass(frozen=True, slots=True)
class History:
    """Everything that the promises are judged by.

    `calm`: at the end both services worked, and the daemon had the time to settle everything; then nothing may be
    left open. `settled_at`: from then on nothing may be written any more. `slack` is how inexactly the times of edits
    and calls are known. `refused` are identifiers that Segment refuses; `untellable` rows that Airtable will not
    write; `once_refused` rows that it would not write for a time: their receipts may be behind.
    `rolled_back`: the ledger was lost, or restored from a copy. `leads_to` are the user ids behind e-mail addresses, in
    lower case, where the policy is to look them up.
    """

    edits: Sequence[Edit]
    rows: Mapping[str, RequestRow]
    regulations: Sequence[Made]
    ended_at: datetime
    writes: Sequence[Write] = ()
    receipts: Mapping[ReceiptKey, tuple[str, str]] = field(default_factory=dict)
    calls: Sequence[Call] = ()
    books: Books | None = None
    policy: Policy = field(default_factory=Policy)
    paces: Paces | None = field(default_factory=Paces)
    calm: bool = True
    settled_at: datetime | None = None
    slack: timedelta = timedelta(seconds=5)
    refused: frozenset[str] = field(default=frozenset(), repr=False)
    untellable: frozenset[str] = frozenset()
    once_refused: frozenset[str] = frozenset()
    rolled_back: bool = False
    leads_to: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)

    def states(self, record_id: str) -> Iterator[tuple[Edit, datetime]]:
        """How a row stood, one state after the other, each with the time of its end."""
        mine = [edit for edit in self.edits if edit.record_id == record_id]
        for edit, following in zip(mine, [*mine[1:], None], strict=True):
            yield edit, following.at if following else self.ended_at + timedelta(days=365)

    def record_ids(self) -> list[str]:
        """Every row that there ever was."""
        return list(dict.fromkeys(edit.record_id for edit in self.edits))

    def regulation(self, regulation_id: str) -> Made | None:
        """The regulation of this id, if there ever was one."""
        return next((made for made in self.regulations if made.regulation_id == regulation_id), None)


@dataclass(frozen=True, slots=True)
class Violation:
    """A promise that was broken: its number (0 where the ledger contradicts itself), how, and about which ids.

    The sentence names no person: identifiers are left out.
    """

    promise: int
    sentence: str
    ids: tuple[str, ...] = ()

    def __str__(self) -> str:
        """As a test's failure shows it."""
        about = f" [{', '.join(self.ids)}]" if self.ids else ""
        return f"promise {self.promise}: {self.sentence}{about}"
