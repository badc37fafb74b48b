"""The runner of `make torture`: what parts say becomes one table, and nothing broken is passed over."""

import sys
from pathlib import Path

import pytest
from tests.torture import report
from tests.torture.evidence import Evidence, Row, Run


def part(folder: Path, monkeypatch: pytest.MonkeyPatch, source: str) -> list[Row]:
    """The rows of a part with this source."""
    script = folder / "part.py"
    script.write_text(source, "utf-8")
    monkeypatch.setattr(report, "_command", lambda _: [sys.executable, str(script)])
    return report.run("part")


def test_a_part_becomes_one_row_per_line_of_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line = '{"what": "kills", "runs": 600, "lost": 0, "doubled": 0, "leaked": 0, "seconds": 480.2}'
    rows = part(tmp_path, monkeypatch, f"print('seeds 1 to 3'); print({line!r}); print({line!r})")
    assert rows == [Row("kills", 600, leaked=0, seconds=480.2)] * 2
    assert all(row.clean for row in rows)


def test_what_a_part_finds_broken_makes_the_row_unclean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (row,) = part(tmp_path, monkeypatch, 'print(\'{"what": "kills", "runs": 1, "doubled": 1}\'); raise SystemExit(1)')
    assert (row.doubled, row.clean) == (1, False)


@pytest.mark.parametrize(("say", "leaked"), [("say", "–"), ("say_searched", "0")])
def test_only_a_part_that_has_searched_says_that_nothing_leaked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, say: str, leaked: str
) -> None:
    source = f"from tests.torture.checks.tally import {say}; {say}('kills', 3, [], 1.0, 'well')"
    monkeypatch.setenv("PYTHONPATH", str(report.ROOT))
    (row,) = part(tmp_path, monkeypatch, source)
    assert row.clean
    assert row.cells() == ("kills", "3", "0", "0", leaked, "0", "well", "1")


@pytest.mark.parametrize(
    "source", ["raise SystemExit(3)", "print('done')", 'print(\'{"what": "x", "runs": 1}\'); 1 / 0']
)
def test_a_part_that_ends_badly_or_says_nothing_is_a_row_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    *_, row = part(tmp_path, monkeypatch, source)
    assert row.broken == 1
    assert row.note.startswith("ended with")


def test_every_part_is_found_by_itself() -> None:
    assert "machine" in report.parts()
    assert "report" not in report.parts()
    assert report.parts()[-1] == report.LONG_TESTS


def test_a_part_of_many_rows_is_run_row_by_row() -> None:
    kills = report.asked_for(["kills"])
    assert {"kills installed", "kills every", "kills backups"} <= set(kills)
    assert report.asked_for(["kills every", "machine"]) == ["kills every", "machine"]
    assert report._command("kills every")[1:] == ["-m", "tests.torture.kills", "every"]


def test_what_is_kept_of_the_same_commit_is_not_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    runs: list[str] = []

    def run(part: str) -> list[Row]:
        runs.append(part)
        return [Row(part, 7, doubled=1)]

    monkeypatch.setattr(report, "run", run)
    monkeypatch.setattr(report, "source", lambda: "this")
    command = ["--only", "machine", "--only", "clocks", "--kept", str(tmp_path / "kept")]
    assert report.main(command) == report.main(command) == 1
    assert runs == ["clocks", "machine"]
    monkeypatch.setattr(report, "source", lambda: "another")
    assert report.main([*command, "--only", "leaks"]) == 1
    assert runs == ["clocks", "machine", "clocks", "leaks", "machine"]
    assert "| machine" in capsys.readouterr().out


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit, in which the runner believes itself to be."""
    monkeypatch.setattr(report, "ROOT", tmp_path)
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Somebody")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "somebody@example.com")
    report._git("init", "--quiet")
    (tmp_path / "src").mkdir()
    commit(tmp_path / "src" / "product.py", "one = 1\n")
    return tmp_path


def commit(file: Path, content: str) -> str:
    """Commit this file; the name of the commit."""
    file.write_text(content, "utf-8")
    report._git("add", "--all")
    report._git("commit", "--quiet", "--message", "Say something")
    return report._git("rev-parse", "--short=10", "HEAD")


def test_what_was_not_committed_has_no_name_under_which_it_could_be_kept(repository: Path) -> None:
    (repository / "src" / "product.py").write_text("one = 2\n", "utf-8")
    with pytest.raises(ValueError, match="commit first"):
        report.source()


def test_rows_are_kept_under_the_last_commit_that_changed_what_is_tried(repository: Path) -> None:
    before = report.source()
    page = commit(repository / "page.md", "the table\n")
    assert report.source() == before != page
    assert commit(repository / "src" / "product.py", "one = 2\n") == report.source() != before


def test_a_part_that_does_not_exist_is_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        report.main(["--only", "kils"])
    assert "there is no such part" in capsys.readouterr().err


def test_the_tally_of_the_long_tests_is_a_row() -> None:
    (row,) = report._tally("...F\n1 failed, 5 passed, 2 errors in 3.21s\n", 3.2)
    assert (row.runs, row.broken, row.clean) == (8, 3, False)


def test_the_table_goes_between_its_marks_with_the_day_the_commit_and_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{report._BEGIN}\nold\n{report._END}\nafter\n", "utf-8")
    monkeypatch.setattr(report, "PAGE", page)
    report.write([a_run("kills every", Row("kills", 1200, seconds=1))])
    said = page.read_text("utf-8")
    assert said.startswith("before\n")
    assert said.endswith(f"{report._END}\nafter\n")
    assert "By `make torture`, each row on the day and at the commit that it names, on a machine:" in said
    assert "| kills           | 1,200 " in said
    assert "| 2026-11-24, abc1234567 |" in said
    assert "old" not in said


def a_run(part: str, *rows: Row, source: str = "abc1234567") -> Run:
    return Run(part, source, "2026-11-24", "a machine", rows)


def test_the_page_shows_the_newest_run_of_every_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page, kept = tmp_path / "page.md", Evidence(tmp_path / "kept")
    page.write_text(f"{report._BEGIN}\n{report._END}\n", "utf-8")
    monkeypatch.setattr(report, "PAGE", page)
    for run in (
        a_run("leaks", Row("old canaries", 1)),
        a_run("machine", Row("stories", 7)),
        a_run("leaks", Row("canaries", 2), source="def1234567"),
    ):
        kept.add(run)
    assert report.main(["--page", "--kept", str(tmp_path / "kept")]) == 0
    said = page.read_text("utf-8")
    assert said.index("| canaries") < said.index("| stories")
    assert "old canaries" not in said


def test_the_page_says_what_is_kept() -> None:
    page = report.PAGE.read_text("utf-8")
    between = page.partition(report._BEGIN)[2].partition(report._END)[0]
    assert between.strip() == report.said_of(report.newest(Evidence(report.KEPT)))


LEAST = {
    "kills installed": 600,
    "kills enospc": 150,
    "kills eio": 150,
    "kills chance": 100,
    "replicas paused": 100,
    "machine": 2_000,
    "simulation --seeds 10000": 10_000,
    "mutations": 6,
}
"""So many runs of these parts are what was promised."""


@pytest.mark.parametrize("part", report.parts())
def test_every_part_was_run_at_its_full_length_and_nothing_was_broken(part: str) -> None:
    run = Evidence(report.KEPT).of(part)
    assert run is not None
    assert [row for row in run.rows if not row.clean] == []
    assert sum(row.runs for row in run.rows) >= LEAST.get(part, 1)
