"""Until when an answer is due, until when it must be sent for that, and what an extension changes."""

import math
from datetime import UTC, date, datetime, timedelta

import pytest
from tests.e2e.house import House
from tests.e2e.process import Daemon, until

from dsr_sync.core.deadlines import add_months

TODAY = datetime.now(UTC).date()
REASON = {"Extension_reason": "Four systems have to be searched."}


def received(days_ago: int) -> str:
    return f"{TODAY - timedelta(days=days_ago)}T09:00:00.000Z"


def due(days_ago: int) -> date:
    """Of a request under the GDPR."""
    return add_months(TODAY - timedelta(days=days_ago), 1)


def remaining(daemon: Daemon) -> float:
    """What the metric says of the earliest date."""
    name = "dsr_sync_deadline_remaining_seconds "
    return float(next(line for line in daemon.page("/metrics").text.splitlines() if line.startswith(name)).split()[1])


def due_within(daemon: Daemon) -> dict[str, float]:
    """What the metric says of how many are due how soon."""
    lines = [line for line in daemon.page("/metrics").text.splitlines() if line.startswith("dsr_sync_requests_due{")]
    return {line.split('"')[1]: float(line.split()[1]) for line in lines}


def written(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


@pytest.mark.parametrize(
    ("law", "came", "due_by", "submit_by"),
    [
        ("GDPR", "2026-01-31T10:00:00.000Z", "2026-02-28", "2026-01-26"),
        ("", "2026-05-03T23:30:00.000Z", "2026-06-03", "2026-05-01"),
        ("CCPA", "2026-05-03T10:00:00.000Z", "2026-06-17", "2026-05-15"),
        ("Other", "2026-05-03T10:00:00.000Z", None, None),
    ],
)
def test_the_dates_follow_from_the_law_and_the_day_the_request_came(
    house: House, law: str, came: str, due_by: str | None, submit_by: str | None
) -> None:
    record_id = house.ask("usr_1", Received_at=came, Hold=True, **({"Law": law} if law else {}))
    house.once()
    row = house.row(record_id)
    assert (row.get("Due by"), row.get("Submit by")) == (due_by, submit_by)


def test_the_margin_is_a_setting(house: House) -> None:
    record_id = house.ask("usr_1", Law="CCPA", Received_at="2026-05-03T10:00:00.000Z")
    house.once(DSR_SYNC_SAFETY__DEADLINE_MARGIN_DAYS="10")
    assert house.row(record_id)["Submit by"] == "2026-05-08"


def test_a_lawful_extension_moves_the_dates_of_a_request_that_was_sent_and_is_kept(house: House) -> None:
    house.box.clock.freeze()
    record_id = house.ask("usr_1", Received_at=received(20))
    house.once()
    assert house.row(record_id)["Due by"] == due(20).isoformat()
    until = add_months(due(20), 2)
    house.staff.change(record_id, {"Extended until": until.isoformat(), "Extension reason": "Four systems."})
    house.once()
    row = house.row(record_id)
    assert row["Due by"] == until.isoformat()
    assert row["Submit by"] == (until - timedelta(days=33)).isoformat()
    assert "Extended until does not count" not in row["Status note"]
    story = house.story(record_id)
    assert f"until={until}" in story
    assert "Four systems" not in story
    writes = len(house.written(record_id))
    house.once()
    assert len(house.written(record_id)) == writes


def test_an_extension_stays_lawful_after_the_first_date_and_in_a_lost_ledger(house: House) -> None:
    record_id = house.ask("usr_1", Received_at=received(20))
    until = (due(20) + timedelta(days=10)).isoformat()
    house.staff.change(record_id, {"Extended until": until, "Extension reason": "Four systems."})
    house.once()
    house.staff.change(record_id, {"Received at": received(45)})
    house.once()
    house.lose_ledger()
    house.once()
    house.once()
    assert house.row(record_id)["Due by"] == until
    assert house.regulations("usr_1") == ["SUPPRESS_WITH_DELETE"]


REFUSED = {
    "late": (
        {"Received_at": received(40), "Extended_until": (due(40) + timedelta(days=20)).isoformat(), **REASON},
        "it was entered after the due date.",
    ),
    "too long": (
        {
            "Received_at": received(5),
            "Extended_until": (add_months(due(5), 2) + timedelta(days=1)).isoformat(),
            **REASON,
        },
        "it is later than the law allows.",
    ),
    "ccpa too long": (
        {
            "Received_at": received(5),
            "Law": "CCPA",
            "Extended_until": (TODAY + timedelta(days=86)).isoformat(),
            **REASON,
        },
        "it is later than the law allows.",
    ),
    "no reason": (
        {"Received_at": received(5), "Extended_until": (due(5) + timedelta(days=9)).isoformat()},
        "Extension reason is empty.",
    ),
    "no clock": ({"Law": "Other", "Extended_until": TODAY.isoformat(), **REASON}, "this Law has no date to extend."),
    "not later": (
        {"Received_at": received(5), "Extended_until": due(5).isoformat(), **REASON},
        "it is not later than the due date.",
    ),
}


def test_an_unlawful_extension_is_refused_in_words_and_leaves_the_date_as_it_was(house: House) -> None:
    house.box.clock.freeze()
    rows = {name: house.ask(f"usr_{name}", **cells) for name, (cells, _) in REFUSED.items()}
    house.once()
    for name, (cells, words) in REFUSED.items():
        row = house.row(rows[name])
        assert f"Extended until does not count: {words}" in row["Status note"], name
        assert row.get("Due by") != cells["Extended_until"] or name == "not later"
    writes = [len(house.written(record_id)) for record_id in rows.values()]
    house.once()
    assert [len(house.written(record_id)) for record_id in rows.values()] == writes


def test_a_second_extension_is_refused_and_the_first_one_stands(house: House) -> None:
    house.box.clock.freeze()
    record_id = house.ask("usr_1", Received_at=received(5), **REASON)
    first, second = due(5) + timedelta(days=10), due(5) + timedelta(days=20)
    house.staff.change(record_id, {"Extended until": first.isoformat()})
    house.once()
    house.staff.change(record_id, {"Extended until": second.isoformat()})
    house.once()
    assert "the law allows only one." in house.note(record_id)
    assert house.row(record_id)["Due by"] == first.isoformat()
    house.staff.change(record_id, {"Extended until": first.isoformat()})
    house.a_day_later()
    house.once()
    assert "does not count" not in house.note(record_id)
    assert "request.extension_refused" in house.story(record_id)


def test_the_note_warns_before_the_answer_is_due(house: House) -> None:
    house.box.clock.freeze()
    soon, past, far = (house.ask(f"usr_{days}", Received_at=received(days)) for days in (25, 60, 2))
    waiting = house.ask("usr_4", Received_at=received(2), Hold=True)
    house.once()
    assert f"The answer is due by {written(due(25))}." in house.note(soon)
    assert f"The answer was due by {written(due(60))}." in house.note(past)
    assert "due by" not in house.note(far)
    assert f"send it soon: the answer is due by {written(due(2))}." in house.note(waiting)


def test_the_metrics_warn_before_the_answer_is_due_and_no_longer_once_the_row_is_deleted(house: House) -> None:
    house.box.clock.freeze()
    record_id = house.ask("usr_1", Received_at=received(60))
    with house.daemon() as daemon:
        until(lambda: house.row(record_id).get("Submitted"), "it is sent")
        until(lambda: remaining(daemon) < 0, "the metric says that the date has passed")
        # One that is late does not hide the next one.
        house.ask("usr_2", Law="CCPA", Received_at=received(42))
        until(lambda: due_within(daemon) == {"overdue": 1, "3d": 1, "7d": 0}, "both are counted")
        house.staff.remove(record_id)
        house.a_day_later()
        until(lambda: due_within(daemon) == {"overdue": 0, "3d": 1, "7d": 0}, "the deleted row counts no more")
        assert timedelta(days=2) < timedelta(seconds=remaining(daemon)) < timedelta(days=4)
        [other] = house.staff.rows()
        house.staff.remove(other)
        house.a_day_later()
        until(lambda: not any(due_within(daemon).values()), "none is left")
        assert math.isnan(remaining(daemon))


def test_a_completed_request_is_not_warned_of(house: House) -> None:
    record_id = house.ask("usr_1", Received_at=received(60))
    house.once()
    house.later()
    house.once()
    assert house.status(record_id) == "Completed"
    assert "due by" not in house.note(record_id)


def test_an_empty_date_of_the_year_1_stops_nobody_and_counts_as_none(house: House) -> None:
    odd = house.ask("usr_1", Received_at="0001-01-01T00:00:00.000Z")
    other = house.ask("usr_2")
    house.once()
    assert house.row(odd)["Submitted"] is house.row(other)["Submitted"] is True
    assert house.row(odd)["Due by"] == house.row(other)["Due by"]
