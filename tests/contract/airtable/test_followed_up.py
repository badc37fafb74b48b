"""Receipts of what staff have seen to already, such as those of a row that took over from a deleted one."""

from dataclasses import replace

import pytest
from tests.contract.airtable.worlds import World

from dsr_sync.core.model import Progress, Receipt, RegulationId
from dsr_sync.ports import ReceiptKey, Told

REGULATION = RegulationId("reg1")
FAILED = Receipt("Braze", Progress.FAILED, "FAILED", 0, 1)
SEEN_TO = replace(FAILED, followed_up=True)


def test_a_receipt_that_is_made_says_done_where_staff_have_seen_to_it(world: World) -> None:
    record_id = world.add("u1")
    world.table.put_receipts(record_id, REGULATION, [SEEN_TO])
    assert world.receipts()[ReceiptKey(record_id, REGULATION, "Braze")].follow_up == "Done"
    assert world.table.put_receipts(record_id, REGULATION, [SEEN_TO]) == Told(unchanged=(record_id,))


@pytest.mark.parametrize(("word", "stays"), [("Needed", "Needed"), ("Done", "Done"), ("", "Done")])
def test_a_receipt_that_staff_have_set_anew_is_left_to_them(world: World, word: str, stays: str) -> None:
    record_id = world.add("u1")
    key = ReceiptKey(record_id, REGULATION, "Braze")
    world.table.put_receipts(record_id, REGULATION, [FAILED])
    world.set_follow_up(key, word)
    pages = world.table.compare_receipts(lambda _: {key: SEEN_TO})
    assert [differing for page in pages for differing, _ in page.wrong] == ([] if word else [key])
    world.table.put_receipts(record_id, REGULATION, [SEEN_TO])
    assert world.receipts()[key].follow_up == stays
