"""When more time to answer counts, and when it does not."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.unit.core.made import a_row, an_entry

from dsr_sync.core.deadlines import Deadline, add_months, deadline, due_by, submit_by
from dsr_sync.core.model import Cells, Entry, Extension, ExtensionRefused, Law, RequestRow

DATES = st.dates(date(1970, 1, 1), date(2990, 12, 31))
ZONES = st.timezones()


def asking(received: date, until: date | None, law: str = "GDPR", *, reason: bool = True) -> RequestRow:
    at = datetime.combine(received, time(12), UTC)
    return a_row(created_at=at, law=law, extended_until=until, extension_reasoned=reason)


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def fresh(due: date | None = None) -> Entry:
    """What the ledger knows before it saw an extension."""
    return replace(an_entry(), due_by=due or date(1970, 1, 1))


def latest(received: date, law: str) -> date:
    if law == "GDPR":
        return add_months(add_months(received, 1), 2)
    return received + timedelta(days=90)


@given(DATES, st.sampled_from(["GDPR", "CCPA"]), st.integers(-400, 400), st.integers(-200, 200), st.booleans())
def test_it_counts_exactly_if_it_is_later_allowed_reasoned_and_seen_in_time(
    received: date, law: str, later: int, seen: int, reason: bool
) -> None:
    """Over every kind of month, leap year and law; the rule is written out here once more."""
    due = due_by(asking(received, None, law))
    assert due is not None
    until, now = due + timedelta(days=later), noon(due + timedelta(days=seen))
    found = deadline(asking(received, until, law, reason=reason), fresh(), now)
    lawful = later > 0 and until <= latest(received, law) and reason and seen <= 0
    assert (found.refused is None) is lawful
    assert found.due_by == (until if lawful else due)
    assert found.extension == (Extension(until, now) if lawful else None)


@given(DATES)
def test_two_months_more_end_on_the_day_of_the_same_number_or_on_the_months_last(received: date) -> None:
    due = add_months(received, 1)
    most = add_months(due, 2)
    assert deadline(asking(received, most), fresh(), noon(received)).due_by == most
    beyond = deadline(asking(received, most + timedelta(days=1)), fresh(), noon(received))
    assert beyond == Deadline(due, None, ExtensionRefused.TOO_LONG)


@pytest.mark.parametrize(
    ("received", "due", "most"),
    [
        ("2028-01-31", "2028-02-29", "2028-04-29"),
        ("2027-01-31", "2027-02-28", "2027-04-28"),
        ("2027-12-30", "2028-01-30", "2028-03-30"),
        ("2027-11-30", "2027-12-30", "2028-02-29"),
    ],
)
def test_leap_days_and_month_ends(received: str, due: str, most: str) -> None:
    row = asking(date.fromisoformat(received), date.fromisoformat(most))
    assert due_by(row) == date.fromisoformat(due)
    assert deadline(row, fresh(), noon(date.fromisoformat(due))).due_by == date.fromisoformat(most)


@given(DATES, st.integers(-14 * 60, 14 * 60), st.integers(0, 48))
def test_the_zone_in_which_now_is_written_changes_nothing(received: date, minutes: int, hours: int) -> None:
    due = add_months(received, 1)
    now = datetime.combine(due, time(0), UTC) + timedelta(hours=hours)
    elsewhere = now.astimezone(timezone(timedelta(minutes=minutes)))
    row = asking(received, due + timedelta(days=5))
    assert deadline(row, fresh(), now).refused == deadline(row, fresh(), elsewhere).refused
    assert (deadline(row, fresh(), now).refused is None) is (now.date() <= due)


@given(DATES, st.integers(1, 55), st.integers(-60, 120))
def test_once_granted_it_stays_granted_whatever_the_day(received: date, more: int, days: int) -> None:
    due = add_months(received, 1)
    until = due + timedelta(days=more)
    first = Extension(until, noon(received))
    known = replace(fresh(until), extension=first)
    assert deadline(asking(received, until, reason=False), known, noon(due + timedelta(days=days))) == Deadline(
        until, first
    )


@given(DATES, st.integers(2, 50), st.integers(-49, 50))
def test_a_later_one_is_the_second_and_the_first_stands_and_an_earlier_one_takes_nothing_away(
    received: date, more: int, change: int
) -> None:
    due = add_months(received, 1)
    until = due + timedelta(days=more)
    asked = until + timedelta(days=change)
    assume(asked > due)
    first = Extension(until, noon(received))
    found = deadline(asking(received, asked), replace(fresh(until), extension=first), noon(until))
    assert found.extension == first
    assert found.due_by == (asked if change <= 0 else until)
    assert found.refused is (ExtensionRefused.SECOND if change > 0 else None)


def test_taking_it_out_of_the_row_takes_it_back_and_putting_it_in_again_is_no_second_one() -> None:
    received, first = date(2026, 5, 3), Extension(date(2026, 6, 20), noon(date(2026, 5, 4)))
    known = replace(fresh(first.until), extension=first)
    assert deadline(asking(received, None), known, noon(date(2026, 7, 1))) == Deadline(date(2026, 6, 3), first)
    again = deadline(asking(received, first.until), known, noon(date(2026, 7, 1)))
    assert again == Deadline(first.until, first)


def test_a_law_without_a_clock_has_nothing_to_extend() -> None:
    for law in (Law.OTHER.value, "LGPD"):
        found = deadline(asking(date(2026, 5, 3), date(2026, 6, 20), law), None, noon(date(2026, 5, 3)))
        assert found == Deadline(None, None, ExtensionRefused.NO_CLOCK)


def test_a_first_one_that_another_law_does_not_allow_no_longer_counts() -> None:
    received, first = date(2026, 5, 3), Extension(date(2026, 8, 3), noon(date(2026, 5, 4)))
    known = replace(fresh(first.until), extension=first)
    found = deadline(asking(received, first.until, "CCPA"), known, noon(date(2026, 5, 9)))
    assert found == Deadline(date(2026, 6, 17), first, ExtensionRefused.TOO_LONG)


class TestALostLedger:
    until = date(2026, 6, 20)
    late = noon(date(2026, 6, 10))

    def row(self, due: date) -> RequestRow:
        return replace(asking(date(2026, 5, 3), self.until, reason=False), cells=Cells(due_by=due))

    def test_believes_the_base_that_it_was_granted(self) -> None:
        for known in (None, replace(fresh(), due_by=None)):
            assert deadline(self.row(self.until), known, self.late).due_by == self.until

    def test_does_not_believe_a_date_that_the_daemon_did_not_write(self) -> None:
        assert deadline(self.row(date(2026, 6, 3)), None, self.late).due_by == date(2026, 6, 3)

    def test_a_ledger_that_knows_the_date_believes_nobody(self) -> None:
        known = fresh(date(2026, 6, 3))
        assert deadline(self.row(self.until), known, self.late).due_by == date(2026, 6, 3)


@given(DATES, st.integers(0, 365))
def test_it_must_be_sent_thirty_days_and_the_margin_before_it_is_due(due: date, margin: int) -> None:
    assume(due > date(1971, 6, 1))
    assert submit_by(due, timedelta(days=margin)) == due - timedelta(days=30 + margin)
    assert submit_by(None, timedelta(days=margin)) is None
