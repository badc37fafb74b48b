from calendar import monthrange
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.unit.core.made import a_row

from dsr_sync.core.deadlines import add_months, deadline, due_by, law_of, received_at, shifted, submit_by
from dsr_sync.core.model import Law

DATES = st.dates(date(1970, 1, 1), date(2999, 12, 31))
MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(2999, 12, 31), timezones=st.timezones())  # noqa: DTZ001 - the zone is drawn


def due(created: str, law: str = "", received: str | None = None) -> date | None:
    received_at = datetime.fromisoformat(received) if received else None
    return due_by(a_row(created_at=datetime.fromisoformat(created), law=law, received_at=received_at))


class TestOneMonth:
    @pytest.mark.parametrize(
        ("received", "last_day"),
        [
            ("2026-05-03", "2026-06-03"),
            ("2026-01-31", "2026-02-28"),
            ("2028-01-31", "2028-02-29"),
            ("2028-01-29", "2028-02-29"),
            ("2028-02-29", "2028-03-29"),
            ("2026-03-31", "2026-04-30"),
            ("2026-04-30", "2026-05-30"),
            ("2026-12-31", "2027-01-31"),
            ("2026-11-30", "2026-12-30"),
            ("2100-01-31", "2100-02-28"),
        ],
    )
    def test_it_ends_on_the_same_day_of_the_next_month_or_on_its_last(self, received: str, last_day: str) -> None:
        assert due(f"{received}T12:00:00+00:00", "GDPR") == date.fromisoformat(last_day)

    @given(DATES)
    def test_it_always_ends_in_the_next_month_with_the_day_clamped(self, start: date) -> None:
        end = add_months(start, 1)
        assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == 1
        assert end.day == min(start.day, monthrange(end.year, end.month)[1])
        assert timedelta(days=28) <= end - start <= timedelta(days=31)

    @given(DATES, st.integers(0, 30))
    def test_months_add_up(self, start: date, months: int) -> None:
        first = start.replace(day=1)
        step_by_step = first
        for _ in range(months):
            step_by_step = add_months(step_by_step, 1)
        assert add_months(first, months) == step_by_step

    def test_a_weekend_does_not_move_it(self) -> None:
        """The strict date is shown: the roll to the next working day needs a calendar of holidays."""
        saturday = due("2026-07-15T12:00:00+00:00", "GDPR")
        assert saturday == date(2026, 8, 15)
        assert saturday.isoweekday() == 6


class TestTheLaw:
    def test_an_empty_column_counts_as_the_stricter_law(self) -> None:
        assert due("2026-05-03T12:00:00+00:00") == due("2026-05-03T12:00:00+00:00", "GDPR")

    @pytest.mark.parametrize(
        ("received", "last_day"),
        [("2026-05-03", "2026-06-17"), ("2028-01-31", "2028-03-16"), ("2027-01-31", "2027-03-17")],
    )
    def test_ccpa_gives_45_calendar_days(self, received: str, last_day: str) -> None:
        assert due(f"{received}T12:00:00+00:00", "CCPA") == date.fromisoformat(last_day)

    @pytest.mark.parametrize("law", ["Other", "LGPD", "gdpr"])
    def test_a_law_whose_clock_is_not_known_has_no_date_rather_than_a_wrong_one(self, law: str) -> None:
        assert due("2026-05-03T12:00:00+00:00", law) is None

    @pytest.mark.parametrize("law", Law)
    def test_each_option_is_known(self, law: Law) -> None:
        assert law_of(law.value) is law

    def test_another_word_is_no_law(self) -> None:
        assert law_of("PIPEDA") is None


class TestTheDayOfReceipt:
    def test_what_staff_wrote_counts_and_not_the_record(self) -> None:
        assert due("2026-05-03T12:00:00+00:00", received="2026-04-20T08:00:00+00:00") == date(2026, 5, 20)

    def test_without_it_the_creation_of_the_record_counts(self) -> None:
        assert due("2026-05-03T12:00:00+00:00") == date(2026, 6, 3)

    def test_a_day_ahead_is_believed_and_more_is_a_typing_mistake(self) -> None:
        assert due("2026-05-03T12:00:00+00:00", received="2026-05-04T12:00:00+00:00") == date(2026, 6, 4)
        assert due("2026-05-03T12:00:00+00:00", received="2026-05-04T12:00:01+00:00") == date(2026, 6, 3)
        assert due("2026-05-03T12:00:00+00:00", received="2062-05-03T12:00:00+00:00") == date(2026, 6, 3)

    @pytest.mark.parametrize("received", ["0001-01-01T00:00:00+00:00", "1926-05-03T12:00:00+00:00"])
    def test_a_receipt_of_more_than_ten_years_before_the_record_is_a_typing_mistake_too(self, received: str) -> None:
        assert due("2026-05-03T12:00:00+00:00", received=received) == date(2026, 6, 3)
        assert due("2026-05-03T12:00:00+00:00", received="2016-05-04T12:00:00+00:00") == date(2016, 6, 4)

    def test_days_are_counted_in_utc_whatever_zone_the_time_is_written_in(self) -> None:
        late_in_new_york = "2026-05-03T21:00:00-04:00"
        assert due(late_in_new_york) == due("2026-05-04T01:00:00+00:00") == date(2026, 6, 4)
        early_in_tokyo = "2026-05-04T08:00:00+09:00"
        assert due(early_in_tokyo) == date(2026, 6, 3)

    @given(MOMENTS, st.integers(-14 * 60, 14 * 60))
    def test_the_same_moment_in_two_zones_has_one_due_date(self, moment: datetime, minutes: int) -> None:
        elsewhere = moment.astimezone(timezone(timedelta(minutes=minutes)))
        here = moment.astimezone(UTC)
        assert due_by(a_row(created_at=elsewhere)) == due_by(a_row(created_at=here))

    @given(MOMENTS, MOMENTS)
    def test_the_receipt_is_never_more_than_a_day_after_the_record(self, created: datetime, received: datetime) -> None:
        row = a_row(created_at=created, received_at=received)
        assert received_at(row) in (created, received)
        assert -timedelta(days=3653) <= received_at(row) - created <= timedelta(days=1)


ANY_MOMENT = st.datetimes(timezones=st.just(UTC))


class TestEveryDate:
    """From the first day there is to the last: no date that anybody wrote stops the others."""

    @example(datetime.min.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC), date.min, "GDPR")
    @example(datetime.max.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC), date.max, "GDPR")
    @example(datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC), date.max, "CCPA")
    @given(ANY_MOMENT, ANY_MOMENT, st.dates(), st.sampled_from(["GDPR", "CCPA", "Other"]))
    def test_it_has_an_answer(self, created: datetime, received: datetime, until: date, law: str) -> None:
        row = a_row(created_at=created, received_at=received, extended_until=until, law=law, extension_reasoned=True)
        found = deadline(row, None, created).due_by
        assert (found is None) is (law == "Other")
        assert submit_by(found, timedelta(days=3)) is None or found is not None

    @given(st.dates(), st.timedeltas())
    def test_a_shifted_day_is_the_day_that_it_should_be_or_the_last_there_is(self, day: date, by: timedelta) -> None:
        try:
            assert shifted(day, by) == day + by
        except OverflowError:
            assert shifted(day, by) == (date.max if by > timedelta(0) else date.min)

    @given(st.dates(), st.integers(0, 12))
    def test_a_month_later_is_never_before(self, start: date, months: int) -> None:
        assert start <= add_months(start, months) <= date.max
