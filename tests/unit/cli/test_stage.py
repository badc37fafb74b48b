"""How the demo shows its rows: plain lines, and a table that is drawn in place."""

import io

from rich.console import Console

from dsr_sync.cli.stage import Line, LiveTable, PlainLines

LONG = "its answer is lost on the way; it is found in Segment's list and not sent twice, however long the line"


def plain() -> tuple[Console, io.StringIO]:
    """A console that is no terminal, and what is written to it."""
    written = io.StringIO()
    return Console(file=written, width=60), written


def a_line(status: str = "", tells: str = "a deletion", *, settled: bool = False) -> Line:
    return Line(tells, submitted=False, status=status, note="a note", settled=settled)


def test_plain_lines_begin_with_the_title() -> None:
    console, written = plain()
    with PlainLines(console, "The base, live: http://127.0.0.1:1/"):
        pass
    assert written.getvalue() == "The base, live: http://127.0.0.1:1/\n"


def test_plain_lines_say_each_change_once_in_one_line() -> None:
    console, written = plain()
    with PlainLines(console, "title") as stage:
        for status in ("", "On hold", "On hold", "Completed"):
            stage.show([a_line(), a_line(status, LONG)])
    assert written.getvalue().splitlines()[1:] == [f"On hold           {LONG}", f"Completed         {LONG}"]


def test_plain_lines_hold_no_escape_codes_and_leave_brackets_alone() -> None:
    console, written = plain()
    with PlainLines(console, "title") as stage:
        stage.show([a_line("Completed", "[bold]told[/bold]")])
    assert "[bold]told[/bold]" in written.getvalue()
    assert "\x1b" not in written.getvalue()


def test_the_table_shows_every_row_and_how_many_have_settled() -> None:
    written = io.StringIO()
    console = Console(file=written, width=120, height=30, force_terminal=True, legacy_windows=False)
    with LiveTable(console, "title") as stage:
        stage.show([a_line("Completed", settled=True), a_line("", "not authenticated"), a_line("A new word")])
    shown = written.getvalue()
    for words in ("a deletion", "not authenticated", "Completed", "A new word", "a note", "1/3"):
        assert words in shown
