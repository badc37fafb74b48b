"""Which handler answers which path, and the scope that it asks for (Airtable docs, scopes)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dsr_sandbox.airtable import meta, records
from dsr_sandbox.airtable.calls import Call, World

Handler = Callable[[World, Call], dict[str, Any]]
ALL_SCOPES = frozenset(
    {"data.records:read", "data.records:write", "schema.bases:read", "schema.bases:write", "user.email:read"}
)
"""Every scope that the emulator knows of."""
_READ, _WRITE, _SEE, _BUILD = "data.records:read", "data.records:write", "schema.bases:read", "schema.bases:write"


@dataclass(frozen=True)
class Route:
    """A path pattern (`*` is any one segment), the scope, and where the base's id stands in it."""

    method: str
    pattern: tuple[str, ...]
    scope: str | None
    handler: Handler

    @property
    def meta(self) -> bool:
        """Say whether it belongs to the metadata API."""
        return self.pattern[0] == "meta"

    def fits(self, method: str, path: tuple[str, ...]) -> bool:
        """Say whether the route answers this path."""
        return (
            method == self.method
            and len(path) == len(self.pattern)
            and all(want in ("*", got) for want, got in zip(self.pattern, path, strict=True))
        )

    def base_id(self, path: tuple[str, ...]) -> str | None:
        """Give the base that the call counts for, if it names one."""
        return next((part for part, want in zip(path, self.pattern, strict=True) if want == "*"), None)


def _route(method: str, path: str, scope: str | None, handler: Handler) -> Route:
    return Route(method, tuple(path.split("/")), scope, handler)


_ROUTES = (
    _route("GET", "meta/whoami", None, meta.whoami),
    _route("GET", "meta/bases", _SEE, meta.listed_bases),
    _route("POST", "meta/bases", _BUILD, meta.created_base),
    _route("GET", "meta/bases/*/tables", _SEE, meta.listed_tables),
    _route("POST", "meta/bases/*/tables", _BUILD, meta.created_table),
    _route("PATCH", "meta/bases/*/tables/*", _BUILD, meta.updated_table),
    _route("POST", "meta/bases/*/tables/*/fields", _BUILD, meta.created_field),
    _route("PATCH", "meta/bases/*/tables/*/fields/*", _BUILD, meta.updated_field),
    _route("GET", "*/*", _READ, records.listed),
    _route("POST", "*/*/listRecords", _READ, records.listed_by_post),
    _route("POST", "*/*", _WRITE, records.created),
    _route("PATCH", "*/*", _WRITE, records.updated_many),
    _route("PUT", "*/*", _WRITE, records.updated_many),
    _route("DELETE", "*/*", _WRITE, records.deleted_many),
    _route("GET", "*/*/*", _READ, records.got),
    _route("PATCH", "*/*/*", _WRITE, records.updated_one),
    _route("PUT", "*/*/*", _WRITE, records.updated_one),
    _route("DELETE", "*/*/*", _WRITE, records.deleted_one),
)


def find_route(method: str, path: tuple[str, ...]) -> Route | None:
    """Find the route of a path; `/v0/meta/…` never means a base."""
    fitting = (route for route in _ROUTES if route.fits(method, path) and route.meta == (path[0] == "meta"))
    return next(fitting, None)
