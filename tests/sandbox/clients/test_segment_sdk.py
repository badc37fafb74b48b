"""Segment's official TypeScript client 47.0.0-b8398, unchanged, as a client of the emulator."""

from collections.abc import Callable
from typing import Any

import pytest

from dsr_sandbox.segment.workspace import SHOP, WEBSITE
from dsr_sandbox.server import Sandbox


@pytest.fixture
def seen(sandbox: Sandbox, run_client: Callable[..., Any]) -> Any:
    """What the client saw, having made every call that it has."""
    sandbox.clock.freeze()
    address = sandbox.segment_url, sandbox.segment_token
    return run_client("segment_client.mjs", *address, WEBSITE.id, SHOP.id)


def test_the_official_client_creates_follows_and_lists_regulations(sandbox: Sandbox, seen: Any) -> None:
    workspace, source, cloud = seen["created"]
    assert [regulation["id"] for regulation in seen["all"]] == [cloud, source, workspace]
    assert seen["all"][2]["subjects"] == ["user-1", 'Zoë "q" +/&=']
    assert seen["pages"] == [[cloud, source], [workspace]]
    assert seen["filtered"] == [workspace]
    assert seen["ofSource"] == [source]
    assert seen["regulation"]["id"] == workspace
    assert seen["regulation"]["workspaceId"] == sandbox.segment.workspace.id
    assert seen["regulation"]["overallStatus"] == "INITIALIZED"
    assert len(seen["regulation"]["streamStatus"]) == 2
    assert seen["suppressed"] == {"suppressed": [], "pagination": {"current": "MQ=="}}


def test_the_official_client_can_read_every_refusal(seen: Any) -> None:
    assert seen["refusals"] == {
        "removed": {"statusCode": 404, "type": "not-found"},
        "unknown": {"statusCode": 404, "type": "not-found"},
        "invalid": {"statusCode": 422, "type": "input-validation"},
        "token": {"statusCode": 401, "type": "unauthorized"},
    }


def test_no_call_of_the_official_client_is_misunderstood(sandbox: Sandbox, seen: Any) -> None:
    statuses = [entry.status for entry in sandbox.journal.entries(service="segment")]
    refused = sorted(refusal["statusCode"] for refusal in seen["refusals"].values())
    assert sorted(status for status in statuses if status is not None and status != 200) == refused
