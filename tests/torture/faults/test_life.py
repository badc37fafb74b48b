"""A sample of the faults in the middle of a life; the long version has all of them, after every call."""

import pytest
from tests.torture.faults.__main__ import broken_in
from tests.torture.faults.life import Tried, tried
from tests.torture.faults.table import FAULTS

_SAMPLE = [
    (1, "three times", 3),
    (9, "late", 2),
    (13, "an answer lost, then 90 days on", 3),
    (15, "locked", 2),
    (16, "stopped", 7),
]


@pytest.mark.parametrize(("number", "way", "moment"), _SAMPLE)
def test_nothing_is_lost_doubled_or_leaked_if_it_goes_wrong_after_this_call(number: int, way: str, moment: int) -> None:
    [fault] = [fault for fault in FAULTS if fault.number == number]
    assert tried(fault, fault.ways[way], moment) == Tried(struck=True, broken=[])


def test_the_table_has_every_fault_that_can_begin_between_two_calls() -> None:
    elsewhere = {3, 14, 17, 18}  # see the table
    assert [fault.number for fault in FAULTS] == [number for number in range(1, 21) if number not in elsewhere]


def test_a_fault_that_waits_for_a_call_that_never_comes_counts_for_nothing() -> None:
    [lost] = [fault for fault in FAULTS if fault.number == 6]
    assert not tried(lost, lost.ways["cut"], 15).struck


def test_a_way_that_never_struck_makes_the_row_broken() -> None:
    done = [("cut", "one", Tried(struck=True, broken=[])), ("500", "two", Tried(struck=False, broken=[]))]
    assert [name for name, _ in broken_in(("cut", "500"), done)] == ["500"]
