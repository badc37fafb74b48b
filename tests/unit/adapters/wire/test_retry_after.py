from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsr_sync.adapters.wire import bearer, date_header, milliseconds, retry_after

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("text", "pause"),
    [
        ("30", timedelta(seconds=30)),
        (" 30 ", timedelta(seconds=30)),
        ("0", timedelta(0)),
        ("1.5", timedelta(seconds=1.5)),
        ("-5", timedelta(0)),
        ("9999999", HOUR),
        ("1e400", HOUR),
        ("Mon, 02 Mar 2026 09:00:20 GMT", timedelta(seconds=20)),
        ("Mon, 02 Mar 2026 08:00:00 GMT", timedelta(0)),
        ("Tue, 02 Mar 2027 09:00:00 GMT", HOUR),
        ("Mon, 02 Mar 2026 09:00:20 -0000", timedelta(seconds=20)),
        ("soon", None),
        ("nan", None),
        ("", None),
        ("Mon, 99 Mar 2026 09:00:00 GMT", None),
    ],
)
def test_every_form_of_retry_after_is_read(text: str, pause: timedelta | None) -> None:
    assert retry_after({"retry-after": text}, NOW) == pause


def test_without_the_header_there_is_no_pause() -> None:
    assert retry_after({}, NOW) is None


def test_a_date_is_compared_with_the_answers_own_date_so_that_our_clock_may_be_wrong() -> None:
    headers = {"retry-after": "Mon, 02 Mar 2026 12:00:10 GMT", "date": "Mon, 02 Mar 2026 12:00:00 GMT"}
    assert retry_after(headers, NOW) == timedelta(seconds=10)


@pytest.mark.parametrize(
    ("value", "pause"),
    [
        (57_647, timedelta(seconds=57.647)),
        ("1500", timedelta(seconds=1.5)),
        (-1, timedelta(0)),
        (10**12, HOUR),
        (True, None),
        (None, None),
        ("soon", None),
        ({}, None),
        (float("nan"), None),
    ],
)
def test_milliseconds_of_a_body_are_read(value: object, pause: timedelta | None) -> None:
    assert milliseconds(value) == pause


def test_dates_are_understood_in_utc_and_garbage_is_none() -> None:
    assert date_header("Tue, 31 Dec 2024 23:59:59 GMT") == datetime(2024, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert date_header("Tue, 31 Dec 2024 23:59:59 +0100") == datetime(2024, 12, 31, 22, 59, 59, tzinfo=UTC)
    assert date_header("next month") is None


@given(st.text())
def test_no_text_breaks_the_reader_or_asks_for_more_than_an_hour(text: str) -> None:
    pause = retry_after({"retry-after": text}, NOW)
    assert pause is None or timedelta(0) <= pause <= HOUR


@pytest.mark.parametrize("token", ["", "pat secret", "pat\n", "päss", "pat\x00"])
def test_a_token_that_no_header_can_carry_is_not_put_into_one(token: str) -> None:
    assert bearer(token) is None


def test_a_proper_token_becomes_a_bearer_header() -> None:
    assert bearer("pat.abc-DEF_1") == "Bearer pat.abc-DEF_1"
