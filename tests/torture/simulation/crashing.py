"""Crashes between any two calls of the engine to the world outside it."""

from collections.abc import Callable, Iterator
from typing import Any


class Crash(BaseException):
    """The process is gone: kill -9, out of memory, power cut. No `except Exception` sees it."""


class Tripwire:
    """Set to a number of calls or to a name, it lets what comes then happen; not set, it does nothing."""

    def __init__(self) -> None:
        self._left: int | None = None
        self._happens: Callable[[], None] = _die
        self._afterwards = False
        self._name = ""

    def set(self, calls: int, *, afterwards: bool = False, happens: Callable[[], None] | None = None) -> None:
        """Crash at the so-manieth call from now (1 = the next), before it or after it."""
        self._left, self._afterwards = calls, afterwards
        self._happens = happens or _die

    def set_on(self, name: str, *, afterwards: bool) -> None:
        """Crash before or after the next call of this name."""
        self.set(1, afterwards=afterwards)
        self._name = name

    def unset(self) -> None:
        """Nothing happens any more."""
        self._left, self._name = None, ""

    def before(self, name: str) -> None:
        """A call begins."""
        if self._left is None or self._name not in ("", name):
            return
        self._left -= 1
        if self._left == 0 and not self._afterwards:
            self._trip()

    def after(self, name: str) -> None:
        """A call has ended."""
        if self._left == 0 and self._name in ("", name):
            self._trip()

    def _trip(self) -> None:
        self.unset()
        self._happens()


class Wired:
    """A port with a tripwire around every call; each page of a listing is a call of its own."""

    def __init__(self, port: object, wire: Tripwire) -> None:
        self._port = port
        self._wire = wire

    def __getattr__(self, name: str) -> Any:
        """The method of the port, wired; what is no method as it is."""
        found = getattr(self._port, name)
        return self._wired(name, found) if callable(found) else found

    def _wired(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def called(*args: Any, **named: Any) -> Any:
            self._wire.before(name)
            answer = method(*args, **named)
            self._wire.after(name)
            return self._paged(name, answer) if isinstance(answer, Iterator) else answer

        return called

    def _paged(self, name: str, pages: Iterator[Any]) -> Iterator[Any]:
        for page in pages:
            self._wire.before(name)
            yield page


def _die() -> None:
    raise Crash
