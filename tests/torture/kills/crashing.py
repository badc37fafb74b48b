"""Crash points by name: before and after everything that the engine asks of the ledger and of the services.

The names come from the ports themselves. The product knows nothing of them: in a child of the forge, the ports that
the composition root put together are wrapped, and the child kills itself at the point it was told. Beside the ports'
methods there is one pair of names for each kind of HTTP call, because one method may make several.
"""

import inspect
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from dsr_sync.adapters.wire import Answer, Call, Wire
from dsr_sync.engine.world import World
from dsr_sync.ports import DeletionService, Ledger, RequestTable

PORTS: dict[str, type] = {"ledger": Ledger, "table": RequestTable, "deletions": DeletionService}

_HTTP = ("airtable.GET", "airtable.PATCH", "segment.GET", "segment.POST")


@dataclass(frozen=True, slots=True)
class Crash:
    """Die at the `visit`th visit of `point`, counted over all processes that share the file `visited`.

    An empty `point` is never come by: then the visits are counted only.
    """

    point: str
    visit: int
    visited: str


def names() -> list[str]:
    """Every crash point there is."""
    methods = [
        f"{port}.{name}"
        for port, protocol in PORTS.items()
        for name, method in vars(protocol).items()
        if inspect.isfunction(method) and not name.startswith("_")
    ]
    found = [f"{method} {when}" for method in methods for when in ("before", "after")]
    pages = [f"{method} page" for method in methods if method in _paged()]
    return [*found, *pages, *(f"http.{call} {when}" for call in _HTTP for when in ("before", "after"))]


def _paged() -> set[str]:
    """The methods that give pages: between two of them much can happen."""
    return {
        f"{port}.{name}"
        for port, protocol in PORTS.items()
        for name, method in vars(protocol).items()
        if inspect.isfunction(method) and str(method.__annotations__.get("return", "")).startswith("collections.abc.It")
    }


def arm(crash: Crash) -> None:
    """From now on this process dies at the point."""
    wires = _Wires(crash)
    module: Any = import_module("dsr_sync.bootstrap.pipeline")
    made = module.world_of

    @contextmanager
    def world_of(settings: object, ledger: object, *others: object, **named: object) -> Iterator[World]:
        with made(settings, _Wired(wires, "ledger", ledger), *others, **named) as world:
            table, deletions = _Wired(wires, "table", world.table), _Wired(wires, "deletions", world.deletions)
            yield replace(world, table=table, deletions=deletions)

    module.world_of = world_of
    send = Wire.send

    def sent(wire: Wire, call: Call) -> Answer:
        airtable = call.url.startswith(os.environ["DSR_SYNC_AIRTABLE__ENDPOINT_URL"])
        with wires.around(f"http.{'airtable' if airtable else 'segment'}.{call.method}"):
            return send(wire, call)

    Wire.send = sent  # type: ignore[assignment, method-assign] # this process was made to die of it


@dataclass(frozen=True, slots=True)
class _Wires:
    """Counts who comes by, in a file, since the count goes on after a crash; and lets the crash happen."""

    crash: Crash

    def trip(self, point: str) -> None:
        with Path(self.crash.visited).open("a+", encoding="utf-8") as file:
            file.write(point + "\n")
            file.seek(0)
            visits = file.read().split("\n").count(point)
        if point == self.crash.point and visits == self.crash.visit:
            os.kill(os.getpid(), signal.SIGKILL)

    @contextmanager
    def around(self, what: str) -> Iterator[None]:
        self.trip(f"{what} before")
        try:
            yield
        finally:
            self.trip(f"{what} after")


class _Wired:
    """A port whose every call trips its wires."""

    def __init__(self, wires: _Wires, port: str, inner: object) -> None:
        self._wires, self._port, self._inner = wires, port, inner

    def __getattr__(self, name: str) -> Any:
        inner, what = getattr(self._inner, name), f"{self._port}.{name}"
        if not callable(inner) or name.startswith("_"):
            return inner
        return self._pages(inner, what) if what in _paged() else self._call(inner, what)

    def _call(self, inner: Callable[..., Any], what: str) -> Callable[..., Any]:
        def called(*arguments: Any, **named: Any) -> Any:
            with self._wires.around(what):
                return inner(*arguments, **named)

        return called

    def _pages(self, inner: Callable[..., Any], what: str) -> Callable[..., Any]:
        def called(*arguments: Any, **named: Any) -> Iterator[Any]:
            with self._wires.around(what):
                for page in inner(*arguments, **named):
                    self._wires.trip(f"{what} page")
                    yield page

        return called
