"""The decisions in one table: what is known of a request, and what its row then says."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from tests.unit.core.made import (
    EARLIER,
    ENDED,
    KEY,
    NOW,
    OTHER_KEY,
    REGULATION,
    RowColumns,
    a_row,
    a_submission,
    an_entry,
)

from dsr_sync.core.actions import Join, Remember, Submit, Tell, Why
from dsr_sync.core.decide import Observation, decide
from dsr_sync.core.facts import Facts
from dsr_sync.core.model import Cells, Entry, Identifier, Outcome, Submission, SubmissionId, Verdict
from dsr_sync.core.policy import Policy
from dsr_sync.core.wording import cells as told_cells

SENT_ALREADY = Cells(submitted=True)
RETRY: RowColumns = {"retry": True, "cells": SENT_ALREADY}
TOLD_BY_HAND = told_cells(Facts(Why.TICKED_BY_HAND, ticked=True))
COPIED = told_cells(Facts(Why.COMPLETED, an_entry(a_submission(verdict=Verdict.COMPLETED))))
ELSEWHERE = a_submission(submission_id=SubmissionId(2))
SOON = NOW + timedelta(minutes=2)
FAILED = a_submission(verdict=Verdict.FAILED)
FOLLOW_UP = a_submission(verdict=Verdict.FOLLOW_UP)
REFUSED = a_submission(Outcome.REFUSED)
RELEASED = a_submission(Outcome.NOT_ACCEPTED)


@dataclass(frozen=True)
class Case:
    """`known` is the ledger's entry; `says` is the status told, or what is done instead of telling."""

    about: str
    says: str
    why: Why
    row: RowColumns = field(default_factory=RowColumns)
    known: Entry | None = field(default_factory=an_entry)
    standing: Submission | None = None
    undone: bool = False
    ticked: bool = False
    unticks_retry: bool = False


TABLE = [
    Case("not authenticated", "(nothing)", Why.NOT_AUTHENTICATED, {"authenticated": False}),
    Case("not authenticated, and on hold", "(nothing)", Why.NOT_AUTHENTICATED, {"authenticated": False, "hold": True}),
    Case("new", "On hold", Why.COOLING_OFF, known=None),
    Case("new, and on hold", "On hold", Why.HELD, {"hold": True}, known=None),
    Case("new, and of an unknown type", "Needs attention", Why.REQUEST_TYPE_UNKNOWN, {"request_type": "Erase"}),
    Case("new, without identifier", "Needs attention", Why.IDENTIFIER_EMPTY, {"identifier": Identifier("")}),
    Case("new, with an e-mail", "Needs attention", Why.IDENTIFIER_EMAIL, {"identifier": Identifier("a@b.example")}),
    Case("new, and impatiently retried", "On hold", Why.COOLING_OFF, {"retry": True}, known=None, unticks_retry=True),
    Case("new, and ticked by hand", "Needs attention", Why.TICKED_BY_HAND, {"cells": SENT_ALREADY}, ticked=True),
    Case("cooled off", "(submit)", Why.READY),
    Case(
        "cooled off, ticked by hand, Retry",
        "Needs attention",
        Why.TICKED_BY_HAND,
        {"cells": SENT_ALREADY, "retry": True},
        ticked=True,
        unticks_retry=True,
    ),
    Case("ticked by hand, told so, Retry", "(submit)", Why.READY, {"cells": TOLD_BY_HAND, "retry": True}),
    Case(
        "ticked by hand, told so, on hold, Retry",
        "On hold",
        Why.HELD,
        {"cells": TOLD_BY_HAND, "retry": True, "hold": True},
    ),
    Case("ticked by hand, told so", "Needs attention", Why.TICKED_BY_HAND, {"cells": TOLD_BY_HAND}, ticked=True),
    Case(
        "a copy, and a duplicate of one that is served, Retry",
        "Needs attention",
        Why.TICKED_BY_HAND,
        {"cells": COPIED, "retry": True},
        standing=ELSEWHERE,
        ticked=True,
        unticks_retry=True,
    ),
    Case(
        "a copy, told of by an earlier row, Retry",
        "Needs attention",
        Why.TICKED_BY_HAND,
        {"cells": replace(TOLD_BY_HAND, regulation_id=REGULATION), "retry": True},
        ticked=True,
        unticks_retry=True,
    ),
    Case("cooled off, but Segment asked to wait", "On hold", Why.PAUSED, known=an_entry(not_before=SOON)),
    Case("a duplicate", "(join)", Why.JOINED, known=None, standing=ELSEWHERE),
    Case("a duplicate of what was undone", "On hold", Why.UNDONE, known=None, standing=ELSEWHERE, undone=True),
    Case("a duplicate on hold", "On hold", Why.HELD, {"hold": True}, standing=ELSEWHERE),
    Case("sent, no answer", "On hold", Why.UNCONFIRMED, known=an_entry(a_submission(Outcome.UNKNOWN))),
    Case(
        "sent, no answer, Retry",
        "On hold",
        Why.UNCONFIRMED,
        {"retry": True},
        an_entry(a_submission(Outcome.UNKNOWN)),
        unticks_retry=True,
    ),
    Case(
        "a duplicate of one without answer",
        "On hold",
        Why.UNCONFIRMED_ELSEWHERE,
        known=an_entry(a_submission(Outcome.UNKNOWN), joined_to=EARLIER),
    ),
    Case("proved unsent", "(submit)", Why.READY, known=an_entry(RELEASED)),
    Case("proved unsent, and on hold", "On hold", Why.HELD, {"hold": True}, an_entry(RELEASED)),
    Case("refused", "Needs attention", Why.REFUSED, known=an_entry(REFUSED)),
    Case("refused, then corrected", "(submit)", Why.READY, known=an_entry(REFUSED, typed_key=OTHER_KEY)),
    Case("refused, Retry", "(submit)", Why.READY, {"retry": True}, an_entry(REFUSED)),
    Case("refused, Retry, on hold", "On hold", Why.HELD, {"retry": True, "hold": True}, an_entry(REFUSED)),
    Case(
        "refused, Retry, while another row is served",
        "(join)",
        Why.JOINED,
        {"retry": True},
        an_entry(REFUSED),
        standing=ELSEWHERE,
    ),
    Case("unprovable", "Needs attention", Why.UNPROVABLE, known=an_entry(a_submission(Outcome.UNPROVABLE))),
    Case("unprovable, Retry", "(submit)", Why.READY, {"retry": True}, an_entry(a_submission(Outcome.UNPROVABLE))),
    Case("accepted", "Submitted", Why.ACCEPTED, known=an_entry(a_submission()), ticked=True),
    Case("accepted, Hold too late", "Submitted", Why.ACCEPTED, {"hold": True}, an_entry(a_submission()), ticked=True),
    Case("at work", "In progress", Why.RUNNING, known=an_entry(a_submission(verdict=Verdict.RUNNING)), ticked=True),
    Case(
        "at work, Retry",
        "In progress",
        Why.RUNNING,
        {"retry": True},
        an_entry(a_submission(verdict=Verdict.RUNNING)),
        ticked=True,
        unticks_retry=True,
    ),
    Case("done in part", "Follow-up needed", Why.FOLLOW_UP, known=an_entry(FOLLOW_UP), ticked=True),
    Case("done in part, Retry", "(submit)", Why.READY, RETRY, an_entry(FOLLOW_UP)),
    Case("followed up", "Completed", Why.FOLLOWED_UP, known=an_entry(FOLLOW_UP, followed_up_at=ENDED), ticked=True),
    Case(
        "followed up, Retry",
        "Completed",
        Why.FOLLOWED_UP,
        {"retry": True},
        an_entry(FOLLOW_UP, followed_up_at=ENDED),
        ticked=True,
        unticks_retry=True,
    ),
    Case("done", "Completed", Why.COMPLETED, known=an_entry(a_submission(verdict=Verdict.COMPLETED)), ticked=True),
    Case("failed", "Failed", Why.FAILED, known=an_entry(FAILED), ticked=True),
    Case("failed, Retry", "(submit)", Why.READY, RETRY, an_entry(FAILED)),
    Case(
        "failed, Retry, and the row was never told of it",
        "Failed",
        Why.FAILED,
        {"retry": True},
        an_entry(FAILED),
        ticked=True,
        unticks_retry=True,
    ),
    Case("failed, Retry, on hold", "On hold", Why.HELD, {**RETRY, "hold": True}, an_entry(FAILED), ticked=True),
    Case(
        "failed, Retry, Segment asked to wait",
        "On hold",
        Why.PAUSED,
        RETRY,
        an_entry(FAILED, not_before=SOON),
        ticked=True,
    ),
    Case("lost", "Needs attention", Why.LOST, known=an_entry(a_submission(verdict=Verdict.LOST)), ticked=True),
    Case(
        "changed while at work",
        "In progress",
        Why.CHANGED_AFTERWARDS,
        known=an_entry(a_submission(verdict=Verdict.RUNNING), typed_key=OTHER_KEY),
        ticked=True,
    ),
    Case(
        "changed once done",
        "Completed",
        Why.CHANGED_AFTERWARDS,
        {"request_type": "Suppress"},
        an_entry(a_submission(verdict=Verdict.COMPLETED)),
        ticked=True,
    ),
    Case(
        "changed, though follow-ups are owed, Retry",
        "Follow-up needed",
        Why.CHANGED_AFTERWARDS,
        {"retry": True},
        an_entry(FOLLOW_UP, typed_key=OTHER_KEY),
        ticked=True,
        unticks_retry=True,
    ),
    Case(
        "failed, then changed",
        "Failed",
        Why.CHANGED_AFTERWARDS,
        known=an_entry(FAILED, typed_key=OTHER_KEY),
        ticked=True,
    ),
    Case("failed, then changed, Retry", "(submit)", Why.READY, RETRY, an_entry(FAILED, typed_key=OTHER_KEY)),
]


@pytest.mark.parametrize("case", TABLE, ids=lambda case: case.about)
def test_what_is_known_of_a_request_decides_what_its_row_says(case: Case) -> None:
    row = a_row(**case.row)
    decision = decide(Observation(row, KEY, case.known, case.standing, case.undone), NOW, Policy())
    assert decision.why is case.why
    deeds = [action for action in decision.actions if not isinstance(action, Remember)]
    match deeds:
        case []:
            assert case.says == "(nothing)"
        case [Submit()]:
            assert case.says == "(submit)"
        case [Join(submission_id=joined)]:
            assert (case.says, joined) == ("(join)", ELSEWHERE.submission_id)
        case [Tell(cells=cells, untick_retry=untick)]:
            assert (cells.status, cells.submitted, untick) == (case.says, case.ticked, case.unticks_retry)
        case _:
            pytest.fail(f"more than one deed: {deeds}")
