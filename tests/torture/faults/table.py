"""The twenty faults, and in which ways (`ways.py`) each of them is brought about in the middle of a life (`life.py`).

Some of the twenty have a part of their own: 3 needs real time (`lengths.py`), 14 and 17 break system calls
(`tests/torture/kills`), 18 needs several processes (`tests/torture/replicas`). Clocks that are set (13) are here and,
with a running daemon, in `tests/torture/clocks`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.torture.faults.bench import SETTLE
from tests.torture.faults.ways import (
    ANN,
    DAY,
    HOUR,
    LONG,
    Way,
    fault,
    locked,
    lost_and,
    lost_and_set_clock,
    quota_used_up,
    redesigned,
    set_clock,
    shares,
    staff,
    stale_offset,
    stopping,
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One row of the table. `minutes` is how long it lasts."""

    number: int
    what: str
    ways: Mapping[str, Way] = field(repr=False)
    minutes: int = 20


_CLOCKS = {"an hour back": -HOUR, "an hour on": HOUR, "90 days back": -90 * DAY, "90 days on": 90 * DAY}
_BACK = ("an hour back", "90 days back")

FAULTS: tuple[Fault, ...] = (
    Fault(
        1,
        "Airtable answers 429, with and without Retry-After",
        {
            "without": fault("airtable", "rate_limit"),
            "with 45 s": fault("airtable", "rate_limit", retry_after=45),
            "three times": fault("airtable", "rate_limit", times=3),
        },
    ),
    Fault(
        2,
        "Airtable answers 5xx, or nothing, for 20 minutes",
        {
            "503": fault("airtable", "status", code=503, **LONG),
            "cut": fault("airtable", "cut", **LONG),
            "cut after the effect": fault("airtable", "cut", after_effect=True, **LONG),
        },
    ),
    Fault(
        4,
        "Airtable's answer is cut short, somebody else's, or a list without an end",
        {
            "truncated": fault("airtable", "truncate", bytes=100),
            "a page of HTML": fault("airtable", "html_200"),
            "somebody else's JSON": fault("airtable", "json_200", body={"hello": "world"}),
            "no end": fault("airtable", "same_offset_forever", method="GET", path="/tbl|/Requests", times=3),
            "500": fault("airtable", "status", code=500, after_effect=True),
        },
    ),
    Fault(
        5,
        "Segment answers 429, or the month's quota is used up",
        {
            "Retry-After": fault("segment", "rate_limit", retry_after=90),
            "points": fault("segment", "rate_limit", form="points", ms_before_next=12_500),
            "quota": quota_used_up,
        },
    ),
    Fault(
        6,
        "Segment's answer is lost after the effect",
        {
            "500": fault("segment", "status", method="POST", code=500, after_effect=True),
            "cut": fault("segment", "cut", method="POST", after_effect=True),
            "truncated": fault("segment", "truncate", method="POST", bytes=10),
            "a page of HTML": fault("segment", "html_200", method="POST", after_effect=True),
            "no id": fault("segment", "json_200", method="POST", body={"data": {}}, after_effect=True),
            "ten of them": fault("segment", "cut", method="POST", after_effect=True, times=10),
        },
    ),
    Fault(
        7,
        "Segment's answer is lost before the effect",
        {
            "503": fault("segment", "status", method="POST", code=503),
            "cut": fault("segment", "cut", method="POST"),
            "for 20 minutes": fault("segment", "status", code=503, **LONG),
        },
    ),
    Fault(8, "the effect lands after the answer was lost", dict(shares(5)), minutes=25),
    Fault(
        9,
        "Segment's list is late, empty, cut short, or without an end",
        {
            "late": lost_and("late_list", seconds=SETTLE, times=2),
            "empty": lost_and("empty_list"),
            "500": lost_and("status", code=500, times=2),
            "truncated": lost_and("truncate", bytes=60, times=2),
            "no end": lost_and("same_offset_forever", times=4),
        },
        minutes=30,
    ),
    Fault(
        10,
        "a further row for the same person, and a page that comes twice",
        {
            "a further row": staff(lambda world, _: world.ask(ANN)),
            "with spaces": staff(lambda world, _: world.ask(f"  {ANN} ")),
            "a stale offset": stale_offset,
        },
    ),
    Fault(
        11,
        "a row is edited between any two calls",
        {
            "another person": staff(lambda world, row: world.staff.change(row, {"User identifier": "eve"})),
            "another type": staff(lambda world, row: world.staff.change(row, {"Request type": "Suppress"})),
            "held": staff(lambda world, row: world.staff.change(row, {"Hold": True})),
        },
    ),
    Fault(
        12,
        "a row is deleted, or unticked, between any two calls",
        {
            "deleted": staff(lambda world, row: world.staff.remove(row)),
            "Submitted unticked": staff(lambda world, row: world.staff.change(row, {"Submitted": False})),
            "Authenticated unticked": staff(lambda world, row: world.staff.change(row, {"Authenticated": False})),
        },
    ),
    Fault(
        13,
        "the wall clock is set for 20 minutes, also while an answer is lost",
        {
            **{how: set_clock(seconds) for how, seconds in _CLOCKS.items()},
            **{f"{how}, then an answer lost": set_clock(_CLOCKS[how], losing=True) for how in _BACK},
            **{f"an answer lost, then {how}": lost_and_set_clock(seconds) for how, seconds in _CLOCKS.items()},
        },
    ),
    Fault(15, "another process locks the database for 5 minutes", {"locked": locked}, minutes=5),
    Fault(16, "SIGTERM between any two calls", {"stopped": stopping}, minutes=1),
    Fault(
        19,
        "a token is refused for 20 minutes",
        {
            f"{service} {code}": fault(service, kind, **LONG)
            for service in ("airtable", "segment")
            for code, kind in ((401, "unauthorized"), (403, "forbidden"))
        },
    ),
    Fault(
        20,
        "a column is renamed or deleted, an option is missing, the base is moved",
        {
            "renamed": redesigned(
                {"op": "rename_field", "field": "Status note", "name": "What to do"},
                {"op": "rename_field", "field": "What to do", "name": "Status note"},
            ),
            "deleted": redesigned(
                {"op": "delete_field", "field": "Receipt summary"},
                {"op": "add_field", "name": "Receipt summary", "type": "multilineText"},
            ),
            "a guard deleted": redesigned(
                {"op": "delete_field", "field": "Authenticated"},
                {"op": "add_field", "name": "Authenticated", "type": "checkbox"},
            ),
            "no option": redesigned(
                {"op": "delete_option", "field": "Status", "option": "Completed"},
                {"op": "add_option", "field": "Status", "name": "Completed"},
            ),
            "moved": fault("airtable", "status", code=404, body={"error": "NOT_FOUND"}, **LONG),
        },
    ),
)
"""Every fault that can be brought about between any two calls of a life, by its number."""
