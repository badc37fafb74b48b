from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.core.made import NOW, SENT

from dsr_sync.core.model import Identifier, ListedRegulation, RegulationId
from dsr_sync.core.policy import Policy
from dsr_sync.core.retry import (
    LONGEST_BACKOFF,
    Found,
    Settlement,
    backoff,
    could_be_from,
    next_look,
    settle,
    settle_due_at,
)

POLICY = Policy(settle=timedelta(minutes=15))
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
AGES = st.timedeltas(timedelta(0), timedelta(days=400))


def listed(number: int, age: timedelta = timedelta(0)) -> ListedRegulation:
    return ListedRegulation(RegulationId(f"reg_{number}"), "SUPPRESS_ONLY", (Identifier("ann"),), SENT - age)


class TestSettlingAnUnknownOutcome:
    """`age` is since the intent; `since_absent` is since a complete listing first missed it."""

    @pytest.mark.parametrize(
        ("age", "since_absent", "found"),
        [
            (timedelta(0), None, Found.TOO_EARLY),
            (15 * MINUTE - timedelta(seconds=1), None, Found.TOO_EARLY),
            (15 * MINUTE, None, Found.ABSENT_ONCE),
            (20 * DAY, None, Found.ABSENT_ONCE),
            (16 * MINUTE, MINUTE, Found.TOO_EARLY),
            (20 * MINUTE, 5 * MINUTE - timedelta(seconds=1), Found.TOO_EARLY),
            (20 * MINUTE, 5 * MINUTE, Found.ABSENT),
            (89 * DAY, DAY, Found.ABSENT),
            (89 * DAY + timedelta(seconds=1), None, Found.UNPROVABLE),
            (89 * DAY + timedelta(seconds=1), DAY, Found.UNPROVABLE),
            (-MINUTE, None, Found.TOO_EARLY),
        ],
    )
    def test_what_a_complete_listing_that_lacks_it_proves(
        self, age: timedelta, since_absent: timedelta | None, found: Found
    ) -> None:
        absent_at = None if since_absent is None else SENT + age - since_absent
        assert settle(SENT, absent_at, [], SENT + age, POLICY) == Settlement(found)

    @given(AGES, st.none() | AGES)
    def test_presence_is_proof_at_any_time(self, age: timedelta, since_absent: timedelta | None) -> None:
        absent_at = None if since_absent is None else SENT + age - since_absent
        assert settle(SENT, absent_at, [listed(1)], SENT + age, POLICY).found is Found.PRESENT

    def test_of_several_the_oldest_comes_first(self) -> None:
        matches = [listed(1), listed(3, age=2 * MINUTE), listed(2, age=MINUTE)]
        settled = settle(SENT, None, matches, SENT, POLICY)
        assert [found.regulation_id for found in settled.matches] == ["reg_3", "reg_2", "reg_1"]

    @given(AGES, AGES)
    def test_absence_needs_two_listings_a_third_apart_the_first_after_the_settle_time(
        self, first: timedelta, gap: timedelta
    ) -> None:
        """A daemon that looks at `first` and again `gap` later sends again only if both were late enough."""
        once = settle(SENT, None, [], SENT + first, POLICY)
        if once.found is not Found.ABSENT_ONCE:
            assert first < POLICY.settle or first > 89 * DAY
            return
        twice = settle(SENT, SENT + first, [], SENT + first + gap, POLICY)
        proved = gap >= POLICY.settle / 3 and first + gap <= 89 * DAY
        assert (twice.found is Found.ABSENT) is proved

    @given(st.timedeltas(timedelta(0), 88 * DAY), st.booleans(), st.timedeltas(timedelta(0), timedelta(hours=2)))
    def test_a_look_at_the_time_announced_is_never_too_early(
        self, absent_after: timedelta, missed: bool, wait: timedelta
    ) -> None:
        policy = Policy(settle=wait)
        absent_at = SENT + wait + absent_after if missed else None
        due = settle_due_at(SENT, absent_at, policy)
        assert settle(SENT, absent_at, [], due, policy).found is not Found.TOO_EARLY


class TestMatchingByTime:
    def test_five_minutes_are_granted_to_clocks_that_differ(self) -> None:
        assert could_be_from(NOW, NOW)
        assert could_be_from(NOW - 5 * MINUTE, NOW)
        assert not could_be_from(NOW - 5 * MINUTE - timedelta(seconds=1), NOW)

    def test_what_came_later_can_always_be_it(self) -> None:
        assert could_be_from(NOW + 30 * DAY, NOW)


class TestThePaceOfFollowing:
    @pytest.mark.parametrize(
        ("age", "pause"),
        [
            (timedelta(0), 5 * MINUTE),
            (timedelta(minutes=100), 5 * MINUTE),
            (timedelta(hours=10), timedelta(minutes=30)),
            (timedelta(days=1), timedelta(hours=1, minutes=12)),
            (timedelta(days=5), timedelta(hours=6)),
            (timedelta(days=89), timedelta(hours=6)),
        ],
    )
    def test_a_twentieth_of_the_age_at_least_the_shortest_and_at_most_six_hours(
        self, age: timedelta, pause: timedelta
    ) -> None:
        assert next_look(NOW - age, NOW, Policy(follow=5 * MINUTE)) == NOW + pause

    def test_zero_means_every_tick(self) -> None:
        assert next_look(NOW - 30 * DAY, NOW, Policy(follow=timedelta(0))) == NOW

    def test_an_operator_who_asks_for_more_than_six_hours_gets_it(self) -> None:
        assert next_look(NOW, NOW, Policy(follow=DAY)) == NOW + DAY

    @given(st.timedeltas(-DAY, 400 * DAY), st.timedeltas(timedelta(seconds=1), timedelta(hours=6)))
    def test_the_pause_keeps_within_its_bounds_even_when_clocks_differ(self, age: timedelta, follow: timedelta) -> None:
        pause = next_look(NOW - age, NOW, Policy(follow=follow)) - NOW
        assert follow <= pause <= timedelta(hours=6)

    def test_a_regulation_of_three_months_is_looked_at_a_few_hundred_times_and_not_thousands(self) -> None:
        looks, at = 0, SENT
        while at < SENT + 90 * DAY:
            at = next_look(SENT, at, Policy())
            looks += 1
        assert 300 < looks < 500


class TestBackoff:
    def test_after_five_failures_in_a_row_it_is_one_probe_a_minute(self) -> None:
        failing, pauses = timedelta(0), []
        for _ in range(7):
            pauses.append(backoff(failing, 0.0).total_seconds())
            failing += backoff(failing, 0.0)
        assert pauses == [5, 7.5, 18.75, 46.875, 60, 60, 60]

    def test_a_day_of_failing_costs_at_most_1500_probes(self) -> None:
        failing, probes = timedelta(0), 0
        while failing < DAY:
            failing += backoff(failing, 0.0)
            probes += 1
        assert 1400 < probes <= 1500

    @given(st.timedeltas(-90 * DAY, 400 * DAY), st.floats(0, 1, exclude_max=True))
    def test_jitter_adds_a_tenth_at_most_whatever_the_clock_says(self, failing: timedelta, chance: float) -> None:
        full = backoff(failing, 0.0)
        assert timedelta(seconds=5) <= full <= LONGEST_BACKOFF
        assert full <= backoff(failing, chance) <= 1.1 * full
