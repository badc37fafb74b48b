"""A sandbox whose clock stands still, and clients of its Segment port."""

from collections.abc import Iterator

import httpx
import pytest

from dsr_sandbox import Sandbox
from dsr_sandbox.staff import NO_AUTHORITIES


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox(seed=7) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Iterator[Sandbox]:
    running.reset()
    running.clock.freeze()
    yield running
    running.clock.unfreeze()


@pytest.fixture
def api(sandbox: Sandbox) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {sandbox.segment_token}"}
    with httpx.Client(base_url=sandbox.segment_url, headers=headers, verify=NO_AUTHORITIES) as client:
        yield client


@pytest.fixture
def profiles(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=sandbox.segment_url, auth=(sandbox.profiles_token, ""), verify=NO_AUTHORITIES) as client:
        yield client
