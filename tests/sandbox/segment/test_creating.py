"""What the three creating endpoints accept, refuse and count."""

import json
from typing import Any

import httpx
import pytest

from dsr_sandbox import Sandbox
from dsr_sandbox.segment.workspace import SHOP, WEBSITE

DELETE = {"regulationType": "SUPPRESS_WITH_DELETE", "subjectType": "USER_ID", "subjectIds": ["user-1"]}


def errors(response: httpx.Response) -> list[dict[str, Any]]:
    assert response.headers["content-type"] == "application/json"
    assert "data" not in response.json()
    found: list[dict[str, Any]] = response.json()["errors"]
    return found


def test_a_creation_is_answered_200_with_a_regulate_id_of_27_characters(api: httpx.Client) -> None:
    response = api.post("/regulations", json=DELETE)
    assert response.status_code == 200
    assert list(response.json()) == ["data"]
    assert len(response.json()["data"]["regulateId"]) == 27


def test_the_same_order_twice_makes_two_regulations(api: httpx.Client) -> None:
    ids = {api.post("/regulations", json=DELETE).json()["data"]["regulateId"] for _ in range(2)}
    assert len(ids) == 2


@pytest.mark.parametrize(
    "kind", ["application/json", "application/vnd.segment.v1+json", "application/vnd.segment.v1beta+json"]
)
def test_every_media_type_of_a_body_is_read(api: httpx.Client, kind: str) -> None:
    response = api.post("/regulations", content=json.dumps(DELETE), headers={"Content-Type": kind})
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        ("application/vnd.segment.v1+json", "application/vnd.segment.v1+json"),
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        ("text/html, application/vnd.segment.v1+json;q=0.9", "application/vnd.segment.v1+json"),
    ],
)
def test_an_answer_has_the_media_type_that_was_asked_for(api: httpx.Client, accept: str, answered: str) -> None:
    assert api.get("/regulations", headers={"Accept": accept}).headers["content-type"] == answered


def test_an_error_is_plain_json_even_when_the_vendor_type_was_asked_for(api: httpx.Client) -> None:
    response = api.get("/regulations/none", headers={"Accept": "application/vnd.segment.v1+json"})
    assert errors(response) == [{"type": "not-found", "message": "regulation not found"}]
    assert response.status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"regulationType": "GDPR"}, "regulationType"),
        ({"regulationType": "DELETE_ARCHIVE_ONLY"}, "regulationType"),
        ({"subjectType": "ANONYMOUS_ID"}, "subjectType"),
        ({"subjectIds": "user-1"}, "subjectIds"),
        ({"subjectIds": []}, "subjectIds"),
        ({"subjectIds": ["a"] * 5001}, "subjectIds"),
        ({"subjectIds": ["a", 7]}, "subjectIds[1]"),
        ({"subjectIds": [""]}, "subjectIds[0]"),
    ],
)
def test_a_bad_field_is_422_and_named(api: httpx.Client, change: dict[str, Any], field: str) -> None:
    response = api.post("/regulations", json=DELETE | change)
    assert response.status_code == 422
    [error] = errors(response)
    assert error["type"] == "input-validation"
    assert error["field"] == field
    assert error["message"].startswith(f'"{field}" ')


def test_every_missing_field_has_its_own_entry(api: httpx.Client) -> None:
    found = errors(api.post("/regulations", json={}))
    assert [error["field"] for error in found] == ["regulationType", "subjectType", "subjectIds"]
    assert {error["message"].split(" ", 1)[1] for error in found} == {"is required"}


@pytest.mark.parametrize("body", [b"{", b"[]", b""])
def test_a_body_that_is_no_object_is_422(api: httpx.Client, body: bytes) -> None:
    assert api.post("/regulations", content=body).status_code == 422


def test_five_thousand_subjects_fit(api: httpx.Client) -> None:
    response = api.post("/regulations", json=DELETE | {"subjectIds": [f"user-{n}" for n in range(5000)]})
    assert response.status_code == 200
    assert response.headers["X-RateLimit-Consumed"] == "5000"


def test_a_body_above_four_megabytes_is_413_and_has_no_effect(api: httpx.Client, sandbox: Sandbox) -> None:
    assert api.post("/regulations", json=DELETE | {"subjectIds": ["x" * 4_000_000]}).status_code == 413
    assert sandbox.segment.workspace.regulations() == []


def test_identifiers_are_opaque(api: httpx.Client, sandbox: Sandbox) -> None:
    odd = [' Zoë "q" +/&= ', "ZOE", "zoe", "a\u0000b", "😀"]
    api.post("/regulations", json=DELETE | {"subjectIds": odd})
    [regulation] = sandbox.segment.workspace.regulations()
    assert list(regulation.order.subjects) == odd


def test_a_source_takes_archive_deletions_of_anonymous_ids(api: httpx.Client) -> None:
    order = {"regulationType": "DELETE_ARCHIVE_ONLY", "subjectType": "ANONYMOUS_ID", "subjectIds": ["anon"]}
    assert api.post(f"/regulations/sources/{WEBSITE.id}", json=order).status_code == 200


def test_an_anonymous_id_goes_with_archive_deletions_alone(api: httpx.Client) -> None:
    response = api.post(f"/regulations/sources/{WEBSITE.id}", json=DELETE | {"subjectType": "ANONYMOUS_ID"})
    assert [error["field"] for error in errors(response)] == ["subjectType"]


def test_a_source_takes_no_object_ids(api: httpx.Client) -> None:
    response = api.post(f"/regulations/sources/{WEBSITE.id}", json=DELETE | {"subjectType": "OBJECT_ID"})
    assert response.status_code == 422


def test_a_cloud_source_takes_object_ids_of_a_collection(api: httpx.Client) -> None:
    order = {"regulationType": "SUPPRESS_ONLY", "subjectType": "OBJECT_ID", "subjectIds": ["o"], "sourceId": SHOP.id}
    path = f"/regulations/cloudsources/{SHOP.id}"
    assert [error["field"] for error in errors(api.post(path, json=order))] == ["collection"]
    assert api.post(path, json=order | {"collection": "orders"}).status_code == 200
    assert api.post(path, json=order | {"collection": "orders", "subjectType": "USER_ID"}).status_code == 422


@pytest.mark.parametrize("path", ["/regulations/sources/none", f"/regulations/sources/{SHOP.id}"])
def test_an_unknown_source_is_404(api: httpx.Client, path: str) -> None:
    response = api.post(path, json=DELETE)
    assert response.status_code == 404
    assert errors(response) == [{"type": "not-found", "message": "source not found"}]


@pytest.mark.parametrize("authorization", ["", "Bearer wrong", "Basic sgp_sandbox"])
def test_a_call_without_a_known_token_is_401(api: httpx.Client, authorization: str) -> None:
    response = api.get("/", headers={"Authorization": authorization})
    assert response.status_code == 401
    assert errors(response)


def test_a_token_without_the_permission_is_403(api: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.segment.tokens["sgp_reader"] = {"read"}
    reader = {"Authorization": "Bearer sgp_reader"}
    assert api.get("/regulations", headers=reader).status_code == 200
    assert api.post("/regulations", json=DELETE, headers=reader).status_code == 403
    assert sandbox.segment.workspace.regulations() == []


def test_a_regulation_cannot_be_deleted(api: httpx.Client) -> None:
    regulation = api.post("/regulations", json=DELETE).json()["data"]["regulateId"]
    response = api.delete(f"/regulations/{regulation}")
    assert response.status_code == 404
    assert errors(response)[0]["type"] == "not-found"


@pytest.mark.parametrize("path", ["/v1/regulations", "/regulations/", "/nothing"])
def test_an_unknown_path_is_404_in_the_envelope(api: httpx.Client, path: str) -> None:
    response = api.get(path)
    assert response.status_code == 404
    assert errors(response)


def test_the_workspace_is_at_the_root(api: httpx.Client, sandbox: Sandbox) -> None:
    workspace = api.get("/").json()["data"]["workspace"]
    assert workspace["id"] == sandbox.segment.workspace.id
    assert len(workspace["id"]) == 22


def test_the_sources_are_listed(api: httpx.Client) -> None:
    content = api.get("/sources", params={"pagination.count": 2}).json()["data"]
    assert [source["name"] for source in content["sources"]] == ["Website", "Mobile app"]
    assert content["pagination"]["next"]
