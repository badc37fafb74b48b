"""Failures that a fake raises on demand."""

from dataclasses import dataclass

from dsr_sync.ports import PortError


@dataclass(slots=True)
class _Failure:
    error: PortError
    skip: int
    times: int
    after_effect: bool


class Failures:
    """What is to go wrong, by the name of the call; a call without failures goes well."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[_Failure]] = {}

    def add(self, call: str, error: PortError, *, skip: int = 0, times: int = 1, after_effect: bool = False) -> None:
        """Let `call` raise `error` `times` times, after `skip` calls that go well.

        `after_effect`: the work is done first, and only the answer is lost.
        """
        self._waiting.setdefault(call, []).append(_Failure(error, skip, times, after_effect))

    def before(self, call: str) -> PortError | None:
        """Count one call: raise what is due at once, or give back what is to be raised after the effect."""
        for failure in self._waiting.get(call, []):
            if failure.skip:
                failure.skip -= 1
            elif failure.times:
                failure.times -= 1
                if failure.after_effect:
                    return failure.error
                raise failure.error
        return None
