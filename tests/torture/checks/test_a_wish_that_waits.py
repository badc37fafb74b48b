"""A row may wait for a person's first wish to be over only where the opposite was asked for in between."""

from datetime import timedelta

import pytest
from tests.torture.checker import History, check, said
from tests.torture.checks.history import Made
from tests.torture.checks.made import ANN, REGULATION, ROW, START, a_history, a_regulation, a_row

from dsr_sync.core.model import Cells, RecordId

LIFTED = {"regulation_id": "lifted", "regulation_type": "UNSUPPRESS"}
WAITS = a_row(cells=Cells(status="On hold", status_note="Not sent yet."))


def found(history: History) -> str:
    return said(check(history))


@pytest.mark.parametrize(
    ("regulations", "lost"),
    [
        ([a_regulation()], True),
        ([a_regulation(), a_regulation(20, **LIFTED)], False),
        ([a_regulation(20), a_regulation(6, **LIFTED)], True),
        ([a_regulation(subjects=(ANN, "ann-2")), a_regulation(20, subjects=("ann-2",), **LIFTED)], False),
    ],
    ids=["nothing undid it", "undone since", "undone before", "undone under another name"],
)
def test_a_row_may_wait_only_where_what_was_sent_was_undone_since(regulations: list[Made], lost: bool) -> None:
    history = a_history(regulations=regulations, rows={ROW: WAITS}, books=None)
    assert ("nothing is in its way" in found(history)) is lost


@pytest.mark.parametrize(("named", "lost"), [(REGULATION, False), ("", True)], ids=["taken over", "not taken over"])
def test_so_it_may_where_somebody_else_had_made_that_and_it_was_taken_over(named: str, lost: bool) -> None:
    first = a_row(record_id=RecordId("recFirst"), authenticated=False, cells=Cells(regulation_id=named))
    regulations = [a_regulation(foreign=True), a_regulation(20, **LIFTED)]
    history = a_history(regulations=regulations, rows={ROW: WAITS, first.record_id: first}, writes=[], books=None)
    assert ("nothing is in its way" in found(history)) is lost


@pytest.mark.parametrize(
    ("minutes", "kind", "lost"),
    [(-1, "Unsuppress", False), (1, "Unsuppress", True), (-1, "Suppress", True)],
    ids=["the opposite, before it", "the opposite, after it", "nothing opposite"],
)
def test_or_where_an_older_row_that_is_held_asks_to_undo_it(minutes: int, kind: str, lost: bool) -> None:
    other = RecordId("recAnother")
    cells = Cells(status="On hold", status_note="Hold is ticked.")
    held = a_row(
        record_id=other, created_at=START + timedelta(minutes=minutes), request_type=kind, hold=True, cells=cells
    )
    history = a_history(regulations=[a_regulation()], rows={ROW: WAITS, other: held}, books=None)
    assert ("nothing is in its way" in found(history)) is lost
