"""A POST whose outcome is not known: it is looked for in Segment's list, and never sent twice."""

import signal

import pytest
from tests.e2e.house import House
from tests.e2e.process import until

TAKEN = {
    "the connection cut": {"kind": "cut", "after_effect": True},
    "a 500": {"kind": "status", "code": 500, "after_effect": True},
    "a 200 without an id": {"kind": "json_200", "body": {"data": {}}, "after_effect": True},
    "an answer cut short": {"kind": "truncate", "bytes": 20},
    "a page in HTML": {"kind": "html_200", "after_effect": True},
}
NOT_TAKEN = {
    "the connection cut": {"kind": "cut"},
    "a 503": {"kind": "status", "code": 503},
}


@pytest.mark.parametrize("name", TAKEN)
def test_what_segment_did_take_is_found_in_its_list_and_not_sent_again(house: House, name: str) -> None:
    house.box.faults.add("segment", method="POST", **TAKEN[name])  # type: ignore[arg-type] # one of several shapes
    record_id = house.ask("usr_1")
    assert house.dsr("once").code == 75
    row = house.row(record_id)
    assert row["Status"] == "On hold"
    assert "the answer did not arrive" in row["Status note"]
    assert not {"Submitted", "Regulation ID"} & row.keys()
    house.once()
    assert house.row(record_id)["Submitted"] is True
    assert house.row(record_id)["Regulation ID"] == house.box.segment.workspace.regulations()[0].id
    house.once()
    assert len(house.posts()) == 1


def test_the_row_says_when_segment_took_it_and_not_when_it_was_found(house: House) -> None:
    house.box.faults.add("segment", "cut", method="POST", after_effect=True)
    record_id = house.ask("usr_1")
    house.dsr("once")
    house.once()
    (taken,) = house.box.segment.workspace.regulations()
    said = house.row(record_id)["Submitted at"]
    assert said == taken.created_at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


@pytest.mark.parametrize("name", NOT_TAKEN)
def test_what_segment_did_not_take_is_sent_once_more_after_two_complete_listings(house: House, name: str) -> None:
    house.box.faults.add("segment", method="POST", **NOT_TAKEN[name])  # type: ignore[arg-type] # one of several shapes
    record_id = house.ask("usr_1")
    assert house.dsr("once").code == 75
    house.once()
    assert len(house.posts()) == 1
    house.once()
    assert len(house.posts()) == 2
    assert house.regulations("usr_1") == ["SUPPRESS_WITH_DELETE"]
    assert house.row(record_id)["Submitted"] is True
    lists = [call for call in house.calls("segment") if call == "GET /regulations"]
    assert len(lists) >= 3


def test_before_the_settle_time_has_run_nothing_is_sent_again(house: House) -> None:
    house.settings["DSR_SYNC_SEGMENT__SETTLE_SECONDS"] = "900"
    house.box.faults.add("segment", "status", method="POST", code=503)
    record_id = house.ask("usr_1")
    house.dsr("once")
    house.once()
    house.once()
    assert len(house.posts()) == 1
    assert house.status(record_id) == "On hold"


def test_a_regulation_that_shows_up_late_in_the_list_is_still_adopted(house: House) -> None:
    house.box.faults.add("segment", "ghost", method="POST", seconds=30)
    house.settings["DSR_SYNC_SEGMENT__SETTLE_SECONDS"] = "900"
    record_id = house.ask("usr_1")
    house.dsr("once")
    house.once()
    house.later(31)
    house.once()
    assert house.row(record_id)["Submitted"] is True
    assert len(house.posts()) == 1


def test_one_unknown_outcome_does_not_stop_the_other_rows(house: House) -> None:
    house.box.faults.add("segment", "cut", method="POST", after_effect=True)
    rows = [house.ask(f"usr_{number}") for number in range(3)]
    assert house.dsr("once").code == 75
    assert "On hold" in {house.status(record_id) for record_id in rows}
    house.once()
    assert all(house.row(record_id)["Submitted"] for record_id in rows)
    assert len(house.posts()) == 3


def test_an_id_that_segment_refuses_needs_attention_and_the_others_go_on(house: House) -> None:
    body = {"errors": [{"type": "ValidationFailure", "message": "bad subject"}]}
    house.box.faults.add("segment", "status", method="POST", code=422, body=body)
    rows = [house.ask(f"usr_{number}") for number in range(3)]
    house.once()
    statuses = sorted(house.status(record_id) for record_id in rows)
    assert statuses.count("Needs attention") == 1
    assert len(house.box.segment.workspace.regulations()) == 2
    [refused] = [record_id for record_id in rows if house.status(record_id) == "Needs attention"]
    assert "Segment refused this deletion" in house.note(refused)
    house.once()
    assert len(house.posts()) == 3
    house.staff.change(refused, {"Retry": True})
    house.once()
    assert house.row(refused)["Submitted"] is True


def test_a_kill_between_the_post_and_its_record_is_adopted_and_one_regulation_made(house: House) -> None:
    house.box.faults.add("segment", "delay", method="POST", seconds=60, after_effect=True)
    record_id = house.ask("usr_1")
    with house.daemon(DSR_SYNC_SEGMENT__SETTLE_SECONDS="900") as daemon:
        until(house.box.segment.workspace.regulations, "Segment takes the regulation")
        daemon.process.signalled(signal.SIGKILL)
        assert daemon.process.ended() == -signal.SIGKILL
    house.once(DSR_SYNC_SEGMENT__SETTLE_SECONDS="900")
    assert house.row(record_id)["Submitted"] is True
    assert house.regulations("usr_1") == ["SUPPRESS_WITH_DELETE"]
    assert len(house.posts()) == 1


def test_a_kill_before_segment_did_anything_loses_nothing(house: House) -> None:
    house.box.faults.add("segment", "delay", method="POST", seconds=60)
    record_id = house.ask("usr_1")
    with house.daemon() as daemon:
        until(house.posts, "the POST arrives")
        daemon.process.signalled(signal.SIGKILL)
        daemon.process.ended()
    with house.daemon():
        until(lambda: house.row(record_id).get("Submitted"), "the row is submitted")
    assert house.regulations("usr_1") == ["SUPPRESS_WITH_DELETE"]
