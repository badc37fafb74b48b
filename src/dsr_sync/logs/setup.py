"""Setting up the log: structlog for us, and the same chain for every library that uses `logging`."""

import json
import logging
import sys
import threading
from collections.abc import Collection, MutableMapping
from typing import Any, Literal, TextIO

import structlog

from dsr_sync.logs.redact import REDACTED, Redactor
from dsr_sync.logs.words import QUIET

Level = Literal["debug", "info", "warning", "error"]
Format = Literal["json", "console"]

_LEVELS: tuple[Level, ...] = ("debug", "info", "warning", "error")


class Log(structlog.BoundLoggerBase):
    """Where events are said: by their name in the catalogue, with facts by their keys. It never raises."""

    def debug(self, event: str, /, **facts: object) -> None:
        """Something for whoever looks for a mistake in dsr-sync itself."""
        self._say("debug", event, facts)

    def info(self, event: str, /, **facts: object) -> None:
        """Something that happens in ordinary times."""
        self._say("info", event, facts)

    def warning(self, event: str, /, **facts: object) -> None:
        """Something that mends itself, or that the base tells staff about."""
        self._say("warning", event, facts)

    def error(self, event: str, /, **facts: object) -> None:
        """Something that a person must look at. `exc_info=error` adds the types of an error and our lines."""
        self._say("error", event, facts)

    def exception(self, event: str, /, **facts: object) -> None:
        """The same, about the error that is being handled."""
        self._say("error", event, {"exc_info": True, **facts})

    def at(self, level: Level, event: str, /, **facts: object) -> None:
        """The same, at a level that is chosen when running."""
        self._say(level, event, facts)

    def _say(self, level: Level, event: str, facts: dict[str, object]) -> None:
        try:
            self._proxy_to_logger(level, event, **facts)
        except Exception:  # noqa: BLE001 - a log that cannot be written must not stop the work
            self._logger.write(json.dumps({"level": level, "event": REDACTED}))


class Sink:
    """Writes lines to a stream, whole and in order, whichever thread they come from."""

    def __init__(self, stream: TextIO) -> None:
        """Write to `stream` from now on."""
        self._stream = stream
        self._lock = threading.Lock()

    def write(self, line: str) -> None:
        """Write one line. A stream that is closed or full loses it: there is nowhere left to say so."""
        with self._lock:
            try:
                self._stream.write(line + "\n")
                self._stream.flush()
            except (OSError, ValueError):
                return

    debug = info = warning = error = write


class Bridge(logging.Handler):
    """Takes what libraries log. Their words are not trusted: library, level and types of errors are kept."""

    def __init__(self, log: Log) -> None:
        """Pass everything on to `log`."""
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Say that a library logged something, without ever putting its message together."""
        level = _LEVELS[max(0, min(record.levelno // 10, len(_LEVELS)) - 1)]
        facts = {"exc_info": record.exc_info} if record.exc_info else {}
        self._log.at(level, "library.message", logger=record.name.partition(".")[0], **facts)


def configure(
    level: Level, form: Format | None = None, stream: TextIO | None = None, names: Collection[str] = ()
) -> Log:
    """Set up the log of this process and return it. Calling it again replaces what was set up before.

    `form` None means console on a terminal and JSON elsewhere. `stream` is standard error unless one is given.
    `names` are the tables and columns that the operator configured; only those may stand under `table` and `column`.
    """
    stream = sys.stderr if stream is None else stream
    processors: list[structlog.typing.Processor] = [
        _Threshold(level),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        Redactor(names),
        _renderer(form or ("console" if stream.isatty() else "json"), colors=stream.isatty()),
    ]
    wrapped = structlog.wrap_logger(Sink(stream), processors=processors, wrapper_class=Log, context_class=dict)
    log: Log = wrapped.bind()
    _take_over(Bridge(log))
    return log


def watch_uncaught(log: Log) -> None:
    """Let errors that nothing caught, in any thread, go through the log: Python itself would print their messages."""

    def escaped(error: object) -> None:
        if not isinstance(error, SystemExit):
            log.error("error.escaped", exc_info=error)

    sys.excepthook = lambda _kind, error, _traceback: escaped(error)
    threading.excepthook = lambda told: escaped(told.exc_value)
    sys.unraisablehook = lambda told: escaped(told.exc_value)


class _Threshold:
    """Drops what is less important than the level."""

    def __init__(self, level: Level) -> None:
        self._dropped = frozenset(_LEVELS[: _LEVELS.index(level)])

    def __call__(self, _logger: object, method: str, said: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        if method in self._dropped:
            raise structlog.DropEvent
        return said


def _renderer(form: Format, *, colors: bool) -> structlog.typing.Processor:
    if form == "json":
        return structlog.processors.JSONRenderer(default=lambda _unknown: REDACTED)
    return structlog.dev.ConsoleRenderer(colors=colors, timestamp_key="at", sort_keys=False)


def _take_over(bridge: Bridge) -> None:
    """Make the bridge the only handler of this process, and keep the noisy libraries to warnings."""
    root = logging.getLogger()
    for handler in root.handlers[:]:
        root.removeHandler(handler)
    root.addHandler(bridge)
    root.setLevel(logging.WARNING)
    for name in QUIET:
        library = logging.getLogger(name)
        # APScheduler warns of each turn that it skips because the last one still runs; here that is in order.
        library.setLevel(logging.ERROR if name == "apscheduler" else logging.WARNING)
        library.handlers.clear()
        library.propagate = True
    logging.captureWarnings(capture=True)
