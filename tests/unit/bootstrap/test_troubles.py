"""What /readyz says over many ticks."""

import pytest

from dsr_sync.bootstrap.troubles import Troubles
from dsr_sync.daemon.health import State
from dsr_sync.ports import PortError, SchemaBroken, TokenRefused, Transient

SEGMENT = TokenRefused("segment", "the token is refused", 401, "segment.token", "")
PROFILES = TokenRefused("profiles", "the token is refused", 401, "segment.profiles.token", "")
BASE = SchemaBroken("airtable", "the base is not as it must be", None, ("No column 'Status'.",))
READY: tuple[State, tuple[str, ...]] = (State.READY, ())
REFUSED = (State.TOKEN_REFUSED, ("segment.token",))


def after(*ticks: tuple[list[PortError], set[str]]) -> Troubles:
    troubles = Troubles()
    for problems, answered in ticks:
        troubles.ticked(problems, answered)
    return troubles


def test_at_first_and_while_a_service_is_only_out_of_reach_all_is_ready() -> None:
    assert after().now() == READY
    assert (
        after(([Transient("segment", "no answer"), Transient("airtable", "server error", 503)], set())).now() == READY
    )


@pytest.mark.parametrize(
    ("problems", "answered"),
    [
        ([], set()),
        ([], {"airtable"}),
        ([Transient("airtable", "server error", 503)], set()),
        ([Transient("segment", "no answer")], {"airtable"}),
        ([SEGMENT], {"airtable", "segment"}),
    ],
)
def test_a_refused_token_stays_refused_until_that_service_has_answered(
    problems: list[PortError], answered: set[str]
) -> None:
    assert after(([SEGMENT], {"airtable"}), (problems, answered)).now() == REFUSED


def test_a_service_that_answers_ends_its_own_trouble_and_no_other() -> None:
    both: tuple[list[PortError], set[str]] = ([BASE, SEGMENT], set())
    assert after(both).now() == (State.SCHEMA_BROKEN, BASE.problems)
    assert after(both).token_refused
    assert after(both, ([], {"airtable"})).now() == REFUSED
    assert after(both, ([], {"segment"})).now() == (State.SCHEMA_BROKEN, BASE.problems)
    assert after(both, ([], {"airtable"}), ([], {"segment"})).now() == READY


def test_a_token_for_profiles_counts_for_as_long_as_a_row_needs_it() -> None:
    assert after(([PROFILES], set())).now() == (State.TOKEN_REFUSED, ("segment.profiles.token",))
    assert after(([PROFILES], set()), ([], {"airtable"})).now() == READY


def test_new_settings_begin_anew() -> None:
    troubles = after(([SEGMENT], set()))
    troubles.forget()
    assert (troubles.now(), troubles.token_refused) == (READY, False)
