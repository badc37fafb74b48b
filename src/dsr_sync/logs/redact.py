"""The allow-list: every line is built anew from what may be shown, so that whatever is not known stays out."""

import sys
from collections.abc import Collection, Iterator, MutableMapping
from datetime import datetime
from types import TracebackType
from typing import Any

from dsr_sync.logs.catalogue import EVENTS, KEYS, Rule, one_of

REDACTED = "[redacted]"

_DEPTH = 10
"""Errors of a chain, and lines of a traceback, that are shown."""


class Redactor:
    """Turns whatever was logged into what may be shown. It never raises, and fails closed."""

    def __init__(self, names: Collection[str] = ()) -> None:
        """Take the names of tables and columns that the operator configured: those may be shown too."""
        named = one_of(names)
        self._rules: dict[str, Rule] = {key: known.allows for key, known in KEYS.items()}
        self._rules |= {"table": named, "column": named}

    def __call__(self, _logger: object, method: str, said: MutableMapping[str, Any]) -> dict[str, Any]:
        """The line to write: time, level, event and facts; each of them as it is, or `[redacted]`."""
        event = said.get("event")
        line: dict[str, Any] = {
            "at": said.get("at"),
            "level": method,
            "event": event if type(event) is str and event in EVENTS else REDACTED,
        }
        for key, value in said.items():
            if key not in ("at", "event", "exc_info"):
                line.update([self._fact(key, value)])
        return line | trouble(said.get("exc_info"))

    def _fact(self, key: str, value: object) -> tuple[str, object]:
        rule = self._rules.get(key)
        if rule is None:
            return REDACTED, REDACTED
        if value is None:
            return key, None
        return key, _plain(value) if _allowed(rule, value) else REDACTED


def _allowed(rule: Rule, value: object) -> bool:
    try:
        return rule(value)
    except Exception:  # noqa: BLE001 - a value may misbehave in any way when it is compared; then it is not shown
        return False


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return str(value) if isinstance(value, str) else value


def trouble(said: object) -> dict[str, object]:
    """What may be shown of an error: its types and our own lines; no message, no argument, no local variable.

    `said` is what loggers take as `exc_info`: an error, the triple of `sys.exc_info`, or true for the current one.
    """
    error = _error(said)
    if error is None:
        return {}
    chain = list(_chain(error))
    return {
        "error": [_type_name(type(link)) for link in chain],
        "where": [line for link in chain[:1] for line in _our_lines(link.__traceback__)][-_DEPTH:],
    }


def _error(said: object) -> BaseException | None:
    if isinstance(said, BaseException):
        return said
    if isinstance(said, tuple):
        return next((part for part in said if isinstance(part, BaseException)), None)
    return sys.exc_info()[1] if said else None


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    for _ in range(_DEPTH):
        if seen is None:
            return
        yield seen
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)


def _type_name(kind: type[BaseException]) -> str:
    """The name of a type that stands in its module; one that was made up at run time may be named after anything."""
    module = sys.modules.get(kind.__module__)
    return kind.__name__ if getattr(module, kind.__name__, None) is kind else REDACTED


def _our_lines(traceback: TracebackType | None) -> Iterator[str]:
    while traceback is not None:
        module = traceback.tb_frame.f_globals.get("__name__")
        if isinstance(module, str) and module.partition(".")[0] == "dsr_sync" and module in sys.modules:
            yield f"{module}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
