"""Tokens that are refused, services that are down, locked out or out of calls: the right exit code, nothing lost."""

from urllib.parse import urlsplit

import pytest
from tests.e2e.house import House

BOTH = ("AIRTABLE", "SEGMENT")


@pytest.mark.parametrize("service", BOTH)
def test_an_unknown_token_is_exit_1_and_named_with_its_scope(house: House, service: str) -> None:
    house.ask("usr_1")
    ran = house.dsr("once", **{f"DSR_SYNC_{service}__TOKEN": "unknown-t0ken"})
    assert ran.code == 1
    assert f"DSR_SYNC_{service}__TOKEN" in ran.err
    assert {"AIRTABLE": "schema.bases:read", "SEGMENT": "deletion and suppression"}[service] in ran.err
    assert "unknown-t0ken" not in ran.said
    assert "Traceback" not in ran.err
    assert house.box.segment.workspace.regulations() == []


@pytest.mark.parametrize("scope", ["data.records:read", "data.records:write", "schema.bases:read"])
def test_a_scope_that_airtables_token_lacks_is_named(house: House, scope: str) -> None:
    house.ask("usr_1")
    house.box.airtable.tokens[house.box.airtable_token].remove(scope)
    ran = house.dsr("once")
    assert ran.code == 1
    assert scope in ran.err
    assert "DSR_SYNC_AIRTABLE__TOKEN" in ran.err


def test_check_names_the_scope_without_which_no_row_can_be_read(house: House) -> None:
    house.box.airtable.tokens[house.box.airtable_token].remove("data.records:read")
    ran = house.dsr("check")
    assert ran.code == 1
    [failed] = [line for line in ran.out.splitlines() if line.startswith("FAIL")]
    assert "data.records:read" in failed
    assert "DSR_SYNC_AIRTABLE__TOKEN" in failed


def test_a_segment_token_that_may_only_read_is_named_and_the_row_waits(house: House) -> None:
    record_id = house.ask("usr_1")
    house.box.segment.tokens[house.box.segment_token].remove("write")
    ran = house.dsr("once")
    assert ran.code == 1
    assert "Workspace Owner" in ran.err
    assert house.status(record_id) == "On hold"
    house.box.segment.tokens[house.box.segment_token].add("write")
    house.once()
    assert house.row(record_id)["Submitted"] is True
    assert house.regulations("usr_1") == ["SUPPRESS_WITH_DELETE"]


@pytest.mark.parametrize("service", BOTH)
def test_a_service_that_is_down_is_exit_75_and_the_next_tick_goes_on(house: House, service: str) -> None:
    record_id = house.ask("usr_1")
    ran = house.dsr("once", **{f"DSR_SYNC_{service}__ENDPOINT_URL": "http://127.0.0.1:9"})
    assert ran.code == 75
    assert {"AIRTABLE": "Airtable", "SEGMENT": "Segment"}[service] in ran.err
    assert "Traceback" not in ran.err
    assert house.posts() == []
    house.once()
    assert house.row(record_id)["Submitted"] is True


def test_while_segment_is_down_the_rows_say_that_they_wait(house: House) -> None:
    waiting, bad = house.ask("usr_1"), house.ask("null")
    house.dsr("once", DSR_SYNC_SEGMENT__ENDPOINT_URL="http://127.0.0.1:9")
    assert house.status(waiting) == "On hold"
    assert "Segment cannot take requests just now" in house.note(waiting)
    assert house.status(bad) == "Needs attention"


def test_an_outage_of_both_in_the_middle_loses_nothing(house: House) -> None:
    record_id = house.ask("usr_1")
    house.once()
    ports = [int(urlsplit(url).port or 0) for url in (house.box.airtable_url, house.box.segment_url)]
    settings = house.env()
    house.box.stop()
    down = house.dsr("once", **settings)
    house.box.start(*ports)
    assert down.code == 75
    house.later()
    house.once()
    assert house.status(record_id) == "Completed"
    assert len(house.posts()) == 1


@pytest.mark.parametrize("kind", ["rate_limit", "status"])
def test_airtable_locked_out_or_failing_is_exit_75(house: House, kind: str) -> None:
    code = {"code": 503} if kind == "status" else {}
    house.box.faults.add("airtable", kind, **code)
    ran = house.dsr("once")
    assert ran.code == 75
    assert "Airtable" in ran.err


def test_airtables_monthly_limit_is_exit_1_and_named(house: House) -> None:
    house.box.airtable.limits.monthly_calls_left = 0
    ran = house.dsr("once")
    assert ran.code == 1
    assert "calls of this month are used up" in ran.err


def test_another_process_with_the_ledger_is_exit_75(house: House) -> None:
    with house.daemon():
        ran = house.dsr("once")
    assert ran.code == 75
    assert "Another dsr-sync process holds the ledger" in ran.err


def test_a_ledger_that_cannot_be_opened_is_exit_1_and_nothing_is_sent(house: House) -> None:
    house.ask("usr_1")
    house.ledger.write_bytes(b"this is no database, whatever it is called" * 100)
    ran = house.dsr("once")
    assert ran.code == 1
    assert "ledger" in ran.err
    assert "Traceback" not in ran.err
    assert house.posts() == []
