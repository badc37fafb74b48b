"""What the code says in the log is in the log's catalogue; otherwise ops would read `[redacted]`."""

import ast
from collections.abc import Iterator
from pathlib import Path

import dsr_sync
from dsr_sync.core.retry import Found
from dsr_sync.engine.world import TickReport
from dsr_sync.logs import EVENTS, KEYS

SOURCE = Path(dsr_sync.__file__).parent
SAYING = {"happened", "debug", "info", "warning", "error", "exception", "at"}
OTHER_KEYS = {"exc_info", "table", "column"}
SPREAD = {"verdict"}
"""Keys that stand in the code only in a mapping."""


def calls() -> Iterator[tuple[str, ast.Call]]:
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in SAYING:
                yield f"{path.relative_to(SOURCE)}:{node.lineno}", node


def events() -> Iterator[tuple[str, str, set[str]]]:
    """Where an event is said, its name, and the keys that stand in the code."""
    for place, call in calls():
        for argument in call.args[:2]:
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and "." in argument.value:
                yield place, argument.value, {keyword.arg for keyword in call.keywords if keyword.arg}


def test_every_event_that_is_said_is_in_the_catalogue() -> None:
    said = list(events())
    assert said
    assert {f"{place}: {event}" for place, event, _ in said if event not in EVENTS} == set()


def test_every_key_that_is_said_is_allowed() -> None:
    unknown = {f"{place}: {key}" for place, _, keys in events() for key in keys - KEYS.keys() - OTHER_KEYS}
    assert unknown == set()


def test_every_event_of_the_catalogue_is_said_somewhere() -> None:
    assert EVENTS.keys() - {event for _, event, _ in events()} == set()


def test_every_key_of_the_catalogue_is_said_somewhere() -> None:
    said = {key for _, _, keys in events() for key in keys} | TickReport().numbers().keys() | SPREAD
    assert KEYS.keys() - said == set()


def test_a_phrase_of_an_error_may_be_said_and_another_text_may_not() -> None:
    reason = KEYS["reason"].allows
    assert reason("the list of regulations misses one that must be in it")
    assert reason("INVALID_VALUE_FOR_COLUMN")
    assert not reason("jane doe")
    assert KEYS["found"].allows(Found.ABSENT.value)
