"""A ledger of a hundred thousand requests answers as quickly as a small one."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, insert
from tests.contract.ledger.made import (
    DELETE,
    FOLLOW_UP,
    after,
    asked,
    intent,
    look,
    noted,
    regulation,
    row,
)

from dsr_sync.adapters.ledger import Place, SqlLedger, open_ledger
from dsr_sync.adapters.ledger.tables import events, metadata, requests, submission_subjects, submissions
from dsr_sync.core.model import Progress, RecordId, RegulationId, SubjectKey
from dsr_sync.ports import ReceiptKey

REQUESTS = 100_000
PAGE = [RecordId(f"rec{number:06}") for number in range(50_000, 50_100)]


def fill(ledger: SqlLedger) -> None:
    """One submission per request: most are completed, every hundredth is live and due, every thousandth owed."""
    numbers = range(1, REQUESTS + 1)
    live = [number % 100 == 0 for number in range(REQUESTS + 1)]
    with ledger._writing() as tx:
        own = {"pipeline": "default", "request_type": "Delete"}
        tx.execute(
            insert(submissions),
            [
                {
                    **own,
                    "submission_id": number,
                    "regulation_type": "SUPPRESS_WITH_DELETE",
                    "requests": 1,
                    "intended_at": after(number),
                    "outcome": "accepted",
                    "regulation_id": f"reg{number}",
                    "accepted_at": after(number),
                    "verdict": "running" if live[number] else "completed",
                    "next_look_at": after(number) if live[number] else None,
                }
                for number in numbers
            ],
        )
        tx.execute(
            insert(requests),
            [
                {
                    **own,
                    "record_id": f"rec{number:06}",
                    "typed_key": f"key{number}",
                    "seen_at": after(0),
                    "submission_id": number,
                    "changed_at": after(number) if number % 1000 == 0 else None,
                }
                for number in numbers
            ],
        )
        subjects = [
            {
                **own,
                "submission_id": n,
                "record_id": f"rec{n:06}",
                "subject_key": f"key{n}",
                "sent": True,
                "live": live[n],
            }
            for n in numbers
        ]
        tx.execute(insert(submission_subjects), subjects)
        seen = [
            {"pipeline": "default", "at": after(0), "kind": "request.seen", "record_id": f"rec{n:06}", "details": "{}"}
            for n in numbers
        ]
        accepted = [
            {**one, "kind": "submission.accepted", "record_id": None, "submission_id": n}
            for n, one in zip(numbers, seen, strict=True)
        ]
        tx.execute(insert(events), [{**one, "submission_id": None} for one in seen] + accepted)


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A full SQLite ledger."""
    folder: Path = tmp_path_factory.mktemp("big")
    ledger = open_ledger(Place(f"sqlite:///{folder}/ledger.db"), time.monotonic)
    fill(ledger)
    yield ledger
    ledger.close()


def walks_through_everything(step: str) -> bool:
    """Whether a step of a query plan reads a whole table, or all that a pipeline has in it."""
    if step.startswith("SCAN"):
        return step.split()[1] in metadata.tables
    return step.endswith("(pipeline=?)") and "follow_ups_open" not in step  # an index of the open ones alone


QUESTIONS: dict[str, Callable[[SqlLedger], object]] = {
    "entries of a page": lambda ledger: ledger.entries(PAGE),
    "standing of a page": lambda ledger: ledger.standing(
        [(SubjectKey(f"key{n}"), DELETE) for n in range(5_000, 5_100)]
    ),
    "sent in the last hour": lambda ledger: ledger.sent_since(after(REQUESTS - 60)),
    "unsettled": lambda ledger: ledger.unsettled(),
    "due": lambda ledger: ledger.due(after(REQUESTS), 50),
    "due, or put off too far": lambda ledger: ledger.due(after(200), 50, after(REQUESTS - 500)),
    "owed": lambda ledger: ledger.owed(50),
    "owed receipts": lambda ledger: ledger.owed_receipts(50),
    "open follow-ups": lambda ledger: ledger.open_follow_ups(),
    "witness": lambda ledger: ledger.witness(after(0), after(REQUESTS)),
    "history": lambda ledger: ledger.history(PAGE[0]),
    "requests of a submission": lambda ledger: ledger.requests_of(ledger.due(after(REQUESTS), 1)[0].submission_id),
}


LEADER, JOINED = row("new", "zoe"), row("too", "zoe")


def story(ledger: SqlLedger) -> None:
    """A request with everything that can happen to it."""
    ledger.note([noted(LEADER), noted(JOINED)])
    ledger.note([noted(LEADER)])
    ledger.release(ledger.intend(intent(LEADER)), after(2), "busy", None)
    first = ledger.intend(intent(LEADER))
    ledger.absent(first, after(2))
    ledger.accept(first, RegulationId("new1"), after(2), after(1))
    ledger.join(JOINED, first, after(3))
    ledger.look(first, look(regulation("new1", Progress.FINISHED, *FOLLOW_UP)))
    ledger.follow_up_done([ReceiptKey(LEADER.record_id, RegulationId("new1"), "Braze")], after(4))
    second = ledger.intend(intent(asked(LEADER, first), minutes=5))
    ledger.refuse(second, after(6), "no")
    ledger.refuse(ledger.intend(intent(row("bad", "wim"))), after(6), "no")
    ledger.adopt(intent(row("alt", "yan")), RegulationId("new2"), after(5))
    ledger.adopt(intent(row("more", "yan"), row("else", "xia")), RegulationId("new2"), after(5))
    ledger.told([LEADER.record_id])
    ledger.untellable(JOINED.record_id, after(7), "gone")
    ledger.told_receipts(first)
    ledger.set_mark("tick", after(8))
    ledger.forget_unseen(frozenset())


@pytest.mark.parametrize("question", [*QUESTIONS, "story"])
def test_no_question_of_a_tick_reads_a_whole_table(big: SqlLedger, question: str) -> None:
    asked: list[tuple[str, Any]] = []

    def listen(*arguments: Any) -> None:
        asked.append((arguments[2], arguments[3]))

    event.listen(big._engine, "before_cursor_execute", listen)
    try:
        {**QUESTIONS, "story": story}[question](big)
    finally:
        event.remove(big._engine, "before_cursor_execute", listen)
    with big._engine.connect() as connection:
        plans = [
            step[3]
            for statement, values in asked
            if statement.startswith(("SELECT", "UPDATE", "DELETE"))
            for step in connection.exec_driver_sql(
                f"EXPLAIN QUERY PLAN {statement}", values[0] if isinstance(values, list) else values
            )
        ]
    assert plans
    assert [step for step in plans if walks_through_everything(step)] == []


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_of_a_tick_takes_milliseconds(big: SqlLedger, question: str) -> None:
    def once() -> float:
        began = time.perf_counter()
        QUESTIONS[question](big)
        return time.perf_counter() - began

    once()
    assert min(once() for _ in range(5)) < 0.05  # 3 to 15 ms on one core; the limit leaves room for a busy machine


def test_the_page_that_was_asked_for_is_found(big: SqlLedger) -> None:
    assert list(big.entries(PAGE)) == PAGE
    assert len(big.standing([(SubjectKey(f"key{n}"), DELETE) for n in range(5_000, 5_100)])) == 1
