"""User identifier holds an e-mail address: it is looked up, and all the user ids behind it go into one regulation."""

from collections.abc import Sequence
from typing import Any

import pytest
from tests.e2e.conftest import Build
from tests.e2e.house import House
from tests.e2e.process import until

ANN = "Ann+Privacy@Example.com"
IDS = ["usr_ann", "usr_ann_old"]
NO_LOOK_UPS = {
    "DSR_SYNC_SEGMENT__PROFILES__SPACE_ID": "",
    "DSR_SYNC_SEGMENT__PROFILES__TOKEN": "",
    "DSR_SYNC_SEGMENT__PROFILES__ENDPOINT_URL": "",
}


def people(house: House, known: dict[str, Sequence[str]]) -> None:
    """Who is in the Profile space: the user ids by address."""
    house.box.segment.profiles.put(
        [
            {
                "external_ids": [
                    {"type": "email", "id": email},
                    *({"type": "user_id", "id": user_id} for user_id in user_ids),
                ]
            }
            for email, user_ids in known.items()
        ]
    )


def look_ups(house: House) -> int:
    """How often the Profile API was asked."""
    return len(house.calls("profiles"))


def sent(house: House) -> list[list[str]]:
    """The user ids of each regulation that was asked for."""
    return [post.body["subjectIds"] for post in house.posts()]


def test_every_user_id_of_the_profile_goes_into_one_regulation(house: House) -> None:
    people(house, {ANN: IDS, "bob@example.com": ["usr_bob"]})
    record_id = house.ask(f"  {ANN} ")
    house.once()
    assert sent(house) == [IDS]
    assert house.row(record_id)["Submitted"] is True
    house.later()
    house.once()
    assert house.status(record_id) == "Completed"
    assert len(house.receipts(record_id)) == 2
    again = house.ask(ANN)  # Segment has forgotten who that is
    house.once()
    assert house.status(again) == "Needs attention"
    assert "after a deletion it no longer does" in house.note(again)
    assert "nothing has to be sent: untick Authenticated and answer the person." in house.note(again)
    assert len(house.posts()) == 1


def test_the_row_keeps_the_address_and_nothing_else_that_is_written_names_the_person(house: House) -> None:
    people(house, {ANN: IDS})
    record_id = house.ask(ANN)
    ran = house.once()
    story = house.dsr("explain", record_id)
    assert house.row(record_id)["User identifier"] == ANN
    written = str([entry.body for entry in house.writes() if entry.service == "airtable"])
    ledger = b"".join(path.read_bytes() for path in house.folder.glob("ledger.db*"))
    for word in (ANN, ANN.lower(), *IDS):
        assert word not in ran.said + story.said + written
        assert word.encode() not in ledger


def test_a_user_id_is_never_looked_up(house: House) -> None:
    house.ask("usr_1")
    house.once()
    assert look_ups(house) == 0


def test_the_ids_are_those_from_before_the_post_even_if_the_profile_is_gone_when_the_answer_is_lost(
    house: House,
) -> None:
    people(house, {ANN: IDS})
    house.box.faults.add("segment", "cut", method="POST", after_effect=True)
    record_id = house.ask(ANN)
    house.dsr("once")
    people(house, {})
    house.once()
    assert house.row(record_id)["Submitted"] is True
    assert sent(house) == [IDS]


UNKNOWN_TO_SEGMENT = {
    "nobody@example.com": ("Segment knows nobody by this e-mail address", "Check the spelling"),
    "without@example.com": ("but no user id that belongs to it", "Write this person's user id"),
    "everybody@example.com": ("cannot all be one person's", "Find out which one asked"),
    "tester@example.com": ("cannot all be one person's", "Find out which one asked"),
    f"Ann <{ANN}>": ("holds an e-mail address and something else", "Write this person's address alone"),
    "ann\uff20example.com": ("Segment knows nobody by this e-mail address", "Check the spelling"),
}


@pytest.fixture(scope="module")
def nowhere(build: Build) -> tuple[House, dict[str, str]]:
    """One row for each way in which an address leads to nobody, one that leads to somebody, and one tick."""
    house = build()
    many = [f"usr_{number}" for number in range(21)]
    known = {"without@example.com": [], "everybody@example.com": many, "tester@example.com": ["usr_1", "test"]}
    people(house, {**known, ANN: IDS})
    rows = {email: house.ask(email) for email in (*UNKNOWN_TO_SEGMENT, ANN)}
    house.once()
    return house, rows


@pytest.mark.parametrize("email", UNKNOWN_TO_SEGMENT)
def test_an_address_that_leads_to_nobody_has_its_own_words_and_next_step(
    nowhere: tuple[House, dict[str, str]], email: str
) -> None:
    house, rows = nowhere
    assert house.status(rows[email]) == "Needs attention"
    for words in UNKNOWN_TO_SEGMENT[email]:
        assert words in house.note(rows[email])
    assert "Submitted" not in house.row(rows[email])


def test_only_what_led_to_somebody_is_sent_and_protected_ids_never_are(nowhere: tuple[House, dict[str, str]]) -> None:
    house, rows = nowhere
    assert sent(house) == [IDS]
    assert house.row(rows[ANN])["Submitted"] is True


def test_without_a_profile_space_an_address_is_refused_in_its_own_words(house: House) -> None:
    house.settings.update(NO_LOOK_UPS)
    record_id = house.ask(ANN)
    house.once()
    assert house.status(record_id) == "Needs attention"
    assert "Segment deletes by user id only: it would accept the address and delete nothing" in house.note(record_id)
    assert (house.posts(), look_ups(house)) == ([], 0)


def test_an_address_is_sent_as_a_user_id_only_if_the_operator_says_so(house: House) -> None:
    house.settings["DSR_SYNC_IDENTIFIERS__EMAIL"] = "as_user_id"
    house.ask(ANN)
    house.once()
    assert (sent(house), look_ups(house)) == ([[ANN]], 0)


def test_refuse_looks_nothing_up_although_there_is_a_profile_space(house: House) -> None:
    people(house, {ANN: IDS})
    house.settings["DSR_SYNC_IDENTIFIERS__EMAIL"] = "refuse"
    record_id = house.ask(ANN)
    house.once()
    assert house.status(record_id) == "Needs attention"
    assert (house.posts(), look_ups(house)) == ([], 0)


def test_lookup_without_a_profile_space_is_a_wrong_setting(house: House) -> None:
    ran = house.dsr("check", **NO_LOOK_UPS, DSR_SYNC_IDENTIFIERS__EMAIL="lookup")
    assert ran.code == 2
    assert "identifiers.email" in ran.said


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


def test_after_a_lost_ledger_rows_with_addresses_are_not_sent_twice(house: House) -> None:
    house.box.clock.freeze()
    people(house, {ANN: IDS, "bob@example.com": ["usr_bob"]})
    done, unheard = house.ask(ANN), house.ask("bob@example.com")
    house.box.faults.add("segment", "cut", method="POST", after_effect=True, skip=1)
    house.dsr("once")
    house.lose_ledger()
    house.once()
    assert all(house.row(record_id)["Submitted"] for record_id in (done, unheard))
    house.lose_ledger()
    people(house, {})
    house.later()
    house.once()
    house.once()
    assert [house.status(record_id) for record_id in (done, unheard)] == ["Completed"] * 2
    assert sorted(sent(house)) == [IDS, ["usr_bob"]]


def test_where_answer_ledger_and_profile_are_lost_the_row_leaves_it_open_and_the_user_id_settles_it(
    house: House,
) -> None:
    people(house, {ANN: IDS})
    house.box.faults.add("segment", "cut", method="POST", after_effect=True)
    record_id, unknown = house.ask(ANN), house.ask("nobody@example.com", Request_type="Suppress")
    house.dsr("once")
    house.lose_ledger()
    house.later()  # the deletion is through, and the profile is gone
    with house.daemon() as daemon:
        until(lambda: house.note(record_id).startswith("Perhaps sent already:"), "the row leaves it open")
        asked, seen = look_ups(house), len(daemon.process.events("tick.finished"))
        until(lambda: len(daemon.process.events("tick.finished")) > seen + 2, "some ticks go by")
        assert look_ups(house) == asked
        assert house.note(record_id).startswith("Perhaps sent already:")
        assert house.note(unknown).startswith("Nothing was sent:")
        assert [house.status(each) for each in (record_id, unknown)] == ["Needs attention"] * 2
        house.staff.change(record_id, {"User identifier": IDS[1]})
        until(lambda: house.status(record_id) == "Completed", "the user id finds what was sent")
    assert house.row(record_id)["Regulation ID"] == house.box.segment.workspace.regulations()[0].id
    assert sent(house) == [IDS]


def test_retry_after_a_follow_up_sends_the_same_user_ids_although_the_profile_is_gone(house: House) -> None:
    house.box.segment.workspace.put_destinations([{"name": "Braze", "behaviour": "fail"}])
    people(house, {ANN: IDS})
    record_id = house.ask(ANN)
    house.once()
    house.later()
    house.once()
    assert house.status(record_id) == "Follow-up needed"
    house.box.segment.workspace.put_destinations([{"name": "Braze", "behaviour": "finish"}])
    house.staff.change(record_id, {"Retry": True})
    house.once()
    house.later()
    house.once()
    assert sent(house) == [IDS, IDS]
    assert house.status(record_id) == "Completed"
    assert "Retry" not in house.row(record_id)


@pytest.mark.parametrize("first", [ANN, "usr_ann"])
def test_a_row_with_the_address_and_one_with_the_user_id_make_one_regulation(house: House, first: str) -> None:
    people(house, {ANN: ["usr_ann"]})
    second = "usr_ann" if first == ANN else ANN
    rows = [house.ask(first), house.ask(second)]
    house.once()
    house.once()
    assert sent(house) == [["usr_ann"]]
    assert len({house.row(record_id)["Regulation ID"] for record_id in rows}) == 1


def test_the_same_address_in_other_letters_is_the_same_person_also_in_one_batch(house: House) -> None:
    house.settings["DSR_SYNC_SEGMENT__REQUESTS_PER_REGULATION"] = "50"
    people(house, {ANN: IDS})
    rows = [house.ask(email) for email in (ANN, ANN.lower(), ANN.upper())]
    house.once()
    house.once()
    assert sent(house) == [IDS]
    assert len({house.row(record_id)["Regulation ID"] for record_id in rows}) == 1


def test_a_second_row_with_the_address_joins_even_after_the_profile_is_gone(house: House) -> None:
    people(house, {ANN: IDS})
    house.ask(ANN)
    house.once()
    people(house, {})
    second = house.ask(ANN)
    house.once()
    assert house.row(second)["Submitted"] is True
    assert sent(house) == [IDS]


def test_an_overlap_in_part_waits_until_the_other_request_has_completed(house: House) -> None:
    people(house, {ANN: IDS})
    house.ask("usr_ann_old")
    house.once()
    record_id = house.ask(ANN)
    house.once()
    assert house.status(record_id) == "On hold"
    assert "serves one of this person's user ids is under way" in house.note(record_id)
    house.later()
    house.once()
    house.once()
    assert sent(house) == [["usr_ann_old"], IDS]
    assert house.row(record_id)["Submitted"] is True
