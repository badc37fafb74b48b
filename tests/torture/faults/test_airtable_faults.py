"""Faults 1 to 4, 10 to 12 and 20 of the table (`table.py`): Airtable, the rows, and the people at the base."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.torture.faults.bench import POLL, Bench, bench
from tests.torture.faults.measures import LOCKOUT, silence_after

from dsr_sync.core.model import RecordId
from dsr_sync.ports import SchemaBroken


def test_fault_1_airtable_429_stops_that_host_alone_and_changes_no_submission(world: Bench) -> None:
    row = world.ask("ann")
    world.tick()
    before = world.so_far()
    world.fault("airtable", "rate_limit")
    world.later(5, 5)
    assert len(world.calls("airtable", before)) == 1
    assert silence_after(world, "airtable", LOCKOUT) >= LOCKOUT
    looked = world.calls("segment", before, path="/regulations/")
    assert looked
    assert looked[0].at < world.calls("airtable", before)[1].at  # following went on meanwhile
    world.later(120)
    assert world.status(row) == "Completed"
    assert world.regulations("ann") == 1


def test_fault_2_while_airtable_is_down_following_goes_on_and_write_backs_wait_in_order(world: Bench) -> None:
    first = [world.ask(f"person-{number}") for number in range(3)]
    world.tick()
    fault = world.fault("airtable", "status", code=503, times=None)
    later = []
    for number in range(5):
        world.box.clock.advance(2)  # Airtable tells the order of rows by the second in which they were made
        later.append(world.ask(f"later-{number}"))
    before = world.so_far()
    world.later(900)
    assert len(world.calls("segment", before, path="/regulations/")) >= 3
    assert len(world.ledger.owed(10)) == 3
    assert {world.status(row) for row in first} == {"Submitted"}
    world.box.faults.remove(fault)
    before = world.so_far()
    world.later(2 * POLL)
    assert {world.status(row) for row in first} == {"Completed"}
    sent = [entry.body["subjectIds"][0] for entry in world.calls("segment", before, method="POST")]
    assert sent == [f"later-{number}" for number in range(5)]
    world.later(120)
    assert {world.status(row) for row in later} == {"Completed"}
    assert world.judged() == []


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "delay", "seconds": 20},
        {"kind": "trickle", "bytes": 1, "every_seconds": 0.05},
    ],
    ids=lambda fault: fault["kind"],
)
def test_fault_3_a_hanging_or_trickling_airtable_ends_at_the_deadline(tmp_path: Path, fault: dict[str, object]) -> None:
    with bench(tmp_path, frozen=False, seconds=2.0) as world:
        row = world.ask("ann")
        world.box.faults.add("airtable", **fault)  # type: ignore[arg-type] # options are keywords
        begun = world.clock.monotonic()
        [problem] = world.tick().problems
        took = world.clock.monotonic() - begun
        assert problem.reason == "no complete answer in time"
        assert 1.9 <= took <= 8
        world.later(300)
        assert world.row(row)["Submitted"]


_PARTIAL: dict[str, dict[str, object]] = {
    "truncated JSON": {"kind": "truncate", "bytes": 200},
    "a page of HTML": {"kind": "html_200"},
    "JSON of somebody else": {"kind": "json_200", "body": {"hello": "world"}},
    "no answer to the second page": {"kind": "cut", "skip": 1},
    "500 for the second page": {"kind": "status", "code": 500, "skip": 1},
    "a list without an end": {"kind": "same_offset_forever", "times": 3},
}


def test_fault_4_nothing_is_concluded_from_a_part_of_airtables_list(world: Bench) -> None:
    """The rows that a broken listing does not show are not forgotten, and those that it shows are not lost."""
    held = [world.ask(f"person-{number:03d}", Hold=True) for number in range(105)]
    world.tick()
    noted = [RecordId(row) for row in held]
    assert len(world.ledger.entries(noted)) == 105
    for name, fault in _PARTIAL.items():
        world.box.faults.add("airtable", path="/Requests|/tbl", **fault)  # type: ignore[arg-type] # options are keywords
        report = world.later(60)[0]
        assert [problem.service for problem in report.problems] == ["airtable"], name
        assert len(world.ledger.entries(noted)) == 105
        world.box.faults.clear()
        world.later(120)
    world.staff.change(held[-1], {"Hold": False})
    world.later(300)
    assert world.regulations("person-104") == 1
    assert len(world.box.segment.workspace.regulations()) == 1


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Bench, list[str]]]:
    """More rows than a page holds, all of them served, and the daily sweep is due again."""
    with bench(tmp_path_factory.mktemp("served"), DSR_SYNC_SEGMENT__REQUESTS_PER_REGULATION="100") as world:
        rows = [world.ask(f"person-{number:03d}") for number in range(105)]
        world.later(600)
        assert {world.status(row) for row in rows} == {"Completed"}
        yield world, rows


@pytest.mark.parametrize("name", _PARTIAL)
def test_fault_4_no_row_is_taken_for_gone_when_the_second_page_of_the_daily_sweep_is_broken(
    served: tuple[Bench, list[str]], name: str
) -> None:
    """Every row that was sent is in the base; a sweep that has seen a hundred of them knows nothing of the others."""
    world, rows = served
    world.box.clock.advance(25 * 3600)
    world.heard.events.clear()
    fault = {option: value for option, value in _PARTIAL[name].items() if option != "skip"}
    world.fault("airtable", path=r"[?&]offset=", **fault)  # type: ignore[arg-type] # options are keywords
    before = world.so_far()
    report = world.tick()
    world.box.faults.clear()
    assert [problem.service for problem in report.problems] == ["airtable"]
    assert any(entry.outcome for entry in world.calls("airtable", before)), "the fault met nothing"
    assert world.heard.named("request.gone") == []
    assert not any(entry.gone for entry in world.ledger.entries([RecordId(row) for row in rows]).values())
    world.later(120)
    assert world.heard.named("request.gone") == []
    assert world.judged() == []


def test_fault_10_a_person_in_two_rows_or_a_row_shown_twice_has_one_open_regulation(world: Bench) -> None:
    rows = [world.ask("ann"), world.ask("ann"), world.ask(" ann ")]
    world.fault("airtable", "stale_offset")
    world.later(300)
    assert world.regulations("ann") == 1
    assert {world.status(row) for row in rows} == {"Completed"}
    assert len({world.row(row)["Regulation ID"] for row in rows}) == 1
    world.ask("ann")  # after it has ended, a further request is a further regulation
    world.later(300)
    assert world.regulations("ann") == 2
    assert world.judged() == []


def test_fault_11_a_row_edited_before_it_is_sent_is_sent_as_it_is_then(tmp_path: Path) -> None:
    with bench(tmp_path, DSR_SYNC_SAFETY__COOLING_OFF_MINUTES="5") as world:
        row = world.ask("ann")
        world.later(120)
        world.staff.change(row, {"User identifier": "eve"})
        world.later(600)
        assert (world.regulations("ann"), world.regulations("eve")) == (0, 1)


def test_fault_11_a_row_edited_after_it_was_sent_says_what_was_sent_and_sends_nothing(world: Bench) -> None:
    row = world.ask("ann")
    world.tick()
    world.staff.change(row, {"User identifier": "eve"})
    world.later(25 * 3600, 1800)
    assert (world.regulations("ann"), world.regulations("eve")) == (1, 0)
    assert "changed" in world.note(row)


def test_fault_12_a_row_deleted_in_flight_is_followed_to_the_end_and_costs_the_others_nothing(world: Bench) -> None:
    rows = [world.ask(f"person-{number}") for number in range(10)]
    world.tick()
    world.staff.remove(rows[4])
    world.later(600)
    assert {world.status(row) for row in rows if row != rows[4]} == {"Completed"}
    entry = world.ledger.entries([RecordId(rows[4])])[RecordId(rows[4])]
    assert entry.verdict is not None
    assert entry.verdict.final
    assert world.heard.named("request.gone")
    assert {world.regulations(f"person-{number}") for number in range(10)} == {1}


def test_fault_12_unticking_submitted_by_hand_sends_nothing_again(world: Bench) -> None:
    row = world.ask("ann")
    world.tick()
    world.staff.change(row, {"Submitted": False, "Regulation ID": None})
    world.later(300)
    assert world.regulations("ann") == 1
    assert world.row(row)["Submitted"]
    assert world.status(row) == "Completed"


def test_fault_20_a_renamed_column_does_no_harm(world: Bench) -> None:
    world.box.airtable.redesign(
        world.box.base_id, {"op": "rename_field", "table": "Requests", "field": "Status note", "name": "What to do"}
    )
    row = world.ask("ann")
    world.later(300)
    assert world.row(row)["What to do"].startswith("Done")
    assert world.regulations("ann") == 1


@pytest.mark.parametrize("column", ["Authenticated", "Submitted", "Regulation ID"])
def test_fault_20_without_a_column_nothing_is_read_as_empty_and_nothing_is_sent(world: Bench, column: str) -> None:
    world.ask("ann")
    world.box.airtable.redesign(world.box.base_id, {"op": "delete_field", "table": "Requests", "field": column})
    reports = world.later(300)
    assert not world.calls("segment", method="POST")
    [problem] = reports[-1].problems
    assert isinstance(problem, SchemaBroken)
    assert any(column in sentence for sentence in problem.problems)


@pytest.mark.parametrize("column", ["Hold", "Authenticated"])
def test_fault_20_a_guard_whose_type_was_changed_still_guards(world: Bench, column: str) -> None:
    world.staff.add({"User identifier": "ann", "Authenticated": column != "Authenticated", "Hold": column == "Hold"})
    world.tick()
    change = {"op": "retype_field", "table": "Requests", "field": column, "type": "singleLineText"}
    world.box.airtable.redesign(world.box.base_id, change)
    world.later(2 * 3600, 300)
    assert not world.calls("segment", method="POST")


def test_fault_20_an_option_that_is_missing_costs_that_column_and_not_the_submission(world: Bench) -> None:
    world.box.airtable.redesign(
        world.box.base_id, {"op": "delete_option", "table": "Requests", "field": "Status", "option": "Completed"}
    )
    world.ask("ann")
    world.later(300)
    assert world.regulations("ann") == 1


def test_fault_20_a_base_that_was_moved_stops_everything_and_says_so(world: Bench) -> None:
    fault = world.fault("airtable", "status", code=404, times=None, body={"error": "NOT_FOUND"})
    world.ask("ann")
    reports = world.later(300)
    assert {problem.status for report in reports for problem in report.problems} == {404}
    assert not world.calls("segment", method="POST")
    world.box.faults.remove(fault)
    world.later(2 * POLL)
    assert world.regulations("ann") == 1
