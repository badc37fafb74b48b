"""Lists, page by page."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from dsr_sandbox.clock import rfc3339
from dsr_sandbox.segment import progress
from dsr_sandbox.segment.model import Regulation
from dsr_sandbox.segment.query import Page, Pairs, decode_cursor, encode_cursor, page_of, status_of, types_of
from dsr_sandbox.segment.workspace import Suppressed

T = TypeVar("T")

_LISTED_SUBJECT_TYPES = {"USER_ID": "userId", "OBJECT_ID": "objectId", "ANONYMOUS_ID": "anonymousId"}


@dataclass(frozen=True, slots=True)
class Listing:
    """One list call: the query, the types that its endpoint knows, and the time."""

    pairs: Pairs
    allowed_types: tuple[str, ...]
    now: datetime

    def regulations(self, newest_first: Sequence[Regulation]) -> dict[str, Any]:
        """`{"regulations": [...], "pagination": {...}}` of what passes the filters.

        Raises:
            Refusal: 422 for a bad filter or pagination.
        """
        page, status, types = page_of(self.pairs), status_of(self.pairs), types_of(self.pairs, self.allowed_types)
        shown = [self._shown(kept) for kept in newest_first if not types or kept.order.type in types]
        passing = [kept for kept in shown if status in (None, kept["status"])]
        entries, pagination = by_offset(passing, page)
        return {"regulations": entries, "pagination": pagination}

    def _shown(self, regulation: Regulation) -> dict[str, Any]:
        # The list says `status` and `subjects` where the single call says `overallStatus` and creation `subjectIds`.
        shown: dict[str, Any] = {
            "id": regulation.id,
            "subjectType": regulation.order.subject_type,
            "subjects": list(regulation.order.subjects),
            "status": progress.overall_status(regulation, self.now),
            "createdAt": rfc3339(regulation.created_at, 6),
            "regulationType": regulation.order.type,
        }
        finished = progress.finished_at(regulation, self.now)
        return shown if finished is None else shown | {"finishedAt": finished}


def by_offset(entries: Sequence[T], page: Page) -> tuple[list[T], dict[str, Any]]:
    """The page's entries and its `pagination`; cursors are offsets in base64 (Public API docs, pagination).

    `next` and `previous` are absent where there is none, as the text of the documentation says; its example has null.
    """
    offset = int(decode_cursor(page.cursor, r"\d{1,9}") or 0)
    pagination: dict[str, Any] = {"current": encode_cursor(str(offset)), "totalEntries": len(entries)}
    if offset + page.count < len(entries):
        pagination["next"] = encode_cursor(str(offset + page.count))
    if offset:
        pagination["previous"] = encode_cursor(str(max(offset - page.count, 0)))
    return list(entries[offset : offset + page.count]), pagination


def suppressions(latest_first: Sequence[Suppressed], page: Page) -> dict[str, Any]:
    """`{"suppressed": [...], "pagination": {...}}`; cursors are keys such as `reg-6508-00981` in base64.

    The first page's cursor, `MQ==`, the keyed ones and the word `userId` are in the specification's example; `MA==`,
    the start of every other list, is taken for the first page too (assumed).
    """
    start = _key(decode_cursor(page.cursor, r"[01]|reg-\d{4,}-\d{5}"))
    following = [one for one in latest_first if one.key >= start]
    shown = [
        {"subjectType": _LISTED_SUBJECT_TYPES[one.subject_type], "subjectIds": [one.subject]}
        for one in following[: page.count]
    ]
    pagination = {"current": page.cursor or encode_cursor("1")}
    if len(following) > page.count:
        number, place = following[page.count].key
        pagination["next"] = encode_cursor(f"reg-{-number:04d}-{place:05d}")
    return {"suppressed": shown, "pagination": pagination}


def _key(cursor: str | None) -> tuple[float, int]:
    found = re.fullmatch(r"reg-(\d+)-(\d+)", cursor or "")
    return (-int(found[1]), int(found[2])) if found else (float("-inf"), 0)
