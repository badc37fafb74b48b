"""What the adapter makes of everything that can go wrong on the way to Airtable and back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from tests.contract.airtable.worlds import SandboxWorld, options_for
from tests.fakes.real_clock import RealClock

from dsr_sandbox import Sandbox
from dsr_sync.adapters.airtable import AirtableRequestTable
from dsr_sync.core.actions import Tell
from dsr_sync.core.model import Cells, Progress, Receipt, RecordId, RegulationId
from dsr_sync.ports import Permanent, PlanExhausted, TokenRefused, Told, Transient

REGULATION = RegulationId("1qJkfE1tpwvQcklImGksLN629wn")
FAILED = Receipt("Amplitude", Progress.FAILED, "FAILED", 0, 1, None, "no key")
CELLS = Cells(status="On hold", status_note="Wait.")
MakeBase = Callable[..., SandboxWorld]

CALLS: dict[str, Callable[[SandboxWorld, RecordId], object]] = {
    "candidates": lambda base, _: list(base.table.candidates()),
    "everything": lambda base, _: list(base.table.everything()),
    "tell": lambda base, record_id: base.table.tell([Tell(record_id, CELLS, Cells())]),
    "put_receipts": lambda base, record_id: base.table.put_receipts(record_id, REGULATION, [FAILED]),
    "follow_ups_done": lambda base, _: base.table.follow_ups_done([REGULATION]),
}
BROKEN: list[tuple[str, dict[str, Any]]] = [
    ("cut", {}),
    ("cut", {"after_effect": True}),
    ("truncate", {"bytes": 5}),
    ("html_200", {}),
    ("html_200", {"after_effect": True}),
    ("json_200", {"body": {}}),
    ("json_200", {"body": []}),
    ("json_200", {"body": {"records": [{"id": "recX"}]}}),
    ("json_200", {"body": {"records": "none"}}),
    ("status", {"code": 500, "after_effect": True}),
    ("status", {"code": 502, "body": "<html>Bad gateway</html>"}),
    ("status", {"code": 503}),
    ("status", {"code": 302}),
]


def sent(sandbox: Sandbox, method: str | None = None) -> int:
    return len(sandbox.journal.entries("airtable", method=method))


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(("kind", "options"), BROKEN)
def test_a_call_without_a_clear_answer_is_made_once_and_may_be_repeated(
    sandbox: Sandbox, base: SandboxWorld, call: str, kind: str, options: dict[str, Any]
) -> None:
    record_id = base.add("u1")
    list(base.table.everything())  # the columns are known from here on
    sandbox.faults.add("airtable", kind, **options)
    before = sent(sandbox)
    with pytest.raises(Transient) as raised:
        CALLS[call](base, record_id)
    assert raised.value.service == "airtable"
    assert sent(sandbox) == before + 1
    CALLS[call](base, record_id)


@pytest.mark.parametrize(("kind", "options"), BROKEN)
def test_the_metadata_is_read_again_after_a_failure(
    sandbox: Sandbox, base: SandboxWorld, kind: str, options: dict[str, Any]
) -> None:
    sandbox.faults.add("airtable", kind, **options)
    with pytest.raises(Transient):
        list(base.table.candidates())
    assert list(base.table.candidates()) == [[]]


def test_a_writing_call_that_took_effect_and_failed_can_be_made_again(sandbox: Sandbox, base: SandboxWorld) -> None:
    record_id = base.add("u1")
    sandbox.faults.add("airtable", "cut", method="PATCH", after_effect=True)
    with pytest.raises(Transient):
        base.table.put_receipts(record_id, REGULATION, [FAILED])
    assert base.table.put_receipts(record_id, REGULATION, [FAILED]) == Told(unchanged=(record_id,))
    assert len(base.receipts()) == 1


def test_a_trickled_answer_ends_at_the_deadline(sandbox: Sandbox) -> None:
    table = AirtableRequestTable(options_for(sandbox, deadline_seconds=0.5), RealClock())
    sandbox.faults.add("airtable", "trickle", bytes=1, every_seconds=0.2)
    with pytest.raises(Transient, match="in time"):
        list(table.candidates())
    table.close()


def test_nobody_listening_is_transient(make_base: MakeBase) -> None:
    with pytest.raises(Transient):
        list(make_base(endpoint_url="http://127.0.0.1:9").table.candidates())


# Limits.


@pytest.mark.parametrize(
    ("options", "pause"),
    [
        ({"form": "errors"}, 30.0),
        ({"form": "error"}, 30.0),
        ({"form": "errors", "retry_after": 5}, 30.0),
        ({"form": "errors", "retry_after": 90}, 90.0),
        ({"form": "errors", "retry_after": "9999999"}, 3_600.0),
        ({"form": "errors", "retry_after": "later"}, 30.0),
        ({"form": "errors", "retry_after": "-1"}, 30.0),
    ],
)
def test_after_a_429_the_base_is_left_alone_for_the_lockout_or_longer(
    sandbox: Sandbox, base: SandboxWorld, options: dict[str, Any], pause: float
) -> None:
    sandbox.faults.add("airtable", "rate_limit", **options)
    with pytest.raises(Transient) as raised:
        list(base.table.candidates())
    assert raised.value.retry_after == timedelta(seconds=pause)
    base.clock.advance(pause - 4)
    with pytest.raises(Transient) as waiting:
        base.table.follow_ups_done([REGULATION])
    assert waiting.value.retry_after == timedelta(seconds=4)
    assert sent(sandbox) == 1
    base.clock.advance(4)
    list(base.table.candidates())


def test_the_pace_stays_below_what_airtable_allows(sandbox: Sandbox) -> None:
    sandbox.airtable.limits.enforced = True
    table = AirtableRequestTable(options_for(sandbox), RealClock())
    for _ in range(12):
        list(table.everything())
    table.close()
    assert {entry.status for entry in sandbox.journal.entries("airtable")} == {200}


def test_the_used_up_month_is_not_tried_again(sandbox: Sandbox, base: SandboxWorld) -> None:
    list(base.table.everything())
    sandbox.airtable.limits.monthly_calls_left = 0
    with pytest.raises(PlanExhausted):
        list(base.table.candidates())


# Tokens.


@pytest.mark.parametrize(
    ("call", "scopes", "missing"),
    [
        ("candidates", (), "schema.bases:read"),
        ("candidates", ("schema.bases:read",), "data.records:read"),
        ("follow_ups_done", ("schema.bases:read",), "data.records:read"),
        ("tell", ("schema.bases:read", "data.records:read"), "data.records:write"),
        ("put_receipts", ("schema.bases:read", "data.records:read"), "data.records:write"),
    ],
)
def test_a_missing_scope_is_named_and_never_taken_for_a_missing_row(
    make_base: MakeBase, limited_token: Callable[..., str], call: str, scopes: tuple[str, ...], missing: str
) -> None:
    base = make_base(token=limited_token(*scopes))
    record_id = base.add("u1")
    with pytest.raises(TokenRefused) as raised:
        CALLS[call](base, record_id)
    assert (raised.value.setting, raised.value.scope, raised.value.status) == ("airtable.token", missing, 403)


@pytest.mark.parametrize("token", ["patUnknown.0000", "two\nlines", "", "with space"])
def test_an_unknown_or_unsendable_token_is_refused(sandbox: Sandbox, make_base: MakeBase, token: str) -> None:
    with pytest.raises(TokenRefused) as raised:
        list(make_base(token=token).table.candidates())
    assert raised.value.setting == "airtable.token"
    assert sent(sandbox) <= 1


def test_a_base_that_is_not_there_is_permanent(sandbox: Sandbox, base: SandboxWorld) -> None:
    list(base.table.everything())
    sandbox.faults.add("airtable", "status", code=404, body={"error": "NOT_FOUND"})
    with pytest.raises(Permanent, match="no such base"):
        list(base.table.everything())


# Listings.


def rows(base: SandboxWorld, number: int) -> set[RecordId]:
    return {base.add(f"u{index}") for index in range(number)}


def test_a_stale_offset_begins_the_listing_again_so_that_no_row_is_missed(sandbox: Sandbox, base: SandboxWorld) -> None:
    wanted = rows(base, 205)
    sandbox.faults.add("airtable", "stale_offset")
    found = [row.record_id for page in base.table.candidates() for row in page]
    assert set(found) == wanted
    assert len(found) == 305  # the first page came twice


def test_a_listing_that_goes_stale_twice_is_given_up(sandbox: Sandbox, base: SandboxWorld) -> None:
    rows(base, 101)
    sandbox.faults.add("airtable", "stale_offset", times=2)
    with pytest.raises(Transient, match="twice"):
        list(base.table.candidates())


@pytest.mark.parametrize("call", ["candidates", "follow_ups_done"])
def test_the_same_offset_for_ever_is_given_up(sandbox: Sandbox, base: SandboxWorld, call: str) -> None:
    rows(base, 3)
    sandbox.faults.add("airtable", "same_offset_forever", path="pageSize")
    with pytest.raises(Transient, match="did not end"):
        CALLS[call](base, RecordId("rec00000000000001"))
    assert sent(sandbox) <= 6


def test_each_page_is_asked_for_only_when_it_is_wanted(sandbox: Sandbox, base: SandboxWorld) -> None:
    rows(base, 101)
    list(base.table.everything())
    sandbox.journal.clear()
    pages = base.table.candidates()
    assert sent(sandbox) == 0
    next(pages)
    assert sent(sandbox) == 1


def test_rows_of_a_page_come_oldest_first(sandbox: Sandbox, base: SandboxWorld) -> None:
    for index in range(5):
        base.add(f"u{index}")
        sandbox.clock.advance(10)
    (page,) = base.table.everything()
    assert [row.identifier.reveal() for row in page] == [f"u{index}" for index in range(5)]
