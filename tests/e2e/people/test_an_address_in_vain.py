"""Looking up an address while the Profile API fails, knows nobody, or must not be asked yet."""

from typing import Any

import pytest
from tests.e2e.house import House
from tests.e2e.people.addresses import ANN, IDS, look_ups, people, sent
from tests.e2e.process import until

OUTAGES: dict[str, tuple[dict[str, Any], int]] = {
    "cut": ({"kind": "cut"}, 75),
    "out of order": ({"kind": "status", "code": 503}, 75),
    "too many requests": ({"kind": "rate_limit", "retry_after": 60}, 75),
    "the token refused": ({"kind": "unauthorized"}, 1),
    "a proxy's 404": ({"kind": "status", "code": 404, "body": "<html>"}, 75),
}


@pytest.mark.parametrize("outage", OUTAGES)
def test_an_outage_of_the_profile_api_holds_up_the_addresses_alone(house: House, outage: str) -> None:
    fault, code = OUTAGES[outage]
    people(house, {ANN: IDS})
    by_address, by_id = house.ask(ANN), house.ask("usr_bob")
    house.box.faults.add("profiles", times=None, **fault)
    ran = house.dsr("once")
    assert ran.code == code, ran.said
    assert house.status(by_address) == "On hold"
    assert "cannot be looked up in Segment just now" in house.note(by_address)
    assert "write it in the address's place" in house.note(by_address)
    assert house.row(by_id)["Submitted"] is True
    house.box.faults.clear()
    house.once()
    assert sent(house) == [["usr_bob"], IDS]


def test_a_refused_token_is_named_with_its_setting_by_once_and_check(house: House) -> None:
    house.ask(ANN)
    house.settings["DSR_SYNC_SEGMENT__PROFILES__TOKEN"] = "profile_wrong"
    for command in ("once", "check"):
        ran = house.dsr(command)
        assert ran.code == 1
        assert "DSR_SYNC_SEGMENT__PROFILES__TOKEN" in ran.said
        assert "profile_wrong" not in ran.said


def test_a_wrong_space_does_not_tell_staff_that_segment_knows_nobody(house: House) -> None:
    people(house, {ANN: IDS})
    record_id = house.ask(ANN)
    assert house.dsr("once", DSR_SYNC_SEGMENT__PROFILES__SPACE_ID="spa_other").code == 1
    assert house.status(record_id) == "On hold"
    assert "knows nobody" not in house.note(record_id)


def test_one_address_that_the_api_cannot_digest_does_not_stop_the_others(house: House) -> None:
    people(house, {ANN: IDS, "odd@example.com": ["usr_odd"]})
    odd, fine = house.ask("odd@example.com"), house.ask(ANN)
    house.box.faults.add("profiles", "status", code=500, path="odd", times=None)
    assert house.dsr("once").code == 75
    assert house.status(odd) == "On hold"
    assert house.row(fine)["Submitted"] is True


def test_a_slow_profile_api_does_not_keep_the_rows_with_user_ids_waiting(house: House) -> None:
    by_address, by_id = house.ask(ANN), house.ask("usr_bob")
    house.box.faults.add("profiles", "delay", seconds=60)
    with house.daemon():
        until(lambda: house.row(by_id).get("Submitted"), "the row with the user id is sent", seconds=8)
        assert house.status(by_address) == ""


def test_a_negative_answer_costs_one_call_and_is_asked_for_again_after_retry_or_an_edit(house: House) -> None:
    record_id = house.ask("an@example.com")
    with house.daemon() as daemon:
        until(lambda: house.status(record_id) == "Needs attention", "the row says that nobody was found")
        people(house, {"an@example.com": ["usr_an"], ANN: IDS})
        seen = len(daemon.process.events("tick.finished"))
        until(lambda: len(daemon.process.events("tick.finished")) > seen + 4, "some ticks go by")
        assert (look_ups(house), house.posts()) == (1, [])
        house.staff.change(record_id, {"Retry": True})
        until(lambda: house.row(record_id).get("Submitted"), "Retry asks again")
        other = house.ask("ana@example.com")
        until(lambda: house.status(other) == "Needs attention", "this one is unknown too")
        house.staff.change(other, {"User identifier": ANN})
        until(lambda: house.row(other).get("Submitted"), "the mended address is looked up at once")
    assert "Retry" not in house.row(record_id)
    assert look_ups(house) == 4
    assert sent(house) == [["usr_an"], IDS]


def test_an_address_behind_the_brake_is_not_looked_up_at_each_tick(house: House) -> None:
    people(house, {ANN: IDS})
    house.ask("usr_bob")
    house.once(DSR_SYNC_SAFETY__MAX_SUBMISSIONS_PER_HOUR="1")
    record_id = house.ask(ANN)
    house.once(DSR_SYNC_SAFETY__MAX_SUBMISSIONS_PER_HOUR="1")
    assert "hourly limit" in house.note(record_id)
    assert look_ups(house) == 0
    house.once(DSR_SYNC_SAFETY__MAX_SUBMISSIONS_PER_HOUR="2")
    assert sent(house) == [["usr_bob"], IDS]
