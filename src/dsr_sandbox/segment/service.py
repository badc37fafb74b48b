"""The Public API of the emulated workspace, and the Profile API of its space, as one ASGI application."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dsr_sandbox.clock import SandboxClock, rfc3339
from dsr_sandbox.ids import IdFactory
from dsr_sandbox.segment import answers, listing, orders, progress
from dsr_sandbox.segment.limits import Meter, Quota, SegmentLimits, category_of, month_end, trio
from dsr_sandbox.segment.model import SOURCE_TYPES, WORKSPACE_TYPES, Order, Regulation
from dsr_sandbox.segment.profiles import ProfileService
from dsr_sandbox.segment.query import page_of
from dsr_sandbox.segment.workspace import Workspace

TOKEN = "sgp_sandbox"  # noqa: S105 - opens nothing but the sandbox
READ, WRITE = "read", "write"
_MINUTE = 60.0


class SegmentService:
    """Both of Segment's APIs.

    `tokens` maps a token to its permissions, `read` and `write`. `limits` and `quota` can be changed at any time.
    """

    def __init__(self, clock: SandboxClock, ids: IdFactory) -> None:
        self._clock = clock
        self._ids = ids
        self.workspace = Workspace(clock, ids)
        self.limits = SegmentLimits()
        self.profiles = ProfileService(clock, ids, self.workspace, self.limits)
        self.reset()
        self.app = Starlette(routes=self._routes(), exception_handlers={HTTPException: _unrouted})
        self.app.router.redirect_slashes = False

    def reset(self) -> None:
        """Back to the beginning, limits and tokens too; the clock stays where it is."""
        self.workspace.reset()
        self.tokens = {TOKEN: {READ, WRITE}}
        self.quota = Quota()
        self.creations = Meter(self._clock)
        self.requests = Meter(self._clock)
        for name, value in SegmentLimits().__reduce_ex__(2)[2][1].items():
            setattr(self.limits, name, value)
        self.profiles.put([])
