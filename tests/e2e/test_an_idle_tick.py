"""What a tick costs when there is nothing to do: one call of Airtable and none of Segment, however long the table."""

import pytest
from tests.e2e.house import House
from tests.e2e.process import until

SETTLED = {
    "Authenticated": True,
    "Submitted": True,
    "Status": "Completed",
    "Regulation ID": "2Gd1lSnQvhmpzKdUnDSYO0Ag5cX",
}


def settled_rows(house: House, count: int) -> None:
    """Rows that were completed long ago, behind the back of the journal."""
    old = {**SETTLED, "Submitted at": "2024-05-01T10:00:00.000Z", "Completed at": "2024-05-03T10:00:00.000Z"}
    for number in range(count):
        house.staff.add({"User identifier": f"usr_{number}", **old})


@pytest.mark.parametrize("count", [0, 1, 250])
def test_each_idle_tick_of_the_daemon_is_one_call_whatever_the_number_of_settled_rows(house: House, count: int) -> None:
    settled_rows(house, count)
    with house.daemon(DSR_SYNC_LOG__LEVEL="debug") as daemon:
        until(lambda: daemon.process.events("tick.finished"), "the first tick, which sweeps the table")
        since = house.box.journal.entries()[-1].seq
        ticks = len(daemon.process.events("tick.finished"))
        until(lambda: len(daemon.process.events("tick.finished")) >= ticks + 5, "five further ticks")
    calls = house.calls("airtable", since)
    ticks = len(daemon.process.events("tick.finished")) - ticks
    assert len(set(calls)) == 1
    assert calls[0].startswith(f"GET /v0/{house.box.base_id}/tbl")
    assert ticks - 1 <= len(calls) <= ticks + 1  # one tick may be between its call and its end at either moment
    assert house.calls("segment", since) == []
    assert house.writes() == []


def test_an_idle_once_costs_the_look_at_the_design_besides(house: House) -> None:
    settled_rows(house, 1)
    house.once()
    since = house.box.journal.entries()[-1].seq
    house.once()
    design, rows = house.calls("airtable", since)
    assert design == f"GET /v0/meta/bases/{house.box.base_id}/tables"
    assert rows.startswith(f"GET /v0/{house.box.base_id}/tbl")
    assert house.calls("segment", since) == []


def test_rows_that_wait_for_a_person_cost_no_more_than_the_one_call_either(house: House) -> None:
    house.ask("")
    house.ask("usr_1", Hold=True)
    house.once()
    since = house.box.journal.entries()[-1].seq
    house.once()
    assert len(house.calls("airtable", since)) == 2
    assert house.calls("segment", since) == []
