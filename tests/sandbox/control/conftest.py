"""A sandbox with clients of both services and of the control plane."""

import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from dsr_sandbox import Sandbox
from dsr_sandbox.staff import NO_AUTHORITIES


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox(seed=11) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Iterator[Sandbox]:
    running.reset()
    running.clock.freeze()
    yield running
    running.clock.unfreeze()


@pytest.fixture
def segment(sandbox: Sandbox) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {sandbox.segment_token}"}
    with httpx.Client(base_url=sandbox.segment_url, headers=headers, timeout=5, verify=NO_AUTHORITIES) as client:
        yield client


@pytest.fixture
def airtable(sandbox: Sandbox) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {sandbox.airtable_token}"}
    url = f"{sandbox.airtable_url}/v0/{sandbox.base_id}"
    with httpx.Client(base_url=url, headers=headers, timeout=5, verify=NO_AUTHORITIES) as client:
        yield client


@pytest.fixture
def control(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{sandbox.airtable_url}/_sandbox", timeout=5, verify=NO_AUTHORITIES) as client:
        yield client


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], None]:
    """Look again and again, for at most five seconds."""

    def wait(seen: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 5
        while not seen():
            assert time.monotonic() < deadline, "It did not happen within five seconds."

    return wait
