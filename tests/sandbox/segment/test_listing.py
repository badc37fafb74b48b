"""Lists: their order, pages and filters, in every form that a client may ask for them."""

import base64
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from dsr_sandbox import Sandbox
from dsr_sandbox.segment.workspace import WEBSITE

PAGINATIONS = {
    "docs": "pagination.count=2&pagination.cursor={cursor}",
    "TypeScript": "pagination%5Bcursor%5D={cursor}&pagination%5Bcount%5D=2",
    "Python": "pagination=%7B%22cursor%22%3A%20%22{cursor}%22%2C%20%22count%22%3A%202%7D",
    "Go": "pagination[count]=2&pagination[cursor]={cursor}",
}
ARRAYS = {
    "docs": "regulationTypes=SUPPRESS_ONLY&regulationTypes=DELETE_ONLY",
    "TypeScript": "regulationTypes%5B0%5D=SUPPRESS_ONLY&regulationTypes%5B1%5D=DELETE_ONLY",
    "Go": "regulationTypes.0=SUPPRESS_ONLY&regulationTypes.1=DELETE_ONLY",
    "empty brackets": "regulationTypes[]=SUPPRESS_ONLY&regulationTypes[]=DELETE_ONLY",
}


def add(sandbox: Sandbox, *subjects: str, **wanted: Any) -> None:
    for subject in subjects:
        sandbox.segment.add_regulation({"subjects": [subject], **wanted})


def listed(response: httpx.Response) -> list[str]:
    assert response.status_code == 200, response.text
    return [regulation["subjects"][0] for regulation in response.json()["data"]["regulations"]]


def pagination(response: httpx.Response) -> dict[str, Any]:
    found: dict[str, Any] = response.json()["data"]["pagination"]
    return found


def test_the_newest_regulation_comes_first_even_within_one_moment(api: httpx.Client, sandbox: Sandbox) -> None:
    add(sandbox, "first", "second")
    sandbox.clock.advance(1)
    add(sandbox, "third")
    assert listed(api.get("/regulations")) == ["third", "second", "first"]


def test_an_entry_has_the_names_of_the_list(api: httpx.Client, sandbox: Sandbox) -> None:
    add(sandbox, "user-2")
    entry = api.get("/regulations").json()["data"]["regulations"][0]
    assert entry.keys() == {"id", "subjectType", "subjects", "status", "createdAt", "regulationType"}
    assert entry["subjectType"] == "USER_ID"
    assert entry["status"] == "INITIALIZED"
    assert entry["createdAt"].endswith("Z")
    assert len(entry["createdAt"]) == len("2022-03-08T00:39:36.546951Z")


def test_two_hundred_entries_come_without_a_pagination(api: httpx.Client, sandbox: Sandbox) -> None:
    add(sandbox, *(f"user-{n}" for n in range(201)))
    response = api.get("/regulations")
    assert len(listed(response)) == 200
    assert pagination(response)["next"]


def test_a_page_may_hold_a_thousand_and_the_last_one_has_no_next(api: httpx.Client, sandbox: Sandbox) -> None:
    add(sandbox, *(f"user-{n}" for n in range(1000)))
    response = api.get("/regulations", params={"pagination.count": 1000})
    assert len(listed(response)) == 1000
    assert pagination(response) == {"current": "MA==", "totalEntries": 1000}


@pytest.mark.parametrize("form", PAGINATIONS)
def test_every_form_of_a_pagination_walks_through_the_pages(api: httpx.Client, sandbox: Sandbox, form: str) -> None:
    add(sandbox, "a", "b", "c", "d", "e")
    seen, cursor = [], "MA=="
    while cursor:
        response = api.get("/regulations?" + PAGINATIONS[form].format(cursor=cursor.replace("=", "%3D")))
        seen.append(listed(response))
        assert pagination(response)["current"] == cursor
        cursor = pagination(response).get("next", "")
    assert seen == [["e", "d"], ["c", "b"], ["a"]]
    assert base64.b64decode(pagination(response)["previous"]) == b"2"


@pytest.mark.parametrize("form", ARRAYS)
def test_every_form_of_an_array_filters_by_type(api: httpx.Client, sandbox: Sandbox, form: str) -> None:
    for kind in ("SUPPRESS_ONLY", "UNSUPPRESS", "DELETE_ONLY"):
        add(sandbox, kind, type=kind)
    assert listed(api.get("/regulations?" + ARRAYS[form])) == ["DELETE_ONLY", "SUPPRESS_ONLY"]


def test_the_status_filter_goes_by_the_clock(api: httpx.Client, sandbox: Sandbox) -> None:
    add(sandbox, "a")
    sandbox.clock.advance(3)
    add(sandbox, "b")
    assert listed(api.get("/regulations", params={"status": "RUNNING"})) == ["a"]
    assert listed(api.get("/regulations", params={"status": "INITIALIZED"})) == ["b"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("pagination.count=0", "pagination.count"),
        ("pagination.count=1001", "pagination.count"),
        ("pagination.count=many", "pagination.count"),
        ("pagination.cursor=MA%3D%3D", "pagination.count"),
        ("pagination.count=2&pagination.cursor=nonsense", "pagination.cursor"),
        ("pagination.count=2&pagination.cursor=LTE%3D", "pagination.cursor"),
        ("pagination=7", "pagination"),
        ("status=NOPE", "status"),
        ("regulationTypes=SUPPRESS_ONLY&regulationTypes=GDPR", "regulationTypes[1]"),
        ("regulationTypes=DELETE_ARCHIVE_ONLY", "regulationTypes[0]"),
    ],
)
def test_a_bad_parameter_is_422_and_named(api: httpx.Client, query: str, field: str) -> None:
    response = api.get(f"/regulations?{query}")
    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == [field]


def test_a_source_lists_its_own_regulations_alone(api: httpx.Client, sandbox: Sandbox) -> None:
    add(sandbox, "everywhere")
    add(sandbox, "here", source=WEBSITE.id, type="DELETE_ARCHIVE_ONLY")
    path = f"/regulations/sources/{WEBSITE.id}"
    assert listed(api.get(path, params={"regulationTypes": "DELETE_ARCHIVE_ONLY"})) == ["here"]
    assert api.get("/regulations/sources/none").status_code == 404
    assert listed(api.get("/regulations")) == ["here", "everywhere"]


def test_a_regulation_of_more_than_ninety_days_is_forgotten(api: httpx.Client, sandbox: Sandbox) -> None:
    add(sandbox, "old")
    [old] = sandbox.segment.workspace.regulations()
    sandbox.clock.advance(90 * 86_400)
    assert api.get(f"/regulations/{old.id}").status_code == 200
    sandbox.clock.advance(1)
    assert api.get(f"/regulations/{old.id}").status_code == 404
    assert listed(api.get("/regulations")) == []
    assert listed(api.get(f"/regulations/sources/{WEBSITE.id}")) == []


def test_a_regulation_made_in_the_past_takes_its_place_in_the_list(api: httpx.Client, sandbox: Sandbox) -> None:
    yesterday = sandbox.clock.now() - timedelta(days=1)
    add(sandbox, "now")
    add(sandbox, "before", createdAt=yesterday.isoformat())
    response = api.get("/regulations")
    assert listed(response) == ["now", "before"]
    assert [one["status"] for one in response.json()["data"]["regulations"]] == ["INITIALIZED", "FINISHED"]


def test_suppressions_are_paged_by_keys(api: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.segment.add_regulation({"subjects": ["a", "b"], "type": "SUPPRESS_ONLY"})
    sandbox.segment.add_regulation({"subjects": ["c"], "type": "SUPPRESS_WITH_DELETE"})
    sandbox.segment.add_regulation({"subjects": ["d"], "type": "DELETE_ONLY"})
    assert api.get("/suppressions").json()["data"]["suppressed"] == []
    sandbox.clock.advance(6)
    first = api.get("/suppressions", params={"pagination.count": 2}).json()["data"]
    assert first["suppressed"] == [
        {"subjectType": "userId", "subjectIds": ["c"]},
        {"subjectType": "userId", "subjectIds": ["a"]},
    ]
    assert first["pagination"]["current"] == "MQ=="
    cursor = first["pagination"]["next"]
    assert base64.b64decode(cursor) == b"reg-0001-00001"
    asked = {"pagination": json.dumps({"cursor": cursor, "count": 2})}
    second = api.get("/suppressions", params=asked).json()["data"]
    assert second == {
        "suppressed": [{"subjectType": "userId", "subjectIds": ["b"]}],
        "pagination": {"current": cursor},
    }


def test_a_lifted_suppression_is_listed_no_more(api: httpx.Client, sandbox: Sandbox) -> None:
    add(sandbox, "a", "b", type="SUPPRESS_ONLY")
    add(sandbox, "a", type="UNSUPPRESS")
    sandbox.clock.advance(6)
    assert [one["subjectIds"] for one in api.get("/suppressions").json()["data"]["suppressed"]] == [["b"]]
