"""What Segment could not do, and what it does not know of: words for what to do, and an end when it is done."""

import json
from dataclasses import dataclass

import pytest
from tests.e2e.conftest import Build
from tests.e2e.house import House

from dsr_sync.core.follow_up_notes import SENT_AGAIN

SITE = "sandboxSourceWebsite01"
DESTINATIONS = [
    {"name": "Amplitude (Actions)", "source": SITE, "behaviour": "fail", "only_for": ["usr_key"]},
    {"name": "Mixpanel", "source": SITE, "behaviour": "unsupported", "only_for": ["usr_not", "usr_done"]},
    {"name": "Vero", "source": SITE, "behaviour": "fail", "only_for": ["usr_vendor", "usr_done"]},
    {"name": "Blackbaud Raiser's Edge NXT", "source": SITE, "only_for": ["usr_fine"]},
]
MANUAL = [
    {"name": "Old CRM", "owner": "Sales operations", "instructions": "Delete the contact and its notes."},
    {"name": "Data lake", "owner": "Jo", "instructions": "Run the erasure job."},
]
BY_HAND = {"DSR_SYNC_FOLLOW_UPS__MANUAL": json.dumps(MANUAL)}


@dataclass(frozen=True)
class Ended:
    """The house after Segment is done with everybody."""

    house: House
    rows: dict[str, str]

    def what_to_do(self, name: str, destination: str) -> str:
        return str(self.house.receipts(self.rows[name])[destination].get("What to do", ""))


@pytest.fixture(scope="module")
def ended(build: Build) -> Ended:
    house = build()
    house.box.segment.workspace.put_destinations(DESTINATIONS)
    rows = {name: house.ask(f"usr_{name}") for name in ("key", "not", "vendor", "fine", "done")}
    house.once()
    house.later()
    house.once()
    return Ended(house, rows)


def done(house: House, record_id: str, *destinations: str) -> None:
    for destination in destinations:
        house.staff.change(house.receipts(record_id)[destination]["id"], {"Follow-up": "Done"}, "Receipts")


def test_a_destination_that_lacks_a_setting_is_to_get_it_and_then_retry(ended: Ended) -> None:
    advice = ended.what_to_do("key", "Amplitude (Actions)")
    assert "Secret Key" in advice
    assert "tick Retry" in advice
    assert ended.house.receipts(ended.rows["key"])["Amplitude (Actions)"]["Follow-up"] == "Needed"


def test_a_destination_that_cannot_delete_is_to_be_asked_by_a_person(ended: Ended) -> None:
    advice = ended.what_to_do("not", "Mixpanel")
    assert "Segment cannot pass deletions on to Mixpanel" in advice
    assert "set Follow-up to Done" in advice
    assert "Retry" not in advice


def test_a_second_request_to_segment_is_offered_only_where_it_can_come_to_more(ended: Ended) -> None:
    assert "Retry" not in ended.house.note(ended.rows["not"])
    assert "you may instead have the cause mended and tick Retry" in ended.house.note(ended.rows["key"])


def test_a_destination_that_failed_for_a_reason_nobody_knows_is_to_be_asked_too(ended: Ended) -> None:
    assert "Ask Vero to delete this person's data" in ended.what_to_do("vendor", "Vero")


def test_a_destination_that_only_says_that_all_is_well_comes_with_a_warning_and_no_follow_up(ended: Ended) -> None:
    assert "deletes nothing" in ended.what_to_do("fine", "Blackbaud Raiser's Edge NXT")
    assert "Follow-up" not in ended.house.receipts(ended.rows["fine"])["Blackbaud Raiser's Edge NXT"]
    assert ended.house.status(ended.rows["fine"]) == "Completed"


def test_when_all_are_done_the_request_completes_and_says_that_nobody_is_owed_anything(ended: Ended) -> None:
    house, record_id = ended.house, ended.rows["done"]
    done(house, record_id, "Mixpanel", "Vero")
    house.once()
    row = house.row(record_id)
    assert row["Status"] == "Completed"
    assert "(Mixpanel and Vero)" in row["Status note"]
    assert "nothing is owed to anyone any more" in row["Status note"]
    assert "Mixpanel: cannot be told by Segment; seen to by your team" in row["Receipt summary"]


def test_once_the_missing_setting_is_there_retry_sends_it_anew_and_it_completes(ended: Ended) -> None:
    house, record_id = ended.house, ended.rows["key"]
    house.box.segment.workspace.put_destinations([{"name": "Amplitude (Actions)", "source": SITE}])
    house.staff.change(record_id, {"Retry": True})
    house.once()
    house.later()
    house.once()
    assert house.regulations("usr_key") == ["SUPPRESS_WITH_DELETE"] * 2
    assert (house.status(record_id), "Retry" in house.row(record_id)) == ("Completed", False)
    assert house.row(record_id)["Receipt summary"] == "Amplitude (Actions): told (Segment forwarded the request)"
    mine = [cells for cells in house.staff.rows("Receipts").values() if cells.get("Request") == [record_id]]
    assert [cells.get("Follow-up") for cells in mine] == [None, None]
    assert [cells.get("What to do") for cells in mine].count(SENT_AGAIN) == 1


def test_every_deletion_gets_a_receipt_for_each_system_that_is_told_by_hand_once_it_is_accepted(house: House) -> None:
    house.settings |= BY_HAND
    house.box.clock.freeze()
    deletion, suppression = house.ask("usr_1"), house.ask("usr_2", Request_type="Suppress")
    house.once()
    receipts = house.receipts(deletion)
    assert {name: receipts[name]["Follow-up"] for name in ("Old CRM", "Data lake")} == {
        "Old CRM": "Needed", "Data lake": "Needed",
    }  # fmt: skip
    assert receipts["Old CRM"]["Status"] == "Not supported"
    assert receipts["Old CRM"]["What to do"].startswith("Sales operations: Delete the contact and its notes.")
    assert "must be told by hand" in house.note(deletion)
    assert {"Old CRM", "Data lake"}.isdisjoint(house.receipts(suppression))


def test_the_request_completes_only_when_those_are_done_too(house: House) -> None:
    house.settings |= BY_HAND
    record_id = house.ask("usr_1")
    house.once()
    house.later()
    house.once()
    assert house.status(record_id) == "Follow-up needed"
    assert "Segment is done. Data lake and 1 more must be told by hand." in house.note(record_id)
    done(house, record_id, "Old CRM")
    house.once()
    assert house.status(record_id) == "Follow-up needed"
    done(house, record_id, "Data lake")
    house.once()
    assert house.status(record_id) == "Completed"
    assert "Old CRM: to be told by hand; seen to by your team" in house.row(record_id)["Receipt summary"]
    assert "follow_up.wanted" in house.story(record_id)


def test_what_was_done_by_hand_before_segment_was_done_need_not_be_done_again(house: House) -> None:
    house.settings |= BY_HAND
    house.box.clock.freeze()
    record_id = house.ask("usr_1")
    house.once()
    done(house, record_id, "Old CRM", "Data lake")
    house.once()
    assert house.status(record_id) in ("Submitted", "In progress")
    house.later()
    house.once()
    assert house.status(record_id) == "Completed"


def test_what_is_owed_by_hand_survives_a_crash_and_a_setting_that_is_taken_out(house: House) -> None:
    house.settings |= BY_HAND
    record_id = house.ask("usr_1")
    house.box.faults.add("airtable", "status", method="PATCH", code=503, times=50)
    house.box.faults.add("airtable", "status", method="POST", code=503, times=50)
    house.dsr("once")
    house.box.faults.clear()
    house.settings.clear()
    house.once()
    house.later()
    house.once()
    assert house.status(record_id) == "Follow-up needed"
    assert {"Old CRM", "Data lake"} <= house.receipts(record_id).keys()
    done(house, record_id, "Old CRM", "Data lake")
    house.once()
    assert house.status(record_id) == "Completed"
