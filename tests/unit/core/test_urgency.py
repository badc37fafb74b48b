"""What a note says of the last day: in good time, in words that stay, and never so much that it is not read."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.unit.core.made import a_submission, an_entry
from tests.unit.core.test_wording import JARGON, TOLD, facts_of

from dsr_sync.core.actions import Why
from dsr_sync.core.model import ExtensionRefused, Status, Verdict
from dsr_sync.core.urgency import urgent
from dsr_sync.core.wording import MAX_NOTE, Facts, cells, note, notes_over_time

DUE = date(2026, 9, 30)
RUNNING = Facts(Why.RUNNING, an_entry(a_submission(verdict=Verdict.RUNNING)), due_by=DUE)


def on(day: date) -> datetime:
    return datetime.combine(day, time(9), UTC)


def said(facts: Facts, days_before: int) -> str:
    return note(replace(facts, now=on(DUE - timedelta(days=days_before))))


@pytest.mark.parametrize("why", TOLD)
def test_every_note_has_room_for_the_most_important_sentence_and_never_more_than_is_read(why: Why) -> None:
    different = {(note(facts), facts.submission and facts.submission.verdict): facts for facts in facts_of(why)}
    for facts in different.values():
        for refused in (None, *ExtensionRefused):
            dated = replace(facts, due_by=DUE, refused=refused, now=on(DUE))
            text = note(dated)
            assert len(text) <= MAX_NOTE
            if cells(facts).status == Status.COMPLETED:
                assert text == note(facts)
            else:
                assert urgent(dated)[0] in text


@pytest.mark.parametrize("why", TOLD)
def test_no_note_says_that_nothing_need_be_done_and_that_it_is_to_be_sent_soon(why: Why) -> None:
    different = {note(facts): facts for facts in facts_of(why)}
    for text, facts in different.items():
        for days_before in (20, 7, 0, -1):
            dated = said(replace(facts, due_by=DUE), days_before)
            assert dated.startswith(text)
            assert not ("need do nothing" in dated and "send it soon" in dated), dated


def test_from_a_week_before_the_last_day_on_it_is_named() -> None:
    assert "due" not in said(RUNNING, 8)
    assert said(RUNNING, 7) == said(RUNNING, 0)
    assert said(RUNNING, 7).endswith(" The answer is due by 30 September 2026.")
    assert said(RUNNING, -1).endswith(" The answer was due by 30 September 2026.")


def test_a_row_that_waits_for_a_person_says_so_as_soon_as_segments_time_counts() -> None:
    held = Facts(Why.HELD, an_entry(), due_by=DUE)
    assert "send it soon" not in said(held, 37)
    assert said(held, 36).endswith("send it soon: the answer is due by 30 September 2026.")
    assert said(held, 7).endswith("The answer is due by 30 September 2026.")


def test_a_row_that_goes_on_by_itself_is_not_urged() -> None:
    for why in (Why.COOLING_OFF, Why.READY, Why.BRAKE, Why.PAUSED, Why.UNCONFIRMED):
        assert "send it soon" not in said(Facts(why, an_entry(), due_by=DUE), 20)


@pytest.mark.parametrize("why", [Why.QUOTA, Why.OVERLAP])
def test_a_row_that_may_wait_for_weeks_says_whom_to_tell_if_that_is_too_late(why: Why) -> None:
    waits = Facts(why, an_entry(), due_by=DUE)
    too_late = (
        " The answer is due by 30 September 2026, and Segment can take 30 days: if that is too late, tell the people "
        "who run dsr-sync."
    )
    assert "due by" not in said(waits, 37)
    assert [said(waits, days).endswith(too_late) for days in (36, 20, 7, 0)] == [True] * 4
    assert said(waits, -1).endswith("The answer was due by 30 September 2026.")


def test_a_row_that_waits_until_it_will_be_late_says_so_at_once() -> None:
    waits = Facts(Why.QUOTA, an_entry(), due_by=DUE, until=on(DUE - timedelta(days=36)))
    assert "if that is too late, tell the people who run dsr-sync." in said(waits, 60)
    assert "due by" not in said(replace(waits, until=on(DUE - timedelta(days=37))), 60)


def test_what_is_completed_and_what_has_no_date_is_never_urged() -> None:
    completed = Facts(Why.COMPLETED, an_entry(a_submission(verdict=Verdict.COMPLETED)), due_by=DUE)
    assert said(completed, -100) == note(completed)
    assert note(replace(RUNNING, due_by=None, now=on(DUE))) == note(RUNNING)


@pytest.mark.parametrize("refused", ExtensionRefused)
def test_each_refusal_of_an_extension_has_words_of_its_own(refused: ExtensionRefused) -> None:
    text = note(replace(RUNNING, refused=refused))
    assert "Extended until does not count: " in text
    assert JARGON.search(text) is None
    assert text not in {note(replace(RUNNING, refused=other)) for other in ExtensionRefused if other is not refused}


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.sampled_from([Why.HELD, Why.RUNNING, Why.FAILED]))
def test_whatever_the_day_the_note_is_one_of_few(today: date, why: Why) -> None:
    facts = Facts(why, an_entry(a_submission(verdict=Verdict.FAILED)), due_by=DUE)
    few = notes_over_time(facts)
    assert note(replace(facts, now=on(today))) in few
    assert len(few) <= 4


@example(date.min, date.min)
@example(date.max, date.max)
@example(date.min, date.max)
@given(st.dates(), st.dates())
def test_whatever_the_due_date_there_is_a_note_and_it_is_one_of_few(due: date, today: date) -> None:
    facts = Facts(Why.HELD, an_entry(), due_by=due)
    assert note(replace(facts, now=on(today))) in notes_over_time(facts)
