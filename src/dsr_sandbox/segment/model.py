"""What a Segment workspace holds, in Segment's own words."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

STATUSES = ("INITIALIZED", "INVALID", "NOT_SUPPORTED", "RUNNING", "PARTIAL_SUCCESS", "FAILED", "FINISHED")
"""The seven documented statuses (Public API specification, Regulation)."""

WORKSPACE_TYPES = (
    "DELETE_INTERNAL",
    "DELETE_ONLY",
    "SUPPRESS_ONLY",
    "SUPPRESS_WITH_DELETE",
    "SUPPRESS_WITH_DELETE_INTERNAL",
    "UNSUPPRESS",
)
SOURCE_TYPES = (*WORKSPACE_TYPES, "DELETE_ARCHIVE_ONLY")

FORWARDED_TYPES = frozenset({"DELETE_ONLY", "SUPPRESS_WITH_DELETE"})
"""The types that Segment forwards to destinations; all others stay inside (segment-docs privacy, regulation types)."""

SUPPRESSING_TYPES = frozenset({"SUPPRESS_ONLY", "SUPPRESS_WITH_DELETE", "SUPPRESS_WITH_DELETE_INTERNAL"})
DELETING_TYPES = frozenset(SOURCE_TYPES) - {"SUPPRESS_ONLY", "UNSUPPRESS"}

RETENTION = timedelta(days=90)
"""Lists show the past 90 days and older regulations answer 404 (Public API specification, Regulation endpoints)."""


class Behaviour(StrEnum):
    """What a destination of the sandbox does with a deletion that is forwarded to it."""

    FINISH = "finish"
    FAIL = "fail"
    UNSUPPORTED = "unsupported"
    PARTIAL = "partial"
    INVALID = "invalid"
    HANG = "hang"


FINAL_STATUS = {
    Behaviour.FINISH: "FINISHED",
    Behaviour.FAIL: "FAILED",
    Behaviour.UNSUPPORTED: "NOT_SUPPORTED",
    Behaviour.PARTIAL: "PARTIAL_SUCCESS",
    Behaviour.INVALID: "INVALID",
}


@dataclass(frozen=True, slots=True)
class Source:
    """A source of the workspace; `cloud` sources take object ids, the others user ids."""

    id: str
    name: str
    cloud: bool = False


@dataclass(frozen=True, slots=True)
class Destination:
    """A destination behind one source.

    `source` is a source's id. `seconds` is when it ends, counted from the regulation's creation on the sandbox's
    clock; None means with the pace of the workspace. `error` is the errString of a destination that does not finish.
    `only_for` limits it to regulations about one of these subjects (a means of the sandbox, to tell several stories in
    one workspace); empty means all.
    """

    name: str
    id: str
    source: str
    behaviour: Behaviour = Behaviour.FINISH
    error: str = ""
    seconds: float | None = None
    only_for: tuple[str, ...] = ()

    def concerns(self, order: "Order") -> bool:
        """Whether Segment forwards this regulation to it."""
        of_source = order.source_id in (None, self.source)
        return of_source and (not self.only_for or not set(self.only_for).isdisjoint(order.subjects))

    def to_json(self) -> dict[str, Any]:
        """The destination as the control plane shows and takes it."""
        shown: dict[str, Any] = {"name": self.name, "id": self.id, "source": self.source}
        return (
            shown
            | {"behaviour": self.behaviour.value, "error": self.error, "seconds": self.seconds}
            | {"only_for": list(self.only_for)}
        )


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds of the sandbox's clock from a regulation's creation until it runs and until it is finished."""

    running_after: float = 2.0
    finished_after: float = 6.0


@dataclass(slots=True)
class Forced:
    """What the control plane made up for a regulation; None leaves the emulated value. Any word is possible.

    `finished_at` counts only beside a forced `overall_status`.
    """

    overall_status: str | None = None
    stream_status: list[dict[str, Any]] | None = None
    finished_at: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """What a regulation is asked to do: `source_id` is None for the whole workspace."""

    type: str
    subject_type: str
    subjects: tuple[str, ...]
    source_id: str | None = None
    collection: str | None = None


@dataclass(frozen=True, slots=True)
class Regulation:
    """A regulation with all that decides its fate, fixed when it was created.

    `doomed` regulations fail by Segment's rules. `number` counts creations and orders those of one moment.
    """

    id: str
    number: int
    created_at: datetime
    order: Order
    destinations: tuple[Destination, ...]
    pace: Pace
    doomed: bool = False
    forced: Forced = field(default_factory=Forced)
