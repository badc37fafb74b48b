"""The emulated workspace with everything that decides whether a call is let in."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from starlette.applications import Starlette

from dsr_sandbox.clock import SandboxClock, rfc3339
from dsr_sandbox.ids import IdFactory
from dsr_sandbox.segment import answers, progress
from dsr_sandbox.segment.limits import Meter, Quota, SegmentLimits, category_of, month_end, trio
from dsr_sandbox.segment.model import Order, Pace, Regulation
from dsr_sandbox.segment.profiles import ProfileService
from dsr_sandbox.segment.routes import make_app
from dsr_sandbox.segment.workspace import Workspace

TOKEN = "sgp_sandbox"  # noqa: S105 - opens nothing but the sandbox
READ, WRITE = "read", "write"
_MINUTE = 60.0


class SegmentService:
    """Both of Segment's APIs; `app` is the ASGI application of their port.

    `tokens` maps a token to its permissions, `read` and `write`. `limits` and `quota` can be changed at any time.
    """

    app: Starlette

    def __init__(self, clock: SandboxClock, ids: IdFactory) -> None:
        self._clock = clock
        self.workspace = Workspace(clock, ids)
        self.limits = SegmentLimits()
        self.profiles = ProfileService(clock, ids, self.workspace, self.limits)
        self.reset()
        self.app = make_app(self)

    def reset(self) -> None:
        """Back to the beginning, limits and tokens too; the clock stays where it is."""
        self.workspace.reset()
        self.limits = SegmentLimits()
        self.quota = Quota()
        self.creations = Meter(self._clock)
        self.requests = Meter(self._clock)
        self.tokens = {TOKEN: {READ, WRITE}}
        self.profiles.reset(self.limits)

    def now(self) -> datetime:
        """The sandbox's time."""
        return self._clock.now()

    def authorize(self, authorization: str, permission: str) -> None:
        """Let a bearer token in.

        Raises:
            Refusal: 401 for a missing or unknown token, 403 for one without the permission.
        """
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or token not in self.tokens:
            raise answers.unauthorized()
        if permission not in self.tokens[token]:
            raise answers.forbidden()

    def admit_read(self) -> dict[str, str]:
        """Count a GET and return its X-RateLimit trio, which is per minute.

        Raises:
            Refusal: 429.
        """
        limit = self.limits.requests_per_minute
        self._within(self.requests, limit, _MINUTE)
        self.requests.add()
        consumed = self.requests.count(_MINUTE)
        return trio(consumed, max(limit - consumed, 0), self.now() + timedelta(seconds=_MINUTE))

    def admit_creation(self) -> None:
        """Count a creation.

        Raises:
            Refusal: 429; a refused call does not count.
        """
        self._within(self.creations, self.limits.creations_per_minute, _MINUTE)
        if self.limits.creations_per_second is not None:
            self._within(self.creations, self.limits.creations_per_second, 1.0)
        self.creations.add()

    def create(self, order: Order) -> tuple[Regulation, dict[str, str]]:
        """Create a regulation if the month's quota allows it; returns the quota trio of its category as well.

        Raises:
            Refusal: 429 when the quota does not hold all of its subjects. How the real one looks is not published:
                msBeforeNext until the month ends, and no Retry-After, are assumed.
        """
        now, category = self.now(), category_of(order.type)
        if len(order.subjects) > self.quota.remaining(category, now):
            wait = (month_end(now) - now).total_seconds()
            consumed = self.quota.consumed(category, now)
            raise answers.rate_limited("points", wait, consumed, self.quota.headers(category, now))
        self.quota.use(category, len(order.subjects), now)
        return self.workspace.create(order), self.quota.headers(category, now)

    def add_regulation(self, wanted: dict[str, Any]) -> Regulation:
        """A regulation that no client of the sandbox sent: made in Segment's own pages, or by a ghost.

        `wanted` is `{"subjects": [...], "type"?, "subjectType"?, "source"?, "createdAt"?}` and what
        `Workspace.force` takes. Neither limits nor quota apply.

        Raises:
            KeyError: no subjects are given.
            ValueError: `createdAt` is no RFC 3339 time.
        """
        created_at = datetime.fromisoformat(wanted["createdAt"]) if "createdAt" in wanted else None
        words = wanted.get("type", "SUPPRESS_WITH_DELETE"), wanted.get("subjectType", "USER_ID")
        order = Order(*words, tuple(wanted["subjects"]), wanted.get("source"))
        return self.workspace.force(self.workspace.create(order, created_at).id, wanted)

    def put_pace(self, running_after: float, finished_after: float) -> None:
        """Set the pace of the regulations to come, in seconds from their creation."""
        self.workspace.pace = Pace(running_after, finished_after)

    def describe(self, regulation: Regulation) -> dict[str, Any]:
        """All there is to say of a regulation, for the control plane."""
        now, order = self.now(), regulation.order
        return {
            "id": regulation.id,
            "type": order.type,
            "subjectType": order.subject_type,
            "subjects": list(order.subjects),
            "source": order.source_id,
            "createdAt": rfc3339(regulation.created_at, 6),
            "overallStatus": progress.overall_status(regulation, now),
            "finishedAt": progress.finished_at(regulation, now),
            "streamStatus": progress.stream_status(regulation, now),
            "forgotten": progress.forgotten(regulation, now),
        }

    def snapshot(self) -> dict[str, Any]:
        """The whole state, for the control plane; regulations newest first."""
        regulations = [self.describe(kept) for kept in reversed(self.workspace.regulations())]
        sources = [{"id": s.id, "name": s.name, "cloud": s.cloud} for s in self.workspace.sources.values()]
        return {
            "workspace_id": self.workspace.id,
            "regulations": regulations,
            "sources": sources,
            "destinations": [destination.to_json() for destination in self.workspace.destinations],
            "pace": asdict(self.workspace.pace),
            "limits": self.describe_limits(),
            "quota": self.quota.to_json(self.now()),
            "profiles": [profile.to_json() for profile in self.profiles.profiles],
        }

    def describe_limits(self) -> dict[str, Any]:
        """What is enforced, and the most creations that were let in within one second and one minute."""
        peaks = {"second": self.creations.peak_per_second, "minute": self.creations.peak_per_minute}
        return asdict(self.limits) | {"creations_peak": peaks}

    def _within(self, meter: Meter, limit: int, seconds: float) -> None:
        wait = meter.wait(limit, seconds) if self.limits.enforced else 0.0
        if wait:
            raise answers.rate_limited(self.limits.flavour, wait, meter.count(seconds))
