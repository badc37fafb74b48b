from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsr_sync.adapters.segment import words
from dsr_sync.core.model import Progress

CREATED = "2022-03-08T00:39:36.546951Z"
AT = datetime(2022, 3, 8, 0, 39, 36, 546951, tzinfo=UTC)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inside: st.lists(inside) | st.dictionaries(st.sampled_from(["data", "regulation", "id", "next"]), inside),
    max_leaves=10,
)


def shown(**changes: Any) -> dict[str, Any]:
    regulation = {
        "id": "1qJkfE1tpwvQcklImGksLN629wn",
        "workspaceId": "9aQ1Lj62S4bomZKLF4DPqW",
        "overallStatus": "FINISHED",
        "finishedAt": CREATED,
        "createdAt": CREATED,
        "streamStatus": [],
    }
    return {"regulation": regulation | changes}


def stream(**changes: Any) -> list[dict[str, Any]]:
    destination = {"name": "Amplitude", "id": "d1", "status": "FINISHED", "errString": "", "finishedAt": CREATED}
    return [{"id": "s1", "destinationStatus": [destination | changes]}]


def entry(**changes: Any) -> dict[str, Any]:
    return {
        "id": "1qJkfE1tpwvQcklImGksLN629wn",
        "subjectType": "USER_ID",
        "subjects": ["u1", " U1 "],
        "status": "FINISHED",
        "createdAt": CREATED,
        "regulationType": "SUPPRESS_ONLY",
    } | changes


@pytest.mark.parametrize(
    ("word", "progress"),
    [
        ("INITIALIZED", Progress.WAITING),
        ("RUNNING", Progress.RUNNING),
        ("FINISHED", Progress.FINISHED),
        ("PARTIAL_SUCCESS", Progress.PARTLY_FINISHED),
        ("FAILED", Progress.FAILED),
        ("NOT_SUPPORTED", Progress.NOT_SUPPORTED),
        ("INVALID", Progress.INVALID),
        ("IN_PROGRESS", Progress.RUNNING),
        ("finished", Progress.RUNNING),
        ("", Progress.RUNNING),
    ],
)
def test_the_seven_words_are_translated_and_every_other_means_still_running(word: str, progress: Progress) -> None:
    found = words.regulation(shown(overallStatus=word))
    assert (found.progress, found.word) == (progress, word)


def test_the_official_example_is_understood_to_the_microsecond() -> None:
    found = words.regulation(shown())
    assert (found.created_at, found.finished_at, found.reports) == (AT, AT, ())


@pytest.mark.parametrize("finished", ["", None, "yesterday", 17])
def test_a_regulation_without_a_readable_end_has_none(finished: object) -> None:
    assert words.regulation(shown(finishedAt=finished)).finished_at is None


def test_a_destination_keeps_its_word_its_error_and_its_source() -> None:
    streams = stream(status="FAILED", errString="no key for a@example.com", finishedAt="")
    report = words.regulation(shown(streamStatus=streams)).reports[0]
    assert (report.source_id, report.destination_id, report.destination) == ("s1", "d1", "Amplitude")
    assert (report.progress, report.word, report.finished_at) == (Progress.FAILED, "FAILED", None)
    assert report.error == "no key for a@example.com"


def test_a_destination_without_a_name_goes_by_its_id() -> None:
    assert words.regulation(shown(streamStatus=stream(name="  "))).reports[0].destination == "d1"
    nameless = stream(name=None, id="")
    assert words.regulation(shown(streamStatus=nameless)).reports[0].destination == "a destination without a name"


def test_no_streams_at_all_are_no_reports() -> None:
    assert words.regulation(shown(streamStatus=None)).reports == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "../../etc"},
        {"id": None},
        {"overallStatus": None},
        {"createdAt": ""},
        {"streamStatus": "none"},
        {"streamStatus": ["s1"]},
        {"streamStatus": [{"id": "s1", "destinationStatus": ["d1"]}]},
        {"streamStatus": [{"id": "s1", "destinationStatus": [{"name": "Amplitude", "id": "d1"}]}]},
    ],
)
def test_a_regulation_that_lacks_something_is_not_guessed_at(changes: dict[str, Any]) -> None:
    with pytest.raises(words.NotUnderstood):
        words.regulation(shown(**changes))


def test_a_listed_regulation_keeps_its_subjects_as_they_are() -> None:
    (found,) = words.listed({"regulations": [entry()]})
    assert [subject.reveal() for subject in found.subjects] == ["u1", " U1 "]
    assert (found.regulation_type, found.created_at) == ("SUPPRESS_ONLY", AT)


@pytest.mark.parametrize("kind", ["OBJECT_ID", "ANONYMOUS_ID"])
def test_regulations_about_something_else_than_user_ids_are_left_out(kind: str) -> None:
    assert words.listed({"regulations": [entry(subjectType=kind)]}) == ()


def test_a_subject_type_in_another_spelling_counts_as_a_user_id() -> None:
    assert len(words.listed({"regulations": [entry(subjectType="userId")]})) == 1


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"regulations": None},
        {"regulations": ["r1"]},
        {"regulations": [entry(id="")]},
        {"regulations": [entry(subjects=None)]},
        {"regulations": [entry(subjects=[1])]},
        {"regulations": [entry(createdAt="soon")]},
        {"regulations": [entry(regulationType=None)]},
    ],
)
def test_a_list_with_an_entry_that_cannot_be_read_proves_nothing(data: dict[str, Any]) -> None:
    with pytest.raises(words.NotUnderstood):
        words.listed(data)


@pytest.mark.parametrize(
    ("pagination", "following"),
    [
        ({"current": "MA==", "next": "Mw=="}, "Mw=="),
        ({"current": "MA==", "next": None}, None),
        ({"current": "MA=="}, None),
        ({"current": "MA==", "next": ""}, None),
    ],
)
def test_the_last_page_has_no_next_or_a_null(pagination: dict[str, Any], following: str | None) -> None:
    assert words.next_cursor({"pagination": pagination}) == following


def test_a_page_without_pagination_may_be_a_cut_one() -> None:
    with pytest.raises(words.NotUnderstood):
        words.next_cursor({"regulations": []})


@pytest.mark.parametrize("answer", [None, [], "ok", {"errors": [], "data": {}}])
def test_what_is_not_in_the_envelope_of_a_success_is_not_understood(answer: object) -> None:
    with pytest.raises(words.NotUnderstood):
        words.data(answer)


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ({"data": {"regulateId": "1qJkfE1tpwvQcklImGksLN629wn"}}, "1qJkfE1tpwvQcklImGksLN629wn"),
        ({"data": {"regulateId": ""}}, None),
        ({"data": {"regulateId": "a/b"}}, None),
        ({"data": {"regulateId": 17}}, None),
        ({"data": {}}, None),
        ({"regulateId": "1qJkfE1tpwvQcklImGksLN629wn"}, None),
        (None, None),
    ],
)
def test_only_a_usable_id_counts_as_created(answer: object, found: str | None) -> None:
    assert words.created_id(answer) == found


@given(JSON)
def test_no_answer_breaks_the_reader(answer: object) -> None:
    for understand in (words.regulation, words.listed, words.next_cursor, words.data, words.workspace_name):
        try:
            understand(answer)
        except words.NotUnderstood as problem:
            assert str(problem)  # noqa: PT017 - either outcome is fine, any other error is not
    words.created_id(answer)
