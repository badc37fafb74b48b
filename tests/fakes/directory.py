"""IdentityDirectory in memory: the profiles of one space."""

from collections import Counter
from collections.abc import Sequence

from tests.fakes.failures import Failures

from dsr_sync.core.model import Identifier
from dsr_sync.ports import PortError


class FakeIdentityDirectory:
    """Keeps every promise of `dsr_sync.ports.IdentityDirectory`; the contract suite holds it to them.

    `calls` counts the look-ups.
    """

    def __init__(self) -> None:
        self._profiles: dict[str, tuple[Identifier, ...]] = {}
        self._failures = Failures()
        self.calls: Counter[str] = Counter()

    def put(self, email: str, user_ids: Sequence[str] = ()) -> None:
        """A profile with this address and these user ids, instead of what was there."""
        self._profiles[email.lower()] = tuple(dict.fromkeys(map(Identifier, user_ids)))

    def remove(self, email: str) -> None:
        """The profile is gone, as after a deletion."""
        del self._profiles[email.lower()]

    def fail(self, error: PortError, *, times: int = 1) -> None:
        """Let the next look-ups raise."""
        self._failures.add("user_ids", error, times=times)

    def user_ids(self, email: Identifier) -> tuple[Identifier, ...] | None:
        """The user ids of the profile, None without one."""
        self.calls["user_ids"] += 1
        self._failures.before("user_ids")
        return self._profiles.get(email.reveal().lower())
