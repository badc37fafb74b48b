"""A state machine over everything that can happen to a base, a workspace and the process between them.

Hypothesis chooses the rules, their order and their arguments; it shrinks what breaks a promise to the shortest story.
The services, staff, faults and crashes are those of the simulation; here nothing is left to chance but by Hypothesis.
"""

from collections import Counter
from datetime import timedelta
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.fakes.table import DONE, NEEDED
from tests.torture.checker import check, said
from tests.torture.checks.books import never_twice_live
from tests.torture.checks.history import Edit, Violation
from tests.torture.simulation.services import Fate
from tests.torture.simulation.shelves import FakeShelf
from tests.torture.simulation.staff import MAILS, ODD
from tests.torture.simulation.weather import AIRTABLE_ONLY, ANY, Spell
from tests.torture.simulation.world import SimWorld

from dsr_sync.core.model import Cells, Progress, RecordId, RequestType
from dsr_sync.core.policy import EmailRule, Policy

PEOPLE = st.sampled_from(("user-0", "user-1", *MAILS, *ODD))
TYPES = st.sampled_from(("", RequestType.DELETE.value, RequestType.SUPPRESS.value, "Erase"))
MINUTES = st.sampled_from((1, 6, 16, 25, 70, 1_450))
WHICH = st.integers(0, 5)
FATES = st.sampled_from(
    (
        Fate(Progress.FINISHED, (("Braze", Progress.FINISHED),), 60, 600),
        Fate(Progress.FAILED, (("Braze", Progress.NOT_SUPPORTED),), 60, 600),
        Fate(Progress.FAILED, (), 60, 600),
        Fate(Progress.INVALID, (), 30, 60),
        Fate(Progress.FINISHED, (), 60, 2_000_000),
    )
)


class Promises(RuleBasedStateMachine):
    """One base, one workspace, one ledger, and one process after the other.

    `seen` counts what all stories held; `last` is what the last story broke.
    """

    seen: ClassVar[Counter[str]] = Counter()
    last: ClassVar[list[Violation]] = []

    @initialize(
        batch=st.sampled_from((1, 3)),
        brake=st.sampled_from((2, 100)),
        cooling=st.sampled_from((0, 5)),
        email=st.sampled_from((EmailRule.REFUSE, EmailRule.LOOKUP)),
    )
    def begin(self, batch: int, brake: int, cooling: int, email: EmailRule) -> None:
        """A new world, with the operator's choices."""
        policy = Policy(
            cooling_off=timedelta(minutes=cooling),
            max_submissions_per_hour=brake,
            requests_per_regulation=batch,
            follow=timedelta(0),
            email=email,
        )
        self.world = SimWorld(0, FakeShelf(), policy)
        self.world.clock.advance(60)
        self.quick = False
        self.steps = -1  # the invariant is looked at once before the first
        self.world.tick()
        self.an_authenticated_request_comes_in("user-0")
        self.a_tick(6)

    # Time and the process.

    @rule(minutes=MINUTES)
    def a_tick(self, minutes: int) -> None:
        """Time passes and the daemon ticks."""
        self.world.clock.advance(minutes * 60)
        self.world.tick()

    @rule(calls=st.integers(1, 60), afterwards=st.booleans())
    def a_tick_that_crashes(self, calls: int, afterwards: bool) -> None:
        """The process dies before or after one of its calls."""
        self.world.wire.set(calls, afterwards=afterwards)
        self.a_tick(1)
        self.world.wire.unset()

    @rule(calls=st.integers(1, 60))
    def a_tick_that_is_told_to_stop(self, calls: int) -> None:
        """SIGTERM in the middle of the work."""
        self.world.wire.set(calls, happens=self.world.clock.stop)
        self.a_tick(1)
        self.world.wire.unset()

    @rule()
    def a_restart(self) -> None:
        """The process ends and begins anew between two ticks."""
        self.world.start()

    @rule(hours=st.sampled_from((-2_160, -1, 1, 2_160)))
    def a_clock_set_wrong(self, hours: int) -> None:
        """Somebody sets the wall clock."""
        self.world.shift_clock(timedelta(hours=hours))

    @rule()
    def a_clock_set_right(self) -> None:
        """Somebody notices."""
        self.world.shift_clock(timedelta(0))

    # What staff do.

    @rule(quick=st.booleans())
    def staff_are_quick_or_slow(self, quick: bool) -> None:
        """Whether the daemon looks between two of their edits."""
        self.quick = quick

    @rule(identifier=PEOPLE, kind=TYPES, authenticated=st.booleans(), hold=st.booleans())
    def a_request_comes_in(self, identifier: str, kind: str, authenticated: bool, hold: bool) -> None:
        """By the form or by hand."""
        table = self.world.table
        self._note(table.add(identifier, authenticated=authenticated, request_type=kind, hold=hold))

    @rule(identifier=st.sampled_from(("user-0", "user-1")))
    def an_authenticated_request_comes_in(self, identifier: str) -> None:
        """The common case, so that it is common here too."""
        self._note(self.world.table.add(identifier))

    @rule(which=WHICH, ticked=st.booleans())
    def authenticated_is_changed(self, which: int, ticked: bool) -> None:
        """Somebody has made sure who asks, or it was a mistake."""
        self._edit(which, authenticated=ticked)

    @rule(which=WHICH, ticked=st.booleans())
    def hold_is_changed(self, which: int, ticked: bool) -> None:
        """Not now, or now."""
        self._edit(which, hold=ticked)

    @rule(which=WHICH, identifier=PEOPLE)
    def the_identifier_is_changed(self, which: int, identifier: str) -> None:
        """Before or after it was sent."""
        self._edit(which, identifier=identifier)

    @rule(which=WHICH, kind=TYPES)
    def the_type_is_changed(self, which: int, kind: str) -> None:
        """Before or after it was sent."""
        self._edit(which, request_type=kind)

    @rule(which=WHICH)
    def retry_is_ticked(self, which: int) -> None:
        """Where it makes sense and where it does not."""
        self._edit(which, retry=True)

    @rule(which=WHICH)
    def a_row_is_copied(self, which: int) -> None:
        """With all that the daemon wrote into it."""
        record_id = self._row(which)
        if record_id is None:
            return
        row = self.world.table.row(record_id)
        cells = {name: getattr(row.cells, name) for name in Cells.__slots__}
        copied = self.world.table.add(row.identifier.reveal(), authenticated=row.authenticated, **cells)
        self.world.table.edit(copied, request_type=row.request_type, hold=row.hold)
        self._note(copied, by_hand=row.cells != Cells())

    @rule(which=WHICH)
    def a_row_is_deleted(self, which: int) -> None:
        """Whatever came of it."""
        record_id = self._row(which)
        if record_id is not None:
            self.world.table.remove(record_id)
            now = self.world.clock.true_now()
            self.world.staff.edits.append(Edit(now, record_id, "", authenticated=False, gone=True))

    @rule(which=WHICH, ticked=st.booleans())
    def submitted_is_changed_by_hand(self, which: int, ticked: bool) -> None:
        """It is not theirs to change."""
        self._edit(which, by_hand=True, submitted=ticked)

    @rule()
    def all_follow_ups_are_done(self) -> None:
        """Staff have asked every vendor."""
        for key, row in self.world.table.receipts.items():
            if row.follow_up == NEEDED:
                self.world.table.set_follow_up(key, DONE)

    @rule(which=WHICH, refused=st.booleans())
    def airtable_refuses_a_row(self, which: int, refused: bool) -> None:
        """One bad record, for a time."""
        record_id = self._row(which)
        if record_id is not None:
            self.world.table.refuse(record_id, "INVALID_MULTIPLE_CHOICE_OPTIONS" if refused else "")

    # What goes wrong at the services.

    @rule(kind=st.sampled_from((*ANY, *AIRTABLE_ONLY)), minutes=MINUTES)
    def airtable_is_out_of_order(self, kind: str, minutes: int) -> None:
        """For a while."""
        self._spell("airtable", kind, minutes)

    @rule(kind=st.sampled_from((*ANY, "quota", "amnesia")), minutes=MINUTES)
    def segment_is_out_of_order(self, kind: str, minutes: int) -> None:
        """For a while."""
        self._spell("segment", kind, minutes)

    @rule(kind=st.sampled_from(ANY), minutes=MINUTES)
    def profiles_are_out_of_order(self, kind: str, minutes: int) -> None:
        """For a while; only where addresses are looked up."""
        self._spell("profiles", kind, minutes)

    @rule(minutes=MINUTES)
    def submissions_go_astray(self, minutes: int) -> None:
        """Answers are lost before the effect, after it, or the effect comes late."""
        self._spell("segment", "murky", minutes)

    @rule(minutes=MINUTES)
    def the_list_lags(self, minutes: int) -> None:
        """New regulations are not listed at once."""
        self._spell("segment", "lagging", minutes)

    @rule()
    def the_services_recover(self) -> None:
        """All is well again."""
        self.world.weather.clear()

    @rule(fate=FATES)
    def the_next_regulation_is_fated(self, fate: Fate) -> None:
        """What will become of it."""
        self.world.segment.next_fates = [fate]

    # What happens to the ledger.

    @rule()
    def the_ledger_is_copied(self) -> None:
        """The nightly backup."""
        self.world.shelf.keep_copy()

    @precondition(lambda self: len(self.world.table.rows()) > 1)
    @rule()
    def the_ledger_is_restored(self) -> None:
        """From the last copy."""
        self.world.restore_ledger()

    @precondition(lambda self: len(self.world.table.rows()) > 1)
    @rule()
    def the_ledger_is_lost(self) -> None:
        """All of it."""
        self.world.lose_ledger()

    # What must always be true, and what must be true in the end.

    @invariant()
    def no_person_is_served_twice(self) -> None:
        """At every moment, in the ledger's own words."""
        world = getattr(self, "world", None)
        if world is not None:
            self.steps += 1
            assert said(never_twice_live(world.shelf.books())) == ""

    def teardown(self) -> None:
        """After a calm time every promise was kept."""
        world = getattr(self, "world", None)
        if world is not None:
            violations = check(world.history())
            self.last[:] = violations
            self.seen["stories"] += 1
            self.seen["steps"] += self.steps
            self.seen["crashes"] += world.crashes
            self.seen["regulations"] += len(world.segment.created())
            assert not violations, said(violations)

    # How it is done.

    def _row(self, which: int) -> RecordId | None:
        rows = self.world.table.rows()
        return rows[which % len(rows)].record_id if rows else None

    def _edit(self, which: int, *, by_hand: bool = False, **columns: object) -> None:
        record_id = self._row(which)
        if record_id is not None:
            self.world.table.edit(record_id, **columns)
            self._note(record_id, by_hand=by_hand, retry=bool(columns.get("retry")))

    def _note(self, record_id: RecordId, *, by_hand: bool = False, retry: bool = False) -> None:
        self.world.staff.note(record_id, "", by_hand=by_hand, retry=retry)
        if not self.quick:
            self.a_tick(1)

    def _spell(self, service: str, kind: str, minutes: int) -> None:
        now = self.world.clock.monotonic()
        self.world.weather.spells.append(Spell(service, kind, now, now + minutes * 60))
