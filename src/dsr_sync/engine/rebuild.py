"""Learn from the base and Segment's list what the ledger does not know any more: it was lost, or is an old copy."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dsr_sync.core.deadlines import deadline
from dsr_sync.core.decide import request_type_of
from dsr_sync.core.identifiers import needs_lookup
from dsr_sync.core.model import Entry, Identifier, ListedRegulation, RecordId, RegulationId, RequestRow, RequestType
from dsr_sync.core.notes import CHANGED, DUPLICATE, NOT_AGAIN
from dsr_sync.core.policy import CLOCK_GRACE
from dsr_sync.core.retry import could_be_from
from dsr_sync.engine.follow import in_order, look_at
from dsr_sync.engine.listing import Stranger, Strangers
from dsr_sync.engine.show import RawReceipts
from dsr_sync.engine.world import TickReport, World
from dsr_sync.ports import AlreadyStanding, IntendedRequest, Intent, Noted, Permanent, ReceiptKey, Transient


@dataclass(frozen=True, slots=True)
class Rebuilding:
    """What taking over needs: the world, Segment's list, and where to put what a look showed."""

    world: World
    strangers: Strangers
    raw: RawReceipts
    report: TickReport

    def rows(self, rows: Sequence[RequestRow]) -> frozenset[RecordId]:
        """Take over the regulations that these rows name and the ledger does not have for them.

        Each is looked at at once: one that has ended makes room for a later one of the same person. Returns the rows
        that are right although the ledger cannot follow them yet; they must be left as they are. Raises Transient,
        Permanent if Segment cannot be asked.
        """
        world, strangers = self.world, self.strangers
        entries = world.ledger.entries([row.record_id for row in rows])
        claiming = _claiming(world, rows, entries)
        if not claiming:
            return frozenset()
        strangers.ensure(world, world.clock.now())
        strangers.find(world, {RegulationId(row.cells.regulation_id) for row in claiming})
        claiming.sort(key=lambda row: (self._made_at(row), row.cells.status_note.startswith(DUPLICATE), row.created_at))
        return frozenset(row.record_id for row in claiming if not self._taken(row, entries.get(row.record_id)))

    def _made_at(self, row: RequestRow) -> datetime:
        """Older regulations first: they have ended, and would find the person served by a later one."""
        stranger = self.strangers.taken_or_strange(row.cells.regulation_id)
        return stranger.regulation.created_at if stranger else row.created_at

    def _taken(self, row: RequestRow, entry: Entry | None) -> bool:
        """Take over one; False if the claim is good and the ledger refuses it all the same."""
        stranger = self.strangers.taken_or_strange(row.cells.regulation_id)
        if stranger is None and self._too_new(row):
            return False
        request = _request(self.world, row, entry, stranger) if stranger else None
        kind = _kind_of(self.world, row, stranger.regulation.regulation_type) if stranger else None
        if stranger is None or request is None or kind is None:
            return True
        listed, ledger = stranger.regulation, self.world.ledger
        intent = Intent(kind, listed.regulation_type, (request,), listed.created_at)
        now = self.world.clock.now()
        # Before it is taken over: a crash must not cost Due by.
        ledger.note([Noted(row, kind, now, deadline(row, entry, now))])
        try:
            ledger.adopt(intent, listed.regulation_id, _accepted_at(row, listed))
        except AlreadyStanding:
            return False
        # The row says already what is known, and perhaps more: it is told of what the look shows.
        ledger.told([row.record_id])
        self.strangers.accounted(self.world, listed.regulation_id)
        self.report.adopted += 1
        self.world.listener.happened("request.adopted", record_id=row.record_id, regulation_id=listed.regulation_id)
        self._look(row)
        return True

    def _too_new(self, row: RequestRow) -> bool:
        """Whether the regulation may be missing from Segment's list because that lags (not documented; assumed)."""
        sent_at = row.cells.submitted_at
        return sent_at is not None and self.world.clock.now() - sent_at < self.world.policy.settle

    def _look(self, row: RequestRow) -> None:
        world, completed_at = self.world, row.cells.completed_at
        submission = world.ledger.entries([row.record_id])[row.record_id].submission
        if submission is None or submission.regulation_id is None or submission.segment_status:
            return
        done = world.table.follow_ups_done([submission.regulation_id])
        look_at(world if completed_at is None else _as_it_was(world, done), submission, self.raw, self.report)
        world.ledger.follow_up_done(in_order(done), completed_at or world.clock.now())


def _as_it_was(world: World, done: frozenset[ReceiptKey]) -> World:
    """For a request that was completed: a system that was named to us since was not to be told of it (promise 6)."""
    told = {key.destination for key in done}
    by_hand = tuple(system for system in world.policy.by_hand if system.name in told)
    return replace(world, policy=replace(world.policy, by_hand=by_hand))


def _accepted_at(row: RequestRow, listed: ListedRegulation) -> datetime:
    """When it was accepted: by our own clock, as the row says, or else by Segment's, which may be a second off."""
    said = row.cells.submitted_at
    return said if said is not None and abs(said - listed.created_at) <= CLOCK_GRACE else listed.created_at


def catch_up(
    world: World, strangers: Strangers, rows: Sequence[RequestRow], report: TickReport
) -> Sequence[RequestRow]:
    """The rows that can be decided about; what they know and the ledger does not was taken over first.

    A ledger restored from a copy would tell a row of an earlier regulation than it names, and that one would be lost.
    While Segment is out of reach, such a row is left as it is; so it is before the whole table was read once.
    """
    entries = world.ledger.entries([row.record_id for row in rows])
    claiming = _claiming(world, rows, entries)
    known = _known(world, claiming)
    behind = [row for row in claiming if row.cells.regulation_id not in known]
    if not behind:
        return rows
    if world.ledger.mark("sweep") is None:
        return [row for row in rows if row not in behind]
    try:
        left = Rebuilding(world, strangers, {}, report).rows(behind)
    except (Transient, Permanent) as problem:
        if problem.service != "segment":
            raise
        report.problems.append(problem)
        left = frozenset(row.record_id for row in behind)
    return [row for row in rows if row.record_id not in left]


def unlooked(row: RequestRow, entry: Entry | None) -> bool:
    """Whether the row may know more than the ledger: it names the same regulation, which was not looked at yet."""
    submission = entry.submission if entry else None
    if submission is None or not row.cells.submitted:
        return False
    return submission.regulation_id == row.cells.regulation_id and not submission.segment_status


def _claiming(world: World, rows: Sequence[RequestRow], entries: Mapping[RecordId, Entry]) -> list[RequestRow]:
    """The rows that name a regulation which the ledger does not have for them.

    Where staff have unticked Submitted, a regulation that no row has in the ledger, and a time, say that it was sent.
    """
    naming = [row for row in rows if _names_another(row, entries.get(row.record_id))]
    known = _known(world, [row for row in naming if not row.cells.submitted])
    return [
        row
        for row in naming
        if row.cells.submitted or (row.cells.submitted_at and row.cells.regulation_id not in known)
    ]


def _known(world: World, rows: Sequence[RequestRow]) -> Collection[str]:
    """Those of the regulations that these rows name which the ledger has for any row."""
    named = {RegulationId(row.cells.regulation_id) for row in rows}
    return world.ledger.known(sorted(named)) if named else ()


def _names_another(row: RequestRow, entry: Entry | None) -> bool:
    if not row.cells.regulation_id:
        return False
    return entry is None or entry.submission is None or entry.submission.regulation_id != row.cells.regulation_id


def _request(world: World, row: RequestRow, entry: Entry | None, stranger: Stranger) -> IntendedRequest | None:
    """The request as it was sent, if Segment's list bears the row out: person, type, and time.

    A copied row is younger than the regulation it names, and is not believed; so is a row that joined an earlier one,
    but its note says that it did, and it was there before that one was over. An address in such a younger row has to be
    known for this regulation. A row older than its regulation, which is about somebody else or of another type, was
    changed after it was sent: what was sent counts, where it was about one person.
    """
    listed = stranger.regulation
    submission = entry.submission if entry else None
    replaces = submission.submission_id if submission else None
    joined = _joined(world, row, listed.regulation_id)
    since = row.created_at if submission is None else submission.intended_at
    if not joined and not _of_its_time(world, stranger, since):
        return None
    # The profile is gone once the deletion was made, so an address can no longer be checked against the user ids.
    trusted = needs_lookup(row.identifier, world.policy) and not row.cells.status_note.startswith((CHANGED, NOT_AGAIN))
    younger = listed.created_at < since
    if joined and trusted and younger and not _names_somebody_of(world, row, listed.regulation_id):
        return None
    subjects = _subjects_of_an_address(world, listed) if trusted else (row.identifier,)
    if {world.ledger.key_of(subject) for subject in subjects} <= stranger.keys:
        return IntendedRequest(row.record_id, row.identifier, subjects, replaces)
    if joined or len(listed.subjects) != 1:
        return None
    return IntendedRequest(row.record_id, listed.subjects[0], listed.subjects, replaces)


def _subjects_of_an_address(world: World, listed: ListedRegulation) -> tuple[Identifier, ...]:
    """The user ids behind the address in a row, as far as that can be known: none where they may be other people's.

    Where regulations are made for several requests, nothing tells which of the subjects the address led to.
    """
    several = world.policy.requests_per_regulation > 1 and len(listed.subjects) > 1
    return () if several else listed.subjects


def _names_somebody_of(world: World, row: RequestRow, regulation_id: RegulationId) -> bool:
    """Whether the address in a row that says it joined is one that the ledger knows for this regulation.

    A row that was copied, and given another person's address, says so as well. Where the ledger does not know the
    regulation yet, nothing tells them apart.
    """
    names = world.ledger.named(regulation_id)
    return not names or world.ledger.key_of(row.identifier) in names


def _joined(world: World, row: RequestRow, regulation_id: RegulationId) -> bool:
    """Whether the row shares what was sent for an earlier one, as its note says.

    A row that was made after the ledger knew that nobody is served by this any more did not: such a row was copied.
    """
    if not (row.authenticated and row.cells.status_note.startswith(DUPLICATE)):
        return False
    over = world.ledger.over_since(regulation_id)
    return over is None or row.created_at <= over


def _of_its_time(world: World, stranger: Stranger, since: datetime) -> bool:
    """Whether the regulation is younger than the row; where another row has it already, without any grace.

    A row that was copied within minutes would otherwise pass for one that was sent.
    """
    created_at = stranger.regulation.created_at
    if world.ledger.known([stranger.regulation.regulation_id]):
        return created_at >= since
    return could_be_from(created_at, since)


def _kind_of(world: World, row: RequestRow, regulation_type: str) -> RequestType | None:
    """The row's own request type if the regulation is of it, else the one that it must have had.

    A type that serves no request by today's settings did so by former ones: then the row's word is all there is.
    """
    types, own = world.policy.regulation_types, request_type_of(row)
    if own is not None and types[own] == regulation_type:
        return own
    return next((kind for kind in RequestType if types[kind] == regulation_type), own)
