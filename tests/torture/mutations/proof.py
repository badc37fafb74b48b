"""Run tests against a product that lacks a safeguard: they must fail, and without the change they must pass."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.torture.mutations.mutants import Mutant

ROOT = Path(__file__).resolve().parents[3]
_COUNTS = re.compile(r"(\d+) (passed|failed|error)")
_SECONDS = 900


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of a run of tests: how many passed, failed, or could not even be run."""

    passed: int
    failed: int
    errors: int

    @property
    def noticed(self) -> bool:
        """Whether tests failed because a promise was broken, and not because they could not be run."""
        return self.failed > 0 and self.errors == 0

    @property
    def clean(self) -> bool:
        """Whether there were tests, and all of them passed."""
        return self.passed > 0 and not self.failed and not self.errors


def with_mutant(mutant: Mutant) -> Trial:
    """The tests of a mutant, against it. The source tree is copied, and stays as it is."""
    return _run(mutant.tests, mutant)


def without(tests: Sequence[str]) -> Trial:
    """The same tests against the product as it is, from a copy too."""
    return _run(tests, None)


def _run(tests: Sequence[str], mutant: Mutant | None) -> Trial:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "src"
        shutil.copytree(ROOT / "src", source, ignore=shutil.ignore_patterns("__pycache__"))
        if mutant is not None:
            mutant.apply(source)
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *tests]
        return _counted(_said(command, source))


def _said(command: Sequence[str], source: Path) -> str:
    """What pytest prints. The copy comes before the installed product in the path of every process that it starts."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    environment = kept | {"PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=_SECONDS
    )
    return done.stdout


def _counted(said: str) -> Trial:
    last = said.rstrip().rpartition("\n")[2]
    counts = {word: int(number) for number, word in _COUNTS.findall(last)}
    return Trial(counts.get("passed", 0), counts.get("failed", 0), counts.get("error", 0))
