"""A PID namespace of its own, as a container has: the command is its first process, to which the kernel is lenient."""

import signal
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

_UNSHARE = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child")
_WAYS = (_UNSHARE, (*_UNSHARE, "--user", "--map-root-user"))
"""As root, and as anybody else where the machine lets users have namespaces."""


@cache
def container() -> tuple[str, ...]:
    """What stands before a command that is to be the first process. An AssertionError where the machine forbids it."""
    said = []
    for way in _WAYS:
        try:
            tried = subprocess.run([*way, "true"], capture_output=True, text=True, timeout=60, check=False)
        except OSError as problem:
            raise AssertionError(f"these tests need unshare(1) of util-linux: {problem}") from problem
        if tried.returncode == 0:
            return way
        said.append(tried.stderr)
    raise AssertionError(f"these tests need the right to make a PID namespace: {said}")


def below(pid: int) -> list[int]:
    """The processes that a process has begun, and what those have begun; the first one of a container is the first."""
    return list(_below(pid))


def targets(pid: int, number: int) -> list[int]:
    """Who in the container that `unshare` (`pid`) has made is sent a signal: its first process, as a supervisor does.

    A pause stops all processes, and so does its end.
    """
    inside = below(pid)
    return inside if number in (signal.SIGSTOP, signal.SIGCONT) else inside[:1]


def _below(pid: int) -> Iterator[int]:
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text("ascii").split()):
            yield child
            yield from _below(child)
