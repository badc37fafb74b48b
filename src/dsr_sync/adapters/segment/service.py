"""The port DeletionService over Segment's Public API."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import quote

from dsr_sync.adapters.segment import refusals, words
from dsr_sync.adapters.segment.line import SegmentLine, SegmentOptions, content
from dsr_sync.adapters.segment.quota import category, exhausted_until, quota_in
from dsr_sync.adapters.segment.refusals import SERVICE
from dsr_sync.adapters.segment.words import Json
from dsr_sync.adapters.wire import Answer, TooLarge
from dsr_sync.core.model import Identifier, ListedRegulation, Regulation, RegulationId
from dsr_sync.core.plan import MAX_SUBJECTS
from dsr_sync.ports import Clock, OutcomeUnknown, QuotaExhausted, Transient

_PAGE = 1_000  # the most that the Public API gives (since 2024-03-22)
_MOST_LISTED = 5_000 * _PAGE
_Read = TypeVar("_Read")


class SegmentDeletionService:
    """Keeps the promises of `dsr_sync.ports.DeletionService`. For one thread."""

    def __init__(self, options: SegmentOptions, clock: Clock) -> None:
        self._clock = clock
        self._line = SegmentLine(options, clock)
        self._on_quota = options.on_quota

    def submit(self, regulation_type: str, subjects: Sequence[Identifier]) -> RegulationId:
        """Create one regulation for 1 to 5,000 user ids (POST /regulations). Sent once, never repeated here.

        Raises:
            Transient: nothing was accepted (no connection, 429; `retry_after` if known). QuotaExhausted: the month's
                quota holds only `left` ids more, `until` says for how long.
            Permanent: Segment refused it (4xx); TokenRefused for 401 and 403.
            OutcomeUnknown: anything else: 5xx, redirect, cut, late or truncated, or a 200 without an id.
            ValueError: no subjects, or more than `MAX_SUBJECTS`.
        """
        if not 1 <= len(subjects) <= MAX_SUBJECTS:
            raise ValueError(f"A regulation is about 1 to {MAX_SUBJECTS} subjects, not {len(subjects)}.")
        body = {
            "regulationType": regulation_type,
            "subjectType": "USER_ID",
            "subjectIds": [subject.reveal() for subject in subjects],
        }
        return self._created(self._line.post("/regulations", body), category(regulation_type), len(subjects))

    def turn_in(self) -> timedelta:
        """How long a creation made now would wait for its turn; what a long lock-out takes is not waited for."""
        return self._line.creation_in()

    def fetch(self, regulation_id: RegulationId) -> Regulation | None:
        """The regulation as it is now (GET /regulations/{id}); None if Segment itself says 404.

        A 404 that is not in Segment's envelope comes from something in between and proves nothing.

        Raises:
            Transient: unreachable, 429, 5xx, or an answer that cannot be understood.
            Permanent: refused (4xx), or not an id that Segment can have given; TokenRefused for 401 and 403.
        """
        if words.regulation_id(regulation_id) is None:
            raise refusals.impossible_id()
        answer = self._line.get(f"/regulations/{quote(regulation_id, safe='')}")
        if answer.status == HTTPStatus.NOT_FOUND:
            if refusals.has_envelope(content(answer)):
                return None
            raise Transient(SERVICE, "a 404 that is not Segment's own", answer.status)
        found = self._read(answer, words.regulation)
        if found.regulation_id != regulation_id:
            raise Transient(SERVICE, "an answer about another regulation", answer.status)
        return found

    def listing(self) -> Iterator[Sequence[ListedRegulation]]:
        """Pages of the last 90 days' regulations that are about user ids (GET /regulations), to the end.

        A page holds 1,000. One that is more than can be taken is asked for again with half as many, from where it
        begins, and the rest of the list goes on so. One regulation alone, 5,000 ids in 4 MB, can be taken.

        Raises:
            Transient: unreachable, 429, 5xx, not understood, or a list that leads in a circle.
            Permanent: refused (4xx); TokenRefused for 401 and 403.
        """
        cursor: str | None = None
        seen: set[str] = set()
        size, left = _PAGE, _MOST_LISTED
        while left > 0:
            left -= size
            try:
                answer = self._line.get("/regulations", _paging(size, cursor))
            except TooLarge:
                if size == 1:
                    raise
                size //= 2
                continue
            page, cursor = self._read(answer, _page)
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
        return self._read(self._line.get("/"), words.workspace_name)

    def close(self) -> None:
        """Close the connections that are kept."""
        self._line.close()

    def _created(self, answer: Answer, counted_as: str, ids: int) -> RegulationId:
        quota = quota_in(answer.headers)
        if quota is not None and self._on_quota is not None:
            self._on_quota(counted_as, quota.remaining)
        if quota is not None and answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            until = exhausted_until(quota, ids, self._clock.now())
            if until is not None:  # the other category may still be open, so the host is not locked out
                reason = "the month's quota is used up"
                raise QuotaExhausted(SERVICE, reason, answer.status, until=until, left=quota.remaining)
        if not _is_success(answer):
            raise refusals.of_creating(answer, self._line.pause(answer))
        created = words.created_id(content(answer))
        if created is None:
            raise OutcomeUnknown(SERVICE, "accepted without a usable regulation id", answer.status)
        return created

    def _read(self, answer: Answer, understand: Callable[[Json], _Read]) -> _Read:
        if not _is_success(answer):
            raise refusals.of_reading(answer, self._line.pause(answer))
        try:
            return understand(words.data(content(answer)))
        except words.NotUnderstood as problem:
            raise Transient(SERVICE, str(problem), answer.status) from None


def _is_success(answer: Answer) -> bool:
    return HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES


def _paging(size: int, cursor: str | None) -> dict[str, str]:
    first = {"pagination.count": str(size)}  # the documented form (Public API, pagination)
    return first if cursor is None else first | {"pagination.cursor": cursor}


def _page(data: Json) -> tuple[tuple[ListedRegulation, ...], str | None]:
    return words.listed(data), words.next_cursor(data)
