"""A sample of the faults in the middle of a life; the long version has all of them, after every call."""

import pytest
from tests.torture.faults.life import broken
from tests.torture.faults.table import FAULTS

_SAMPLE = [(1, "three times", 3), (9, "late", 4), (13, "90 days on", 5), (15, "locked", 2), (16, "stopped", 7)]


@pytest.mark.parametrize(("number", "way", "moment"), _SAMPLE)
def test_nothing_is_lost_doubled_or_leaked_if_it_goes_wrong_after_this_call(number: int, way: str, moment: int) -> None:
    [fault] = [fault for fault in FAULTS if fault.number == number]
    assert broken(fault, fault.ways[way], moment) == []


def test_the_table_has_every_fault_that_can_begin_between_two_calls() -> None:
    elsewhere = {3, 14, 17, 18}  # see the table
    assert [fault.number for fault in FAULTS] == [number for number in range(1, 21) if number not in elsewhere]
