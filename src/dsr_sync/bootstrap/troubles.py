"""What a person has to mend, service by service, for as long as the service has not shown that it is mended."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from dsr_sync.daemon.health import State
from dsr_sync.ports import Permanent, PortError, SchemaBroken, TokenRefused

Trouble = tuple[State, tuple[str, ...]]
"""What /readyz says, and what it is about."""

_ASKED_AT_NEED = "profiles"
"""Asked at every tick in which a row needs it, and never else; its silence means that no row waits for it."""

_WORST_FIRST = (State.SCHEMA_BROKEN, State.TOKEN_REFUSED)


class Troubles:
    """Which services a person must see to.

    Only a service's own answer ends its trouble: none of them speaks for another one, and silence, while it is left
    alone or cannot be reached, proves nothing.
    """

    def __init__(self) -> None:
        self._of: dict[str, Trouble] = {}

    @property
    def token_refused(self) -> bool:
        """Whether a service refuses its token, as far as is known."""
        return any(state is State.TOKEN_REFUSED for state, _ in self._of.values())

    def ticked(self, problems: Iterable[PortError], answered: AbstractSet[str]) -> None:
        """Take over what a tick came to: its problems, and the services that did something that they were asked."""
        found: dict[str, Trouble] = {}
        failed: set[str] = set()
        for problem in problems:
            failed.add(problem.service)
            if (trouble := _trouble(problem)) is not None:
                found.setdefault(problem.service, trouble)
        mended = (answered | {_ASKED_AT_NEED}) - failed
        kept = {service: trouble for service, trouble in self._of.items() if service not in mended}
        self._of = kept | found

    def forget(self) -> None:
        """Somebody has changed the settings: what was found with the old ones says nothing any more."""
        self._of = {}

    def now(self) -> Trouble:
        """What /readyz is to say: the worst of it."""
        for state in _WORST_FIRST:
            about = [line for _, (each, lines) in sorted(self._of.items()) if each is state for line in lines]
            if about or any(each is state for each, _ in self._of.values()):
                return state, tuple(about)
        return State.READY, ()


def _trouble(problem: PortError) -> Trouble | None:
    """Only what a person must mend; the far side's health is not ours."""
    match problem:
        case SchemaBroken(problems=sentences):
            return State.SCHEMA_BROKEN, sentences
        case TokenRefused(setting=setting):
            return State.TOKEN_REFUSED, (setting,)
        case Permanent() if problem.service != "profiles":  # that may be one odd address; its row says so
            return State.SCHEMA_BROKEN, (problem.reason,)
        case _:
            return None
