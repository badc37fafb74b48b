"""The official JavaScript clients: installed once from their lock file, run against a sandbox over real HTTP."""

import fcntl
import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dsr_sandbox.server import Sandbox

HERE = Path(__file__).parent
INSTALL_SECONDS = 300
RUN_SECONDS = 60

RunClient = Callable[..., Any]


@pytest.fixture(scope="session")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the clients installed; a missing Node.js or npm is an error, never a skip."""
    # Test processes that run side by side share this folder: one installs, the others wait.
    with (tmp_path_factory.getbasetemp().parent / "npm-ci.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not is_installed():
            subprocess.run(["npm", "ci"], cwd=HERE, check=True, timeout=INSTALL_SECONDS)
    return HERE


def is_installed() -> bool:
    """Say whether npm has finished with the lock file as it is now."""
    done = HERE / "node_modules" / ".package-lock.json"
    return done.exists() and done.stat().st_mtime >= (HERE / "package-lock.json").stat().st_mtime


@pytest.fixture(scope="session")
def run_client(clients: Path) -> RunClient:
    """Run one of the scripts with arguments; gives what it printed, as JSON."""

    def run(script: str, *arguments: str) -> Any:
        done = subprocess.run(
            ["node", script, *arguments], cwd=clients, capture_output=True, text=True, timeout=RUN_SECONDS, check=False
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=1) as sandbox:
        yield sandbox
