"""User identifier holds an e-mail address: it is looked up, and all the user ids behind it go into one regulation."""

import pytest
from tests.e2e.conftest import Build
from tests.e2e.house import House
from tests.e2e.people.addresses import ANN, IDS, look_ups, people, sent
from tests.e2e.process import until

NO_LOOK_UPS = {
    "DSR_SYNC_SEGMENT__PROFILES__SPACE_ID": "",
    "DSR_SYNC_SEGMENT__PROFILES__TOKEN": "",
    "DSR_SYNC_SEGMENT__PROFILES__ENDPOINT_URL": "",
}


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


def test_user_ids_on_further_pages_of_a_profile_go_into_the_same_regulation(house: House) -> None:
    house.box.segment.limits.profiles_page = 1
    people(house, {ANN: IDS})
    record_id = house.ask(ANN)
    house.once()
    assert sent(house) == [IDS]
    assert look_ups(house) == len(IDS)
    assert house.row(record_id)["Submitted"] is True


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
