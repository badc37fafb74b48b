"""What the three creating endpoints accept, checked field by field."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dsr_sandbox.segment.answers import Problem, Refusal, invalid
from dsr_sandbox.segment.model import SOURCE_TYPES, WORKSPACE_TYPES, Order
from dsr_sandbox.segment.query import one_of

MAX_BODY = 4_000_000
"""Bytes of one payload: 4 MB (segment-docs privacy, FAQ); that this means 4,000,000 is assumed."""

MAX_SUBJECTS = 5_000
"""User ids of one payload (segment-docs privacy, FAQ)."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The enumerations of one creating endpoint (Public API specification)."""

    types: tuple[str, ...]
    subject_types: tuple[str, ...]
    needs_collection: bool = False


WORKSPACE = Endpoint(WORKSPACE_TYPES, ("OBJECT_ID", "USER_ID"))
SOURCE = Endpoint(SOURCE_TYPES, ("ANONYMOUS_ID", "USER_ID"))
CLOUD_SOURCE = Endpoint(WORKSPACE_TYPES, ("OBJECT_ID",), needs_collection=True)


def read_order(body: bytes, endpoint: Endpoint, source_id: str | None) -> Order:
    """The order in a request body; keys that the specification does not know are ignored.

    Raises:
        Refusal: 422 with one entry per bad field. That unparsable JSON is 422 as well is assumed: the documentation
            lists no 400.
    """
    wanted = _parse(body)
    problems = list(_problems(wanted, endpoint))
    if problems:
        raise invalid(*problems)
    words = wanted["regulationType"], wanted["subjectType"], tuple(wanted["subjectIds"])
    return Order(*words, source_id, wanted.get("collection"))


def _parse(body: bytes) -> dict[str, Any]:
    try:
        wanted = json.loads(body)
    except ValueError:
        raise Refusal(422, [{"type": "ValidationFailure", "message": "Validation failure"}]) from None
    if not isinstance(wanted, dict):
        raise invalid(Problem('"value" must be of type object', ""))
    return wanted


def _problems(wanted: dict[str, Any], endpoint: Endpoint) -> Iterator[Problem]:
    yield from _enumerated(wanted, "regulationType", endpoint.types)
    yield from _enumerated(wanted, "subjectType", endpoint.subject_types)
    yield from _subjects(wanted)
    if endpoint.needs_collection:
        yield from _text(wanted, "collection")
    anonymous = wanted.get("subjectType") == "ANONYMOUS_ID" and "ANONYMOUS_ID" in endpoint.subject_types
    if anonymous and wanted.get("regulationType") != "DELETE_ARCHIVE_ONLY":
        yield Problem('"subjectType" ANONYMOUS_ID is only allowed with DELETE_ARCHIVE_ONLY', "subjectType")


def _enumerated(wanted: dict[str, Any], name: str, allowed: tuple[str, ...]) -> Iterator[Problem]:
    if name not in wanted:
        yield Problem(f'"{name}" is required', name)
    elif wanted[name] not in allowed:
        yield Problem(one_of(name, allowed), name)


def _text(wanted: dict[str, Any], name: str) -> Iterator[Problem]:
    if name not in wanted:
        yield Problem(f'"{name}" is required', name)
    elif not isinstance(wanted[name], str):
        yield Problem(f'"{name}" must be a string', name)
    elif not wanted[name]:
        yield Problem(f'"{name}" is not allowed to be empty', name)


def _subjects(wanted: dict[str, Any]) -> Iterator[Problem]:
    # The upper bound is documented; that none at all, and an empty one, are refused is assumed.
    subjects = wanted.get("subjectIds")
    if subjects is None:
        yield Problem('"subjectIds" is required', "subjectIds")
    elif not isinstance(subjects, list):
        yield Problem('"subjectIds" must be an array', "subjectIds")
    elif not subjects:
        yield Problem('"subjectIds" must contain at least 1 items', "subjectIds")
    elif len(subjects) > MAX_SUBJECTS:
        yield Problem(f'"subjectIds" must contain less than or equal to {MAX_SUBJECTS} items', "subjectIds")
    else:
        for position, subject in enumerate(subjects):
            field = f"subjectIds[{position}]"
            yield from _text({field: subject}, field)
