"""The emulator behind a real port, started once; each test gets a fresh base."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette

from dsr_sandbox.airtable import DEFAULT_TOKEN, AirtableLimits, AirtableService
from dsr_sandbox.clock import SandboxClock
from dsr_sandbox.ids import IdFactory


@contextmanager
def serving(app: Starlette) -> Iterator[str]:
    """Serve an app on a free loopback port; the socket listens before the server starts, so nothing has to wait."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="session")
def clock() -> SandboxClock:
    clock = SandboxClock()
    clock.freeze()
    return clock


@pytest.fixture(scope="session")
def served(clock: SandboxClock) -> Iterator[tuple[AirtableService, str]]:
    service = AirtableService(clock, IdFactory(seed=1))
    with serving(service.app) as url:
        yield service, url


@pytest.fixture
def service(served: tuple[AirtableService, str]) -> AirtableService:
    service = served[0]
    vars(service.limits).update(vars(AirtableLimits(enforced=False)))
    service.tokens.clear()
    service.tokens[DEFAULT_TOKEN] = {
        "data.records:read", "data.records:write", "schema.bases:read", "schema.bases:write", "user.email:read",
    }  # fmt: skip
    service.reset()
    return service


@pytest.fixture
def url(served: tuple[AirtableService, str]) -> str:
    return served[1]


@pytest.fixture(scope="session")
def client(served: tuple[AirtableService, str]) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{served[1]}/v0/", headers={"Authorization": f"Bearer {DEFAULT_TOKEN}"}) as client:
        yield client


@pytest.fixture
def http(service: AirtableService, client: httpx.Client) -> httpx.Client:  # noqa: ARG001 - a call needs a fresh base
    return client
