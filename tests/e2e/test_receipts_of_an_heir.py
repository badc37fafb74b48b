"""A row that takes over from a deleted one gets the receipts, and what staff had done by then stays done."""

from tests.e2e.house import House


def test_what_was_done_in_the_receipts_of_a_deleted_row_is_not_asked_for_again_in_those_of_its_heir(
    house: House,
) -> None:
    house.box.segment.workspace.put_destinations([{"name": "Braze", "behaviour": "fail"}])
    house.box.clock.freeze()
    first = house.ask("usr_1")
    house.once()
    heir = house.ask("usr_1")
    house.once()
    house.later()
    house.once()
    receipt = house.receipts(first)["Braze"]["id"]
    house.staff.remove(first)
    house.staff.change(receipt, {"Follow-up": "Done"}, "Receipts")
    house.dsr("once")
    house.dsr("once")
    assert house.status(heir) == "Completed"
    assert {name: cells["Follow-up"] for name, cells in house.receipts(heir).items()} == {"Braze": "Done"}
    house.a_day_later()
    house.dsr("once")
    assert house.receipts(heir)["Braze"]["Follow-up"] == "Done"
