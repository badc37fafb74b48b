"""A log in memory, and the process's own logging put back afterwards."""

import io
import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from dsr_sync.logs import Format, Level, Log, configure
from dsr_sync.logs.setup import Bridge
from dsr_sync.logs.words import QUIET


class Written:
    """A log and what it wrote."""

    def __init__(self, level: Level = "debug", form: Format = "json", names: tuple[str, ...] = ()) -> None:
        self.stream = io.StringIO()
        self.log: Log = configure(level, form, self.stream, names)
        (self.bridge,) = (handler for handler in logging.getLogger().handlers if isinstance(handler, Bridge))

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]

    @property
    def line(self) -> dict[str, Any]:
        (only,) = self.lines
        return only


@pytest.fixture(autouse=True)
def _logging_put_back() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in QUIET}
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    yield
    logging.captureWarnings(capture=False)
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks


@pytest.fixture
def written() -> Written:
    return Written()


@pytest.fixture
def make_log() -> type[Written]:
    return Written


@pytest.fixture
def warnings_as_usual() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        yield
