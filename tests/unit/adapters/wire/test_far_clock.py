from datetime import timedelta
from email.utils import format_datetime

import pytest
from tests.fakes.clock import FakeClock

from dsr_sync.adapters.wire import FarClock


def test_without_an_answer_nothing_is_known_and_nothing_is_ahead() -> None:
    assert FarClock(FakeClock()).ahead() == timedelta(0)


@pytest.mark.parametrize("seconds", [-3_600, 0, 600])
def test_the_difference_to_the_services_date_is_told(seconds: int) -> None:
    clock = FakeClock()
    far = FarClock(clock)
    far.heard({"date": format_datetime(clock.now() - timedelta(seconds=seconds), usegmt=True)})
    assert far.ahead() == timedelta(seconds=seconds)


def test_time_that_passes_on_both_sides_changes_nothing() -> None:
    clock = FakeClock()
    far = FarClock(clock)
    far.heard({"date": format_datetime(clock.now(), usegmt=True)})
    clock.advance(86_400)
    assert far.ahead() == timedelta(0)


def test_a_wall_clock_that_is_set_forward_is_noticed_without_another_answer() -> None:
    clock = FakeClock()
    far = FarClock(clock)
    far.heard({"date": format_datetime(clock.now(), usegmt=True)})
    clock.set_wall_clock(clock.now() + timedelta(hours=1))
    assert far.ahead() == timedelta(hours=1)


@pytest.mark.parametrize("headers", [{}, {"date": ""}, {"date": "yesterday"}])
def test_an_answer_without_a_readable_date_keeps_what_was_known(headers: dict[str, str]) -> None:
    clock = FakeClock()
    far = FarClock(clock)
    far.heard({"date": format_datetime(clock.now() - timedelta(minutes=7), usegmt=True)})
    far.heard(headers)
    assert far.ahead() == timedelta(minutes=7)
