from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dsr_sync.adapters.airtable.cells import UNREADABLE, changes, row, written
from dsr_sync.adapters.airtable.columns import REQUEST_SPECS
from dsr_sync.adapters.airtable.schema import Column, TableShape
from dsr_sync.core.actions import Tell
from dsr_sync.core.model import Cells, RecordId
from dsr_sync.ports import SchemaBroken, Transient

TABLE = TableShape("tbl1", {spec.attribute: Column(f"fld_{spec.attribute}", spec.attribute) for spec in REQUEST_SPECS})
RECORD = RecordId("rec00000000000001")
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
TICKS = ("authenticated", "hold", "retry", "submitted")

CELL = st.recursive(
    st.none() | st.text() | st.integers() | st.floats(allow_nan=False),
    lambda inside: st.lists(inside) | st.dictionaries(st.text(), inside),
    max_leaves=5,
)


def record(**cells: Any) -> dict[str, Any]:
    fields = {f"fld_{attribute}": cell for attribute, cell in cells.items()}
    return {"id": RECORD, "createdTime": "2026-03-01T08:30:15.000Z", "fields": fields}


def test_an_empty_record_is_a_row_with_nothing_in_it() -> None:
    read = row(record(), TABLE)
    assert (read.record_id, read.created_at) == (RECORD, datetime(2026, 3, 1, 8, 30, 15, tzinfo=UTC))
    assert (read.identifier.reveal(), read.request_type, read.authenticated, read.cells) == ("", "", False, Cells())


def test_every_column_is_read() -> None:
    read = row(
        record(
            user_identifier="  u1 ",
            request_type="Suppress",
            authenticated=True,
            hold=True,
            retry=True,
            law="CCPA",
            received_at="2026-03-02T12:00:00.000Z",
            submitted=True,
            status="On hold",
            status_note="Wait.",
            regulation_id="r1",
            segment_status="RUNNING",
            submitted_at="2026-03-02T12:00:00.000Z",
            completed_at="2026-03-02T12:00:00.000Z",
            due_by="2026-04-02",
            submit_by="2026-02-28",
            extended_until="2026-06-02",
            extension_reason=" Many files. ",
            receipt_summary="Amplitude: waiting",
        ),
        TABLE,
    )
    assert read.identifier.reveal() == "u1"
    assert (read.request_type, read.law, read.received_at) == ("Suppress", "CCPA", NOON)
    assert (read.authenticated, read.hold, read.retry) == (True, True, True)
    assert (read.extended_until, read.extension_reasoned) == (date(2026, 6, 2), True)
    assert read.cells == Cells(
        True, "On hold", "Wait.", "r1", "RUNNING", NOON, NOON, date(2026, 4, 2), "Amplitude: waiting", date(2026, 2, 28)
    )


def test_a_reason_of_white_space_is_none() -> None:
    assert not row(record(extension_reason="  \n"), TABLE).extension_reasoned


@pytest.mark.parametrize("value", [123, 1.5])
def test_an_identifier_that_is_a_number_is_never_read_because_it_may_have_lost_zeros_and_digits(value: float) -> None:
    with pytest.raises(SchemaBroken):
        row(record(user_identifier=value), TABLE)


@pytest.mark.parametrize("attribute", TICKS)
@pytest.mark.parametrize("cell", ["checked", 1, 0, "", [], {}])
def test_a_tick_that_is_neither_true_nor_false_is_a_column_that_changed_and_never_reads_as_unticked(
    attribute: str, cell: object
) -> None:
    with pytest.raises(SchemaBroken) as raised:
        row(record(**{attribute: cell}), TABLE)
    assert attribute in raised.value.problems[0]


@pytest.mark.parametrize("attribute", TICKS)
def test_a_tick_that_says_false_is_unticked(attribute: str) -> None:
    assert row(record(**{attribute: False}), TABLE) == row(record(), TABLE)


def test_a_request_type_in_a_strange_form_does_not_read_as_delete() -> None:
    assert row(record(request_type=["Suppress"]), TABLE).request_type == UNREADABLE


@given(st.dictionaries(st.sampled_from(sorted({spec.attribute for spec in REQUEST_SPECS} - set(TICKS))), CELL))
def test_no_cell_of_a_strange_form_stops_the_row(cells: dict[str, Any]) -> None:
    assume(not isinstance(cells.get("user_identifier"), int | float))
    assert row(record(**cells), TABLE).record_id == RECORD


@pytest.mark.parametrize("cell", ["soon", "2026-13-01", "0001-01-01T00:00:00+05:00", "", 17, ["2026-03-02"], None])
def test_a_time_that_cannot_be_read_is_empty(cell: object) -> None:
    read = row(record(received_at=cell, submitted_at=cell, due_by=cell), TABLE)
    assert (read.received_at, read.cells) == (None, Cells())


def test_a_day_alone_is_its_first_moment() -> None:
    assert row(record(received_at="2026-03-02"), TABLE).received_at == datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "strange", [None, "rec1", {}, {"id": RECORD}, {"id": RECORD, "fields": {}}, {"id": 1, "fields": {}}]
)
def test_what_is_no_record_is_not_understood(strange: object) -> None:
    with pytest.raises(Transient):
        row(strange, TABLE)


def test_columns_that_the_base_has_not_read_as_empty_and_are_not_written() -> None:
    small = TableShape("tbl1", {name: TABLE.columns[name] for name in ("user_identifier", "status")})
    read = row(record(status="Failed", hold=True, due_by="2026-04-02"), small)
    assert (read.cells, read.hold) == (Cells(status="Failed"), False)
    tell = Tell(RECORD, Cells(True, "Completed", "Done.", due_by=date(2026, 4, 2)), None, untick_retry=True)
    assert changes(tell, small) == {"fld_status": "Completed"}


def test_only_what_differs_is_written_and_emptied_cells_become_null() -> None:
    before = Cells(True, "Failed", "Bad.", "r1", "FAILED", NOON, NOON, date(2026, 4, 2), "x")
    after = Cells(True, "On hold", "Wait.", "", "FAILED", None, NOON, None, "x")
    assert changes(Tell(RECORD, after, before), TABLE) == {
        "fld_status": "On hold",
        "fld_status_note": "Wait.",
        "fld_regulation_id": None,
        "fld_submitted_at": None,
        "fld_due_by": None,
    }


def test_equal_cells_are_not_written_whatever_the_fraction_of_a_second_or_the_zone() -> None:
    elsewhere = timezone(timedelta(hours=1))
    before = Cells(submitted_at=NOON)
    after = Cells(submitted_at=NOON.replace(microsecond=4711).astimezone(elsewhere))
    assert changes(Tell(RECORD, after, before), TABLE) == {}


def test_all_columns_are_written_when_the_row_was_not_read() -> None:
    assert changes(Tell(RECORD, Cells(status="Failed"), None), TABLE) == {
        "fld_submitted": False,
        "fld_status": "Failed",
        "fld_status_note": None,
        "fld_regulation_id": None,
        "fld_segment_status": None,
        "fld_submitted_at": None,
        "fld_completed_at": None,
        "fld_due_by": None,
        "fld_receipt_summary": None,
        "fld_submit_by": None,
    }


def test_retry_is_unticked_in_the_same_write() -> None:
    tell = Tell(RECORD, Cells(status="Failed"), Cells(), untick_retry=True)
    assert changes(tell, TABLE) == {"fld_status": "Failed", "fld_retry": False}


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (True, True),
        (False, False),
        ("text", "text"),
        ("", None),
        (None, None),
        (datetime(2026, 3, 2, 13, 0, 0, 999999, tzinfo=timezone(timedelta(hours=1))), "2026-03-02T12:00:00.000Z"),
        (date(2026, 4, 2), "2026-04-02"),
        ("x" * 100_001, "x" * 100_000),
    ],
)
def test_values_are_written_as_airtable_takes_them(value: Any, cell: object) -> None:
    assert written(value) == cell


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001 - hypothesis wants naive bounds
def test_a_written_time_is_read_back_to_the_second(moment: datetime) -> None:
    aware = moment.replace(tzinfo=UTC)
    read = row(record(submitted_at=written(aware)), TABLE)
    assert read.cells.submitted_at == aware.replace(microsecond=0)
