"""Requests of one person are sent in the order in which they were made, however they are batched."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.core.made import NOW, a_submit

from dsr_sync.core.actions import Submit
from dsr_sync.core.model import Identifier, RequestType
from dsr_sync.core.plan import Room, plan
from dsr_sync.core.policy import Policy

DELETE, SUPPRESS, UNSUPPRESS = RequestType


def about(number: int, kind: RequestType, *persons: str) -> Submit:
    """A request with this number that leads to these people."""
    return replace(a_submit(number, kind), subjects=tuple(map(Identifier, persons)))


def batched(submits: list[Submit], size: int = 10) -> list[tuple[RequestType, list[int]]]:
    """The batches: their types, and the numbers of the requests in them."""
    planned = plan(submits, Room(), NOW, Policy(requests_per_regulation=size, max_submissions_per_hour=1_000))
    return [
        (batch.request_type, [int(submit.row.record_id[3:]) for submit in batch.submits]) for batch in planned.batches
    ]


def test_of_two_wishes_of_one_person_the_later_is_sent_later() -> None:
    submits = [about(0, UNSUPPRESS, "ann"), about(1, SUPPRESS, "ann")]
    assert batched(submits) == [(UNSUPPRESS, [0]), (SUPPRESS, [1])]


def test_a_request_does_not_join_a_batch_that_goes_before_an_earlier_one_of_the_same_person() -> None:
    submits = [about(0, SUPPRESS, "bob"), about(1, UNSUPPRESS, "ann"), about(2, SUPPRESS, "ann")]
    assert batched(submits) == [(SUPPRESS, [0]), (UNSUPPRESS, [1]), (SUPPRESS, [2])]


def test_requests_of_different_people_still_fill_one_batch_of_each_type() -> None:
    submits = [about(0, SUPPRESS, "ann"), about(1, DELETE, "bob"), about(2, SUPPRESS, "cid"), about(3, DELETE, "dan")]
    assert batched(submits) == [(SUPPRESS, [0, 2]), (DELETE, [1, 3])]


def test_what_goes_is_told_in_the_order_given() -> None:
    submits = [about(0, SUPPRESS, "ann"), about(1, DELETE, "bob"), about(2, SUPPRESS, "cid")]
    assert plan(submits, Room(), NOW, Policy(requests_per_regulation=10)).allowed == tuple(submits)


@given(
    st.lists(st.tuples(st.sampled_from(RequestType), st.sets(st.sampled_from("abcd"), min_size=1)), max_size=30),
    st.integers(1, 6),
)
def test_no_two_requests_about_one_person_ever_change_places(
    wishes: list[tuple[RequestType, set[str]]], size: int
) -> None:
    submits = [about(number, kind, *sorted(persons)) for number, (kind, persons) in enumerate(wishes)]
    order = [number for _, numbers in batched(submits, size) for number in numbers]
    assert sorted(order) == list(range(len(wishes)))
    for person in "abcd":
        own = [number for number in order if person in wishes[number][1]]
        assert own == sorted(own)
