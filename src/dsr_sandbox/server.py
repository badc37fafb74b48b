"""The sandbox: all emulated services together, served on two loopback ports."""

from contextlib import ExitStack
from types import TracebackType
from typing import Self

from starlette.types import ASGIApp, Receive, Scope, Send

from dsr_sandbox import control, page
from dsr_sandbox.airtable import AirtableLimits, AirtableService
from dsr_sandbox.clock import SandboxClock
from dsr_sandbox.connection import Stopping
from dsr_sandbox.faults import FaultSchedule
from dsr_sandbox.gate import Gate, Ghosts, World
from dsr_sandbox.ids import IdFactory
from dsr_sandbox.journal import Journal
from dsr_sandbox.segment import SegmentService
from dsr_sandbox.segment.profiles import SPACE_ID
from dsr_sandbox.segment.profiles import TOKEN as PROFILES_TOKEN
from dsr_sandbox.segment.service import TOKEN as SEGMENT_TOKEN
from dsr_sandbox.serving import Running, listen, serve, url_of

AIRTABLE_TOKEN = "patSandbox.0000"  # noqa: S105 - opens nothing but the sandbox


class Sandbox:
    """Airtable's Web API, Segment's Public API and its Profile API, emulated over real HTTP.

    Use it as a context manager, or `start()` and `stop()` it. State outlives a stop: started again on the same ports,
    it is the same world after an outage. `seed` makes all ids the same at every run.

    `clock`, `journal`, `faults`, `airtable` and `segment` are the control plane without HTTP.
    """

    def __init__(self, seed: int | None = None) -> None:
        self.clock = SandboxClock()
        self.journal = Journal()
        self.faults = FaultSchedule()
        self.ghosts = Ghosts(self.clock)
        ids = IdFactory(seed)
        self.airtable = AirtableService(self.clock, ids, AIRTABLE_TOKEN)
        self.segment = SegmentService(self.clock, ids)
        self._airtable_tokens = {token: set(scopes) for token, scopes in self.airtable.tokens.items()}
        self.base_id = next(iter(self.airtable.base_ids))
        self.airtable_token = AIRTABLE_TOKEN
        self.segment_token = SEGMENT_TOKEN
        self.profiles_space_id = SPACE_ID
        self.profiles_token = PROFILES_TOKEN
        self.airtable_url = ""
        self.segment_url = ""
        self._stopping = Stopping()
        self._running: Running | None = None

    def start(self, airtable_port: int = 0, segment_port: int = 0) -> None:
        """Serve on these loopback ports, 0 for free ones; returns when both answer. If started already, it moves there.

        Raises:
            OSError: a port is taken.
            RuntimeError: the servers did not come up.
        """
        self.stop()
        with ExitStack() as until_served:
            listeners = [until_served.enter_context(listen(port)) for port in (airtable_port, segment_port)]
            self.airtable_url, self.segment_url = (url_of(listener) for listener in listeners)
            self._stopping = Stopping()
            self._running = serve(dict(zip(listeners, self._apps(), strict=True)), self._stopping)
            until_served.pop_all()

    def stop(self) -> None:
        """Close both ports at once, cutting what is open; nothing happens if it is not started."""
        running, self._running = self._running, None
        if running:
            running.end()

    def reset(self, layout: str = "ready") -> None:
        """A new world: no requests, regulations, faults or journal, every setting at its default; the clock goes on.

        `layout` is the base's: `ready`, `empty` or `three-columns`.

        Raises:
            ValueError: there is no such layout.
        """
        self.airtable.reset(layout)
        self.faults.clear()
        self.ghosts.clear()
        self.airtable.tokens.clear()
        self.airtable.tokens.update({token: set(scopes) for token, scopes in self._airtable_tokens.items()})
        for name, value in vars(AirtableLimits()).items():
            setattr(self.airtable.limits, name, value)
        self.segment.reset()
        self.journal.clear()

    def settings(self) -> dict[str, str]:
        """The environment variables that point a daemon at this sandbox; only while it is started."""
        profiles = "DSR_SYNC_SEGMENT__PROFILES__"
        return {
            "DSR_SYNC_AIRTABLE__TOKEN": self.airtable_token,
            "DSR_SYNC_AIRTABLE__BASE_ID": self.base_id,
            "DSR_SYNC_AIRTABLE__ENDPOINT_URL": self.airtable_url,
            "DSR_SYNC_SEGMENT__TOKEN": self.segment_token,
            "DSR_SYNC_SEGMENT__ENDPOINT_URL": self.segment_url,
            f"{profiles}SPACE_ID": self.profiles_space_id,
            f"{profiles}TOKEN": self.profiles_token,
            f"{profiles}ENDPOINT_URL": self.segment_url,
        }

    def __enter__(self) -> Self:
        """Start on free ports, unless started already."""
        if self._running is None:
            self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop."""
        self.stop()

    def _apps(self) -> tuple[ASGIApp, ASGIApp]:
        world = World(self.clock, self.journal, self.faults, self.ghosts, self._stopping)
        controls = control.make_app(self)
        airtable = Gate(_Staff(self.airtable), _airtable_or_page, world)
        segment = Gate(self.segment.app, _segment_or_profiles, world)
        return _Port(page.app, controls, airtable), _Port(segment, controls, segment)


class _Port:
    """What one port serves: its front page, the control plane, and a service."""

    def __init__(self, front: ASGIApp, controls: ASGIApp, service: ASGIApp) -> None:
        self._front = front
        self._controls = controls
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = str(scope["path"])
        if path.startswith(page.PREFIX) or path == "/":
            await self._front(scope, receive, send)
        elif path.startswith(f"{control.PREFIX}/"):
            await self._controls(scope, receive, send)
        else:
            await self._service(scope, receive, send)


class _Staff:
    """Airtable's application, without limits for what a person does in the page: Airtable counts API calls only."""

    def __init__(self, airtable: AirtableService) -> None:
        self._airtable = airtable

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if _airtable_or_page(scope) == "airtable":
            return await self._airtable.app(scope, receive, send)
        limits = self._airtable.limits
        kept = limits.enforced, limits.monthly_calls_left
        limits.enforced, limits.monthly_calls_left = False, None
        try:
            return await self._airtable.app(scope, receive, send)
        finally:
            limits.enforced, limits.monthly_calls_left = kept


def _airtable_or_page(scope: Scope) -> str:
    # What a person does in the page is neither the daemon's doing nor hit by its faults.
    return "page" if any(name == page.MARK for name, _ in scope["headers"]) else "airtable"


def _segment_or_profiles(scope: Scope) -> str:
    return "profiles" if str(scope["path"]).startswith("/v1/spaces") else "segment"
