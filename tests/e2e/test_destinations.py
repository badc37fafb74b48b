"""What the destinations behind Segment come to, and what staff do about it."""

from dataclasses import dataclass
from typing import Any

import pytest
from tests.e2e.conftest import Build
from tests.e2e.house import House

SITE = "sandboxSourceWebsite01"
APP = "sandboxSourceMobile001"
DESTINATIONS: list[dict[str, Any]] = [
    {"name": "Amplitude", "source": SITE, "behaviour": "fail", "error": "no key", "only_for": ["fails", "sources"]},
    {"name": "Amplitude", "source": APP, "only_for": ["sources"]},
    {"name": "Mixpanel", "source": SITE, "behaviour": "unsupported", "only_for": ["unsupported", "two", "done"]},
    {"name": "Vero", "source": SITE, "behaviour": "partial", "only_for": ["partial", "two"]},
    {"name": "Iterable", "source": SITE, "behaviour": "invalid", "only_for": ["invalid"]},
    {"name": "Braze", "source": SITE, "seconds": 600.0, "only_for": ["slow"]},
]  # fmt: skip
NEEDING = {
    "fails": {"Amplitude": "Failed"},
    "unsupported": {"Mixpanel": "Not supported"},
    "partial": {"Vero": "Partly finished"},
    "invalid": {"Iterable": "Invalid"},
    "two": {"Mixpanel": "Not supported", "Vero": "Partly finished"},
    "sources": {"Amplitude": "Partly finished"},
}
SEGMENT_ITSELF = {
    "said failed": ("FAILED", "Failed"),
    "said invalid": ("INVALID", "Failed"),
    "said unsupported": ("NOT_SUPPORTED", "Failed"),
    "said partial": ("PARTIAL_SUCCESS", "Follow-up needed"),
    "said finished": ("FINISHED", "Completed"),
    "said a new word": ("ARCHIVED", "In progress"),
}


@dataclass(frozen=True)
class Ended:
    """The house after Segment is done with everybody but the slow one."""

    house: House
    rows: dict[str, str]


@pytest.fixture(scope="module")
def ended(build: Build) -> Ended:
    house = build()
    house.box.segment.workspace.put_destinations(DESTINATIONS)
    rows = {name: house.ask(name) for name in (*NEEDING, *SEGMENT_ITSELF, "slow", "done", "nowhere", "retried")}
    house.once()
    for kept in house.box.segment.workspace.regulations():
        [name] = kept.order.subjects
        if name in SEGMENT_ITSELF:
            house.box.segment.workspace.force(kept.id, {"overallStatus": SEGMENT_ITSELF[name][0], "streamStatus": []})
        if name == "retried":
            house.box.segment.workspace.force(kept.id, {"overallStatus": "FAILED", "streamStatus": []})
    house.later()
    house.once()
    return Ended(house, rows)


@pytest.mark.parametrize("name", NEEDING)
def test_a_destination_that_did_not_do_it_needs_a_follow_up(ended: Ended, name: str) -> None:
    row, receipts = ended.house.row(ended.rows[name]), ended.house.receipts(ended.rows[name])
    assert row["Status"] == "Follow-up needed"
    assert {destination: receipt["Status"] for destination, receipt in receipts.items()} == NEEDING[name]
    for destination, receipt in receipts.items():
        assert receipt["Follow-up"] == "Needed"
        assert destination in row["Status note"]
    assert "Completed at" not in row


def test_the_receipt_holds_the_destinations_own_error(ended: Ended) -> None:
    assert ended.house.receipts(ended.rows["fails"])["Amplitude"]["Error"] == "no key"


def test_one_destination_behind_two_sources_has_one_receipt_that_counts_them(ended: Ended) -> None:
    assert ended.house.receipts(ended.rows["sources"])["Amplitude"]["Sources"] == "1 of 2 sources finished"


@pytest.mark.parametrize("name", SEGMENT_ITSELF)
def test_without_destinations_segments_own_word_decides(ended: Ended, name: str) -> None:
    word, status = SEGMENT_ITSELF[name]
    row = ended.house.row(ended.rows[name])
    assert row["Status"] == status
    assert row["Segment status"] == word
    assert set(ended.house.receipts(ended.rows[name])) == ({"Segment"} if word == "PARTIAL_SUCCESS" else set())


def test_a_regulation_without_destinations_completes_and_says_that_it_named_none(ended: Ended) -> None:
    assert ended.house.status(ended.rows["nowhere"]) == "Completed"
    assert "no destination" in ended.house.note(ended.rows["nowhere"])


def test_staff_who_set_the_follow_up_to_done_complete_the_request(ended: Ended) -> None:
    house, record_id = ended.house, ended.rows["done"]
    receipt = house.receipts(record_id)["Mixpanel"]
    house.staff.change(receipt["id"], {"Follow-up": "Done", "Follow-up note": "Deleted by hand."}, "Receipts")
    house.once()
    assert house.status(record_id) == "Completed"
    assert house.row(record_id)["Completed at"]
    assert "set to Done by your team" in house.note(record_id)
    assert house.receipts(record_id)["Mixpanel"]["Follow-up note"] == "Deleted by hand."


def test_of_two_follow_ups_the_first_done_is_not_enough(ended: Ended) -> None:
    house, record_id = ended.house, ended.rows["two"]
    for destination, status in (("Mixpanel", "Follow-up needed"), ("Vero", "Completed")):
        house.staff.change(house.receipts(record_id)[destination]["id"], {"Follow-up": "Done"}, "Receipts")
        house.once()
        assert house.status(record_id) == status


def test_a_slow_destination_keeps_the_request_in_progress_until_it_ends(ended: Ended) -> None:
    house, record_id = ended.house, ended.rows["slow"]
    assert house.status(record_id) == "In progress"
    assert house.receipts(record_id)["Braze"]["Status"] in ("Waiting", "Running")
    house.later(900)
    house.once()
    assert house.status(record_id) == "Completed"
    assert house.receipts(record_id)["Braze"]["Status"] == "Finished"


def test_retry_on_a_failed_row_makes_one_new_regulation_and_is_unticked(ended: Ended) -> None:
    house, record_id = ended.house, ended.rows["retried"]
    first = house.row(record_id)
    assert first["Status"] == "Failed"
    assert "Tick Retry" in first["Status note"]
    house.staff.change(record_id, {"Retry": True})
    house.once()
    assert len(house.regulations("retried")) == 2
    second = house.row(record_id)
    assert second["Regulation ID"] not in ("", first["Regulation ID"])
    assert "Retry" not in second
    house.later()
    house.once()
    assert house.status(record_id) == "Completed"
    assert len(house.regulations("retried")) == 2


def test_retry_without_a_bad_end_sends_nothing_and_is_unticked(ended: Ended) -> None:
    house, record_id = ended.house, ended.rows["said finished"]
    house.staff.change(record_id, {"Retry": True})
    house.once()
    assert house.regulations("said finished") == ["SUPPRESS_WITH_DELETE"]
    assert house.status(record_id) == "Completed"
    assert "Retry" not in house.row(record_id)
