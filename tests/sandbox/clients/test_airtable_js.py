"""airtable.js 0.12.2, unchanged, as a client of the emulator."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dsr_sandbox.server import Sandbox

NAME = "User identifier"
FORBIDDEN = {
    "error": "NOT_AUTHORIZED",
    "message": "You are not authorized to perform this operation",
    "statusCode": 403,
}


@pytest.fixture
def arguments(sandbox: Sandbox) -> tuple[str, str, str]:
    return sandbox.airtable_url, sandbox.airtable_token, sandbox.base_id


def test_the_official_client_works_a_base_from_end_to_end(
    sandbox: Sandbox, run_client: Callable[..., Any], arguments: tuple[str, str, str]
) -> None:
    sandbox.airtable.limits.enforced = False
    seen = run_client("airtable_client.mjs", *arguments)
    errors = seen.pop("errors")
    assert seen == {
        "created": {NAME: "one", "Authenticated": True},
        "found": {NAME: "one", "Authenticated": True},
        "updated": {NAME: "one", "Authenticated": True, "Law": "GDPR"},
        "replaced": {NAME: "uno"},
        "saved": {NAME: "uno", "Hold": True},
        "destroyed": True,
        "createdMany": [f"u-{n}" for n in range(10)],
        "updatedMany": [{NAME: f"u-{n}", "Hold": True} for n in range(3)],
        "replacedMany": [{NAME: "r-0"}, {NAME: "r-1"}],
        "pages": [["u-9", "u-8", "u-7", "u-6"], ["u-5", "u-4", "u-3", "u-2"], ["r-1", "r-0"]],
        "filtered": [["u-2"]],
        "firstPage": ["r-0"],
        "byPost": [["r-0", "r-1", "u-2", "u-3", "u-4", "u-5"], ["u-6", "u-7", "u-8", "u-9"]],
        "asText": [{NAME: "u-2", "Hold": "checked"}],
        "upserted": [
            {"fields": {NAME: "u-9", "Law": "CCPA"}, "old": True},
            {"fields": {NAME: "new"}, "old": False},
        ],
        "linked": True,
        "destroyedMany": 10,
        "left": ["new"],
    }
    assert errors == {
        "unknownField": {
            "error": "UNKNOWN_FIELD_NAME",
            "message": 'Unknown field name: "Nope"',
            "statusCode": 422,
        },
        "badValue": {
            "error": "INVALID_VALUE_FOR_COLUMN",
            "message": 'Field "Hold" cannot accept the provided value',
            "statusCode": 422,
        },
        "badFormula": {
            "error": "INVALID_FILTER_BY_FORMULA",
            "message": "The formula for filtering records is invalid: Invalid formula. Please check your formula text.",
            "statusCode": 422,
        },
        "unknownRecord": FORBIDDEN,
        "unknownTable": FORBIDDEN,
        "unknownBase": {
            "error": "NOT_FOUND",
            "message": "Could not find what you are looking for",
            "statusCode": 404,
        },
        "unknownInBatch": {
            "error": "NOT_FOUND",
            "message": 'Could not find a record with ID "rec00000000000009".',
            "statusCode": 404,
        },
        "badToken": {
            "error": "AUTHENTICATION_REQUIRED",
            "message": "You should provide valid api key to perform this operation",
            "statusCode": 401,
        },
    }


def test_the_official_client_sees_the_rate_limit(
    sandbox: Sandbox, run_client: Callable[..., Any], arguments: tuple[str, str, str]
) -> None:
    sandbox.airtable.limits.per_second = 0
    assert run_client("rate_limited.mjs", *arguments) == {"error": "TOO_MANY_REQUESTS", "statusCode": 429}
    sandbox.clock.advance(31)
    sandbox.airtable.limits.per_second = 5
    assert run_client("rate_limited.mjs", *arguments) is None


def test_the_client_is_locked_to_its_version_and_to_no_registry(clients: Path) -> None:
    lock = json.loads((clients / "package-lock.json").read_text())
    assert lock["packages"]["node_modules/airtable"]["version"] == "0.12.2"
    assert not [name for name, package in lock["packages"].items() if "resolved" in package]
