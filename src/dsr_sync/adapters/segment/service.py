"""The port DeletionService over Segment's Public API."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final
from urllib.parse import quote, urlencode

from dsr_sync.adapters.segment import refusals, words
from dsr_sync.adapters.segment.quota import Quota, category, exhausted_until, quota_in
from dsr_sync.adapters.segment.refusals import READ_SCOPE, SERVICE, WRITE_SCOPE
from dsr_sync.adapters.wire import Answer, Call, Lockout, NoAnswer, NotSent, Pace, Wire, bearer
from dsr_sync.core.model import Identifier, ListedRegulation, Regulation, RegulationId
from dsr_sync.ports import Clock, OutcomeUnknown, Permanent, QuotaExhausted, Transient

US_URL: Final = "https://api.segmentapis.com"
EU_URL: Final = "https://eu1.api.segmentapis.com"
MOST_SUBJECTS: Final = 5_000
"""Ids in one regulation (segment-docs, privacy FAQ)."""

_PAGE = 1000  # the most that the Public API gives (since 2024-03-22)
_MOST_PAGES = 5_000
_READS_PER_SECOND = 10.0  # assumed to be far below the general limit, which Segment does not publish
_ODD = "an answer that cannot be understood"


@dataclass(frozen=True, slots=True)
class SegmentOptions:
    """How to reach Segment. Its repr hides the token.

    `requests_per_minute` limits creations (Segment: 600, Public API specification). `lockout_seconds` is the pause
    after a 429 that names no time. `deadline_seconds` is the longest that one call may take in all.
    """

    token: str = field(repr=False)
    endpoint_url: str = US_URL
    requests_per_minute: float = 540.0
    lockout_seconds: float = 10.0
    deadline_seconds: float = 30.0


class SegmentDeletionService:
    """Keeps the promises of `dsr_sync.ports.DeletionService`. For one thread."""

    def __init__(self, options: SegmentOptions, clock: Clock) -> None:
        self._options = options
        self._clock = clock
        self._wire = Wire(clock, options.deadline_seconds)
        self._lockout = Lockout(clock)
        self._creations = Pace(SERVICE, options.requests_per_minute / 60, clock, self._lockout)
        self._reads = Pace(SERVICE, _READS_PER_SECOND, clock, self._lockout)
        self._quota: dict[str, Quota] = {}

    def submit(self, regulation_type: str, subjects: Sequence[Identifier]) -> RegulationId:
        """Create one regulation for 1 to 5,000 user ids (POST /regulations). Sent once, never repeated here.

        Raises:
            Transient: nothing was accepted (no connection, 429; `retry_after` if known). QuotaExhausted: the month's
                quota is used up, `until` says for how long.
            Permanent: Segment refused it (4xx); TokenRefused for 401 and 403.
            OutcomeUnknown: anything else: 5xx, redirect, cut, late or truncated, or a 200 without an id.
            ValueError: no subjects, or more than `MOST_SUBJECTS`.
        """
        if not 1 <= len(subjects) <= MOST_SUBJECTS:
            raise ValueError(f"A regulation is about 1 to {MOST_SUBJECTS} subjects, not {len(subjects)}.")
        body = {
            "regulationType": regulation_type,
            "subjectType": "USER_ID",
            "subjectIds": [subject.reveal() for subject in subjects],
        }
        answer = self._post(json.dumps(body).encode())
        return self._created(answer, category(regulation_type))

    def fetch(self, regulation_id: RegulationId) -> Regulation | None:
        """The regulation as it is now (GET /regulations/{id}); None if Segment itself says 404.

        A 404 that is not in Segment's envelope comes from something in between and proves nothing.

        Raises:
            Transient: unreachable, 429, 5xx, or an answer that cannot be understood.
            Permanent: refused (4xx); TokenRefused for 401 and 403.
            ValueError: the id is not one that Segment can have given.
        """
        if words.regulation_id(regulation_id) is None:
            raise ValueError("This is no regulation id.")
        answer = self._get(f"/regulations/{quote(regulation_id, safe='')}")
        if answer.status == HTTPStatus.NOT_FOUND and refusals.has_envelope(_content(answer)):
            return None
        found = self._read(answer, words.regulation)
        if found.regulation_id != regulation_id:
            raise Transient(SERVICE, "an answer about another regulation", answer.status)
        return found

    def listing(self) -> Iterator[Sequence[ListedRegulation]]:
        """Pages of 1,000 regulations of the last 90 days that are about user ids (GET /regulations), to the end.

        Raises:
            Transient: unreachable, 429, 5xx, not understood, or a list that leads in a circle.
            Permanent: refused (4xx); TokenRefused for 401 and 403.
        """
        cursor: str | None = None
        seen: set[str] = set()
        for _ in range(_MOST_PAGES):
            page, cursor = self._read(self._get("/regulations", _paging(cursor)), _page)
            yield page
            if cursor is None:
                return
            if cursor in seen:
                break
            seen.add(cursor)
        raise Transient(SERVICE, "listing did not end")

    def check(self) -> str:
        """The workspace's name (GET /), which shows that Segment can be reached and knows the token; "" if unnamed.

        Raises:
            Transient, Permanent: as for `fetch`.
        """
        return self._read(self._get("/"), _workspace_name)

    def quota(self) -> Mapping[str, Quota]:
        """What was last heard of the month's quota, by category (`SEGMENT_ONLY`, `SEGMENT_AND_DESTINATIONS`)."""
        return dict(self._quota)

    def close(self) -> None:
        """Close the connections that are kept."""
        self._wire.close()

    def _post(self, body: bytes) -> Answer:
        call = Call("POST", self._url("/regulations"), self._headers(WRITE_SCOPE, json_body=True), body)
        with self._creations.turn():
            try:
                return self._wire.send(call)
            except NotSent as failure:
                raise Transient(SERVICE, str(failure)) from None
            except NoAnswer as failure:
                raise OutcomeUnknown(SERVICE, str(failure)) from None

    def _get(self, path: str, query: str = "") -> Answer:
        call = Call("GET", self._url(path) + query, self._headers(READ_SCOPE))
        with self._reads.turn():
            try:
                return self._wire.send(call)
            except (NotSent, NoAnswer) as failure:
                raise Transient(SERVICE, str(failure)) from None

    def _created(self, answer: Answer, counted_as: str) -> RegulationId:
        now = self._clock.now()
        quota = quota_in(answer.headers, now)
        if quota is not None:
            self._quota[counted_as] = quota
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS and (until := exhausted_until(quota, now)) is not None:
            # The other category may still be open, so the host is not locked out.
            raise QuotaExhausted(SERVICE, "the month's quota is used up", answer.status, until - now, until)
        if not _is_success(answer):
            raise refusals.of_creating(answer, self._pause(answer))
        created = _id_in(_content(answer))
        if created is None:
            raise OutcomeUnknown(SERVICE, "accepted without a usable regulation id", answer.status)
        return created

    def _read[T](self, answer: Answer, understand: Callable[[words.Json], T]) -> T:
        if not _is_success(answer):
            raise refusals.of_reading(answer, self._pause(answer))
        try:
            return understand(_data(_content(answer)))
        except words.NotUnderstood:
            raise Transient(SERVICE, _ODD, answer.status) from None
