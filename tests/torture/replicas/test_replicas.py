"""Two replicas of the installed daemon on a PostgreSQL ledger, and what is done to the one that leads.

The long versions, with three replicas too, are in `__main__.py`.
"""

import math
import signal
from random import Random

from tests.e2e.process import until
from tests.torture.replicas import trials
from tests.torture.replicas.fleet import TTL, Fleet
from tests.torture.replicas.replica import Replica

_BUSY = 1.5
"""Seconds more, for a machine that does other things at the same time. The long versions grant none."""


def test_the_standby_answers_its_pages_and_asks_the_services_nothing(pair: Fleet) -> None:
    pair.wait_served(pair.ask(1))
    [standby] = [replica for replica in pair.living() if replica is not pair.leader()]
    ready = standby.daemon.page("/readyz")
    assert (ready.status_code, ready.json()["state"]) == (200, "standing by")
    assert standby.daemon.page("/healthz").status_code == 200
    assert "dsr_sync_build_info" in standby.daemon.page("/metrics").text
    assert pair.calls_of(pair.leader(), pair.leader_since())
    assert not pair.calls_of(standby, pair.leader_since())


def test_after_kill_9_another_replica_leads_within_the_lease_and_two_seconds(pair: Fleet) -> None:
    assert trials.takeover(pair, signal.SIGKILL).since_signal <= TTL + 2
    pair.wait_served(pair.ask(1))
    assert trials.broken(pair) == []


def test_after_sigterm_another_replica_leads_within_a_second(pair: Fleet) -> None:
    assert trials.takeover(pair, signal.SIGTERM).since_signal <= 1 + _BUSY
    pair.wait_served(pair.ask(1))
    assert trials.broken(pair) == []


def test_what_a_killed_leader_had_in_its_hands_is_done_once_by_the_next_one(pair: Fleet) -> None:
    names = trials.work_in_flight(pair)
    assert trials.takeover(pair, signal.SIGKILL).since_signal <= TTL + 2
    pair.wait_served(names)
    assert trials.broken(pair) == []


def test_a_leader_at_work_finishes_the_step_in_its_hands_after_sigterm_and_is_replaced_within_a_second(
    pair: Fleet,
) -> None:
    names = trials.work_in_flight(pair)
    assert trials.takeover(pair, signal.SIGTERM).since_release <= 1 + _BUSY
    pair.wait_served(names)
    assert trials.broken(pair) == []


def test_a_leader_paused_between_intent_and_post_dies_and_another_replica_sends_what_it_held_once(pair: Fleet) -> None:
    """Three terms later it is woken up: without the dead man's timer it would send what has long been sent again."""
    assert trials.pause_between_intent_and_post(pair)
    assert trials.broken(pair) == []


def test_a_leader_paused_at_any_other_moment_calls_nobody_any_more(pair: Fleet) -> None:
    assert trials.pause_at_random(pair, Random(1))
    assert trials.broken(pair) == []


def test_a_leader_that_its_timer_has_ended_before_it_could_be_stopped_is_told_from_one_that_was(pair: Fleet) -> None:
    leader = pair.leader()
    leader.signalled(signal.SIGALRM)
    until(lambda: not leader.alive, "its timer has ended it")
    assert not leader.stopped()
    pair.ready()
    assert trials.broken(pair) == []


def test_a_leader_whose_connections_are_cut_doubles_nothing_and_shares_the_lead_with_nobody(pair: Fleet) -> None:
    assert trials.cut_off_again_and_again(pair, times=3, every=2) >= 3
    assert trials.broken(pair) == []


def test_while_the_database_is_away_nobody_leads_and_when_it_is_back_work_goes_on_without_a_restart(
    pair: Fleet,
) -> None:
    with pair.without_database():
        names = pair.ask(1)
        until(lambda: {one.state() for one in pair.living()} == {"ledger trouble"}, "both say that they have no ledger")
        assert {one.daemon.page("/healthz").status_code for one in pair.living()} == {200}
        assert [leads(one) for one in pair.living()] == [0, 0]
    pair.wait_served(names)
    assert trials.broken(pair) == []


def test_a_leader_that_slept_through_its_term_shows_its_old_numbers_no_more(pair: Fleet) -> None:
    former = pair.living()
    sleeper = pair.start(DSR_SYNC_SCHEDULE__POLL_SECONDS="60")  # nothing is in its hands when it is stopped
    for each in former:
        assert each.daemon.stopped() == 0
    until(lambda: sleeper.daemon.process.events("tick.finished"), "it leads and has ticked")
    until(lambda: (leads(sleeper), number(sleeper, "ambiguous_requests")) == (1, 0), "it shows its numbers")
    other = pair.start()
    assert sleeper.stopped()
    until(lambda: pair.leader() is other, "the other one leads")
    sleeper.signalled(signal.SIGCONT)
    until(lambda: sleeper.state() == "standing by", "it stands by")
    assert leads(sleeper) == 0
    until(lambda: leads(other) == 1, "the other one says that it leads")  # a moment after its log says so
    assert math.isnan(number(sleeper, "ambiguous_requests"))
    assert math.isnan(number(sleeper, "poll_last_success_timestamp_seconds"))
    assert sleeper.daemon.stopped() == 0
    pair.ready()
    assert trials.broken(pair) == []


def number(replica: Replica, gauge: str) -> float:
    """What a gauge without labels says."""
    lines = replica.daemon.page("/metrics").text.splitlines()
    [value] = [line.split()[1] for line in lines if line.startswith(f"dsr_sync_{gauge} ")]
    return float(value)


def leads(replica: Replica) -> float:
    """1 if it says that it leads."""
    return number(replica, "leader")


def test_sigterm_ends_a_leader_with_exit_0_also_when_the_database_is_away(pair: Fleet) -> None:
    leader = pair.leader()
    with pair.without_database():
        assert leader.daemon.stopped() == 0
    pair.ready()
    assert trials.broken(pair) == []
