"""What the adapter writes and says, and what it makes of rows and receipts that Airtable refuses."""

import json

import pytest
from tests.contract.airtable.worlds import SandboxWorld

from dsr_sandbox import Sandbox
from dsr_sync.core.actions import Tell
from dsr_sync.core.model import Cells, Progress, Receipt, RecordId, RegulationId
from dsr_sync.ports import Permanent, PortError, ReceiptKey, SchemaBroken, Told

REGULATION = RegulationId("1qJkfE1tpwvQcklImGksLN629wn")
FAILED = Receipt("Amplitude", Progress.FAILED, "FAILED", 0, 1, None, "no key")
CELLS = Cells(status="On hold", status_note="Wait.")


def sent(sandbox: Sandbox, method: str | None = None) -> int:
    return len(sandbox.journal.entries("airtable", method=method))


def rows(base: SandboxWorld, number: int) -> set[RecordId]:
    return {base.add(f"u{index}") for index in range(number)}


def test_a_bad_row_in_a_batch_costs_one_more_call_per_row_of_that_batch(sandbox: Sandbox, base: SandboxWorld) -> None:
    records = sorted(rows(base, 20))
    tells = [Tell(record_id, CELLS, Cells()) for record_id in records]
    base.staff.remove(records[3])
    assert base.table.tell(tells).gone == (records[3],)
    assert sent(sandbox, "PATCH") == 1 + 10 + 1


def test_nothing_is_ever_typecast_and_everything_goes_by_id(sandbox: Sandbox, base: SandboxWorld) -> None:
    record_id = base.add("u1")
    base.table.tell([Tell(record_id, CELLS, None)])
    base.table.put_receipts(record_id, REGULATION, [FAILED])
    bodies = [entry.body for entry in sandbox.journal.entries("airtable", method="PATCH")]
    assert len(bodies) == 2
    assert not any(body["typecast"] for body in bodies)
    names = {name for body in bodies for record in body["records"] for name in record["fields"]}
    assert all(name.startswith("fld") for name in names)
    assert bodies[1]["performUpsert"]["fieldsToMergeOn"][0].startswith("fld")


def test_what_people_typed_never_enters_a_url_or_a_formula(sandbox: Sandbox, base: SandboxWorld) -> None:
    hostile = ["' OR 1=1 '", "{Authenticated}", "=HYPERLINK('x')", "u1') , RECORD_ID('", "ünïcode \\ ' \""]
    for identifier in hostile:
        record_id = base.add(identifier, request_type=None)
        base.table.put_receipts(record_id, REGULATION, [FAILED])
    assert len([row for page in base.table.candidates() for row in page]) == len(hostile)
    base.table.follow_ups_done([REGULATION])
    entries = sandbox.journal.entries("airtable")
    asked = {json.dumps([entry.path, entry.query]) for entry in entries}
    marks = ("OR 1", "HYPERLINK", "RECORD_ID", "u1", "code")
    assert not [text for text in asked for mark in marks if mark in text]


def test_many_regulations_are_asked_about_in_few_calls(sandbox: Sandbox, base: SandboxWorld) -> None:
    many = [RegulationId(f"{index:027d}") for index in range(250)]
    record_id = base.add("u1")
    base.table.put_receipts(record_id, many[180], [FAILED])
    key = ReceiptKey(record_id, many[180], FAILED.destination)
    base.set_follow_up(key, "Done")
    sandbox.journal.clear()
    assert base.table.follow_ups_done(many) == {key}
    assert sent(sandbox) == 3


def test_a_receipt_that_staff_copied_does_not_stop_the_receipts(base: SandboxWorld) -> None:
    record_id = base.add("u1")
    base.table.put_receipts(record_id, REGULATION, [FAILED])
    (original,) = base.staff.rows("Receipts").values()
    base.sandbox.clock.advance(10)
    base.staff.add({name: original[name] for name in ("Receipt", "Request", "Regulation ID")}, "Receipts")
    finished = Receipt("Amplitude", Progress.FINISHED, "FINISHED", 1, 1)
    assert base.table.put_receipts(record_id, REGULATION, [finished]) == Told(done=(record_id,))
    assert [row.get("Status") for row in base.staff.rows("Receipts").values()] == ["Finished", None]


def test_a_receipt_deleted_between_reading_and_writing_is_made_again_the_next_time(
    sandbox: Sandbox, base: SandboxWorld
) -> None:
    record_id = base.add("u1")
    base.table.put_receipts(record_id, REGULATION, [FAILED])
    list(base.table.everything())
    key_id = sandbox.airtable.snapshot()["bases"][sandbox.base_id]["tables"][1]["fields"][0]["id"]
    ghost = {
        "id": "recDeletedJustNow",
        "createdTime": "2026-03-01T08:30:15.000Z",
        "fields": {key_id: f"{record_id} · {REGULATION} · Amplitude"},
    }
    sandbox.faults.add("airtable", "json_200", method="GET", body={"records": [ghost]})
    told = base.table.put_receipts(record_id, REGULATION, [FAILED])
    assert told == Told(refused=((record_id, "ROW_DOES_NOT_EXIST"),))
    assert base.table.put_receipts(record_id, REGULATION, [FAILED]).refused == ()


@pytest.mark.parametrize("key", ["seen to", "", 17, ["rec00000000000001"], None])
def test_receipts_whose_key_cannot_be_read_are_passed_by(sandbox: Sandbox, base: SandboxWorld, key: object) -> None:
    list(base.table.everything())
    key_id = sandbox.airtable.snapshot()["bases"][sandbox.base_id]["tables"][1]["fields"][0]["id"]
    record = {"id": "rec00000000000001", "createdTime": "2026-03-01T08:30:15.000Z", "fields": {key_id: key}}
    sandbox.faults.add("airtable", "json_200", method="GET", body={"records": [record]})
    assert base.table.follow_ups_done([REGULATION]) == frozenset()


def test_a_404_in_the_middle_of_a_write_is_not_taken_for_a_missing_row(sandbox: Sandbox, base: SandboxWorld) -> None:
    record_id = base.add("u1")
    list(base.table.everything())
    sandbox.faults.add("airtable", "status", method="PATCH", code=404, body={"error": "NOT_FOUND"})
    with pytest.raises(Permanent, match="no such base"):
        base.table.tell([Tell(record_id, CELLS, Cells())])


def test_a_row_that_older_answers_call_not_found_is_gone(sandbox: Sandbox, base: SandboxWorld) -> None:
    record_id = base.add("u1")
    list(base.table.everything())
    body = {"error": {"type": "MODEL_ID_NOT_FOUND", "message": "Record not found"}}
    sandbox.faults.add("airtable", "status", method="PATCH", code=404, body=body)
    assert base.table.tell([Tell(record_id, CELLS, Cells())]) == Told(gone=(record_id,))


def test_a_base_that_refuses_the_columns_it_names_itself_is_broken(sandbox: Sandbox, base: SandboxWorld) -> None:
    record_id = base.add("u1")
    list(base.table.everything())
    body = {"error": {"type": "UNKNOWN_FIELD_NAME", "message": 'Unknown field name: "x"'}}
    sandbox.faults.add("airtable", "status", path="tbl", code=422, body=body, times=4)
    for attempt in (lambda: list(base.table.candidates()), lambda: base.table.tell([Tell(record_id, CELLS, Cells())])):
        with pytest.raises(SchemaBroken) as raised:
            attempt()
        assert "UNKNOWN_FIELD_NAME" in raised.value.problems[0]


def test_a_receipt_whose_option_is_missing_is_reported_and_written_without_it(base: SandboxWorld) -> None:
    record_id = base.add("u1")
    change = {"op": "delete_option", "table": "Receipts", "field": "Status", "option": "Invalid"}
    base.sandbox.airtable.redesign(base.sandbox.base_id, change)
    invalid = Receipt("Braze", Progress.INVALID, "INVALID", 0, 1)
    told = base.table.put_receipts(record_id, REGULATION, [FAILED, invalid])
    writes = len(base.sandbox.journal.entries("airtable", method="PATCH"))
    assert told == Told(refused=((record_id, "INVALID_MULTIPLE_CHOICE_OPTIONS"),))
    assert {row["Destination"]: row.get("Status") for row in base.staff.rows("Receipts").values()} == {
        "Amplitude": "Failed",
        "Braze": None,
    }
    assert base.table.put_receipts(record_id, REGULATION, [FAILED, invalid]) == told
    assert len(base.sandbox.journal.entries("airtable", method="PATCH")) == writes  # nothing is tried in vain


def test_no_error_holds_a_person_a_token_or_a_url(sandbox: Sandbox, base: SandboxWorld) -> None:
    record_id = base.add("person-17")
    list(base.table.everything())
    message = f"Field User identifier of person-17 {sandbox.airtable_token}"
    for code in (401, 403, 404, 422, 429, 500, 503):
        body = {"error": {"type": "INVALID_VALUE_FOR_COLUMN", "message": message}}
        base.clock.advance(3_600)
        sandbox.faults.add("airtable", "status", code=code, body=body, times=2)
        try:
            told = base.table.tell([Tell(record_id, CELLS, Cells())])
            shown = repr(told)
        except PortError as error:
            shown = f"{error!r} {error} {error.args} {error.__cause__!r} {error.__context__!r}"
        sandbox.faults.clear()
        assert not [word for word in ("person-17", sandbox.airtable_token, "http://") if word in shown]
    assert sandbox.airtable_token not in repr(base.options)
