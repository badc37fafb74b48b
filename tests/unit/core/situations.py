"""Everything that can be known about a request, in every combination, and what the contract says of each.

The axes are multiplied out in full. `Situation` says what is true of a combination in the words of the contract, and
knows nothing of how a decision is reached.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property, partial
from itertools import product

from tests.unit.core.made import EARLIER, ENDED, KEY, NOW, OTHER_KEY, a_row, a_submission, an_entry

from dsr_sync.core.decide import Observation
from dsr_sync.core.model import (
    Cells,
    Entry,
    Identifier,
    LookedUp,
    Outcome,
    Resolution,
    Submission,
    SubmissionId,
    Verdict,
)
from dsr_sync.core.policy import EmailRule, Policy

IDENTIFIERS = {
    "fine": "user-ann-4711",
    "empty": "",
    "too long": "x" * 257,
    "cannot be seen": "user\u200bann",
    "protected": "Undefined",
    "e-mail": "ann@example.com",
}

USER_IDS = (Identifier("user-ann-1"), Identifier("user-ann-2"))

STATES: dict[str, tuple[Outcome, Verdict | None] | None] = {
    "never seen": None,
    "seen": None,
    "unknown": (Outcome.UNKNOWN, None),
    "refused": (Outcome.REFUSED, None),
    "not accepted": (Outcome.NOT_ACCEPTED, None),
    "unprovable": (Outcome.UNPROVABLE, None),
    "not looked at": (Outcome.ACCEPTED, None),
    **{verdict.value: (Outcome.ACCEPTED, verdict) for verdict in Verdict},
    "followed up": (Outcome.ACCEPTED, Verdict.FOLLOW_UP),
}

LIVE = frozenset({"unknown", "not looked at", "accepted", "running", "completed", "followed up"})
ENDED_BADLY = frozenset({"refused", "unprovable", "failed", "follow-up", "lost"})
CARRIED_OUT_IN_PART = frozenset({"follow-up", "lost"})

SUBMISSIONS = {state: a_submission(*facts) if facts else None for state, facts in STATES.items()}
"""What the ledger holds in each state; made once, since it is asked for some million times."""

POLICY = Policy()
NO_COOLING_OFF = Policy(cooling_off=timedelta(0))
JUST_NOW = NOW - timedelta(minutes=1)
LATER = NOW + timedelta(minutes=7)
OTHER_SUBMISSION = a_submission(submission_id=SubmissionId(2))

OTHERS = ("other", "undone")
"""Another row's submission serves the person; since then the opposite was sent, or was not."""


@dataclass(frozen=True)
class Situation:
    """One combination of everything that is known about a request."""

    state: str
    authenticated: bool
    hold: bool
    retry: bool
    ticked: bool
    identifier: str
    request_type: str
    joined: bool
    changed: bool
    standing: str
    cooled_off: bool
    pause: str
    lookup: bool = False
    resolution: LookedUp | None = None
    overlap: str = "none"

    @property
    def submission(self) -> Submission | None:
        return SUBMISSIONS[self.state]

    @cached_property
    def entry(self) -> Entry | None:
        if self.state == "never seen":
            return None
        return an_entry(
            self.submission,
            seen_at=ENDED if self.cooled_off else JUST_NOW,
            typed_key=OTHER_KEY if self.changed else KEY,
            joined_to=EARLIER if self.joined else None,
            not_before={"none": None, "over": JUST_NOW, "on": LATER}[self.pause],
            followed_up_at=ENDED if self.state == "followed up" else None,
        )

    @cached_property
    def observation(self) -> Observation:
        row = a_row(
            authenticated=self.authenticated,
            hold=self.hold,
            retry=self.retry,
            identifier=Identifier.typed(IDENTIFIERS[self.identifier]),
            request_type=self.request_type,
            cells=Cells(submitted=self.ticked),
        )
        whose = {"none": None, "own": self.submission, "other": OTHER_SUBMISSION, "undone": OTHER_SUBMISSION}
        found = USER_IDS if self.resolution is LookedUp.FOUND else ()
        resolution = Resolution(self.resolution, found) if self.resolution else None
        undone = self.standing == "undone"
        return Observation(row, KEY, self.entry, whose[self.standing], undone, whose[self.overlap], resolution)

    @property
    def policy(self) -> Policy:
        policy = NO_COOLING_OFF if self.state == "never seen" and self.cooled_off else POLICY
        return replace(policy, email=EmailRule.LOOKUP) if self.lookup else policy

    @property
    def row_differs(self) -> bool:
        """Whether the row says something else than what was sent, or last seen."""
        return self.changed or self.request_type != ""

    @property
    def sendable(self) -> bool:
        """Whether nothing in the row itself forbids that it is sent."""
        fine = self.identifier == "fine" or self.names_an_address
        return self.authenticated and not self.hold and fine and self.request_type != "Erase"

    @property
    def names_an_address(self) -> bool:
        """Whether the row names the person by an e-mail address whose user ids can be found."""
        return self.lookup and self.identifier == "e-mail"

    @property
    def repeats_another(self) -> bool:
        """Whether what the row would repeat was sent for the row that it joined, and perhaps for more than it names."""
        return self.joined and not self.nothing_at_segment and not self.row_differs

    @property
    def to_be_resolved(self) -> bool:
        """Whether the user ids have to be found first."""
        return self.names_an_address or self.repeats_another

    @property
    def nothing_at_segment(self) -> bool:
        """Whether it is certain that Segment has nothing of this request, as the row is now."""
        return self.state in ("never seen", "seen", "not accepted") or (self.state == "refused" and self.row_differs)

    @property
    def sent(self) -> bool:
        """Whether Segment has it, or may have it."""
        return self.submission is not None and self.state not in ("refused", "not accepted")

    @property
    def retry_counts(self) -> bool:
        """Whether Retry may send again: what ended badly; for a changed row only what was not carried out at all.

        A row that is not ticked although there is a regulation was not told of it: its Retry has been obeyed.
        """
        told = self.ticked or self.submission is None or self.submission.regulation_id is None
        ended_badly = self.state in ENDED_BADLY and not (self.row_differs and self.state in CARRIED_OUT_IN_PART)
        return self.retry and told and ended_badly

    @property
    def paused(self) -> bool:
        return self.entry is not None and self.pause == "on"

    @property
    def served_elsewhere(self) -> bool:
        """Whether another submission serves the same person and action."""
        return self.standing in OTHERS or (self.standing == "own" and self.submission is not None)

    @property
    def free_to_go(self) -> bool:
        """The contract's rule for sending, but for what a look-up has yet to show."""
        if not self.sendable or self.paused:
            return False
        if self.nothing_at_segment:
            return not self.ticked and not self.served_elsewhere and self.cooled_off
        return self.retry_counts and self.standing not in OTHERS

    @property
    def to_be_looked_up(self) -> bool:
        """Whether the user ids are what is missing."""
        return self.free_to_go and self.to_be_resolved and self.resolution is None

    @property
    def to_be_sent(self) -> bool:
        """The contract's rule for sending, in full."""
        if not self.to_be_resolved:
            return self.free_to_go
        replaced = self.overlap == "own" and not self.nothing_at_segment
        served_in_part = self.overlap == "other" or (self.overlap == "own" and self.submission and not replaced)
        return self.free_to_go and self.resolution is LookedUp.FOUND and not served_in_part


def situations(state: str) -> Iterator[Situation]:
    """Every combination in one state of the ledger; what an unseen row cannot have is left out."""
    both = (False, True)
    seen = state != "never seen"
    standing = ("none", "own", *OTHERS) if STATES[state] else ("none", *OTHERS)
    for authenticated, hold, retry, ticked, cooled_off in product(both, repeat=5):
        staff = partial(Situation, state, authenticated, hold, retry, ticked)
        for identifier, kind in product(IDENTIFIERS, ("", "Suppress", "Erase")):
            for joined, changed in product(both, repeat=2) if seen else [(False, False)]:
                for served, pause in product(standing, ("none", "over", "on") if seen else ("none",)):
                    yield staff(identifier, kind, joined, changed, served, cooled_off, pause)


def situations_of_a_search(state: str) -> Iterator[Situation]:
    """Every combination in which user ids are searched: for an address, or for what another row was sent for."""
    both = (False, True)
    whose = ("none", "own", "other") if STATES[state] else ("none", "other")
    seen = state != "never seen"
    for hold, retry, ticked, cooled_off in product(both, repeat=4):
        for joined, changed in product(both, repeat=2) if seen else [(False, False)]:
            for standing, overlap, resolution in product(whose, whose, (None, *LookedUp)):
                for named in ("e-mail", "fine") if joined else ("e-mail",):
                    seen_as = (named, "", joined, changed, standing, cooled_off, "none")
                    who = Situation(state, True, hold, retry, ticked, *seen_as, lookup=named == "e-mail")
                    yield replace(who, resolution=resolution, overlap=overlap)
