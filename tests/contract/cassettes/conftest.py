"""Cassettes: every call that the adapters make, recorded once and replayed strictly with the sockets cut.

`pytest tests/contract/cassettes --record` records them again, from the sandbox, or from the real services when
`DSR_LIVE_AIRTABLE_TOKEN` with `DSR_LIVE_AIRTABLE_BASE_ID`, `DSR_LIVE_SEGMENT_TOKEN`, or `DSR_LIVE_PROFILES_TOKEN` with
`DSR_LIVE_PROFILES_SPACE_ID`, is in the environment.
Without the option, each test runs twice: replayed, and recorded again into a scratch file that must come out the same.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.contract.cassettes.sources import from_sandbox, frozen_sandbox, real_or_sandbox, replayed
from tests.contract.cassettes.stage import Stage

HERE = Path(__file__).parent
REPLAYED, RECORDED, COMPARED = "replayed", "recorded", "recorded again"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record", action="store_true", help="record the cassettes again")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "stage" in metafunc.fixturenames:
        recording = metafunc.config.getoption("--record", default=False)
        metafunc.parametrize("mode", [RECORDED] if recording else [REPLAYED, COMPARED])


@pytest.fixture
def stage(mode: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    service = request.path.stem.removeprefix("test_")
    name = f"{request.function.__name__.removeprefix('test_')}.json"
    kept = HERE / service / name
    if mode == RECORDED:
        kept.parent.mkdir(exist_ok=True)
        with real_or_sandbox(service) as source:
            recorded = Stage(service, kept, source, recording=True)
            yield recorded
            recorded.clear()
    elif mode == REPLAYED:
        request.getfixturevalue("socket_disabled")
        yield Stage(service, kept, replayed(service), recording=False)
    else:
        with frozen_sandbox() as sandbox:
            again = Stage(service, tmp_path / name, from_sandbox(sandbox, service), recording=True)
            yield again
        _compare(kept, again.file, again.source.name)


def _compare(kept: Path, again: Path, name: str) -> None:
    known: dict[str, Any] = json.loads(kept.read_text())
    if known["recorded_from"] != name:
        return  # from the real service: the sandbox need not say the same word for word
    assert again.read_text() == kept.read_text()
