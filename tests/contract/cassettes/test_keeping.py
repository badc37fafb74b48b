"""How cassettes are kept: strictly compared, and free of what is nobody else's business."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.contract.cassettes.scrubbing import Scrubber
from tests.contract.cassettes.sources import replayed
from tests.contract.cassettes.stage import Stage
from vcr.errors import CannotOverwriteExistingCassetteException
from vcr.request import Request

from dsr_sync.core.model import Identifier

HERE = Path(__file__).parent
KEPT = sorted(HERE.glob("*/*.json"))
BASE, RECORD, FIELD = "appJDh3k2LmN9pQ7r", "recZx81kLmn2PqR7s", "fldAa11bb22cc33dd"
REGULATION = "1qJkfE1tpwvQcklImGksLN629wn"


def scrubbed(uri: str, body: dict[str, Any] | None, scrubber: Scrubber | None = None) -> tuple[str, Any]:
    raw = json.dumps(body).encode() if body is not None else b""
    headers = {"Authorization": "Bearer patSecret", "Content-Type": "application/json"}
    kept = (scrubber or Scrubber("api.airtable.com")).request(Request("POST", uri, raw, headers))
    assert "Authorization" not in kept.headers
    return kept.uri, json.loads(kept.body) if body is not None else None


@pytest.mark.parametrize("person", ["cassette-stranger", "cassette-person-2"])
def test_a_call_that_was_not_recorded_is_not_answered(person: str, socket_disabled: None) -> None:
    del socket_disabled
    file = HERE / "segment" / "a_regulation_is_created.json"
    with (
        pytest.raises(CannotOverwriteExistingCassetteException),
        Stage("segment", file, replayed("segment"), recording=False).deletions() as deletions,
    ):
        deletions.submit("SUPPRESS_WITH_DELETE", [Identifier(person)])


def test_a_call_that_is_no_longer_made_is_noticed(socket_disabled: None) -> None:
    del socket_disabled
    file = HERE / "segment" / "the_workspace_answers.json"
    stage = replace(Stage("segment", file, replayed("segment"), recording=False))
    with pytest.raises(AssertionError, match="fewer calls"), stage.deletions():
        pass


@pytest.mark.parametrize("file", KEPT, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_every_cassette_says_where_it_comes_from_and_holds_no_credentials(file: Path) -> None:
    text = file.read_text()
    assert json.loads(text)["recorded_from"] in ("the sandbox (seed 7)", "Airtable", "Segment")
    assert not [word for word in ("Bearer", "uthorization", "patSandbox", "sgp_", "127.0.0.1") if word in text]


def test_ids_become_made_up_ones_that_stay_the_same_within_a_cassette() -> None:
    scrubber = Scrubber("api.airtable.com")
    formula = f"LEFT({{Receipt}}, 47)='{RECORD} · {REGULATION} · '"
    uri, body = scrubbed(
        f"http://127.0.0.1:5000/v0/{BASE}/tbl?filterByFormula={formula}", {"records": [{"id": RECORD}]}, scrubber
    )
    assert uri.startswith("https://api.airtable.com/v0/appCassette000001/tbl?filterByFormula=")
    assert "recCassette000001" in uri
    assert "Cassette0000000000000000001" in uri
    assert body == {"records": [{"id": "recCassette000001"}]}


def test_what_is_scrubbed_already_is_left_alone() -> None:
    kept = "https://api.airtable.com/v0/appCassette000007/tbl"
    assert scrubbed(kept, {"id": "recCassette000003"}) == (kept, {"id": "recCassette000003"})


def test_people_are_taken_out_and_our_own_words_stay() -> None:
    cells = {
        FIELD: "jane@example.com",
        "Status": "On hold",
        "Note": "A cassette note.",
        "At": "2026-03-02T12:00:00.000Z",
    }
    _, body = scrubbed("http://127.0.0.1/x", {"records": [{"fields": cells}], "subjectIds": ["u-4711", "u-4712"]})
    assert body == {
        "records": [
            {
                "fields": {
                    "fldCassette000001": "A cassette text 1",
                    "Status": "On hold",
                    "Note": "A cassette note.",
                    "At": "2026-03-02T12:00:00.000Z",
                }
            }
        ],
        "subjectIds": ["A cassette text 2", "A cassette text 3"],
    }


def test_column_names_and_options_of_a_schema_stay() -> None:
    table = {"fields": [{"id": FIELD, "name": "User identifier", "options": {"choices": [{"name": "On hold"}]}}]}
    _, body = scrubbed("http://127.0.0.1/x", table)
    assert body["fields"][0]["name"] == "User identifier"
