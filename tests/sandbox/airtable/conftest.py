"""The emulator behind a real port, started once; each test gets a fresh base and, unless it asks, no rate limit."""

from collections.abc import Iterator

import httpx
import pytest

from dsr_sandbox.airtable import AirtableService
from dsr_sandbox.clock import SandboxClock
from dsr_sandbox.server import Sandbox


@pytest.fixture(scope="session")
def airtable_sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=1) as sandbox:
        sandbox.clock.freeze()
        yield sandbox


@pytest.fixture
def service(airtable_sandbox: Sandbox) -> AirtableService:
    airtable_sandbox.reset()
    airtable_sandbox.airtable.limits.enforced = False
    return airtable_sandbox.airtable


@pytest.fixture
def clock(airtable_sandbox: Sandbox) -> SandboxClock:
    return airtable_sandbox.clock


@pytest.fixture
def url(airtable_sandbox: Sandbox) -> str:
    return airtable_sandbox.airtable_url


@pytest.fixture(scope="session")
def client(airtable_sandbox: Sandbox) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {airtable_sandbox.airtable_token}"}
    with httpx.Client(base_url=f"{airtable_sandbox.airtable_url}/v0/", headers=headers) as client:
        yield client


@pytest.fixture
def http(service: AirtableService, client: httpx.Client) -> httpx.Client:  # noqa: ARG001 - a call needs a fresh base
    return client
