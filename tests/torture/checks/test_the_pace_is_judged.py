"""The services' limits: each is broken once, by hand, in a made-up history and against a sandbox over HTTP."""

from pathlib import Path

import httpx
import pytest
from tests.torture.checker import Call, History, check, said
from tests.torture.checks.made import a_history
from tests.torture.faults.bench import bench
from tests.torture.faults.ways import quota_used_up

from dsr_sandbox.staff import NO_AUTHORITIES


def found(history: History) -> str:
    return said(check(history))


def test_six_calls_to_airtable_in_a_second_are_found_and_five_are_not() -> None:
    six = [Call(index * 0.19, "airtable") for index in range(6)]
    assert "Airtable was called more than 5 times in one second" in found(a_history(calls=six))
    assert found(a_history(calls=six[:5])) == ""


def test_eleven_creations_in_a_second_are_found() -> None:
    eleven = [Call(index * 0.09, "segment", creates=True) for index in range(11)]
    assert "regulations were created more than 10 times in one second" in found(a_history(calls=eleven))


def test_a_call_during_airtables_lock_out_is_found() -> None:
    pushed = [Call(0.0, "airtable", status=429), Call(29.0, "airtable")]
    assert "airtable was called 29.0 s after a 429 that asked for 30.0 s" in found(a_history(calls=pushed))


def test_a_call_before_segment_asked_to_be_called_again_is_found() -> None:
    pushed = [Call(0.0, "segment", status=429, pause=60.0), Call(59.0, "segment")]
    assert "segment was called 59.0 s after a 429" in found(a_history(calls=pushed))


def test_nobody_need_wait_longer_than_an_hour_whatever_a_429_asks_for() -> None:
    pushed = [Call(0.0, "segment", status=429, pause=9_999_999.0), Call(3_600.0, "segment")]
    assert found(a_history(calls=pushed)) == ""


@pytest.mark.parametrize(
    ("service", "fault"),
    [
        ("segment", {"retry_after": 90}),
        ("segment", {"form": "points", "ms_before_next": 90_000}),
        ("segment", {"retry_after": "Thu, 01 Jan 2122 00:00:00 GMT"}),
        ("airtable", {"retry_after": 90}),
    ],
    ids=["seconds", "milliseconds", "a date", "longer than Airtable's lock-out"],
)
def test_a_call_inside_a_pause_that_a_service_asked_for_over_http_is_found(
    tmp_path: Path, service: str, fault: dict[str, object]
) -> None:
    with bench(tmp_path) as world:
        world.fault(service, "rate_limit", **fault)
        url = {"segment": world.box.segment_url, "airtable": world.box.airtable_url}[service]
        for _ in range(2):
            httpx.get(f"{url}/regulations", verify=NO_AUTHORITIES)
            world.box.clock.advance(60)
        assert f"{service} was called 60.0 s after a 429 that asked for" in said(world.judged())


def test_a_months_quota_that_is_used_up_holds_back_creations_and_nobody_is_asked_to_be_silent(tmp_path: Path) -> None:
    with bench(tmp_path) as world, quota_used_up(world) as struck:
        world.ask("ann")
        world.later(120)
        assert struck()
        assert {entry.pause for entry in world.calls("segment", method="POST")} == {None}
        assert said(world.judged(calm=False)) == ""
