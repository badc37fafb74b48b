"""What the adapter makes of everything that can go wrong on the way to the Profile API and back."""

import base64
from datetime import timedelta
from typing import Any

import pytest
from tests.contract.profiles.conftest import Make, SandboxWorld
from tests.fakes.clock import FakeClock
from tests.fakes.real_clock import RealClock

from dsr_sandbox import Sandbox
from dsr_sync.core.model import Identifier
from dsr_sync.ports import Permanent, TokenRefused, Transient

ANN = Identifier("Ann+1@Example.com")
END = {"cursor": {"has_more": False, "next": ""}}


def entry(**changes: object) -> dict[str, object]:
    return {"id": "usr_1", "type": "user_id", "collection": "users", "encoding": "none"} | changes


def calls(sandbox: Sandbox) -> int:
    return len(sandbox.journal.entries("profiles"))


def test_the_look_up_is_made_in_the_documented_form(sandbox: Sandbox, adapter_world: SandboxWorld) -> None:
    adapter_world.put("ann+1@example.com", ["usr_1"])
    adapter_world.directory.user_ids(ANN)
    [call] = sandbox.journal.entries("profiles")
    assert call.method == "GET"
    assert call.path.endswith("/collections/users/profiles/email:ann%2B1%40example.com/external_ids")
    assert call.query == "include=user_id&limit=100"


def test_pages_are_followed_until_there_are_more_user_ids_than_a_person_has(
    sandbox: Sandbox, adapter_world: SandboxWorld
) -> None:
    adapter_world.put("ann+1@example.com", [f"usr_{number}" for number in range(1_000)])
    found = adapter_world.directory.user_ids(ANN)
    assert found is not None
    assert len(found) == 200
    first, second = (call.query for call in sandbox.journal.entries("profiles"))
    assert second == f"{first}&next=map_{100:027d}"


def test_the_pages_of_two_answers_are_put_together_and_nothing_is_counted_twice(
    sandbox: Sandbox, adapter_world: SandboxWorld
) -> None:
    more: dict[str, Any] = {"data": [entry(), entry(id="usr_2")], "cursor": {"has_more": True, "next": "map_1"}}
    for body in (more, {"data": [entry(), entry(type="anonymous_id"), entry(id="usr_3")], **END}):
        sandbox.faults.add("profiles", "json_200", body=body)
    found = adapter_world.directory.user_ids(ANN)
    assert [user_id.reveal() for user_id in found or ()] == ["usr_1", "usr_2", "usr_3"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"data": []},
        {"data": None, **END},
        {"data": ["usr_1"], **END},
        {"data": [entry(id=7)], **END},
        {"data": [entry(id="")], **END},
        {"data": [{"id": "usr_1"}], **END},
        {"data": [entry(encoding="base64")], **END},
        {"data": [entry()], "cursor": None},
        {"data": [entry()], "cursor": {"has_more": True}},
        {"data": [entry()], "cursor": {"has_more": True, "next": ""}},
        {"data": [entry()], "cursor": {"next": "map_1"}},
    ],
)
def test_an_answer_that_is_not_as_documented_is_not_taken_for_the_whole_truth(
    sandbox: Sandbox, adapter_world: SandboxWorld, body: object
) -> None:
    sandbox.faults.add("profiles", "json_200", body=body)
    with pytest.raises(Transient, match="cannot be understood"):
        adapter_world.directory.user_ids(ANN)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("cut", {}),
        ("truncate", {"bytes": 20}),
        ("html_200", {}),
        ("status", {"code": 500}),
        ("status", {"code": 503}),
        ("status", {"code": 302}),
        ("status", {"code": 404, "body": "<html>not found</html>"}),
        ("status", {"code": 404, "body": {"message": "no profile route matched"}}),
    ],
)
def test_what_did_not_come_from_the_api_may_be_tried_again_and_is_not_no_profile(
    sandbox: Sandbox, adapter_world: SandboxWorld, kind: str, options: dict[str, Any]
) -> None:
    adapter_world.put("ann+1@example.com", ["usr_1"])
    sandbox.faults.add("profiles", kind, **options)
    with pytest.raises(Transient):
        adapter_world.directory.user_ids(ANN)
    assert adapter_world.directory.user_ids(ANN) == (Identifier("usr_1"),)


def test_a_failure_on_the_second_page_voids_the_first(sandbox: Sandbox, adapter_world: SandboxWorld) -> None:
    more = {"data": [entry()], "cursor": {"has_more": True, "next": "map_1"}}
    sandbox.faults.add("profiles", "json_200", body=more)
    sandbox.faults.add("profiles", "cut", path="next=")
    with pytest.raises(Transient):
        adapter_world.directory.user_ids(ANN)


def test_pages_that_lead_in_a_circle_are_given_up(sandbox: Sandbox, adapter_world: SandboxWorld) -> None:
    more = {"data": [entry()], "cursor": {"has_more": True, "next": "map_1"}}
    sandbox.faults.add("profiles", "json_200", body=more, times=None)
    with pytest.raises(Transient, match="did not end"):
        adapter_world.directory.user_ids(ANN)
    assert calls(sandbox) == 20


def test_a_wrong_space_is_not_no_profile(make_directory: Make) -> None:
    with pytest.raises(Permanent) as raised:
        make_directory(space_id="spa_other/../x").user_ids(ANN)
    assert raised.value.status == 404
    assert not isinstance(raised.value, TokenRefused)


@pytest.mark.parametrize("code", [400, 422])
def test_what_the_api_refuses_is_permanent(sandbox: Sandbox, adapter_world: SandboxWorld, code: int) -> None:
    sandbox.faults.add("profiles", "status", code=code, body={"error": {"code": "validation_error"}})
    with pytest.raises(Permanent):
        adapter_world.directory.user_ids(ANN)


@pytest.mark.parametrize("token", ["wrong", "", "grün", "two\nlines"])
def test_a_wrong_token_is_named_with_its_setting(make_directory: Make, token: str) -> None:
    with pytest.raises(TokenRefused) as raised:
        make_directory(token=token).check()
    assert raised.value.setting == "segment.profiles.token"
    assert raised.value.scope == "read access to the profiles"


def test_a_token_without_the_right_is_refused_too(sandbox: Sandbox, adapter_world: SandboxWorld) -> None:
    sandbox.faults.add("profiles", "forbidden")
    with pytest.raises(TokenRefused):
        adapter_world.adapter.check()


def test_after_a_429_nothing_is_asked_until_its_time_has_come(sandbox: Sandbox, make_directory: Make) -> None:
    clock = FakeClock()
    directory = make_directory(clock)
    sandbox.faults.add("profiles", "status", code=429, body={"error": {"code": "rate_limit_error"}})
    sandbox.faults.add("profiles", "rate_limit", retry_after=20)
    for pause in (None, timedelta(seconds=20)):
        with pytest.raises(Transient) as raised:
            directory.check()
        assert raised.value.retry_after == pause
    before = calls(sandbox)
    with pytest.raises(Transient, match="locked out"):
        directory.check()
    assert calls(sandbox) == before
    clock.advance(20)
    directory.check()


def test_a_trickled_answer_ends_at_the_deadline(sandbox: Sandbox, make_directory: Make) -> None:
    sandbox.faults.add("profiles", "trickle", bytes=1, every_seconds=0.2)
    with pytest.raises(Transient, match="in time"):
        make_directory(RealClock(), deadline_seconds=0.5).user_ids(ANN)


def test_nobody_listening_is_a_reason_to_try_again(make_directory: Make) -> None:
    with pytest.raises(Transient):
        make_directory(endpoint_url="http://127.0.0.1:9").check()


def test_check_finds_space_and_token_right_without_naming_anybody(
    sandbox: Sandbox, adapter_world: SandboxWorld
) -> None:
    adapter_world.adapter.check()
    [call] = sandbox.journal.entries("profiles")
    assert "invalid" in call.path


def test_no_error_holds_the_address_the_token_or_a_url(sandbox: Sandbox, adapter_world: SandboxWorld) -> None:
    basic = base64.b64encode(f"{sandbox.profiles_token}:".encode()).decode()
    for code in (400, 401, 404, 429, 500):
        echo = {"error": {"code": "x", "message": "ann+1@example.com is odd"}}
        sandbox.faults.add("profiles", "status", code=code, body=echo)
        with pytest.raises((Permanent, Transient)) as raised:
            adapter_world.directory.user_ids(ANN)
        shown = f"{raised.value!r} {raised.value} {raised.value.args} {raised.value.__cause__!r}".lower()
        assert not [word for word in ("ann", "example", sandbox.profiles_token, basic, "http://") if word in shown]
    assert sandbox.profiles_token not in repr(vars(adapter_world.adapter))
