"""What a page names is there: files, links, commands and their options, settings, events, metrics, make's targets."""

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from tests.torture.report import asked_for

from dsr_sync.adapters.ledger.events import Kind
from dsr_sync.cli.app import app
from dsr_sync.daemon.metrics import METRICS
from dsr_sync.logs import EVENTS
from dsr_sync.settings import catalogue

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md")] + sorted(
    ROOT.glob("docs/**/*.md")
)
ROOMS = (ROOT, ROOT / "src", ROOT / "src/dsr_sync")
"""From where the pages name their files."""

MADE = {".venv/bin/dsr-sync", "docs/reference/", "ports.py"}
"""Made by `make`, or a file that a decision says there is not."""

OTHERS = {"dsr_sync.ports", "kernel.yama.ptrace_scope"}
"""Names with dots that are a module's, or the kernel's."""

PATH = re.compile(r"(?:[\w.*-]+/)+[\w.*-]*|[\w-]+\.(?:py|md|toml|lock|in)")
DOTTED = re.compile(r"[a-z_]+(?:\.[a-z_]+)+")


def pages() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        yield str(page.relative_to(ROOT)), page.read_text(encoding="utf-8")


def spans() -> list[tuple[str, str]]:
    """Page by page, what stands between backticks, and each line of what is meant for a shell."""
    found = []
    for page, text in pages():
        shell = [line for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]
        code = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
        found += [(page, span.strip()) for span in (*code, *(line.partition("#")[0] for line in shell)) if span.strip()]
    return found


def matching(pattern: str) -> list[tuple[str, re.Match[str]]]:
    found = [(page, match) for page, span in spans() if (match := re.fullmatch(pattern, span))]
    assert found, f"no page has anything like {pattern}"
    return found


def anchors(page: Path) -> set[str]:
    """The names that GitHub gives to headings."""
    headings = re.findall(r"(?m)^#+ (.+)$", page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def options(command: str) -> set[str]:
    group: Any = typer.main.get_command(app)
    one = group.commands[command] if command else group
    return {option for parameter in one.params for option in parameter.opts} | {"--help"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_a_heading_that_are_there(page: Path) -> None:
    for link in re.findall(r"\]\((?!https?:)([^)]+)\)", page.read_text(encoding="utf-8")):
        name, _, heading = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), link
        assert not heading or heading in anchors(target), link


def test_every_file_that_a_page_names_is_there() -> None:
    named = [(page, span) for page, span in spans() if PATH.fullmatch(span) and span not in MADE]
    assert len(named) > 50
    missing = {f"{page}: {span}" for page, span in named if not any(any(room.glob(span)) for room in ROOMS)}
    assert missing == set()


def test_every_command_that_a_page_names_exists_with_its_options() -> None:
    group: Any = typer.main.get_command(app)
    for page, match in matching(r"(?:\.venv/bin/)?dsr-sync ([a-z][a-z-]*)?\b(.*)"):
        command, rest = match.groups(default="")
        assert command in group.commands, f"{page}: {match[0]}"
        assert set(re.findall(r"--[a-z-]+", rest)) <= options(command), f"{page}: {match[0]}"


def test_every_target_of_make_that_a_page_names_is_in_the_makefile() -> None:
    targets = set(re.findall(r"(?m)^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8")))
    for page, match in matching(r"make ([a-z]+(?: [a-z]+)*)"):
        assert set(match[1].split()) <= targets, f"{page}: {match[0]}"


def test_every_module_that_a_page_says_to_run_can_be_found() -> None:
    for page, match in matching(r"python -m ([a-z_.]+)(.*)"):
        assert importlib.util.find_spec(match[1]), f"{page}: {match[0]}"
        parts = re.findall(r'--only "?([a-z -]+)"?', match[2])
        assert all(asked_for([part]) for part in parts), f"{page}: {match[0]}"


def test_every_variable_that_a_page_names_is_that_of_a_setting() -> None:
    known = {setting.env for setting in catalogue().values()}
    known |= {f"{name}_FILE" for name in known} | {"DSR_SYNC_CONFIG"}
    for page, match in matching(r"(?:export )?(DSR_SYNC_\w+)(?:=.*|\.\.\.|…)?"):
        name = match[1]
        whole = name in known
        begins = name.endswith("__") and any(other.startswith(name) for other in known)
        assert whole or begins, f"{page}: {match[0]}"


def test_every_dotted_name_is_an_event_a_setting_or_a_part_of_one() -> None:
    known = {*EVENTS, *(kind.value for kind in Kind), *catalogue(), *OTHERS}
    files = {path.name for path in ROOT.glob("src/**/*.py")} | MADE
    for page, match in matching(DOTTED.pattern):
        name = match[0]
        begins = any(other.startswith(f"{name}.") for other in known)
        assert name in known or begins or name in files, f"{page}: {name}"


def test_every_metric_that_a_page_names_is_measured() -> None:
    measured = {f"{name}{end}" for name in METRICS for end in ("", "_total", "_info")}
    named = {name for _, span in spans() for name in re.findall(r"\bdsr_sync_[a-z_]+", span)}
    assert len(named) >= len(METRICS)
    assert named <= measured
