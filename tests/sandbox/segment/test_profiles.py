"""The Profile API: who a person is."""

from typing import Any

import httpx
import pytest

from dsr_sandbox import Sandbox

JANE = {
    "external_ids": [
        {"type": "user_id", "id": "u-1"},
        {"type": "user_id", "id": "U-2"},
        {"type": "email", "id": "Jane+x@example.com"},
        {"type": "anonymous_id", "id": "anon"},
    ],
    "traits": {"first_name": "Jane", "plan": "pro"},
}
BY_EMAIL = "email:jane%2Bx%40example.com"


@pytest.fixture(autouse=True)
def jane(sandbox: Sandbox) -> None:
    sandbox.segment.profiles.put([JANE])


def path(profile: str = BY_EMAIL, what: str = "external_ids", space: str = "spa_sandbox") -> str:
    return f"/v1/spaces/{space}/collections/users/profiles/{profile}/{what}"


def error(response: httpx.Response) -> Any:
    return response.json()["error"]["code"]


def test_an_email_leads_to_every_user_id_of_the_person(profiles: httpx.Client) -> None:
    response = profiles.get(path(), params={"include": "user_id", "limit": 100})
    assert response.status_code == 200
    assert [entry["id"] for entry in response.json()["data"]] == ["u-1", "U-2"]
    assert response.json()["data"][0].keys() == {
        "source_id",
        "collection",
        "id",
        "type",
        "created_at",
        "encoding",
        "first_message_id",
    }
    assert response.json()["cursor"]["has_more"] is False
    assert response.headers["Request-Id"]


def test_long_lists_come_in_pages(profiles: httpx.Client) -> None:
    first = profiles.get(path(), params={"limit": 3}).json()
    assert first["cursor"]["has_more"] is True
    assert first["cursor"]["next"].startswith("map_")
    second = profiles.get(path(), params={"limit": 3, "next": first["cursor"]["next"]}).json()
    assert [entry["type"] for entry in first["data"] + second["data"]] == [
        "user_id",
        "user_id",
        "email",
        "anonymous_id",
    ]
    assert second["cursor"]["has_more"] is False


def test_pages_can_be_made_shorter_than_what_is_asked_for(profiles: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.segment.limits.profiles_page = 1
    params = {"include": "user_id", "limit": "100"}
    first = profiles.get(path(), params=params).json()
    second = profiles.get(path(), params=params | {"next": first["cursor"]["next"]}).json()
    assert [[entry["id"] for entry in page["data"]] for page in (first, second)] == [["u-1"], ["U-2"]]
    assert (first["cursor"]["has_more"], second["cursor"]["has_more"]) == (True, False)


def test_traits_and_metadata_are_served(profiles: httpx.Client) -> None:
    assert profiles.get(path(what="traits")).json()["traits"] == JANE["traits"]
    assert profiles.get(path(what="traits"), params={"include": "plan"}).json()["traits"] == {"plan": "pro"}
    assert profiles.get(path(what="metadata")).json()["metadata"]["expires_at"] is None


def test_upper_case_finds_nobody_and_lower_case_finds_what_was_stored_in_upper_case(profiles: httpx.Client) -> None:
    upper = profiles.get(path("email:Jane%2Bx%40example.com"))
    assert (upper.status_code, error(upper)) == (404, "not_found")
    assert profiles.get(path("user_id:u-2")).status_code == 200


@pytest.mark.parametrize("value", ["email:jane%2Bx@example.com", "email:jane+x%40example.com", "user_id:a:b"])
def test_a_value_that_is_not_percent_encoded_breaks_the_service(profiles: httpx.Client, value: str) -> None:
    assert profiles.get(path(value)).status_code == 500


def test_an_encoded_slash_and_colon_belong_to_the_value(profiles: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.segment.profiles.put([{"external_ids": [{"type": "user_id", "id": "a/b:c"}]}])
    assert profiles.get(path("user_id:a%2Fb%3Ac")).status_code == 200


@pytest.mark.parametrize("auth", [("wrong", ""), ("profile_sandbox", "password"), ("", "")])
def test_only_the_access_token_with_a_blank_password_opens(profiles: httpx.Client, auth: tuple[str, str]) -> None:
    response = profiles.get(path(), auth=auth)
    assert (response.status_code, error(response)) == (401, "authentication_error")


def test_a_bearer_token_does_not_open(sandbox: Sandbox) -> None:
    response = httpx.get(sandbox.segment_url + path(), headers={"Authorization": "Bearer profile_sandbox"})
    assert response.status_code == 401


@pytest.mark.parametrize(
    "where", [path("email:nobody%40example.com"), path(space="other"), path(what="secrets"), "/v1/spaces/spa_sandbox"]
)
def test_what_is_not_there_is_404(profiles: httpx.Client, where: str) -> None:
    response = profiles.get(where)
    assert (response.status_code, error(response)) == (404, "not_found")


@pytest.mark.parametrize("params", [{"limit": "0"}, {"limit": "101"}, {"limit": "many"}, {"next": "nonsense"}])
def test_a_bad_parameter_is_400(profiles: httpx.Client, params: dict[str, str]) -> None:
    response = profiles.get(path(), params=params)
    assert (response.status_code, error(response)) == (400, "validation_error")


def test_more_than_a_hundred_requests_a_second_are_429(profiles: httpx.Client, sandbox: Sandbox) -> None:
    statuses = [profiles.get(path()).status_code for _ in range(101)]
    assert statuses == [200] * 100 + [429]
    sandbox.clock.advance(1)
    assert profiles.get(path()).status_code == 200


def test_a_person_is_gone_once_all_of_their_user_ids_are_deleted(profiles: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.segment.add_regulation({"subjects": ["u-1"]})
    sandbox.clock.advance(6)
    assert profiles.get(path()).status_code == 200
    sandbox.segment.add_regulation({"subjects": ["U-2"]})
    assert profiles.get(path()).status_code == 200
    sandbox.clock.advance(6)
    assert profiles.get(path()).status_code == 404


def test_the_lookups_are_in_the_journal_under_their_own_name(profiles: httpx.Client, sandbox: Sandbox) -> None:
    profiles.get(path())
    [entry] = sandbox.journal.entries(service="profiles")
    assert entry.path == path()
    assert entry.headers["authorization"].startswith("Basic …")
    assert len(entry.headers["authorization"]) == len("Basic …") + 4
