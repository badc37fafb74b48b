import io
import json
import logging
from datetime import datetime
from typing import Any

import pytest

from dsr_sync.core.actions import Why
from dsr_sync.core.deadlines import add_months
from dsr_sync.logs import ADDED, EVENTS, KEYS, configure


def test_a_line_holds_time_level_event_and_facts(written: Any) -> None:
    written.log.info(
        "request.submitted", record_id="recAbCdEfGhIjKlMn", regulation_id="1qJkfE1tpwvQcklImGksLN629wn", seconds=0.25
    )
    line = written.line
    assert datetime.fromisoformat(line.pop("at")).tzinfo is not None
    assert line == {
        "level": "info",
        "event": "request.submitted",
        "record_id": "recAbCdEfGhIjKlMn",
        "regulation_id": "1qJkfE1tpwvQcklImGksLN629wn",
        "seconds": 0.25,
    }


def test_words_of_the_core_may_stand_as_members_or_as_their_values(written: Any) -> None:
    written.log.info("request.postponed", why=Why.BRAKE)
    written.log.info("request.postponed", why="brake")
    assert [line["why"] for line in written.lines] == ["brake", "brake"]


def test_a_missing_fact_is_null(written: Any) -> None:
    written.log.info("request.postponed", why=None)
    assert written.line["why"] is None


def test_the_operators_own_names_of_tables_and_columns_may_stand(make_log: Any) -> None:
    written = make_log(names=("Anfragen", "Kennung"))
    written.log.error("base.schema_broken", table="Anfragen", column="Kennung", flaw="missing column")
    written.log.error("base.schema_broken", table="jane@example.org")
    assert written.lines[0]["column"] == "Kennung"
    assert written.lines[1]["table"] == "[redacted]"


def test_facts_may_be_bound_for_several_lines(written: Any) -> None:
    bound = written.log.bind(record_id="recAbCdEfGhIjKlMn")
    bound.info("request.joined")
    assert written.line["record_id"] == "recAbCdEfGhIjKlMn"


@pytest.mark.parametrize(("level", "expected"), [("debug", 4), ("info", 3), ("warning", 2), ("error", 1)])
def test_what_is_less_important_than_the_level_is_dropped(make_log: Any, level: str, expected: int) -> None:
    written = make_log(level=level)
    for each in ("debug", "info", "warning", "error"):
        written.log.at(each, "tick.finished")
    assert len(written.lines) == expected


def test_off_a_terminal_the_form_is_json_and_on_one_it_is_for_people() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    pipe, terminal = io.StringIO(), Terminal()
    configure("info", None, pipe).info("tick.finished", rows=3)
    configure("info", None, terminal).info("tick.finished", rows=3)
    assert json.loads(pipe.getvalue())["rows"] == 3
    assert "tick.finished" in terminal.getvalue()
    assert "{" not in terminal.getvalue()


def test_libraries_are_named_with_their_level_and_kept_quiet_below_warning(written: Any) -> None:
    logging.getLogger("httpx").info("HTTP Request: GET")
    logging.getLogger("urllib3.connectionpool").warning("Retrying")
    logging.getLogger("uvicorn.error").critical("gone")
    assert [(line["logger"], line["level"]) for line in written.lines] == [("urllib3", "warning"), ("uvicorn", "error")]


def test_setting_up_again_replaces_what_was_there(make_log: Any) -> None:
    first, second = make_log(), make_log()
    logging.getLogger("urllib3").warning("x")
    assert (len(first.lines), len(second.lines)) == (0, 1)


def test_a_closed_stream_does_not_stop_the_work(written: Any) -> None:
    written.stream.close()
    written.log.info("tick.finished")
    logging.getLogger("urllib3").warning("x")
    assert written.stream.closed


def test_an_error_is_told_by_the_types_of_its_chain_and_by_our_lines(written: Any) -> None:
    error = ValueError("jane@example.org")
    error.__cause__ = KeyError("jane")
    written.log.error("tick.failed", exc_info=error)
    assert written.line["error"] == ["ValueError", "KeyError"]
    assert written.line["where"] == []


def test_our_lines_in_a_traceback_are_told_by_module_and_number(written: Any) -> None:
    try:
        add_months("jane", 1)  # type: ignore[arg-type] # it is to raise
    except AttributeError:
        written.log.exception("tick.failed")
    (where,) = written.line["where"]
    module, _, number = where.partition(":")
    assert module == "dsr_sync.core.deadlines"
    assert number.isdigit()


def test_every_event_is_a_noun_and_a_verb_with_one_sentence() -> None:
    for name, sentence in EVENTS.items():
        noun, dot, verb = name.partition(".")
        assert noun.isalpha()
        assert dot
        assert verb.replace("_", "").isalpha()
        assert sentence.endswith(".")


def test_every_key_has_a_meaning_and_no_key_is_there_twice() -> None:
    assert all(key.means for key in KEYS.values())
    assert all(ADDED.values())
    assert not KEYS.keys() & ADDED.keys()
