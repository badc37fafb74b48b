"""Several rows for one person, the cooling-off time, Hold, and the brake."""

from datetime import datetime, timedelta

from tests.e2e.house import House

SHARES = "An earlier row asks the same"


def test_two_rows_of_the_same_person_at_once_make_one_regulation_and_share_its_fate(house: House) -> None:
    first, second = house.ask("usr_1"), house.ask(" usr_1")
    house.once()
    house.once()
    assert house.regulations("usr_1") == ["SUPPRESS_WITH_DELETE"]
    assert house.row(first)["Regulation ID"] == house.row(second)["Regulation ID"]
    assert house.row(second)["Submitted"] is True
    assert sorted(house.note(record_id).startswith(SHARES) for record_id in (first, second)) == [False, True]
    house.later()
    house.once()
    assert [house.status(record_id) for record_id in (first, second)] == ["Completed"] * 2
    assert house.row(second)["Receipt summary"] == house.row(first)["Receipt summary"]
    assert len(house.posts()) == 1


def test_a_person_who_asks_again_after_completion_gets_a_regulation_of_their_own(house: House) -> None:
    first = house.ask("usr_1")
    house.once()
    house.later()
    house.once()
    again = house.ask("usr_1")
    house.once()
    assert house.row(again)["Regulation ID"] != house.row(first)["Regulation ID"]
    assert len(house.posts()) == 2


def test_rows_that_ask_different_things_for_one_person_do_not_share(house: House) -> None:
    house.ask("usr_1")
    house.ask("usr_1", Request_type="Unsuppress")
    house.once()
    assert sorted(house.regulations("usr_1")) == ["SUPPRESS_WITH_DELETE", "UNSUPPRESS"]


def test_the_last_of_three_alternating_wishes_waits_for_the_first_and_is_sent_then(house: House) -> None:
    rows = []
    for wish in ("Suppress", "Unsuppress", "Suppress"):
        rows.append(house.ask("usr_1", Request_type=wish))
        house.once()
    assert house.regulations("usr_1") == ["SUPPRESS_ONLY", "UNSUPPRESS"]
    assert house.status(rows[-1]) == "On hold"
    assert "and the opposite asked for since" in house.note(rows[-1])
    house.later()
    house.once()  # the first is seen to be over
    house.once()
    assert house.regulations("usr_1") == ["SUPPRESS_ONLY", "UNSUPPRESS", "SUPPRESS_ONLY"]
    assert house.row(rows[-1])["Submitted"] is True


def test_identifiers_that_differ_in_case_are_different_people(house: House) -> None:
    house.ask("usr_a")
    house.ask("USR_A")
    house.once()
    assert len(house.posts()) == 2


def test_the_cooling_off_note_says_until_when_and_hold_in_time_stops_it(house: House) -> None:
    house.settings["DSR_SYNC_SAFETY__COOLING_OFF_MINUTES"] = "30"
    stopped, withdrawn = house.ask("usr_1"), house.ask("usr_2")
    before = datetime.now().astimezone() + timedelta(minutes=30)
    house.once()
    assert house.status(stopped) == "On hold"
    assert before.astimezone(tz=None).strftime("%B") in house.note(stopped)
    assert "UTC" in house.note(stopped)
    house.staff.change(stopped, {"Hold": True})
    house.staff.change(withdrawn, {"Authenticated": None})
    house.once(DSR_SYNC_SAFETY__COOLING_OFF_MINUTES="0")
    assert "Hold is ticked" in house.note(stopped)
    assert house.posts() == []
    house.staff.change(stopped, {"Hold": None})
    house.once(DSR_SYNC_SAFETY__COOLING_OFF_MINUTES="0")
    assert house.row(stopped)["Submitted"] is True
    assert house.regulations("usr_2") == []


def test_the_brake_lets_through_what_the_hour_allows_and_says_when_the_rest_follows(house: House) -> None:
    rows = [house.ask(f"usr_{number}") for number in range(4)]
    house.once(DSR_SYNC_SAFETY__MAX_SUBMISSIONS_PER_HOUR="2")
    house.once(DSR_SYNC_SAFETY__MAX_SUBMISSIONS_PER_HOUR="2")
    assert len(house.posts()) == 2
    braked = [record_id for record_id in rows if "hourly limit" in house.note(record_id)]
    assert len(braked) == 2
    assert {house.status(record_id) for record_id in braked} == {"On hold"}
    house.once(DSR_SYNC_SAFETY__MAX_SUBMISSIONS_PER_HOUR="100")
    assert len(house.posts()) == 4
    assert all(house.row(record_id)["Submitted"] for record_id in rows)


def test_the_months_quota_holds_only_the_rows_that_it_is_about(house: House) -> None:
    house.box.segment.quota.put({"segment_and_destination": {"limit": 0}}, house.box.clock.now())
    deletion, suppression = house.ask("usr_1"), house.ask("usr_2", Request_type="Suppress")
    refused = house.dsr("once")
    assert (refused.code, "quota of this month is used up until" in refused.err) == (75, True)
    house.once()
    assert house.status(deletion) == "On hold"
    assert "this month's number of requests" in house.note(deletion)
    assert house.row(suppression)["Submitted"] is True


def test_of_a_batch_that_the_rest_of_the_months_quota_does_not_hold_what_fits_is_sent_and_the_rest_waits(
    house: House,
) -> None:
    house.box.segment.quota.put({"segment_and_destination": {"limit": 2}}, house.box.clock.now())
    deletions = [house.ask(f"usr_{number}") for number in range(4)]
    suppression = house.ask("usr_5", Request_type="Suppress")
    together = {"DSR_SYNC_SEGMENT__REQUESTS_PER_REGULATION": "4"}
    assert "until 20" in house.dsr("once", **together).err
    house.once(**together)
    held = [each for each in deletions if not house.row(each).get("Submitted")]
    assert [house.status(each) for each in held] == ["On hold"] * 2
    assert all("this month's number of requests" in house.note(each) for each in held)
    assert house.row(suppression)["Submitted"] is True
    assert len(house.posts()) == 5  # the batch, two alone, one that did not fit, and the suppression


def test_a_row_changed_after_it_was_sent_sends_nothing_and_says_so(house: House) -> None:
    record_id = house.ask("usr_1")
    house.once()
    house.later()
    house.once()
    house.staff.change(record_id, {"User identifier": "usr_2", "Retry": True})
    house.once()
    assert house.regulations("usr_2") == []
    assert "was changed after this row was sent" in house.note(record_id)


def test_a_row_ticked_by_hand_is_not_sent_and_the_sweep_says_so(house: House) -> None:
    record_id = house.ask("usr_1", Submitted=True)
    house.once()
    assert house.posts() == []
    assert house.status(record_id) == "Needs attention"
    assert "ticked by hand" in house.note(record_id)
