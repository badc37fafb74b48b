"""The gate: what may be sent now, in which batches, and what the rest is told."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.core.made import NOW, a_submit

from dsr_sync.core.actions import Submit, Why
from dsr_sync.core.model import Identifier, RecordId, RequestType
from dsr_sync.core.plan import HOUR, MAX_SUBJECTS, Plan, Room, plan, unique_first
from dsr_sync.core.policy import Policy

MINUTE = timedelta(minutes=1)
DELETE, SUPPRESS, UNSUPPRESS = RequestType


def numbers(submits: tuple[Submit, ...]) -> list[int]:
    return [int(submit.row.record_id[3:]) for submit in submits]


def allowed(planned: Plan) -> list[int]:
    return [number for batch in planned.batches for number in numbers(batch.submits)]


def requests(count: int, kind: RequestType = DELETE, start: int = 0) -> list[Submit]:
    return [a_submit(number, kind) for number in range(start, start + count)]


class TestTheBrake:
    def test_below_the_limit_all_go(self) -> None:
        planned = plan(requests(3), Room(), NOW, Policy(max_submissions_per_hour=3))
        assert (allowed(planned), planned.postponed) == ([0, 1, 2], ())

    def test_above_it_the_first_go_and_the_rest_wait(self) -> None:
        planned = plan(requests(5), Room(), NOW, Policy(max_submissions_per_hour=3))
        assert allowed(planned) == [0, 1, 2]
        assert [(item.why, item.until) for item in planned.postponed] == [(Why.BRAKE, NOW + HOUR + MINUTE)] * 2

    def test_what_went_in_the_last_hour_counts_and_what_went_before_does_not(self) -> None:
        sent = (NOW - HOUR - MINUTE, NOW - HOUR, NOW - HOUR + timedelta(seconds=1), NOW - MINUTE)
        planned = plan(requests(3), Room(sent=sent), NOW, Policy(max_submissions_per_hour=3))
        assert allowed(planned) == [0]

    def test_each_one_that_waits_is_told_when_a_place_becomes_free_for_it(self) -> None:
        sent = tuple(NOW - timedelta(minutes=minutes) for minutes in (50, 30, 10))
        planned = plan(requests(4), Room(sent=sent), NOW, Policy(max_submissions_per_hour=3))
        waits = [item.until - NOW for item in planned.postponed]
        assert waits == [11 * MINUTE, 31 * MINUTE, 51 * MINUTE, 71 * MINUTE]

    def test_the_time_told_is_rounded_up_to_the_minute(self) -> None:
        """So that the note does not change while the queue moves by seconds, and never promises too much."""
        planned = plan(requests(2), Room(), NOW + timedelta(seconds=20), Policy(max_submissions_per_hour=1))
        assert planned.postponed[0].until == NOW + HOUR + MINUTE

    def test_those_of_earlier_pages_stand_before_these_in_the_queue(self) -> None:
        sent = (NOW - 50 * MINUTE, NOW - 10 * MINUTE)
        planned = plan(requests(1), Room(sent=sent, waiting=1), NOW, Policy(max_submissions_per_hour=2))
        assert planned.postponed[0].until == NOW + 51 * MINUTE

    def test_when_the_operator_lowers_the_limit_the_window_has_to_drain_first(self) -> None:
        sent = tuple(NOW - timedelta(minutes=minutes) for minutes in (50, 40, 30, 20))
        planned = plan(requests(2), Room(sent=sent), NOW, Policy(max_submissions_per_hour=2))
        assert [item.until - NOW for item in planned.postponed] == [31 * MINUTE, 41 * MINUTE]

    def test_a_limit_of_none_lets_nothing_through(self) -> None:
        planned = plan(requests(2), Room(), NOW, Policy(max_submissions_per_hour=0))
        assert allowed(planned) == []
        assert {item.until for item in planned.postponed} == {NOW.replace(hour=16, minute=0)}


@dataclass
class Office:
    """A daemon with nothing but the gate: it ticks, sends what it may, and remembers what it told the rest."""

    policy: Policy
    now: datetime = NOW
    waiting: list[Submit] = field(default_factory=list)
    sent: list[datetime] = field(default_factory=list)
    order: list[int] = field(default_factory=list)
    told: dict[RecordId, datetime] = field(default_factory=dict)

    def tick(self) -> None:
        recent = tuple(time for time in self.sent if time > self.now - HOUR)
        planned = plan(self.waiting, Room(sent=recent), self.now, self.policy)
        self.order += allowed(planned)
        self.sent += [self.now] * len(allowed(planned))
        for place, item in enumerate(planned.postponed):
            record_id = item.submit.row.record_id
            assert self.now < item.until
            if place < self.policy.max_submissions_per_hour:
                assert self.told.setdefault(record_id, item.until) == item.until, "the time told has moved"
        self.waiting = [item.submit for item in planned.postponed]


@given(st.lists(st.tuples(st.integers(1, 45 * 60), st.integers(0, 7)), max_size=40), st.integers(1, 6))
def test_never_more_than_the_limit_in_any_sliding_hour_and_first_come_first_served(
    schedule: list[tuple[int, int]], limit: int
) -> None:
    """Whatever comes whenever: the brake holds, nobody overtakes, and a time once told is kept and does not move."""
    office, come = Office(Policy(max_submissions_per_hour=limit)), 0
    for seconds, count in schedule:
        office.now += timedelta(seconds=seconds)
        office.waiting += requests(count, start=come)
        come += count
        office.tick()
    for earlier, later in zip(office.sent, office.sent[limit:], strict=False):
        assert later - earlier >= HOUR
    assert office.order == sorted(office.order)
    assert len(office.order) + len(office.waiting) == come


class TestTheMonthlyQuota:
    def test_a_type_whose_quota_is_used_up_waits_and_the_others_go(self) -> None:
        until = NOW + timedelta(days=20)
        submits = [a_submit(0, DELETE), a_submit(1, SUPPRESS), a_submit(2, DELETE)]
        planned = plan(submits, Room(quota_until=((DELETE, until),)), NOW, Policy())
        assert allowed(planned) == [1]
        assert [(item.why, item.until) for item in planned.postponed] == [(Why.QUOTA, until)] * 2

    def test_it_is_over_at_its_time(self) -> None:
        assert allowed(plan(requests(1), Room(quota_until=((DELETE, NOW),)), NOW, Policy())) == [0]

    def test_those_who_wait_for_it_take_no_place_behind_the_brake(self) -> None:
        submits = [a_submit(0, DELETE), a_submit(1, SUPPRESS), a_submit(2, SUPPRESS)]
        room = Room(sent=(NOW - 30 * MINUTE,), quota_until=((DELETE, NOW + HOUR),))
        planned = plan(submits, room, NOW, Policy(max_submissions_per_hour=1))
        assert [(item.why, item.until - NOW) for item in planned.postponed] == [
            (Why.QUOTA, HOUR),
            (Why.BRAKE, 31 * MINUTE),
            (Why.BRAKE, 91 * MINUTE),
        ]


class TestBatches:
    def test_by_default_each_request_is_a_regulation_of_its_own(self) -> None:
        assert [len(batch.submits) for batch in plan(requests(3), Room(), NOW, Policy()).batches] == [1, 1, 1]

    def test_larger_ones_are_filled_in_order(self) -> None:
        planned = plan(requests(7), Room(), NOW, Policy(requests_per_regulation=3))
        assert [numbers(batch.submits) for batch in planned.batches] == [[0, 1, 2], [3, 4, 5], [6]]

    def test_each_holds_one_type(self) -> None:
        submits = [a_submit(number, kind) for number, kind in enumerate([DELETE, SUPPRESS, UNSUPPRESS] * 2)]
        planned = plan(submits, Room(), NOW, Policy(requests_per_regulation=10))
        batches = [(batch.request_type, numbers(batch.submits)) for batch in planned.batches]
        assert batches == [(DELETE, [0, 3]), (SUPPRESS, [1, 4]), (UNSUPPRESS, [2, 5])]

    def test_none_is_larger_than_segment_takes(self) -> None:
        policy = Policy(requests_per_regulation=1_000_000, max_submissions_per_hour=1_000_000)
        planned = plan(requests(MAX_SUBJECTS + 1), Room(), NOW, policy)
        assert [len(batch.submits) for batch in planned.batches] == [5_000, 1]

    def test_the_ids_of_one_request_stay_together(self) -> None:
        """Behind an e-mail address there can be several; they count against Segment's limit and are never parted."""
        several = tuple(Identifier(f"user-{number}") for number in range(2_000))
        submits = [replace(submit, subjects=several) for submit in requests(5)]
        planned = plan(submits, Room(), NOW, Policy(requests_per_regulation=5))
        assert [numbers(batch.submits) for batch in planned.batches] == [[0, 1], [2, 3], [4]]

    @pytest.mark.parametrize("size", [0, -1])
    def test_a_senseless_size_is_one(self, size: int) -> None:
        planned = plan(requests(2), Room(), NOW, Policy(requests_per_regulation=size))
        assert [len(batch.submits) for batch in planned.batches] == [1, 1]

    @given(st.lists(st.sampled_from(RequestType), max_size=60), st.integers(1, 9), st.integers(0, 60))
    def test_every_request_is_sent_in_one_batch_or_postponed_and_none_is_lost(
        self, kinds: list[RequestType], size: int, limit: int
    ) -> None:
        submits = [a_submit(number, kind) for number, kind in enumerate(kinds)]
        policy = Policy(requests_per_regulation=size, max_submissions_per_hour=limit)
        planned = plan(submits, Room(), NOW, policy)
        waiting = numbers(tuple(item.submit for item in planned.postponed))
        assert sorted(allowed(planned) + waiting) == list(range(len(kinds)))
        assert len(allowed(planned)) == min(limit, len(kinds))
        for batch in planned.batches:
            assert {submit.request_type for submit in batch.submits} == {batch.request_type}
            assert 1 <= len(batch.submits) <= size


class TestOnePersonAtATime:
    """Of several rows about one person and action, the first is sent and the others join it."""

    @staticmethod
    def split(*submits: Submit) -> tuple[list[int], list[int]]:
        first, further = unique_first(submits)
        return numbers(tuple(first)), numbers(tuple(further))

    def test_different_people_all_go(self) -> None:
        assert self.split(*requests(3)) == ([0, 1, 2], [])

    def test_the_same_text_in_a_further_row_joins_the_first(self) -> None:
        again = replace(a_submit(1), row=replace(a_submit(1).row, identifier=a_submit(0).row.identifier))
        assert self.split(a_submit(0), again) == ([0], [1])

    def test_two_texts_that_lead_to_the_same_user_id_are_one_person(self) -> None:
        shared = (Identifier("the-same"),)
        assert self.split(replace(a_submit(0), subjects=shared), replace(a_submit(1), subjects=shared)) == ([0], [1])

    def test_another_action_for_the_same_person_is_another_request(self) -> None:
        other = replace(
            a_submit(1, SUPPRESS), row=replace(a_submit(1, SUPPRESS).row, identifier=a_submit(0).row.identifier)
        )
        assert self.split(a_submit(0), other) == ([0, 1], [])

    def test_a_row_that_repeats_what_it_joined_and_that_one_are_one_request(self) -> None:
        joined = replace(a_submit(1), leader=a_submit(0).leader)
        assert self.split(a_submit(0), joined) == ([0], [1])
