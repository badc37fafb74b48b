"""From what the engine says to log lines and metrics."""

from collections.abc import Callable
from http import HTTPStatus

from dsr_sync.daemon.metrics import Metrics
from dsr_sync.logs import Log
from dsr_sync.logs.setup import Level

_LEVELS: dict[str, Level] = {
    "api.called": "debug",
    "quota.heard": "debug",
    "regulation.looked_at": "debug",
    "request.postponed": "debug",
    "regulation.unanswered": "warning",
    "request.refused": "warning",
    "outcome.unknown": "warning",
    "request.untellable": "warning",
    "base.flawed": "warning",
    "outcome.duplicate_found": "error",
}

_RESULTS = {
    "request.submitted": "accepted",
    "request.adopted": "adopted",
    "request.refused": "refused",
    "outcome.unknown": "unknown",
}


class Teller:
    """A Listener that logs every event and counts submissions; each event is also a sign of life."""

    def __init__(self, log: Log, metrics: Metrics | None = None, alive: Callable[[], None] | None = None) -> None:
        self._log = log
        self._metrics = metrics
        self._alive = alive
        self._refused: set[tuple[object, object]] = set()
        self._answered: set[str] = set()

    def answered(self) -> frozenset[str]:
        """The services that did something that they were asked since the last time, by name."""
        answered, self._answered = frozenset(self._answered), set()
        return answered

    def happened(self, event: str, **facts: str | float | bool | None) -> None:
        """Log it, at the level that it deserves."""
        if self._alive is not None:
            self._alive()
        if event == "request.untellable" and self._said_before(facts["record_id"], facts["reason"]):
            return
        if event == "api.called" and HTTPStatus.OK <= int(facts["status"] or 0) < HTTPStatus.MULTIPLE_CHOICES:
            self._answered.add(str(facts["service"]))
        if self._metrics is not None and event == "api.called":
            code = facts["status"] if facts["status"] is not None else "no answer"
            self._metrics.api_call(str(facts["service"]), str(facts["method"]), str(code), float(facts["seconds"] or 0))
        if self._metrics is not None and event == "quota.heard":
            self._metrics.quota(str(facts["category"]), float(facts["remaining"] or 0))
        self._log.at(_LEVELS.get(event, "info"), event, **facts)
        if self._metrics is not None and event in _RESULTS:
            self._metrics.submission(_RESULTS[event])

    def _said_before(self, record_id: object, reason: object) -> bool:
        """Whether this process has said so: a row that is refused at every tick makes one line, not a night full."""
        before = len(self._refused)
        self._refused.add((record_id, reason))
        return len(self._refused) == before
