from datetime import UTC, datetime, timedelta

import pytest

from dsr_sync.adapters.segment import SEGMENT_AND_DESTINATIONS, SEGMENT_ONLY
from dsr_sync.adapters.segment.quota import Quota, category, exhausted_until, quota_in

NOW = datetime(2024, 12, 3, 9, 0, tzinfo=UTC)
RESET = datetime(2024, 12, 31, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "counted_as"),
    [
        ("SUPPRESS_WITH_DELETE", SEGMENT_AND_DESTINATIONS),
        ("DELETE_ONLY", SEGMENT_AND_DESTINATIONS),
        ("SUPPRESS_ONLY", SEGMENT_ONLY),
        ("UNSUPPRESS", SEGMENT_ONLY),
        ("DELETE_INTERNAL", SEGMENT_ONLY),
        ("SUPPRESS_WITH_DELETE_INTERNAL", SEGMENT_ONLY),
    ],
)
def test_each_type_counts_against_its_own_quota(kind: str, counted_as: str) -> None:
    assert category(kind) == counted_as


@pytest.mark.parametrize("prefix", ["x-ratelimit-", "x-regulation-ratelimit-"])
def test_both_documented_names_of_the_headers_are_read(prefix: str) -> None:
    headers = {f"{prefix}remaining": "109999", f"{prefix}reset": "Tue, 31 Dec 2024 23:59:59 GMT"}
    assert quota_in(headers) == Quota(109_999, RESET)


@pytest.mark.parametrize("remaining", ["", "many", "-1", "²"])
def test_headers_that_are_no_number_say_nothing(remaining: str) -> None:
    assert quota_in({"x-ratelimit-remaining": remaining}) is None


def test_nothing_left_until_the_end_of_the_month_is_a_used_up_quota() -> None:
    assert exhausted_until(Quota(0, RESET), 1, NOW) == RESET


def test_less_left_than_a_request_has_ids_is_a_quota_that_does_not_hold_it() -> None:
    assert exhausted_until(Quota(4_999, RESET), 5_000, NOW) == RESET
    assert exhausted_until(Quota(5_000, RESET), 5_000, NOW) is None


@pytest.mark.parametrize(
    "quota",
    [None, Quota(1, RESET), Quota(0, None), Quota(0, NOW + timedelta(minutes=1))],
)
def test_anything_else_is_the_limit_of_a_minute(quota: Quota | None) -> None:
    assert exhausted_until(quota, 1, NOW) is None
