"""What the official Python client puts on the wire, byte for byte, and what its models insist on in the answers."""

import http.client
import json
from typing import Any

import pytest

from dsr_sandbox import Sandbox
from dsr_sandbox.segment.model import STATUSES
from dsr_sandbox.segment.workspace import SHOP, WEBSITE

PAGINATION = "pagination=%7B%22cursor%22%3A%20%22MA%3D%3D%22%2C%20%22count%22%3A%201000%7D"
READS = {
    "regulations": "/regulations",
    "filtered": f"/regulations?status=RUNNING&regulationTypes=SUPPRESS_ONLY&regulationTypes=DELETE_ONLY&{PAGINATION}",
    "without cursor": "/regulations?regulationTypes=SUPPRESS_ONLY&pagination=%7B%22count%22%3A%2010%7D",
    "of source": f"/regulations/sources/{WEBSITE.id}"
    f"?status=FINISHED&regulationTypes=DELETE_ONLY&regulationTypes=UNSUPPRESS&{PAGINATION}",
    "suppressions": f"/suppressions?{PAGINATION}",
}
CREATIONS = {
    "/regulations": '{"regulationType": "SUPPRESS_WITH_DELETE", "subjectType": "USER_ID", '
    '"subjectIds": ["user-1", "Zo\\u00eb \\"q\\" +/&="]}',
    f"/regulations/sources/{WEBSITE.id}": '{"regulationType": "SUPPRESS_ONLY", "subjectType": "USER_ID", '
    '"subjectIds": ["user-1"]}',
    f"/regulations/cloudsources/{SHOP.id}": '{"regulationType": "SUPPRESS_ONLY", "subjectType": "OBJECT_ID", '
    '"subjectIds": ["obj-1"], "collection": "some-app-collection"}',
}


def call(sandbox: Sandbox, method: str, target: str, body: str | None = None) -> tuple[int, str, Any]:
    """One call with the headers of version 73.2.0, in its order."""
    connection = http.client.HTTPConnection(sandbox.segment_url.removeprefix("http://"), timeout=5)
    try:
        connection.putrequest(method, target, skip_accept_encoding=True)
        connection.putheader("Accept-Encoding", "identity")
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.putheader("Accept", "application/vnd.segment.v1+json")
        if body is not None:
            connection.putheader("Content-Type", "application/json")
        connection.putheader("User-Agent", "Public API SDK 73.2.0 (Python)")
        connection.putheader("Authorization", f"Bearer {sandbox.segment_token}")
        connection.endheaders(body.encode() if body else None)
        with connection.getresponse() as response:
            return response.status, response.headers["Content-Type"], json.loads(response.read())
    finally:
        connection.close()


def check_regulation(regulation: dict[str, Any]) -> None:
    """What the client's model of a single regulation refuses otherwise."""
    assert all(isinstance(regulation[name], str) for name in ("id", "workspaceId", "createdAt"))
    assert regulation["overallStatus"] in STATUSES
    for stream in regulation["streamStatus"]:
        assert isinstance(stream["id"], str)
        for destination in stream["destinationStatus"]:
            assert all(isinstance(destination[name], str) for name in ("name", "id", "errString", "finishedAt"))
            assert destination["status"] in STATUSES


def check_list(content: dict[str, Any]) -> None:
    """What the client's models of lists refuse otherwise."""
    assert isinstance(content["pagination"]["current"], str)
    for regulation in content.get("regulations", []):
        assert all(isinstance(regulation[name], str) for name in ("id", "subjectType", "createdAt", "regulationType"))
        assert regulation["status"] in STATUSES
        assert all(isinstance(subject, str) for subject in regulation["subjects"])


@pytest.mark.parametrize("target", CREATIONS)
def test_every_creation_of_the_client_is_taken(sandbox: Sandbox, target: str) -> None:
    status, kind, content = call(sandbox, "POST", target, CREATIONS[target])
    assert (status, kind) == (200, "application/vnd.segment.v1+json")
    status, kind, content = call(sandbox, "GET", f"/regulations/{content['data']['regulateId']}")
    assert (status, kind) == (200, "application/vnd.segment.v1+json")
    check_regulation(content["data"]["regulation"])
    [made] = sandbox.segment.workspace.regulations()
    assert list(made.order.subjects) == json.loads(CREATIONS[target])["subjectIds"]


@pytest.mark.parametrize("name", READS)
def test_every_list_call_of_the_client_is_understood(sandbox: Sandbox, name: str) -> None:
    for target, body in CREATIONS.items():
        assert call(sandbox, "POST", target, body)[0] == 200
    sandbox.clock.advance(6)
    status, kind, content = call(sandbox, "GET", READS[name])
    assert (status, kind) == (200, "application/vnd.segment.v1+json")
    check_list(content["data"])
    shown = content["data"].get("regulations", content["data"].get("suppressed"))
    assert len(shown) == {"regulations": 3, "without cursor": 2, "suppressions": 4}.get(name, 0)


def test_an_id_with_reserved_characters_is_one_path_segment(sandbox: Sandbox) -> None:
    status, kind, content = call(sandbox, "GET", "/regulations/a%2Fb%20c%3Fd")
    assert (status, kind) == (404, "application/json")
    assert content["errors"][0]["type"]
