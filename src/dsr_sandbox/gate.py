"""The gate in front of each service: it keeps the journal and lets the scheduled faults happen."""

from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Receive, Scope, Send

from dsr_sandbox.clock import SandboxClock
from dsr_sandbox.connection import Connection, Stopping
from dsr_sandbox.exchange import Answer, Disconnected, Exchange, parsed, read_exchange
from dsr_sandbox.faults import Fault, FaultSchedule
from dsr_sandbox.journal import Entry, Journal, redacted
from dsr_sandbox.pauses import pause_asked
from dsr_sandbox.replies import REPLIES
from dsr_sandbox.tampering import TAMPERING, tampered

_AFTER_EFFECT = {"json_200": True}
"""The kinds that replace the answer of a finished work unless told otherwise; the others do so on request."""


@dataclass(slots=True)
class Ghosts:
    """Requests whose connection was cut and whose effect lands later, on the sandbox's clock.

    Whoever asks over HTTP sees it landed: what is due lands before any later request is handled.
    """

    clock: SandboxClock
    _due: list[tuple[float, Exchange, ASGIApp]] = field(default_factory=list)

    def add(self, exchange: Exchange, app: ASGIApp, seconds: float) -> None:
        """Let the effect of `exchange` land in `seconds`."""
        self._due.append((self.clock.monotonic() + seconds, exchange, app))

    async def land(self) -> None:
        """Let everything happen that is due."""
        now = self.clock.monotonic()
        due = sorted((ghost for ghost in self._due if ghost[0] <= now), key=lambda ghost: ghost[0])
        self._due = [ghost for ghost in self._due if ghost[0] > now]
        for _, exchange, app in due:
            await exchange.answer_of(app)

    def clear(self) -> None:
        """Forget what has not landed."""
        self._due.clear()


@dataclass(frozen=True, slots=True)
class World:
    """What all gates share."""

    clock: SandboxClock
    journal: Journal
    faults: FaultSchedule
    ghosts: Ghosts
    stopping: Stopping


class Gate:
    """ASGI middleware: `service_of` names the service that a path belongs to."""

    def __init__(self, app: ASGIApp, service_of: Callable[[Scope], str], world: World) -> None:
        self._app = app
        self._service_of = service_of
        self._world = world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            exchange = await read_exchange(self._service_of(scope), scope, receive)
        except Disconnected:
            return
        await self._world.ghosts.land()
        number = self._world.journal.open(self._entry(exchange))
        target = f"{exchange.path}?{exchange.query}"
        fault = self._world.faults.take(exchange.service, exchange.method, target, pages_on=exchange.pages_on)
        connection = Connection(scope, receive, send, self._world.stopping)
        answer = await self._answer(exchange, fault, connection.stopping)
        self._close(number, answer, fault)
        await _deliver(answer and answer.dated(self._world.clock.now()), fault, connection)

    def _entry(self, exchange: Exchange) -> Entry:
        body = parsed(exchange.body)
        return Entry(
            at=self._world.clock.now(),
            service=exchange.service,
            method=exchange.method,
            path=exchange.path,
            query=exchange.query,
            headers=redacted(exchange.headers),
            body=exchange.body.decode("utf-8", "replace") if body is None else body,
        )

    def _close(self, number: int, answer: Answer | None, fault: Fault | None) -> None:
        status, pause = (answer.status, pause_asked(answer, self._world.clock.now())) if answer else (None, None)
        self._world.journal.close(number, status, fault.kind if fault else "", pause)

    async def _answer(self, exchange: Exchange, fault: Fault | None, stopping: Stopping) -> Answer | None:
        """The answer to send, None for none at all."""
        if fault is None:
            return await exchange.answer_of(self._app)
        if fault.kind == "delay":
            return await self._delayed(exchange, fault, stopping)
        if fault.kind == "ghost":
            self._world.ghosts.add(exchange, self._app, fault.params["seconds"])
            return None
        if fault.kind in TAMPERING:
            asked = exchange.from_the_start() if fault.kind == "same_offset_forever" else exchange
            answer = await asked.answer_of(self._app)
            return tampered(fault.kind, answer, self._world.clock.now(), fault.params)
        return await self._replaced(exchange, fault)

    async def _delayed(self, exchange: Exchange, fault: Fault, stopping: Stopping) -> Answer | None:
        if not fault.params.get("after_effect", False):
            passed = await stopping.pause(fault.params["seconds"])
            return await exchange.answer_of(self._app) if passed else None
        answer = await exchange.answer_of(self._app)
        return answer if await stopping.pause(fault.params["seconds"]) else None

    async def _replaced(self, exchange: Exchange, fault: Fault) -> Answer | None:
        # A body that arrives slowly or in part is the body of a finished work.
        works = fault.kind in {"trickle", "truncate"} or fault.params.get(
            "after_effect", _AFTER_EFFECT.get(fault.kind, False)
        )
        answer = await exchange.answer_of(self._app) if works else None
        if fault.kind in REPLIES:
            return REPLIES[fault.kind](exchange, fault)
        return None if fault.kind == "cut" else answer


async def _deliver(answer: Answer | None, fault: Fault | None, connection: Connection) -> None:
    if answer is None:
        await connection.cut()
    elif fault and fault.kind == "truncate":
        await connection.truncated(answer, fault.params["bytes"])
    elif fault and fault.kind == "trickle":
        await connection.trickled(answer, fault.params["bytes"], fault.params["every_seconds"])
    else:
        await connection.whole(answer)
