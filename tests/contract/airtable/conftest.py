from collections.abc import Callable, Iterator

import pytest
from tests.contract.airtable.worlds import FakeWorld, SandboxWorld, World, lay_out, options_for
from tests.fakes.clock import FakeClock

from dsr_sandbox import Sandbox
from dsr_sync.adapters.airtable import AirtableBaseDesign

READ_ONLY = "patReadOnly.0000"


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox(seed=7) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    lay_out(running)
    return running


@pytest.fixture
def base(sandbox: Sandbox) -> Iterator[SandboxWorld]:
    world = SandboxWorld(sandbox)
    yield world
    world.adapter.close()


@pytest.fixture
def limited_token(sandbox: Sandbox) -> Callable[..., str]:
    """A token with these scopes alone."""

    def make(*scopes: str) -> str:
        sandbox.airtable.tokens[READ_ONLY] = set(scopes)
        return READ_ONLY

    return make


@pytest.fixture(params=["fake", "adapter"])
def world(request: pytest.FixtureRequest) -> World:
    if request.param == "fake":
        return FakeWorld()
    made: SandboxWorld = request.getfixturevalue("base")
    return made


@pytest.fixture
def make_base(sandbox: Sandbox) -> Iterator[Callable[..., SandboxWorld]]:
    """Adapters with other options; closed at the end."""
    made: list[SandboxWorld] = []

    def make(**changes: object) -> SandboxWorld:
        made.append(SandboxWorld(sandbox, options_for(sandbox, **changes)))
        return made[-1]

    yield make
    for world in made:
        world.adapter.close()


@pytest.fixture
def make_design(sandbox: Sandbox) -> Iterator[Callable[..., AirtableBaseDesign]]:
    made: list[AirtableBaseDesign] = []

    def make(**changes: object) -> AirtableBaseDesign:
        made.append(AirtableBaseDesign(options_for(sandbox, **changes), FakeClock()))
        return made[-1]

    yield make
    for design in made:
        design.close()
