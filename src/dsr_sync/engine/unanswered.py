"""Regulations that Segment cannot answer about: each is one row's trouble, until several of them are everybody's."""

from datetime import timedelta
from http import HTTPStatus

from dsr_sync.core.model import RegulationId
from dsr_sync.engine.world import TickReport, World
from dsr_sync.ports import Permanent, TokenRefused, Transient

MOST_UNANSWERED = 3
"""Regulations in one tick that Segment cannot answer about, after which none is asked about before the next tick."""

AGAIN = timedelta(minutes=5)
"""How long a regulation at least is left alone that Segment could not answer about: it must not be first every time."""


def about_one(problem: Transient | Permanent) -> bool:
    """Whether it may lie with one regulation: an answer of 4xx or 5xx may; silence, a 429 or a refused token do not."""
    if isinstance(problem, Permanent):
        return not isinstance(problem, TokenRefused)
    return problem.status not in (None, HTTPStatus.TOO_MANY_REQUESTS) and problem.retry_after is None


def given_up(report: TickReport) -> bool:
    """Whether enough went unanswered in this tick; of a Segment that has been failing, one is enough."""
    return report.unanswered >= min(MOST_UNANSWERED, max(report.doubts_left, 1))


def note_unanswered(
    world: World, regulation_id: RegulationId, problem: Transient | Permanent, report: TickReport
) -> None:
    """Count it, and tell those who watch."""
    report.unanswered += 1
    world.listener.happened(
        "regulation.unanswered", regulation_id=regulation_id, reason=problem.reason, status=problem.status
    )
