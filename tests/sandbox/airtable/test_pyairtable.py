"""pyairtable, unchanged, as a client of the emulator."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import requests
from pyairtable import Api, Table
from pyairtable.formulas import match

from dsr_sandbox.airtable import DEFAULT_TOKEN, AirtableService

BASE = "appSandbox0000001"
NAME = "User identifier"


@pytest.fixture
def api(service: AirtableService, url: str) -> Iterator[Api]:
    assert service.base_ids == [BASE]
    api = Api(DEFAULT_TOKEN, endpoint_url=url, timeout=(5, 30), retry_strategy=None)
    yield api
    api.session.close()


@pytest.fixture
def table(api: Api) -> Table:
    return api.table(BASE, "Requests")


def test_the_token_and_its_bases_are_known(api: Api) -> None:
    assert api.whoami() == {"id": "usrSandbox0000001", "email": "sandbox@example.com"}
    assert [base.id for base in api.bases()] == [BASE]


def test_records_are_created_read_changed_and_deleted(table: Table) -> None:
    made = table.create({NAME: "a", "Hold": True})
    assert table.get(made["id"])["fields"] == {NAME: "a", "Hold": True}
    assert table.update(made["id"], {"Law": "GDPR"})["fields"] == {NAME: "a", "Hold": True, "Law": "GDPR"}
    assert table.update(made["id"], {NAME: "b"}, replace=True)["fields"] == {NAME: "b"}
    assert table.delete(made["id"]) == {"id": made["id"], "deleted": True}
    assert table.all() == []


def test_batches_go_in_chunks_and_lists_in_pages(table: Table) -> None:
    made = table.batch_create([{NAME: f"{n:03d}"} for n in range(25)])
    assert len(made) == 25
    changed = table.batch_update([{"id": record["id"], "fields": {"Retry": True}} for record in made[:12]])
    assert all(record["fields"]["Retry"] for record in changed)
    pages = list(table.iterate(page_size=10, sort=[f"-{NAME}"]))
    assert [len(page) for page in pages] == [10, 10, 5]
    assert pages[0][0]["fields"][NAME] == "024"
    assert len(table.batch_delete([record["id"] for record in made])) == 25


def test_all_parameters_of_a_list_are_understood(table: Table) -> None:
    table.batch_create([{NAME: "a", "Hold": True, "Law": "GDPR"}, {NAME: "b"}])
    found = table.all(
        formula=match({NAME: "a"}),
        fields=[NAME, "Law"],
        view="Grid view",
        max_records=5,
        sort=[NAME],
        count_comments=True,
    )
    assert [(record["fields"], record.get("commentCount")) for record in found] == [({NAME: "a", "Law": "GDPR"}, 0)]
    by_id = table.first(formula=match({NAME: "b"}), use_field_ids=True)
    assert by_id is not None
    assert set(by_id["fields"]) == {table.schema().field(NAME).id}
    as_text = table.all(cell_format="string", time_zone="Europe/Berlin", user_locale="de", formula="{Hold}")
    assert as_text[0]["fields"]["Hold"] == "checked"


def test_a_long_filter_is_sent_by_post_and_pages_too(table: Table) -> None:
    table.batch_create([{NAME: f"{n:03d}"} for n in range(15)])
    formula = f"OR({{{NAME}}}!='{'x' * 17_000}')"
    found = table.all(formula=formula, page_size=10, cell_format="string", time_zone="UTC", user_locale="en-us")
    assert len(found) == 15


def test_an_upsert_tells_new_from_old(table: Table) -> None:
    table.create({NAME: "a"})
    answer = table.batch_upsert([{"fields": {NAME: "a", "Hold": True}}, {"fields": {NAME: "b"}}], key_fields=[NAME])
    assert (len(answer["createdRecords"]), len(answer["updatedRecords"])) == (1, 1)


def test_the_schema_is_read_and_extended(api: Api) -> None:
    base = api.base(BASE)
    schema = base.schema()
    assert [table.name for table in schema.tables] == ["Requests", "Receipts"]
    assert schema.table("Requests").field("Law").type == "singleSelect"
    made = base.create_table("Extra", [{"name": "Name", "type": "singleLineText"}], description="d")
    field = made.create_field("Mail", "email", description="m")
    assert made.schema(force=True).field("Mail").id == field.id
    field.name = "Address"
    field.save()
    assert made.schema(force=True).field(field.id).name == "Address"


def test_a_base_is_created_with_its_tables(api: Api, service: AirtableService) -> None:
    fields = [{"name": "Name", "type": "singleLineText"}]
    base = api.create_base("wspSandbox0000001", "Second", [{"name": "T", "fields": fields}])
    assert base.id in service.base_ids
    assert [table.name for table in base.tables()] == ["T"]


def test_errors_reach_the_caller_with_their_type(api: Api, table: Table) -> None:
    with pytest.raises(requests.HTTPError, match="INVALID_VALUE_FOR_COLUMN") as caught:
        table.create({"Hold": "perhaps"})
    assert caught.value.response.status_code == 422
    with pytest.raises(requests.HTTPError) as caught:
        api.table(BASE, "Nothing").all()
    assert caught.value.response.status_code == 403


def test_times_come_back_as_they_were_written(table: Table) -> None:
    at = datetime(2026, 1, 31, 10, tzinfo=UTC).isoformat()
    assert table.create({"Submitted at": at})["fields"] == {"Submitted at": "2026-01-31T10:00:00.000Z"}
