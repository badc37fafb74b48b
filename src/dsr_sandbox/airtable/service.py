"""The emulator of Airtable's Web API as one object: an ASGI app, and what tests may do to it from outside."""

import json
import threading
from typing import Any
from urllib.parse import parse_qsl, unquote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dsr_sandbox.airtable import redesign as redesigning
from dsr_sandbox.airtable.calls import Call, World
from dsr_sandbox.airtable.columns import Columns
from dsr_sandbox.airtable.errors import AirtableError, authentication_required, bad_request, forbidden, not_found
from dsr_sandbox.airtable.iterators import Iterators
from dsr_sandbox.airtable.layouts import lay_out
from dsr_sandbox.airtable.limits import AirtableLimits, Limiter
from dsr_sandbox.airtable.meta import field_json
from dsr_sandbox.airtable.model import Base, Table
from dsr_sandbox.airtable.rendering import Look, renderer
from dsr_sandbox.airtable.routing import ALL_SCOPES, find_route
from dsr_sandbox.clock import SandboxClock
from dsr_sandbox.ids import IdFactory

DEFAULT_BASE_ID = "appSandbox0000001"
DEFAULT_TOKEN = "patSandbox.0000"  # noqa: S105 - it opens nothing but this emulator
_METHODS = ["GET", "POST", "PATCH", "PUT", "DELETE"]
_MAX_URL = 16_000


class AirtableService:
    """Airtable's Web API over HTTP, with one base ready for requests.

    Attributes:
        app: the ASGI application; it answers `/v0/…`, and 404 in Airtable's form to everything else.
        limits: the switches of the limits; may be changed at any time.
        tokens: token to scopes; a token that is not here is answered 401.

    Safe to use from several threads: calls and the methods below take turns.
    """

    def __init__(self, clock: SandboxClock, ids: IdFactory, token: str = DEFAULT_TOKEN) -> None:
        self.limits = AirtableLimits()
        self.tokens: dict[str, set[str]] = {token: set(ALL_SCOPES)}
        self._world = World(clock, ids, self.limits, Iterators(clock, ids, self.limits))
        self._limiter = Limiter(clock, self.limits)
        self._lock = threading.RLock()
        self.app = Starlette(
            routes=[Route("/v0/{rest:path}", self._answer, methods=_METHODS)],
            exception_handlers={404: _unrouted, 405: _unrouted},
        )
        self.reset()

    @property
    def base_ids(self) -> list[str]:
        """The ids of all bases, the default one first."""
        return list(self._world.bases)

    def reset(self, layout: str = "ready") -> None:
        """Start again with one base, no offsets and no counted calls; tokens and switches stay.

        Raises:
            ValueError: there is no such layout (see `lay_out`).
        """
        base = Base(DEFAULT_BASE_ID, "Privacy requests")
        lay_out(base, layout, self._world.ids)
        with self._lock:
            self._world.bases = {base.id: base}
            self._world.iterators.expire()
            self._limiter.clear()

    def expire_offsets(self) -> None:
        """Let every outstanding paging offset go stale."""
        with self._lock:
            self._world.iterators.expire()

    def redesign(self, base_id: str, change: dict[str, Any]) -> None:
        """Do what staff can do in Airtable's pages and the API cannot; `change["op"]` says what.

        Raises:
            RedesignError: the change does not fit the base.
        """
        with self._lock:
            base = self._world.bases.get(base_id)
            if base is None:
                raise redesigning.RedesignError(f"No base {base_id!r}")
            redesigning.redesign(base, change, self._world.ids, self._world.clock.now())

    def snapshot(self) -> dict[str, Any]:
        """Show everything: `{"bases": {id: {"tables": [{"id", "name", "fields", "records"}]}}}`, rows in order."""
        with self._lock:
            bases = self._world.bases.values()
            return {"bases": {b.id: {"tables": [self._shown(b, t) for t in b.tables.values()]} for b in bases}}

    def _shown(self, base: Base, table: Table) -> dict[str, Any]:
        render = renderer(Columns(base, table, self._world.clock.now()), Look())
        shown = {
            "id": table.id,
            "name": table.name,
            "fields": [field_json(field) for field in table.fields.values()],
            "records": [render(record) for record in table.records.values()],
        }
        copied: dict[str, Any] = json.loads(json.dumps(shown))
        return copied

    async def _answer(self, request: Request) -> Response:
        body = await request.body()
        try:
            with self._lock:
                return _response(200, self._handle(request, body))
        except AirtableError as error:
            return _response(error.status, error.body)

    def _handle(self, request: Request, body: bytes) -> dict[str, Any]:
        path, query = _segments(request), request.scope["query_string"].decode("latin-1")
        route = find_route(request.method, path)
        if route is None:
            raise not_found()
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        scopes = self.tokens.get(token.strip()) if scheme.lower() == "bearer" else None
        if scopes is None:
            raise authentication_required()
        self._limiter.admit(token, route.base_id(path), meta=route.meta)
        if len(str(request.url)) >= _MAX_URL:
            raise bad_request()  # the limit is documented, the answer is assumed
        if route.scope is not None and route.scope not in scopes:
            raise forbidden()
        pairs = parse_qsl(query, keep_blank_values=True)
        return route.handler(self._world, Call(request.method, path, pairs, body, frozenset(scopes)))


def _segments(request: Request) -> tuple[str, ...]:
    """Split the path before decoding it, so that a table's name may hold a slash; airtable.js ends it with one."""
    raw = request.scope.get("raw_path") or request.scope["path"].encode()
    behind = raw.split(b"?")[0].decode("latin-1").partition("/v0/")[2]
    return tuple(unquote(part) for part in behind.removesuffix("/").split("/"))


def _response(status: int, body: dict[str, Any]) -> Response:
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {"Access-Control-Allow-Origin": "*", "Content-Type": "application/json; charset=utf-8"}
    return Response(content, status, headers)


async def _unrouted(_: Request, __: Exception) -> Response:
    error = not_found()
    return _response(error.status, error.body)
