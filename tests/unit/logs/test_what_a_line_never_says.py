"""Canaries: a marker that stands for a person's identifier is given in every place, and never comes out."""

import json
import logging
import sys
import threading
import warnings
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsr_sync.core.model import Identifier
from dsr_sync.logs import EVENTS, KEYS, watch_uncaught

MARKERS = (
    "jane.doe@example.org",
    "jane",
    "jane doe",
    "user-4711",
    "user_4711",
    "JANE",
    "+49 170 1234567",
    "8f14e45fceea167a5a36dedd4bea2543",
    "550e8400-e29b-41d4-a716-446655440000",
    "jane\nlevel=error",
    "\x1b[31mjane",
    "мария",
    "brake jane",
)


class Made(StrEnum):
    UP = "jane"


def fail(*_arguments: object) -> None:
    raise RuntimeError("jane")


Hostile = type("Hostile", (), dict.fromkeys(("__eq__", "__hash__", "__str__", "__repr__", "__bool__"), fail))
Sneaky = type("Sneaky", (str,), {"__eq__": lambda *_: True, "__hash__": lambda _: hash("brake")})


@pytest.mark.parametrize("marker", MARKERS)
@pytest.mark.parametrize("key", [*KEYS, "table", "column", "error", "where", "level", "logger", "event", "at", "self"])
def test_a_marker_under_any_key_never_comes_out(written: Any, key: str, marker: str) -> None:
    forms: list[Any] = [marker, [marker], {marker: marker}, (marker,), {marker}, marker.encode(), Identifier(marker)]
    for form in [*forms, Sneaky(marker), Made.UP, ValueError(marker), type(marker, (), {}), Hostile()]:
        written.log.info("tick.finished", **{key: form})
    assert marker not in written.text
    assert json.dumps(marker).strip('"') not in written.text
    assert "jane" not in written.text
    assert len(written.lines) == 12


@pytest.mark.parametrize("marker", MARKERS)
def test_a_marker_as_event_or_as_key_never_comes_out(written: Any, marker: str) -> None:
    written.log.info(marker)
    written.log.info("tick.finished", **{marker: 1})
    written.log.bind(**{marker: marker}).info("tick.finished")
    assert marker not in written.text
    assert len(written.lines) == 3


def fail_with_a_cause(marker: str) -> None:
    try:
        int(marker)
    except ValueError:
        local = {"identifier": marker}
        raise ValueError(f"Key (a)=({marker}) already exists", local) from None


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_marker_in_an_error_its_causes_arguments_and_locals_never_comes_out(make_log: Any, form: Any) -> None:
    written = make_log(form=form)
    marker = "jane.doe@example.org"
    try:
        fail_with_a_cause(marker)
    except ValueError as error:
        error.add_note(marker)
        written.log.exception("tick.failed", exc_info=error)
        written.log.exception("tick.failed")
        written.log.warning("tick.failed", exc_info=sys.exc_info())
        written.log.warning("tick.failed", stack_info=True, extra={marker: marker})
    assert "jane" not in written.text
    assert written.text.count("ValueError") == 3


def test_an_error_type_made_up_at_run_time_is_not_named(written: Any) -> None:
    written.log.error("tick.failed", exc_info=type("Jane", (Exception,), {})())
    assert written.line["error"] == ["[redacted]"]


@pytest.mark.parametrize("name", ["httpx", "urllib3.connectionpool", "jane", "jane.doe", "py.warnings.jane"])
def test_the_words_of_libraries_never_come_out(written: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # pytest's own handlers would put the messages together, and fail at the malformed one.
    monkeypatch.setattr(logging.getLogger(), "handlers", [written.bridge])
    library = logging.getLogger(name)
    marker = "jane.doe@example.org"
    library.warning("GET /v0/app?filter=%s", marker, extra={"identifier": marker})
    library.error("%s %d", marker, "not a number")
    try:
        fail_with_a_cause(marker)
    except ValueError:
        library.exception("failed for %s", marker)
    assert "jane" not in written.text
    assert len(written.lines) == 3
    assert written.lines[2]["error"] == ["ValueError"]


@pytest.mark.usefixtures("warnings_as_usual")
def test_the_words_of_a_warning_never_come_out(written: Any) -> None:
    logging.captureWarnings(capture=False)
    logging.captureWarnings(capture=True)
    warnings.warn("jane.doe@example.org", UserWarning, stacklevel=1)
    assert "jane" not in written.text
    assert written.line["logger"] == "py"


def test_an_error_that_nothing_caught_is_told_without_its_words(written: Any, capsys: Any) -> None:
    watch_uncaught(written.log)

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    error = ValueError("jane.doe@example.org")
    sys.excepthook(ValueError, error, None)
    assert [line["error"] for line in written.lines] == [["RuntimeError"], ["ValueError"]]
    assert "jane" not in written.text + "".join(capsys.readouterr())


def test_an_error_in_a_destructor_is_told_without_its_words(written: Any, capsys: Any) -> None:
    watch_uncaught(written.log)

    class Failing:
        def __del__(self) -> None:
            raise ValueError("jane.doe@example.org")

    made = Failing()
    del made
    assert written.line["event"] == "error.escaped"
    assert "jane" not in written.text + "".join(capsys.readouterr())


PLAIN = st.one_of(st.integers(), st.floats(), st.booleans(), st.none(), st.text(), st.binary(), st.datetimes())
ANYTHING = st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    event=st.text() | st.sampled_from(sorted(EVENTS)),
    facts=st.dictionaries(st.text() | st.sampled_from(sorted(KEYS)), ANYTHING),
)
def test_whatever_is_logged_makes_one_line_of_allowed_words_and_never_raises(
    make_log: Any, event: str, facts: dict[str, Any]
) -> None:
    written = make_log()
    written.log.info(event, **facts)
    line = written.line
    assert line["event"] in {*EVENTS, "[redacted]"}
    assert set(line) <= {*KEYS, "at", "level", "event", "error", "where", "[redacted]"}
    for key, value in line.items():
        if key in KEYS and isinstance(value, str) and value != "[redacted]":
            assert KEYS[key].allows(value) or datetime.fromisoformat(value).tzinfo == UTC


def test_a_number_that_could_be_a_telephone_is_not_shown(written: Any) -> None:
    written.log.info("tick.finished", rows=491701234567, seconds=float("nan"), told=True)
    assert [written.line[key] for key in ("rows", "seconds", "told")] == ["[redacted]"] * 3
