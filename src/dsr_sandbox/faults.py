"""The fault schedule: what goes wrong, for which requests, how often."""

import re
import threading
from dataclasses import dataclass, field
from itertools import count
from typing import Any

SERVICES = ("airtable", "segment", "profiles")

KINDS: dict[str, dict[str, type | tuple[type, ...]]] = {
    "rate_limit": {"form": str, "retry_after": (str, int), "ms_before_next": int},
    "status": {"code": int, "body": object, "after_effect": bool},
    "cut": {"after_effect": bool},
    "delay": {"seconds": (int, float), "after_effect": bool},
    "trickle": {"bytes": int, "every_seconds": (int, float)},
    "truncate": {"bytes": int},
    "html_200": {"after_effect": bool},
    "json_200": {"body": object, "after_effect": bool},
    "unauthorized": {},
    "forbidden": {},
    "stale_offset": {},
    "same_offset_forever": {},
    "late_list": {"seconds": (int, float)},
    "empty_list": {},
    "missing_page": {},
    "ghost": {"seconds": (int, float)},
}
"""Every kind with its own parameters. `after_effect`: the service did its work and only the answer is replaced."""

_REQUIRED = {
    "status": {"code"},
    "delay": {"seconds"},
    "trickle": {"bytes", "every_seconds"},
    "truncate": {"bytes"},
    "json_200": {"body"},
    "late_list": {"seconds"},
    "ghost": {"seconds"},
}
_PAGED_ONLY = frozenset({"stale_offset", "missing_page"})
_COMMON = frozenset({"method", "path", "times", "skip"})


@dataclass(slots=True)
class Fault:
    """A fault that waits for matching requests.

    `method` None is any; `path` is a regular expression searched in the path as sent, with its query. The first `skip`
    matches are let through; `times` is how many are hit after that, None until the fault is deleted.
    """

    id: int
    service: str
    kind: str
    method: str | None = None
    path: str = ""
    times: int | None = 1
    skip: int = 0
    params: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The fault as the control plane shows it; `times` is what is left."""
        names = ("id", "service", "kind", "method", "path", "times", "skip")
        return {name: getattr(self, name) for name in names} | self.params

    def matches(self, service: str, method: str, target: str, *, pages_on: bool) -> bool:
        """True if the fault is meant for this request; `pages_on` requests carry an offset or a cursor."""
        if self.kind in _PAGED_ONLY and not pages_on:
            return False
        return self.service == service and self.method in (None, method) and re.search(self.path, target) is not None


class FaultSchedule:
    """All faults that wait, in the order in which they were added. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = count(1)
        self._faults: list[Fault] = []

    def add(self, service: str, kind: str, **options: object) -> Fault:
        """Schedule a fault: `method`, `path`, `times` (default 1), `skip`, and the parameters of its kind.

        `same_offset_forever` lasts until deleted unless `times` is given.

        Raises:
            ValueError: the service, the kind or an option is unknown, missing or of the wrong type.
        """
        _check(service, kind, options)
        wanted = {name: value for name, value in options.items() if name in _COMMON}
        if kind == "same_offset_forever":
            wanted.setdefault("times", None)
        params = {name: value for name, value in options.items() if name not in _COMMON}
        common: dict[str, Any] = wanted
        with self._lock:
            fault = Fault(next(self._numbers), service, kind, params=params, **common)
            self._faults.append(fault)
        return fault

    def take(self, service: str, method: str, target: str, *, pages_on: bool) -> Fault | None:
        """The fault that hits this request, counted down; at most one hits."""
        with self._lock:
            for fault in self._faults:
                if not fault.matches(service, method, target, pages_on=pages_on):
                    continue
                if fault.skip:
                    fault.skip -= 1
                    continue
                self._count_down(fault)
                return fault
        return None

    def waiting(self) -> list[Fault]:
        """The faults that can still hit."""
        with self._lock:
            return list(self._faults)

    def remove(self, fault_id: int) -> None:
        """Take a fault back.

        Raises:
            KeyError: it does not wait any more, or never did.
        """
        with self._lock:
            kept = [fault for fault in self._faults if fault.id != fault_id]
            if len(kept) == len(self._faults):
                raise KeyError(f"There is no fault {fault_id}.")
            self._faults = kept

    def clear(self) -> None:
        """Take all faults back."""
        with self._lock:
            self._faults.clear()

    def _count_down(self, fault: Fault) -> None:
        if fault.times is None:
            return
        fault.times -= 1
        if not fault.times:
            self._faults.remove(fault)


def _check(service: str, kind: str, options: dict[str, object]) -> None:
    if service not in SERVICES:
        raise ValueError(f"Unknown service {service!r}; there are {', '.join(SERVICES)}.")
    if kind not in KINDS:
        raise ValueError(f"Unknown fault {kind!r}; there are {', '.join(KINDS)}.")
    unknown = options.keys() - _COMMON - KINDS[kind].keys()
    missing = _REQUIRED.get(kind, set()) - options.keys()
    if unknown or missing:
        raise ValueError(f"Fault {kind!r}: unknown {sorted(unknown)}, missing {sorted(missing)}.")
    for name, expected in KINDS[kind].items():
        if name in options and not isinstance(options[name], expected):
            raise ValueError(f"Fault {kind!r}: {name} has the wrong type: {options[name]!r}.")
    _check_common(options)


def _check_common(options: dict[str, object]) -> None:
    times, skip = options.get("times", 1), options.get("skip", 0)
    if not (times is None or (isinstance(times, int) and times > 0)) or not (isinstance(skip, int) and skip >= 0):
        raise ValueError(f"times is a positive number or null, skip is not negative: {times!r}, {skip!r}")
    try:
        re.compile(str(options.get("path", "")))
    except re.error as error:
        raise ValueError(f"path is no regular expression: {error}") from error
