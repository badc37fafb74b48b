"""Segment's JSON, translated: its status words, its times, its ids. What cannot be understood is never guessed."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias

from dsr_sync.core.model import DestinationReport, Identifier, ListedRegulation, Progress, Regulation, RegulationId

Json: TypeAlias = Any
"""A JSON value as it came over the wire; whoever takes it checks its shape."""

_PROGRESS: Mapping[str, Progress] = {
    "INITIALIZED": Progress.WAITING,
    "RUNNING": Progress.RUNNING,
    "FINISHED": Progress.FINISHED,
    "PARTIAL_SUCCESS": Progress.PARTLY_FINISHED,
    "FAILED": Progress.FAILED,
    "NOT_SUPPORTED": Progress.NOT_SUPPORTED,
    "INVALID": Progress.INVALID,
}
_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
_OTHER_SUBJECTS = frozenset({"OBJECT_ID", "ANONYMOUS_ID"})


class NotUnderstood(Exception):
    """An answer of a shape that the Public API specification does not know; the text is a fixed phrase."""


def progress(word: str) -> Progress:
    """What a status word means. The seven words are the specification's; an unknown one counts as still running.

    Segment's documentation has named others for a while (IN_PROGRESS; segment-docs, pull request 7423).
    """
    return _PROGRESS.get(word, Progress.RUNNING)


def regulation_id(value: Json) -> RegulationId | None:
    """The id if it can stand in a path, else None. Real ones are 27 letters and digits (assumed from the examples)."""
    return RegulationId(value) if isinstance(value, str) and _ID.fullmatch(value) else None


def data(answer: Json) -> Json:
    """What is inside the envelope of a success, `{"data": …}` (Public API, error handling).

    Raises:
        NotUnderstood: there is no such envelope.
    """
    if not isinstance(answer, dict) or "errors" in answer:
        raise NotUnderstood("an answer that is not Segment's")
    return answer.get("data")


def created_id(answer: Json) -> RegulationId | None:
    """`data.regulateId` of an answer to POST /regulations; None if there is no usable one."""
    inside = answer.get("data") if isinstance(answer, dict) else None
    return regulation_id(inside.get("regulateId")) if isinstance(inside, dict) else None


def workspace_name(data: Json) -> str:
    """`data.workspace.name` of GET /; "" if it is not there."""
    found = _object(_object(data).get("workspace")).get("name")
    return found if isinstance(found, str) else ""


def regulation(data: Json) -> Regulation:
    """`data.regulation` of GET /regulations/{id} (Public API specification).

    `finishedAt` may be absent, null or empty; `streamStatus` may be empty although all is finished.

    Raises:
        NotUnderstood: a required member is missing or of the wrong type.
    """
    found = _object(_object(data).get("regulation"))
    known = regulation_id(found.get("id"))
    if known is None:
        raise NotUnderstood("a regulation without a usable id")
    word = _text(found.get("overallStatus"))
    return Regulation(
        regulation_id=known,
        progress=progress(word),
        word=word,
        created_at=_required_moment(found.get("createdAt")),
        finished_at=moment(found.get("finishedAt")),
        reports=tuple(_reports(found.get("streamStatus"))),
    )


def listed(data: Json) -> tuple[ListedRegulation, ...]:
    """The entries of GET /regulations that are about user ids; object ids and anonymous ids are other people's.

    Raises:
        NotUnderstood: an entry lacks what is needed to tell whose it is; then the list proves nothing.
    """
    entries = _object(data).get("regulations")
    if not isinstance(entries, list):
        raise NotUnderstood("a list without regulations")
    return tuple(_entry(_object(entry)) for entry in entries if _about_users(entry))


def next_cursor(data: Json) -> str | None:
    """Where the next page begins; None on the last one, which has no `next` or a null (Public API, pagination).

    Raises:
        NotUnderstood: there is no `pagination` at all, so that the end cannot be told from a cut list.
    """
    following = _object(_object(data).get("pagination")).get("next")
    return following if isinstance(following, str) and following else None


def moment(value: Json) -> datetime | None:
    """An RFC 3339 time with up to six digits of a second, in UTC; None for an empty or unreadable one."""
    if not isinstance(value, str) or not value:
        return None
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        return None
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def _reports(streams: Json) -> list[DestinationReport]:
    reports = []
    for stream in _list(streams):
        source = _text(_object(stream).get("id"))
        reports += [_report(source, _object(found)) for found in _list(stream.get("destinationStatus"))]
    return reports


def _report(source: str, found: dict[str, Json]) -> DestinationReport:
    destination, word, error = _text(found.get("id", "")), _text(found.get("status")), found.get("errString")
    name = found.get("name")
    return DestinationReport(
        source_id=source,
        destination_id=destination,
        destination=(name if isinstance(name, str) else "").strip() or destination or "a destination without a name",
        progress=progress(word),
        word=word,
        finished_at=moment(found.get("finishedAt")),
        error=error if isinstance(error, str) else "",
    )


def _entry(entry: dict[str, Json]) -> ListedRegulation:
    known = regulation_id(entry.get("id"))
    if known is None:
        raise NotUnderstood("a listed regulation without a usable id")
    subjects = entry.get("subjects")
    if not isinstance(subjects, list):
        raise NotUnderstood("a listed regulation without subjects")
    return ListedRegulation(
        regulation_id=known,
        regulation_type=_text(entry.get("regulationType")),
        subjects=tuple(Identifier(_text(subject)) for subject in subjects),
        created_at=_required_moment(entry.get("createdAt")),
    )


def _about_users(entry: Json) -> bool:
    return _object(entry).get("subjectType") not in _OTHER_SUBJECTS


def _required_moment(value: Json) -> datetime:
    found = moment(value)
    if found is None:
        raise NotUnderstood("a time that cannot be read")
    return found


def _object(value: Json) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise NotUnderstood("an object is missing")
    return value


def _list(value: Json) -> list[Json]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise NotUnderstood("a list is missing")
    return value


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise NotUnderstood("a text is missing")
    return value
