"""How a regulation moves on: everything follows from its age on the sandbox's clock."""

import math
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from dsr_sandbox.clock import rfc3339
from dsr_sandbox.segment.model import DELETING_TYPES, FINAL_STATUS, RETENTION, Behaviour, Destination, Regulation

_DIGITS = 6
_BAD = frozenset({"FAILED", "NOT_SUPPORTED", "INVALID"})


def overall_status(regulation: Regulation, now: datetime) -> str:
    """Segment's word for the whole regulation.

    FAILED also when nothing but an unsupported destination failed (segment-docs privacy, deletion requests).
    That a destination's INVALID makes the whole FAILED, and its PARTIAL_SUCCESS the whole one too, is assumed.
    """
    if regulation.forced.overall_status is not None:
        return regulation.forced.overall_status
    age = _age(regulation, now)
    if age < regulation.pace.running_after:
        return "INITIALIZED"
    return _final_status(regulation) if age >= _ends(regulation) else "RUNNING"


def finished_at(regulation: Regulation, now: datetime) -> str | None:
    """When the regulation ended, RFC 3339; None while it has not."""
    if regulation.forced.overall_status is not None:
        return regulation.forced.finished_at
    ends = _ends(regulation)
    return _moment(regulation, ends) if _age(regulation, now) >= ends else None


def stream_status(regulation: Regulation, now: datetime) -> list[dict[str, Any]]:
    """The states per source and destination: `[{"id": source, "destinationStatus": [...]}]`.

    Every member is a string, "" where there is nothing to say yet: the official clients refuse null. That destinations
    are shown from the start, as INITIALIZED, is assumed.
    """
    if regulation.forced.stream_status is not None:
        return regulation.forced.stream_status
    by_source = groupby(sorted(regulation.destinations, key=lambda d: d.source), key=lambda d: d.source)
    return [
        {"id": source, "destinationStatus": [_destination_status(regulation, d, now) for d in destinations]}
        for source, destinations in by_source
    ]


def forgotten(regulation: Regulation, now: datetime) -> bool:
    """True once Segment no longer shows the regulation: 404 and absent from lists."""
    return now - regulation.created_at > RETENTION


def taken_effect(regulation: Regulation, now: datetime) -> bool:
    """True once Segment's own side is done, whatever the destinations do; never for a regulation that must fail."""
    return not regulation.doomed and _age(regulation, now) >= regulation.pace.finished_after


def has_deleted(regulation: Regulation, now: datetime) -> bool:
    """True once the subjects' data is gone from Segment's own stores."""
    return regulation.order.type in DELETING_TYPES and taken_effect(regulation, now)


def _destination_status(regulation: Regulation, destination: Destination, now: datetime) -> dict[str, Any]:
    age, ends = _age(regulation, now), _destination_ends(regulation, destination)
    done = age >= ends
    shown = {"name": destination.name, "id": destination.id}
    if not done:
        status = "INITIALIZED" if age < regulation.pace.running_after else "RUNNING"
        return shown | {"status": status, "errString": "", "finishedAt": ""}
    status = FINAL_STATUS[destination.behaviour]
    error = "" if status == "FINISHED" else destination.error
    return shown | {"status": status, "errString": error, "finishedAt": _moment(regulation, ends)}


def _final_status(regulation: Regulation) -> str:
    words = {FINAL_STATUS[destination.behaviour] for destination in regulation.destinations}
    if regulation.doomed or words & _BAD:
        return "FAILED"
    return "PARTIAL_SUCCESS" if "PARTIAL_SUCCESS" in words else "FINISHED"


def _ends(regulation: Regulation) -> float:
    ends = [_destination_ends(regulation, destination) for destination in regulation.destinations]
    return max([regulation.pace.running_after, regulation.pace.finished_after, *ends])


def _destination_ends(regulation: Regulation, destination: Destination) -> float:
    if destination.behaviour is Behaviour.HANG:
        return math.inf
    seconds = regulation.pace.finished_after if destination.seconds is None else destination.seconds
    return max(regulation.pace.running_after, seconds)


def _age(regulation: Regulation, now: datetime) -> float:
    return (now - regulation.created_at).total_seconds()


def _moment(regulation: Regulation, age: float) -> str:
    return rfc3339(regulation.created_at + timedelta(seconds=age), _DIGITS)
