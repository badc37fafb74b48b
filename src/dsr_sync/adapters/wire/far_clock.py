"""What time a service says it is, by the Date header of its answers (RFC 9110, 6.6.1)."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from dsr_sync.adapters.wire.retry_after import date_header
from dsr_sync.ports import Clock


class FarClock:
    """A service's clock, as last heard, carried on by our steady one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heard: tuple[datetime, float] | None = None

    def heard(self, headers: Mapping[str, str]) -> None:
        """Take note of an answer; its header names are in lower case."""
        moment = date_header(headers.get("date", ""))
        if moment is not None:
            self._heard = moment, self._clock.monotonic()

    def ahead(self) -> timedelta:
        """By how much this machine's wall clock is ahead of the service's; negative if it is behind, 0 if unknown."""
        if self._heard is None:
            return timedelta(0)
        moment, at = self._heard
        return self._clock.now() - (moment + timedelta(seconds=self._clock.monotonic() - at))
