"""The routes of both of Segment's APIs."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dsr_sandbox.clock import rfc3339
from dsr_sandbox.segment import answers, orders, progress
from dsr_sandbox.segment.listing import Listing, by_offset, suppressions
from dsr_sandbox.segment.model import SOURCE_TYPES, WORKSPACE_TYPES, Source
from dsr_sandbox.segment.query import Page, page_of

if TYPE_CHECKING:
    from dsr_sandbox.segment.service import SegmentService

Reader = Callable[[Request], dict[str, Any]]
Handler = Callable[[Request], Awaitable[Response]]


def make_app(service: "SegmentService") -> Starlette:
    """The ASGI application of Segment's port.

    There is no `DELETE /regulations/{id}`: it was removed on 2026-03-26. Answers of unknown paths are assumed.
    """
    public = _PublicApi(service)
    reads: dict[str, Reader] = {
        "/": public.workspace,
        "/sources": public.sources,
        "/suppressions": public.suppressions,
        "/regulations": public.regulations,
        "/regulations/{regulation_id}": public.regulation,
        "/regulations/sources/{source_id}": public.source_regulations,
    }
    creations = {
        "/regulations": orders.WORKSPACE,
        "/regulations/sources/{source_id}": orders.SOURCE,
        "/regulations/cloudsources/{source_id}": orders.CLOUD_SOURCE,
    }
    routes = [
        Route("/v1/spaces/{rest:path}", service.profiles.answer, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
        *(Route(path, public.reading(reader), methods=["GET"]) for path, reader in reads.items()),
        *(Route(path, public.creating(endpoint), methods=["POST"]) for path, endpoint in creations.items()),
    ]
    app = Starlette(routes=routes, exception_handlers={404: _unrouted, 405: _unrouted})
    app.router.redirect_slashes = False
    return app


async def _unrouted(request: Request, _: Exception) -> Response:
    return answers.not_found(f"{request.method} {request.url.path}").response()


class _PublicApi:
    def __init__(self, service: "SegmentService") -> None:
        self._service = service
        self._workspace = service.workspace

    def reading(self, reader: Reader) -> Handler:
        async def handle(request: Request) -> Response:
            try:
                self._authorize(request, "read")
                headers = self._service.admit_read()
                response = answers.data(request, reader(request))
            except answers.Refusal as refusal:
                return refusal.response()
            response.headers.update(headers)
            return response

        return handle

    def creating(self, endpoint: orders.Endpoint) -> Handler:
        async def handle(request: Request) -> Response:
            try:
                self._authorize(request, "write")
                body = await request.body()
                if len(body) > orders.MAX_BODY:
                    raise answers.too_large()
                self._service.admit_creation()
                return self._create(request, body, endpoint)
            except answers.Refusal as refusal:
                return refusal.response()

        return handle

    def workspace(self, _: Request) -> dict[str, Any]:
        return {"workspace": {"id": self._workspace.id, "slug": "sandbox", "name": self._workspace.name}}

    def sources(self, request: Request) -> dict[str, Any]:
        shown, pagination = by_offset([self._shown(s) for s in self._workspace.sources.values()], _page(request))
        return {"sources": shown, "pagination": pagination}

    def suppressions(self, request: Request) -> dict[str, Any]:
        return suppressions(self._workspace.suppressions(self._service.now()), _page(request))

    def regulations(self, request: Request) -> dict[str, Any]:
        """That the workspace's list holds the regulations of its sources as well is assumed."""
        return self._listing(request, WORKSPACE_TYPES).regulations(self._workspace.visible())

    def source_regulations(self, request: Request) -> dict[str, Any]:
        source = self._source(request, cloud=None)
        kept = [one for one in self._workspace.visible() if one.order.source_id == source.id]
        return self._listing(request, SOURCE_TYPES).regulations(kept)

    def regulation(self, request: Request) -> dict[str, Any]:
        """Neither type nor subjects are told here (Public API specification, Regulation)."""
        regulation, now = self._workspace.find(request.path_params["regulation_id"]), self._service.now()
        if regulation is None:
            raise answers.not_found("regulation")
        shown = {
            "id": regulation.id,
            "workspaceId": self._workspace.id,
            "overallStatus": progress.overall_status(regulation, now),
            "createdAt": rfc3339(regulation.created_at, 6),
            "streamStatus": progress.stream_status(regulation, now),
        }
        finished = progress.finished_at(regulation, now)
        return {"regulation": shown if finished is None else shown | {"finishedAt": finished}}

    def _create(self, request: Request, body: bytes, endpoint: orders.Endpoint) -> Response:
        source_id = request.path_params.get("source_id")
        if source_id is not None:
            self._source(request, cloud=endpoint.needs_collection)
        regulation, quota = self._service.create(orders.read_order(body, endpoint, source_id))
        response = answers.data(request, {"regulateId": regulation.id})
        response.headers.update(quota)
        return response

    def _authorize(self, request: Request, permission: str) -> None:
        self._service.authorize(request.headers.get("authorization", ""), permission)

    def _listing(self, request: Request, types: tuple[str, ...]) -> Listing:
        return Listing(request.query_params.multi_items(), types, self._service.now())

    def _source(self, request: Request, *, cloud: bool | None) -> Source:
        source = self._workspace.sources.get(request.path_params["source_id"])
        if source is None or cloud not in (None, source.cloud):
            raise answers.not_found("source")
        return source

    def _shown(self, source: Source) -> dict[str, Any]:
        slug = source.name.lower().replace(" ", "-")
        names = {"id": source.id, "slug": slug, "name": source.name, "workspaceId": self._workspace.id}
        kind = {"id": "sandbox", "name": "Object Cloud" if source.cloud else "Javascript", "slug": "sandbox"}
        return {**names, "enabled": True, "writeKeys": [], "metadata": kind, "settings": {}, "labels": []}


def _page(request: Request) -> Page:
    return page_of(request.query_params.multi_items())
