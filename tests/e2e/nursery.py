"""Commands without the second that each takes to import its libraries: a process that has done so forks for each.

The child has an environment, a folder and streams of its own, runs the entry point of the installed command, and ends;
nothing comes back to the process that it was forked from. What is about starting itself (`run`, signals) starts anew.
"""

import json
import os
import select
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dsr_sync.bootstrap  # noqa: F401 - so that no child has to
from dsr_sync.__main__ import main


class Nursery:
    """The process that forks, as its parent sees it. It ends with its parent."""

    def __init__(self) -> None:
        self._popen = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.nursery"],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(
        self, arguments: tuple[str, ...], env: Mapping[str, str], folder: Path, seconds: float
    ) -> tuple[int, str, str]:
        """Exit code, standard output and standard error of a command; TimeoutExpired if it does not end in time."""
        assert self._popen.stdin is not None
        assert self._popen.stdout is not None
        with tempfile.TemporaryDirectory() as streams:
            out, err = Path(streams, "out"), Path(streams, "err")
            asked = {"arguments": arguments, "env": dict(env), "folder": str(folder), "out": str(out), "err": str(err)}
            self._popen.stdin.write(json.dumps(asked) + "\n")
            self._popen.stdin.flush()
            if not select.select([self._popen.stdout], [], [], seconds)[0]:
                del _OF_THREAD.nursery
                self._popen.kill()
                raise subprocess.TimeoutExpired(list(arguments), seconds)
            return int(self._popen.stdout.readline()), out.read_text(), err.read_text()


_OF_THREAD = threading.local()


def nursery() -> Nursery:
    """The one of this thread: it serves one command after the other, and its answers bear no name."""
    if not hasattr(_OF_THREAD, "nursery"):
        _OF_THREAD.nursery = Nursery()
    made: Nursery = _OF_THREAD.nursery
    return made


def _child(asked: dict[str, Any]) -> None:
    """Become the command; never returns."""
    os.environ.clear()
    os.environ.update(asked["env"])
    os.chdir(asked["folder"])
    streams = (os.open(os.devnull, os.O_RDONLY), *(os.open(asked[name], os.O_WRONLY | os.O_CREAT) for name in _STREAMS))
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    sys.stdout, sys.stderr = (os.fdopen(number, "w", encoding="utf-8", closefd=False) for number in (1, 2))
    sys.argv = ["dsr-sync", *asked["arguments"]]
    sys.modules["__main__"].__package__ = None  # or click would call it by the name of this module
    code: object = 1
    try:
        main()
        code = 0
    except SystemExit as ended:
        code = ended.code or 0
    except BaseException:  # noqa: BLE001 - as the interpreter does with what nobody caught
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 1)


_STREAMS = ("out", "err")


def _serve() -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _child(json.loads(line))
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
