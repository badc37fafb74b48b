"""Every kind of fault that the sandbox knows, for every service that it can hit, with a canary wherever a text is."""

from dataclasses import dataclass
from typing import Any

from tests.torture.leaks.canaries import ECHO, EMAIL, USER_ID

from dsr_sandbox.faults import KINDS

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

    def options(self) -> dict[str, Any]:
        """As the schedule of the sandbox takes it."""
        return {"method": self.method, "times": 3, **dict(self.parameters)}


def every_fault() -> list[Fault]:
    """All of them."""
    return [
        Fault(service, kind, method, tuple(parameters.items()))
        for service, methods in _METHODS.items()
        for method in methods
        for kind in KINDS
        for parameters in _PARAMETERS.get(kind, ({},))
    ]


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
