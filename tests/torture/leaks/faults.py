"""Every kind of fault that the sandbox knows, for every service that it can hit, with a canary wherever a text is."""

from dataclasses import dataclass
from typing import Any

from tests.torture.leaks.canaries import ECHO, EMAIL, USER_ID

from dsr_sandbox import Sandbox
from dsr_sandbox.faults import KINDS
from dsr_sandbox.tampering import TAMPERING

_BODY = {"error": {"type": "INVALID_VALUE_FOR_COLUMN", "message": f"{ECHO.text} {USER_ID.text} {EMAIL.text}"}}
_ERRORS = {"errors": [{"type": "bad-request", "message": f"{ECHO.text} {USER_ID.text}", "data": [EMAIL.text]}]}
_PARAMETERS: dict[str, tuple[dict[str, Any], ...]] = {
    "rate_limit": ({"retry_after": 1},),
    "status": tuple({"code": code, "body": body} for code in (400, 404, 413, 422, 500) for body in (_BODY, _ERRORS)),
    "cut": ({"after_effect": False}, {"after_effect": True}),
    "delay": ({"seconds": 1.5, "after_effect": True},),
    "trickle": ({"bytes": 40, "every_seconds": 0.1},),
    "truncate": ({"bytes": 30},),
    "json_200": ({"body": _BODY}, {"body": {"data": USER_ID.text}}, {"body": [EMAIL.text]}),
    "late_list": ({"seconds": 1.0},),
    "ghost": ({"seconds": 0.5},),
}
_METHODS = {"airtable": ("GET", "PATCH", "POST"), "segment": ("GET", "POST"), "profiles": ("GET",)}
"""What the product asks of each service. To Airtable it POSTs columns that are missing, by `setup-base` alone."""

_PAGED = frozenset({"stale_offset", "missing_page"})
_OF_LISTS = TAMPERING | _PAGED
_LISTS = {"airtable": "/tbl", "segment": r"/regulations\?"}
_EFFECTLESS = frozenset({"GET"})


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: what it hits, and how."""

    service: str
    kind: str
    method: str
    parameters: tuple[tuple[str, Any], ...] = ()

    @property
    def name(self) -> str:
        """For people who read which one it was."""
        said = [str(value) for name, value in self.parameters if name != "body"]
        return " ".join([self.service, self.method, self.kind, *said])

    @property
    def sets_up(self) -> bool:
        """Whether it hits what only `setup-base` does."""
        return (self.service, self.method) == ("airtable", "POST")

    @property
    def paged(self) -> bool:
        """Whether it waits for a list that has a second page."""
        return self.kind in _PAGED

    def options(self) -> dict[str, Any]:
        """As the schedule of the sandbox takes it; one that changes a list waits for a list."""
        path = {"path": _LISTS[self.service]} if self.kind in _OF_LISTS and self.service in _LISTS else {}
        return {"method": self.method, "times": 3, **path, **dict(self.parameters)}

    def struck(self, box: Sandbox) -> bool:
        """Whether a call of the product's met it."""
        return any(entry.outcome == self.kind for entry in box.journal.entries(self.service, method=self.method))


def every_fault() -> list[Fault]:
    """All of them."""
    return [
        Fault(service, kind, method, tuple(parameters.items()))
        for service, methods in _METHODS.items()
        for method in methods
        for kind in KINDS
        if _can_strike(kind, method)
        for parameters in _PARAMETERS.get(kind, ({},))
    ]


def _can_strike(kind: str, method: str) -> bool:
    """Lists are read, and only what has an effect can have it later."""
    return method not in _EFFECTLESS if kind == "ghost" else method in _EFFECTLESS or kind not in _OF_LISTS


SAMPLE = (
    (
        Fault("airtable", "status", "PATCH", (("code", 422), ("body", _BODY))),
        Fault("segment", "status", "POST", (("code", 400), ("body", _ERRORS))),
        Fault("profiles", "status", "GET", (("code", 500), ("body", _ERRORS))),
    ),
    (
        Fault("airtable", "json_200", "GET", (("body", [EMAIL.text]),)),
        Fault("segment", "truncate", "POST", (("bytes", 30),)),
    ),
)
"""One of each way in which a text of a service comes in; several services at a time."""
