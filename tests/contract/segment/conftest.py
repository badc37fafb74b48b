"""The port DeletionService twice: in memory, and as the adapter over HTTP against the sandbox."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import pytest
from tests.fakes.clock import FakeClock
from tests.fakes.deletion import WORDS, FakeDeletionService

from dsr_sandbox import Sandbox
from dsr_sync.adapters.segment import SegmentDeletionService, SegmentOptions
from dsr_sync.core.model import DestinationReport, Identifier, Progress, RegulationId
from dsr_sync.ports import DeletionService, Permanent, Transient

PAGE = 1000


class World(Protocol):
    """A deletion service, and what tests do to it behind its back."""

    service: DeletionService

    def created(self) -> list[tuple[str, tuple[str, ...]]]:
        """Type and subjects of every regulation that exists, oldest first."""
        ...

    def create_many(self, number: int) -> None:
        """Regulations of other people, made elsewhere."""
        ...

    def report(
        self, regulation_id: RegulationId, progress: Progress, reports: Sequence[DestinationReport] = (), word: str = ""
    ) -> None:
        """Let Segment say this of a regulation; `word` instead of its usual one."""
        ...

    def lose_answer(self, *, after_effect: bool) -> None:
        """The next submission ends in doubt."""
        ...

    def refuse(self) -> None:
        """The next submission is refused for what it says."""
        ...

    def turn_away(self) -> None:
        """The next submission is turned away, to be tried later."""
        ...

    def break_list(self, *, after_pages: int) -> None:
        """The next listing fails after so many pages."""
        ...

    def let_days_pass(self, days: int) -> None:
        """Time goes on at Segment."""
        ...


class FakeWorld:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.fake = FakeDeletionService(self.clock.now)
        self.service: DeletionService = self.fake

    def created(self) -> list[tuple[str, tuple[str, ...]]]:
        return [
            (each.regulation_type, tuple(subject.reveal() for subject in each.subjects)) for each in self.fake.created()
        ]

    def create_many(self, number: int) -> None:
        for index in range(number):
            self.fake.create("SUPPRESS_ONLY", [Identifier(f"other-{index}")])

    def report(
        self, regulation_id: RegulationId, progress: Progress, reports: Sequence[DestinationReport] = (), word: str = ""
    ) -> None:
        self.fake.report(regulation_id, progress, reports, word or None)

    def lose_answer(self, *, after_effect: bool) -> None:
        self.fake.lose_answer(after_effect=after_effect)

    def refuse(self) -> None:
        self.fake.fail("submit", Permanent("segment", "the request is invalid", 422))

    def turn_away(self) -> None:
        self.fake.fail("submit", Transient("segment", "too many requests", 429))

    def break_list(self, *, after_pages: int) -> None:
        self.fake.fail("listing", Transient("segment", "server error", 503), skip=after_pages)

    def let_days_pass(self, days: int) -> None:
        self.clock.advance(days * 86_400)


class SandboxWorld:
    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.clock = FakeClock()
        self.quotas: dict[str, int] = {}
        """What was last heard to be left of each."""
        options = SegmentOptions(sandbox.segment_token, sandbox.segment_url, on_quota=self.quotas.__setitem__)
        self.adapter = SegmentDeletionService(options, self.clock)
        self.service: DeletionService = self.adapter

    def created(self) -> list[tuple[str, tuple[str, ...]]]:
        return [(each.order.type, each.order.subjects) for each in self.sandbox.segment.workspace.regulations()]

    def create_many(self, number: int) -> None:
        for index in range(number):
            self.sandbox.segment.add_regulation({"subjects": [f"other-{index}"], "type": "SUPPRESS_ONLY"})

    def report(
        self, regulation_id: RegulationId, progress: Progress, reports: Sequence[DestinationReport] = (), word: str = ""
    ) -> None:
        streams = [
            {
                "id": report.source_id,
                "destinationStatus": [
                    {
                        "id": report.destination_id,
                        "name": report.destination,
                        "status": report.word,
                        "errString": report.error,
                        "finishedAt": "",
                    }
                ],
            }
            for report in reports
        ]
        changes = {"overallStatus": word or WORDS[progress], "streamStatus": streams}
        self.sandbox.segment.workspace.force(regulation_id, changes)

    def lose_answer(self, *, after_effect: bool) -> None:
        self.sandbox.faults.add("segment", "cut", method="POST", after_effect=after_effect)

    def refuse(self) -> None:
        self.sandbox.faults.add("segment", "status", method="POST", code=422, body={"errors": [{"type": "x"}]})

    def turn_away(self) -> None:
        self.sandbox.faults.add("segment", "rate_limit", method="POST")

    def break_list(self, *, after_pages: int) -> None:
        self.sandbox.faults.add("segment", "status", method="GET", path="/regulations", code=503, skip=after_pages)

    def let_days_pass(self, days: int) -> None:
        self.sandbox.clock.advance(days * 86_400)


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox(seed=7) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    running.reset()
    return running


@pytest.fixture
def adapter_world(sandbox: Sandbox) -> Iterator[SandboxWorld]:
    world = SandboxWorld(sandbox)
    yield world
    world.adapter.close()


@pytest.fixture(params=["fake", "adapter"])
def world(request: pytest.FixtureRequest) -> World:
    if request.param == "fake":
        return FakeWorld()
    made: SandboxWorld = request.getfixturevalue("adapter_world")
    return made


@pytest.fixture
def make_service(sandbox: Sandbox) -> Iterator[Callable[..., SegmentDeletionService]]:
    """Adapters with other options or another clock; closed at the end."""
    made: list[SegmentDeletionService] = []

    def make(clock: object | None = None, **options: object) -> SegmentDeletionService:
        given = {"token": sandbox.segment_token, "endpoint_url": sandbox.segment_url} | options
        service = SegmentDeletionService(SegmentOptions(**given), clock or FakeClock())  # type: ignore[arg-type]  # a test's own options
        made.append(service)
        return service

    yield make
    for service in made:
        service.close()
