"""The line to Segment: one call at its pace, with the token, and the pause that a 429 asks for."""

import json
import math
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import urlencode

from dsr_sync.adapters.segment import refusals
from dsr_sync.adapters.segment.refusals import READ_SCOPE, SERVICE, WRITE_SCOPE
from dsr_sync.adapters.segment.words import Json
from dsr_sync.adapters.wire import (
    Answer,
    Call,
    FarClock,
    Guard,
    Lockout,
    NoAnswer,
    NotSent,
    Observer,
    Oversized,
    Pace,
    TooLarge,
    Wire,
    bearer,
)
from dsr_sync.core.policy import CLOCK_GRACE
from dsr_sync.ports import Clock, OutcomeUnknown, Transient

_READS_PER_SECOND = 10.0  # assumed to be far below the general limit, which Segment does not publish
_MOST_CREATIONS_PER_SECOND = 10  # 600 a minute (Public API specification, since 2026-08-10)
_LEAST_PAUSE = 1.0
_ACCEPT = "application/vnd.segment.v1+json"  # the stable version (Public API, versioning)


@dataclass(frozen=True, slots=True)
class SegmentOptions:
    """How to reach Segment. Its repr hides the token.

    `requests_per_minute` limits creations (Segment: 600, Public API specification). `lockout_seconds` is the pause
    after a 429 that names no time. `deadline_seconds` is the longest that one call may take in all. `on_quota` hears
    what is left of this month's quota, by category, whenever Segment says so.
    """

    token: str = field(repr=False)
    endpoint_url: str
    requests_per_minute: float = 540.0
    lockout_seconds: float = 10.0
    deadline_seconds: float = 30.0
    observe: Observer | None = field(default=None, repr=False)
    guard: Guard = field(default=nullcontext, repr=False)
    on_quota: Callable[[str, int], None] | None = field(default=None, repr=False)


class SegmentLine:
    """Calls Segment, one at a time. Creations and reads have a pace each, and share the pause after a 429.

    While this machine's clock is ahead of Segment's by more than `CLOCK_GRACE`, nothing is sent and no answer is
    passed on. An intent with a time that Segment has not reached yet would not be found in Segment's list, and be sent
    again; and what seems 90 days old may not be.
    """

    def __init__(self, options: SegmentOptions, clock: Clock) -> None:
        self._options = options
        self._clock = clock
        self._wire = Wire(clock, options.deadline_seconds, options.observe, options.guard)
        self._lockout = Lockout(clock)
        self._far_clock = FarClock(clock)
        creations = options.requests_per_minute / 60
        self._creations = Pace(SERVICE, creations, clock, self._lockout, _most_in_a_second(creations))
        self._reads = Pace(SERVICE, _READS_PER_SECOND, clock, self._lockout)

    def post(self, path: str, body: Json) -> Answer:
        """Send a creation once.

        Raises:
            Transient: it was certainly not sent, or our clock is ahead. TokenRefused: the token cannot be sent at all.
            OutcomeUnknown: it may have been sent, and there is no complete answer.
        """
        headers = self._headers(WRITE_SCOPE) | {"Content-Type": "application/json"}
        call = Call("POST", self._options.endpoint_url.rstrip("/") + path, headers, json.dumps(body).encode())
        self._check_clock()
        with self._creations.turn():
            try:
                return self._heard(self._wire.send(call))
            except NotSent as failure:
                raise Transient(SERVICE, str(failure)) from None
            except NoAnswer as failure:
                raise OutcomeUnknown(SERVICE, str(failure)) from None

    def creation_in(self) -> timedelta:
        """How long a creation made now would wait for its turn."""
        return timedelta(seconds=self._creations.turn_in())

    def get(self, path: str, query: dict[str, str] | None = None) -> Answer:
        """Ask for something.

        Raises:
            Transient: no complete answer, or our clock is ahead; TooLarge: the answer is more than can be taken.
            TokenRefused: the token cannot be sent at all.
        """
        target = self._options.endpoint_url.rstrip("/") + path + (f"?{urlencode(query)}" if query else "")
        call = Call("GET", target, self._headers(READ_SCOPE))
        with self._reads.turn():
            try:
                answer = self._heard(self._wire.send(call))
            except Oversized as failure:
                raise TooLarge(SERVICE, str(failure)) from None
            except (NotSent, NoAnswer) as failure:
                raise Transient(SERVICE, str(failure)) from None
        self._check_clock()
        return answer

    def pause(self, answer: Answer) -> timedelta | None:
        """When the answer says to come back, None if it does not; after a 429 the line keeps that pause by itself."""
        asked = refusals.pause_asked(answer, content(answer), self._clock.now())
        if answer.status != HTTPStatus.TOO_MANY_REQUESTS:
            return asked
        if asked is None:
            asked = timedelta(seconds=self._options.lockout_seconds)
        asked = max(asked, timedelta(seconds=_LEAST_PAUSE))
        self._lockout.impose(asked.total_seconds())
        return asked

    def close(self) -> None:
        """Close the connections that are kept."""
        self._wire.close()

    def _heard(self, answer: Answer) -> Answer:
        self._far_clock.heard(answer.headers)
        return answer

    def _check_clock(self) -> None:
        if self._far_clock.ahead() > CLOCK_GRACE:
            raise Transient(SERVICE, "this machine's clock is ahead of Segment's")

    def _headers(self, scope: str) -> dict[str, str]:
        authorization = bearer(self._options.token)
        if authorization is None:
            raise refusals.token_refused(None, scope)
        return {"Accept": _ACCEPT, "Authorization": authorization}


def _most_in_a_second(creations: float) -> int:
    """A tenth more than on average, so that the time that calls take costs nothing; never above Segment's limit."""
    return max(math.ceil(creations), min(math.ceil(creations / 0.9), _MOST_CREATIONS_PER_SECOND))


def content(answer: Answer) -> Json:
    """The answer's JSON; None if it is none."""
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
