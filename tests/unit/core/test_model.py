"""A person's identifier shows itself nowhere by accident, whatever holds it and however that is written out."""

import copy
import dataclasses
import json
import pprint
import traceback
from collections.abc import Callable

import pytest
from tests.unit.core.made import (
    ENDED,
    KEY,
    NOW,
    PERSON,
    RECORD,
    SENT,
    a_regulation,
    a_report,
    a_row,
    a_submission,
    an_entry,
)

from dsr_sync.core.actions import Decision, Join, Remember, Submit, Why
from dsr_sync.core.deadlines import Deadline
from dsr_sync.core.decide import Observation
from dsr_sync.core.model import (
    Identifier,
    ListedRegulation,
    Outcome,
    Progress,
    Receipt,
    RegulationId,
    RequestType,
    SubmissionId,
    Verdict,
)
from dsr_sync.core.plan import Batch, Plan, Postponed
from dsr_sync.ports import IntendedRequest, Intent, Noted


def as_fields(value: object) -> str:
    """What `asdict` and `astuple` make of it, as those who turn objects into JSON do."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return f"{dataclasses.asdict(value)} {dataclasses.astuple(value)}"
    return str(value)


WRITTEN_OUT: dict[str, Callable[[object], str]] = {
    "repr": repr,
    "str": str,
    "ascii": ascii,
    "format": format,
    "f-string": lambda value: f"{value!r} {value!s} {value}",
    "percent": lambda value: "%s %r" % (value, value),  # noqa: UP031 - how loggers do it
    "pprint": pprint.pformat,
    "in a list, a dict, a tuple": lambda value: f"{[value]} { {'held': value} } {(value,)}",
    "fields": as_fields,
    "in an exception": lambda value: "".join(traceback.format_exception(ValueError(value))),
    "JSON": lambda value: json.dumps({"held": value}, default=str),
}

ANN = Identifier(PERSON)
ROW = a_row()
SUBMIT = Submit(ROW, RequestType.DELETE, RECORD)
REQUEST = IntendedRequest(RECORD, ANN, (ANN,))

HOLDERS: list[object] = [
    ANN,
    ROW,
    SUBMIT,
    Join(ROW, RequestType.DELETE, SubmissionId(1)),
    Remember(ROW, RequestType.DELETE, Deadline(None)),
    Decision(Why.READY, (SUBMIT,)),
    Observation(ROW, KEY),
    ListedRegulation(RegulationId("reg_1"), "SUPPRESS_ONLY", (ANN,), SENT),
    Batch(RequestType.DELETE, (SUBMIT,)),
    Postponed(SUBMIT, Why.BRAKE, NOW),
    Plan((SUBMIT,), (Batch(RequestType.DELETE, (SUBMIT,)),), ()),
    REQUEST,
    Intent(RequestType.DELETE, "SUPPRESS_ONLY", (REQUEST,), NOW),
    Noted(ROW, RequestType.DELETE, NOW),
]


@pytest.mark.parametrize("holder", HOLDERS, ids=lambda holder: type(holder).__name__)
@pytest.mark.parametrize("how", WRITTEN_OUT)
def test_nothing_that_holds_an_identifier_shows_it(holder: object, how: str) -> None:
    assert PERSON not in WRITTEN_OUT[how](holder)


def test_only_reveal_shows_it() -> None:
    assert ANN.reveal() == PERSON


def test_it_says_that_something_is_hidden() -> None:
    assert (str(ANN), repr(ANN)) == ("[identifier]", "Identifier([identifier])")


def test_equal_texts_are_equal_identifiers() -> None:
    assert Identifier(PERSON) == ANN
    assert len({Identifier(PERSON), ANN, Identifier("bob")}) == 2
    assert Identifier(PERSON) != PERSON
    assert Identifier(PERSON) != Identifier(PERSON.upper())


def test_a_copy_is_the_same_identifier_and_hides_as_well() -> None:
    again = copy.deepcopy(ROW)
    assert again == ROW
    assert PERSON not in repr(again)


@pytest.mark.parametrize(
    "holder",
    [
        Receipt("Amplitude", Progress.FAILED, "FAILED", 0, 1, error=f"no user {PERSON}"),
        a_report(Progress.FAILED, error=f"no user {PERSON}"),
        a_regulation(Progress.FAILED, a_report(Progress.FAILED, error=f"no user {PERSON}")),
    ],
    ids=lambda holder: type(holder).__name__,
)
def test_the_error_text_of_a_destination_may_name_the_person_and_is_not_shown_either(holder: object) -> None:
    assert PERSON not in repr(holder)


@pytest.mark.parametrize("progress", Progress)
def test_only_waiting_and_running_are_not_the_end(progress: Progress) -> None:
    assert progress.ended is (progress not in {Progress.WAITING, Progress.RUNNING})


@pytest.mark.parametrize("progress", Progress)
def test_a_receipt_needs_somebody_exactly_if_it_ended_otherwise_than_finished(progress: Progress) -> None:
    receipt = Receipt("Amplitude", progress, "A_WORD", 0, 1)
    fine = progress in {Progress.WAITING, Progress.RUNNING, Progress.FINISHED}
    assert receipt.follow_up_needed is not fine


def test_follow_ups_keep_a_request_open_and_nothing_else_that_ended_does() -> None:
    assert {verdict for verdict in Verdict if verdict.final} == {Verdict.COMPLETED, Verdict.FAILED, Verdict.LOST}


def test_a_request_without_submission_has_no_verdict() -> None:
    assert an_entry().verdict is None


def test_the_verdict_on_a_request_is_that_on_its_regulation() -> None:
    for verdict in Verdict:
        assert an_entry(a_submission(verdict=verdict)).verdict is verdict


def test_a_request_is_completed_once_its_own_follow_ups_are_done() -> None:
    open_still = an_entry(a_submission(verdict=Verdict.FOLLOW_UP))
    assert open_still.verdict is Verdict.FOLLOW_UP
    assert dataclasses.replace(open_still, followed_up_at=ENDED).verdict is Verdict.COMPLETED


def test_a_submission_without_answer_has_no_verdict() -> None:
    assert an_entry(a_submission(Outcome.UNKNOWN)).verdict is None
