from datetime import timedelta

import pytest
from tests.fakes.clock import FakeClock

from dsr_sync.adapters.wire import Lockout, Pace
from dsr_sync.ports import Transient


def make(per_second: float) -> tuple[FakeClock, Lockout, Pace]:
    clock = FakeClock()
    lockout = Lockout(clock)
    return clock, lockout, Pace("airtable", per_second, clock, lockout)


def starts_of(calls: int, per_second: float, each_takes: float = 0.0) -> list[float]:
    clock, _, pace = make(per_second)
    starts = []
    for _ in range(calls):
        with pace.turn():
            starts.append(clock.monotonic())
            clock.advance(each_takes)
    return starts


def most_in_a_second(moments: list[float]) -> int:
    return max(sum(1 for other in moments if first <= other < first + 1.0 - 1e-9) for first in moments)


@pytest.mark.parametrize(("per_second", "most"), [(4.5, 5), (9.0, 9), (5.0, 5), (0.5, 1), (2.2, 3)])
def test_no_second_ever_sees_more_than_the_rate_rounded_up(per_second: float, most: int) -> None:
    assert most_in_a_second(starts_of(300, per_second)) <= most


@pytest.mark.parametrize(("per_second", "most"), [(4.5, 5), (9.0, 10)])
@pytest.mark.parametrize("each_takes", [0.0, 0.02, 0.09])
def test_a_thousand_calls_use_the_whole_rate_although_they_take_their_time(
    per_second: float, most: int, each_takes: float
) -> None:
    clock = FakeClock()
    pace, starts = Pace("airtable", per_second, clock, Lockout(clock), most), []
    for _ in range(1_000):
        with pace.turn():
            starts.append(clock.monotonic())
            clock.advance(each_takes)
    assert 999 / (starts[-1] - starts[0]) >= per_second * 0.9999
    assert most_in_a_second(starts) <= most
    assert most_in_a_second([start + each_takes for start in starts]) <= most


def test_calls_that_take_long_count_until_the_service_has_surely_seen_them() -> None:
    clock, _, pace = make(1.0)
    with pace.turn():
        clock.advance(5)  # it arrived anywhere within these five seconds
    with pace.turn():
        assert clock.monotonic() == pytest.approx(6.0)


def test_the_first_calls_are_not_held_up() -> None:
    assert starts_of(5, 4.5) == [0.0] * 5


def test_a_call_that_fails_counts_like_any_other() -> None:
    clock, _, pace = make(1.0)
    with pytest.raises(RuntimeError), pace.turn():
        raise RuntimeError
    with pace.turn():
        assert clock.monotonic() == pytest.approx(1.0)


def test_a_short_lockout_is_waited_out() -> None:
    clock, lockout, pace = make(5.0)
    lockout.impose(2.5)
    with pace.turn():
        assert clock.monotonic() >= 2.5


def test_a_long_lockout_says_when_to_come_back_instead_of_waiting() -> None:
    clock, lockout, pace = make(5.0)
    lockout.impose(30)
    clock.advance(10)
    with pytest.raises(Transient) as raised, pace.turn():
        pytest.fail("nothing may be called during a lock-out")
    assert raised.value.retry_after == timedelta(seconds=20)
    assert clock.waits == []


def test_after_the_lockout_calls_go_on() -> None:
    clock, lockout, pace = make(5.0)
    lockout.impose(30)
    clock.advance(30)
    with pace.turn():
        assert clock.monotonic() == 30


def test_a_shorter_lockout_does_not_end_a_longer_one() -> None:
    clock = FakeClock()
    lockout = Lockout(clock)
    lockout.impose(30)
    lockout.impose(1)
    assert lockout.left() == 30


def test_two_paces_to_one_host_share_its_lockout() -> None:
    clock, lockout, _ = make(5.0)
    other = Pace("airtable", 9.0, clock, lockout)
    lockout.impose(30)
    with pytest.raises(Transient), other.turn():
        pytest.fail("nothing may be called during a lock-out")


def test_it_says_without_waiting_how_far_away_the_next_turn_is() -> None:
    clock, lockout, pace = make(0.1)
    assert pace.turn_in() == 0.0
    with pace.turn():
        pass
    assert pace.turn_in() == 10.0
    clock.advance(8)
    lockout.impose(3)
    assert pace.turn_in() == 3.0
    lockout.impose(60)  # which nobody waits for: the call says when to come back
    assert pace.turn_in() == 2.0
    assert clock.waits == []


def test_a_stop_ends_the_wait_and_nothing_is_called() -> None:
    clock, _, pace = make(1.0)
    with pace.turn():
        clock.stop()
    with pytest.raises(Transient), pace.turn():
        pytest.fail("nothing may be called after a stop")


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan")])
def test_a_rate_that_lets_nothing_through_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        make(rate)
