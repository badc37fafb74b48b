"""The port IdentityDirectory twice: in memory, and as the adapter over HTTP against the sandbox."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import pytest
from tests.fakes.clock import FakeClock
from tests.fakes.directory import FakeIdentityDirectory

from dsr_sandbox import Sandbox
from dsr_sync.adapters.segment import ProfileDirectory, ProfileOptions
from dsr_sync.ports import IdentityDirectory, TokenRefused, Transient

Make = Callable[..., ProfileDirectory]


class World(Protocol):
    """A directory, and what tests do to it behind its back."""

    directory: IdentityDirectory

    def put(self, email: str, user_ids: Sequence[str] = ()) -> None:
        """Somebody with this address and these user ids."""
        ...

    def refuse_the_token(self) -> None:
        """The next look-up is refused."""
        ...

    def turn_away(self) -> None:
        """The next look-up is turned away, to be tried later."""
        ...


class FakeWorld:
    def __init__(self) -> None:
        self.fake = FakeIdentityDirectory()
        self.directory: IdentityDirectory = self.fake

    def put(self, email: str, user_ids: Sequence[str] = ()) -> None:
        self.fake.put(email, user_ids)

    def refuse_the_token(self) -> None:
        self.fake.fail(TokenRefused("profiles", "the token is refused", 401))

    def turn_away(self) -> None:
        self.fake.fail(Transient("profiles", "server error", 503))


class SandboxWorld:
    def __init__(self, sandbox: Sandbox, adapter: ProfileDirectory) -> None:
        self.sandbox = sandbox
        self.adapter = adapter
        self.directory: IdentityDirectory = adapter
        self._people: list[dict[str, object]] = []

    def put(self, email: str, user_ids: Sequence[str] = ()) -> None:
        ids = [("email", email), *(("user_id", user_id) for user_id in user_ids)]
        self._people.append({"external_ids": [{"type": kind, "id": value} for kind, value in ids]})
        self.sandbox.segment.profiles.put(self._people)

    def refuse_the_token(self) -> None:
        self.sandbox.faults.add("profiles", "unauthorized")

    def turn_away(self) -> None:
        self.sandbox.faults.add("profiles", "status", code=503)


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox(seed=7) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    running.reset()
    return running


@pytest.fixture
def make_directory(sandbox: Sandbox) -> Iterator[Make]:
    """Adapters with other options or another clock; closed at the end."""
    made: list[ProfileDirectory] = []

    def make(clock: object | None = None, **options: object) -> ProfileDirectory:
        given = {
            "space_id": sandbox.profiles_space_id,
            "endpoint_url": sandbox.segment_url,
            "token": sandbox.profiles_token,
        }
        directory = ProfileDirectory(ProfileOptions(**(given | options)), clock or FakeClock())  # type: ignore[arg-type]  # a test's own options
        made.append(directory)
        return directory

    yield make
    for directory in made:
        directory.close()


@pytest.fixture
def adapter_world(sandbox: Sandbox, make_directory: Make) -> SandboxWorld:
    return SandboxWorld(sandbox, make_directory())


@pytest.fixture(params=["fake", "adapter"])
def world(request: pytest.FixtureRequest) -> World:
    if request.param == "fake":
        return FakeWorld()
    made: SandboxWorld = request.getfixturevalue("adapter_world")
    return made
