"""What staff do in the base of a simulation, and the checker's record of it."""

from collections.abc import Callable
from random import Random

from tests.fakes.table import DONE, NEEDED
from tests.torture.checks.history import Edit
from tests.torture.simulation.clock import SimClock
from tests.torture.simulation.services import LEADS_TO, SimTable

from dsr_sync.core.model import Cells, RecordId, RequestRow, RequestType, Status

ODD = ("null", "", "ann@example.com", "refused-by-segment", "with\u200bzero width")
"""Identifiers that cannot be sent, or that Segment refuses."""

MAILS = tuple(LEADS_TO)

REFUSED = frozenset({"refused-by-segment"})

_TYPES = ("", "", "", RequestType.DELETE.value, RequestType.SUPPRESS.value, RequestType.UNSUPPRESS.value, "Erase")
_BAD_ENDS = (Status.FAILED, Status.FOLLOW_UP_NEEDED, Status.NEEDS_ATTENTION)


class Staff:
    """People at the base, who do a random sensible or silly thing at a time."""

    def __init__(self, table: SimTable, clock: SimClock, chance: Random) -> None:
        self._table = table
        self._clock = clock
        self._chance = chance
        self._people = [f"user-{number}" for number in range(chance.randint(1, 3))]
        self.edits: list[Edit] = []
        self.deeds: list[tuple[Callable[[], str], int]] = [
            (self.add, 7),
            (self.authenticate, 4),
            (self.unauthenticate, 1),
            (self.hold, 2),
            (self.unhold, 3),
            (self.rename, 2),
            (self.retype, 1),
            (self.retry, 5),
            (self.copy, 1),
            (self.remove, 1),
            (self.untick, 1),
            (self.tick, 1),
            (self.follow_up, 4),
        ]

    def do_something(self) -> str:
        """One deed; says what it was, for the log of the simulation."""
        deeds, weights = zip(*self.deeds, strict=True)
        deed: Callable[[], str] = self._chance.choices(deeds, weights)[0]
        return deed()

    def add(self) -> str:
        """A request comes in, by the form or by hand."""
        dice = self._chance.random()
        identifier = self._chance.choice(ODD if dice < 0.12 else MAILS if dice < 0.25 else self._people)
        record_id = self._table.add(
            identifier,
            request_type=self._chance.choice(_TYPES),
            authenticated=self._chance.random() < 0.7,
            hold=self._chance.random() < 0.1,
        )
        return self.note(record_id, "add")

    def authenticate(self) -> str:
        """Somebody has made sure who asks."""
        return self._edit("authenticate", lambda row: not row.authenticated, authenticated=True)

    def unauthenticate(self) -> str:
        """It was a mistake."""
        return self._edit("unauthenticate", lambda row: row.authenticated, authenticated=False)

    def hold(self) -> str:
        """Not now."""
        return self._edit("hold", lambda row: not row.hold, hold=True)

    def unhold(self) -> str:
        """Now."""
        return self._edit("unhold", lambda row: row.hold, hold=False)

    def rename(self) -> str:
        """The identifier is corrected, before or after it was sent."""
        dice = self._chance.random()
        identifier = self._chance.choice(ODD if dice < 0.2 else MAILS if dice < 0.3 else self._people)
        return self._edit("rename", _any, identifier=identifier)

    def retype(self) -> str:
        """It should have been another type of request."""
        return self._edit("retype", _any, request_type=self._chance.choice(_TYPES))

    def retry(self) -> str:
        """Tick Retry: mostly where it ended badly, now and then anywhere."""
        silly = self._chance.random() < 0.1
        record_id = self._pick(_any if silly else lambda row: row.cells.status in _BAD_ENDS)
        if record_id is None:
            return "retry nothing"
        self._table.edit(record_id, retry=True)
        return self.note(record_id, "retry", retry=True)

    def copy(self) -> str:
        """Duplicate a row, with all that the daemon wrote into it."""
        record_id = self._pick(_any)
        if record_id is None:
            return "copy nothing"
        row = self._table.row(record_id)
        cells = {name: getattr(row.cells, name) for name in Cells.__slots__}
        copied = self._table.add(
            row.identifier.reveal(),
            authenticated=row.authenticated,
            request_type=row.request_type,
            hold=row.hold,
            **cells,
        )
        return self.note(copied, f"copy of {record_id}", by_hand=row.cells != Cells())

    def remove(self) -> str:
        """Delete a row."""
        record_id = self._pick(_any)
        if record_id is None:
            return "remove nothing"
        self._table.remove(record_id)
        self.edits.append(Edit(self._clock.true_now(), record_id, "", authenticated=False, gone=True))
        return f"remove {record_id}"

    def untick(self) -> str:
        """Untick Submitted by hand."""
        return self._edit("untick Submitted", lambda row: row.cells.submitted, by_hand=True, submitted=False)

    def tick(self) -> str:
        """Tick Submitted by hand."""
        return self._edit("tick Submitted", lambda row: not row.cells.submitted, by_hand=True, submitted=True)

    def follow_up(self) -> str:
        """Set a follow-up to Done, or all that there are."""
        needed = [key for key, row in self._table.receipts.items() if row.follow_up == NEEDED]
        done = needed if self._chance.random() < 0.5 else needed[:1]
        for key in done:
            self._table.set_follow_up(key, DONE)
        return f"follow-ups done: {len(done)}"

    def tidy_up(self) -> None:
        """Before the end, people put right what would be in the way for ever: Hold is taken off half of the rows."""
        for row in self._table.rows():
            if row.hold and self._chance.random() < 0.5:
                self._table.edit(row.record_id, hold=False)
                self.note(row.record_id, "unhold")

    def _edit(
        self, what: str, wanted: Callable[[RequestRow], bool], *, by_hand: bool = False, **columns: object
    ) -> str:
        record_id = self._pick(wanted)
        if record_id is None:
            return f"{what} nothing"
        self._table.edit(record_id, **columns)
        return self.note(record_id, what, by_hand=by_hand)

    def _pick(self, wanted: Callable[[RequestRow], bool]) -> RecordId | None:
        found = [row.record_id for row in self._table.rows() if wanted(row)]
        return self._chance.choice(found) if found else None

    def note(self, record_id: RecordId, what: str, *, by_hand: bool = False, retry: bool = False) -> str:
        """Write down how a row stands now; says it, for the log of the simulation."""
        row = self._table.row(record_id)
        self.edits.append(
            Edit(
                at=self._clock.true_now(),
                record_id=record_id,
                identifier=row.identifier.reveal(),
                request_type=row.request_type,
                authenticated=row.authenticated,
                hold=row.hold,
                retry=retry,
                by_hand=by_hand,
            )
        )
        stands = f"{row.request_type} auth={row.authenticated} hold={row.hold}"
        return f"{what} {record_id} {row.identifier.reveal()!r} {stands}"


def _any(row: RequestRow) -> bool:
    del row
    return True
