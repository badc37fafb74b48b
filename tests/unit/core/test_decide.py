"""Single points of the decision that the table of decisions is too coarse for."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.core.made import CREATED, EARLIER, KEY, NOW, OTHER_KEY, a_row, a_submission, an_entry

from dsr_sync.core.actions import LookUp, Remember, Submit, Tell, Why
from dsr_sync.core.decide import Observation, decide, request_type_of, why_of
from dsr_sync.core.identifiers import IdentifierIssue
from dsr_sync.core.model import Cells, Identifier, LookedUp, Outcome, RequestType, Resolution, Verdict
from dsr_sync.core.policy import Policy

FAILED = a_submission(verdict=Verdict.FAILED)
TICKED = Cells(submitted=True)
RELEASED = a_submission(Outcome.NOT_ACCEPTED)


def test_the_cooling_off_time_counts_from_when_the_row_was_first_seen() -> None:
    entry = an_entry(seen_at=NOW - timedelta(minutes=4))
    waiting = decide(Observation(a_row(), KEY, entry), NOW, Policy())
    assert (waiting.why, waiting.look_again_at) == (Why.COOLING_OFF, NOW + timedelta(minutes=1))
    assert decide(Observation(a_row(), KEY, entry), NOW + timedelta(minutes=1), Policy()).why is Why.READY


def test_without_cooling_off_a_new_row_is_noted_and_sent_in_one_go() -> None:
    decision = decide(Observation(a_row(), KEY), NOW, Policy(cooling_off=timedelta(0)))
    assert [type(action) for action in decision.actions] == [Remember, Submit]


def test_fractions_of_a_minute_of_cooling_off_count() -> None:
    entry = an_entry(seen_at=NOW - timedelta(seconds=31))
    assert decide(Observation(a_row(), KEY, entry), NOW, Policy(cooling_off=timedelta(minutes=0.5))).why is Why.READY


def test_a_pause_that_segment_asked_for_ends_at_its_time() -> None:
    entry = an_entry(not_before=NOW)
    assert decide(Observation(a_row(), KEY, entry), NOW, Policy()).why is Why.READY


def test_retry_on_a_duplicate_repeats_the_request_of_the_row_that_leads_once_it_is_known_what_was_sent() -> None:
    """Both rows then show the new regulation, as they showed the old one."""
    entry = an_entry(FAILED, joined_to=EARLIER)
    (action,) = decide(Observation(a_row(retry=True, cells=TICKED), KEY, entry), NOW, Policy()).actions
    assert isinstance(action, LookUp)
    found = Resolution(LookedUp.FOUND, (Identifier("user-1"),))
    (action,) = decide(
        Observation(a_row(retry=True, cells=TICKED), KEY, entry, resolution=found), NOW, Policy()
    ).actions
    assert isinstance(action, Submit)
    assert (action.leader, action.replaces, action.to_send) == (EARLIER, FAILED.submission_id, found.subjects)


@pytest.mark.parametrize(
    ("result", "why"), [(LookedUp.ELSEWHERE, Why.RETRY_ELSEWHERE), (LookedUp.UNAVAILABLE, Why.PAUSED)]
)
def test_a_retry_on_a_duplicate_is_not_sent_where_it_cannot_be_known_what_was_sent(result: LookedUp, why: Why) -> None:
    entry = an_entry(FAILED, joined_to=EARLIER)
    decision = decide(
        Observation(a_row(retry=True, cells=TICKED), KEY, entry, resolution=Resolution(result)), NOW, Policy()
    )
    (answer,) = decision.actions
    assert decision.why is why
    assert isinstance(answer, Tell)
    assert answer.untick_retry is (why is Why.RETRY_ELSEWHERE)


def test_a_changed_duplicate_is_sent_for_itself() -> None:
    """It is about somebody else now, so the row that it once joined has no part in it."""
    entry = an_entry(FAILED, joined_to=EARLIER, typed_key=OTHER_KEY)
    (noted, action) = decide(Observation(a_row(retry=True, cells=TICKED), KEY, entry), NOW, Policy()).actions
    assert isinstance(noted, Remember)
    assert noted.changed == "user_identifier"
    assert isinstance(action, Submit)
    assert action.leader == action.row.record_id


def test_a_retry_that_meets_an_obstacle_names_it_and_keeps_the_regulation_in_the_row() -> None:
    entry = an_entry(FAILED, typed_key=OTHER_KEY)
    row = a_row(retry=True, cells=TICKED, identifier=Identifier("null"))
    (_, action) = decide(Observation(row, KEY, entry), NOW, Policy()).actions
    assert isinstance(action, Tell)
    assert (action.cells.status, action.cells.regulation_id) == ("Failed", FAILED.regulation_id)
    assert action.cells.status_note.startswith("Nothing was sent again")
    assert action.untick_retry


def test_what_a_retry_was_answered_stays_in_the_row_until_the_obstacle_is_gone() -> None:
    entry = an_entry(FAILED, typed_key=OTHER_KEY)
    row = a_row(retry=True, cells=TICKED, identifier=Identifier("null"))
    (*_, answer) = decide(Observation(row, KEY, entry), NOW, Policy()).actions
    assert isinstance(answer, Tell)
    later = replace(row, retry=False, cells=answer.cells)
    (*_, again) = decide(Observation(later, KEY, entry), NOW, Policy()).actions
    assert isinstance(again, Tell)
    assert again.cells == answer.cells


def test_an_unsent_row_is_noted_anew_when_its_person_type_or_due_date_changed() -> None:
    known = an_entry()
    for row, key in ((a_row(), OTHER_KEY), (a_row(request_type="Suppress"), KEY), (a_row(law="CCPA"), KEY)):
        decision = decide(Observation(row, key, known), NOW, Policy())
        assert isinstance(decision.actions[0], Remember)


def test_an_unchanged_row_is_not_noted_again() -> None:
    row = a_row(hold=True)
    decision = decide(Observation(row, KEY, an_entry()), NOW, Policy())
    assert [type(action) for action in decision.actions] == [Tell]


def test_a_new_due_date_of_a_sent_row_reaches_the_ledger_and_the_row() -> None:
    decision = decide(Observation(a_row(law="CCPA"), KEY, an_entry(a_submission())), NOW, Policy())
    remember, tell = decision.actions
    assert isinstance(remember, Remember)
    assert isinstance(tell, Tell)
    assert tell.cells.due_by == CREATED.date() + timedelta(days=45)


def test_an_empty_request_type_means_delete() -> None:
    assert request_type_of(a_row()) is RequestType.DELETE


@pytest.mark.parametrize("kind", RequestType)
def test_each_option_of_request_type_is_known(kind: RequestType) -> None:
    assert request_type_of(a_row(request_type=kind.value)) is kind


@pytest.mark.parametrize("text", ["delete", "Erase", " Delete", "Delete all"])
def test_any_other_request_type_is_unknown_and_never_guessed(text: str) -> None:
    assert request_type_of(a_row(request_type=text)) is None


def test_what_a_request_without_submission_came_to_cannot_be_asked() -> None:
    with pytest.raises(ValueError, match="no submission"):
        why_of(an_entry())


def test_a_released_submission_waits_to_be_sent_again() -> None:
    assert why_of(an_entry(RELEASED)) is Why.PAUSED


def test_every_issue_with_an_identifier_is_a_reason_of_its_own() -> None:
    assert {Why(issue.value) for issue in IdentifierIssue} == {
        why for why in Why if why.value.startswith("identifier.")
    }
