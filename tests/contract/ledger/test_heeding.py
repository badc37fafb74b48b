"""What people do to the rows: extensions, changes after sending, deleted rows, edits, and systems told by hand."""

from dataclasses import replace
from datetime import date

from tests.contract.ledger.made import (
    FOLLOW_UP,
    SUPPRESS,
    after,
    intent,
    look,
    noted,
    regulation,
    report,
    row,
    sent,
    settled,
)

from dsr_sync.core.deadlines import Deadline
from dsr_sync.core.model import Extension, ExtensionRefused, Progress, RecordId, RegulationId, Verdict
from dsr_sync.ports import Ledger, ReceiptKey

ANN, BOB, ANN_TOO = row("A", "ann"), row("B", "bob"), row("C", "ann")
DUE, LATER = date(2026, 4, 2), date(2026, 5, 20)
GRANTED = Deadline(LATER, Extension(LATER, after(3)))
RUNNING = regulation("reg1", Progress.RUNNING)
DONE = regulation("reg1", Progress.FINISHED, report("Braze"))


def kinds(ledger: Ledger, name: str) -> list[str]:
    return [event.kind for event in ledger.history(RecordId(f"rec{name}"))]


def note(ledger: Ledger, limit: Deadline | None, minutes: float = 3, changed: str = "") -> None:
    ledger.note([replace(noted(ANN, minutes), deadline=limit, changed=changed)])


def test_an_extension_is_remembered_with_the_time_when_it_was_first_seen(ledger: Ledger) -> None:
    note(ledger, None, 0)
    note(ledger, GRANTED)
    note(ledger, GRANTED, 9)
    entry = ledger.entries([ANN.record_id])[ANN.record_id]
    assert (entry.due_by, entry.extension, entry.extension_refused) == (LATER, Extension(LATER, after(3)), None)
    assert kinds(ledger, "A") == ["request.seen", "request.extended", "request.due"]


def test_an_extension_survives_that_the_row_is_sent_and_is_not_forgotten_when_it_is_taken_out(ledger: Ledger) -> None:
    note(ledger, GRANTED, 0)
    ledger.intend(intent(ANN, minutes=4))
    note(ledger, Deadline(DUE, GRANTED.extension), 5)
    entry = ledger.entries([ANN.record_id])[ANN.record_id]
    assert (entry.due_by, entry.extension) == (DUE, GRANTED.extension)


def test_a_refused_extension_is_remembered_and_told_once(ledger: Ledger) -> None:
    for minutes in (0, 1, 2):
        note(ledger, Deadline(DUE, None, ExtensionRefused.LATE), minutes)
    assert ledger.entries([ANN.record_id])[ANN.record_id].extension_refused is ExtensionRefused.LATE
    assert kinds(ledger, "A") == ["request.seen", "request.extension_refused"]
    note(ledger, Deadline(DUE), 3)
    assert ledger.entries([ANN.record_id])[ANN.record_id].extension_refused is None


def test_a_row_changed_after_it_was_sent_is_remembered_until_it_is_changed_back_or_sent_anew(ledger: Ledger) -> None:
    sent(ledger, ANN)
    note(ledger, Deadline(DUE), 3, "user_identifier")
    note(ledger, Deadline(DUE), 4, "user_identifier")
    assert ledger.entries([ANN.record_id])[ANN.record_id].changed == "user_identifier"
    note(ledger, Deadline(DUE), 5)
    assert ledger.entries([ANN.record_id])[ANN.record_id].changed == ""
    changes = [kind for kind in kinds(ledger, "A") if kind.startswith("request.changed")]
    assert changes == ["request.changed", "request.changed_back"]


def test_an_entry_says_whether_its_row_is_owed_something(ledger: Ledger) -> None:
    sent(ledger, ANN)
    assert ledger.entries([ANN.record_id])[ANN.record_id].owed
    settled(ledger)
    assert not ledger.entries([ANN.record_id])[ANN.record_id].owed


def test_a_deleted_row_is_noted_once_and_a_restored_one_too(ledger: Ledger) -> None:
    sent(ledger, ANN, BOB)
    ledger.note([noted(row("D", "dora"))])  # not sent: nothing is lost with it
    assert ledger.note_gone(frozenset({BOB.record_id}), after(5)) == (ANN.record_id,)
    assert ledger.note_gone(frozenset({BOB.record_id}), after(6)) == ()
    assert [ledger.entries([each.record_id])[each.record_id].gone for each in (ANN, BOB)] == [True, False]
    assert [entry.record_id for entry in ledger.with_receipts(None, 9)] == [BOB.record_id]
    assert ledger.note_gone(frozenset({ANN.record_id, BOB.record_id}), after(7)) == ()
    assert [kind for kind in kinds(ledger, "A") if kind in ("request.gone", "request.back")] == [
        "request.gone",
        "request.back",
    ]
    assert "request.gone" not in kinds(ledger, "D")


def test_the_requests_with_receipts_come_in_pages_without_the_joined_ones(ledger: Ledger) -> None:
    number = sent(ledger, ANN, BOB)
    ledger.join(ANN_TOO, number, after(2))
    ledger.intend(intent(row("E", "eve"), minutes=3))  # no answer yet, so there is nothing to have receipts of
    first = ledger.with_receipts(None, 1)
    assert [entry.record_id for entry in first] == [ANN.record_id]
    assert [entry.record_id for entry in ledger.with_receipts(ANN.record_id, 9)] == [BOB.record_id]


def test_what_was_put_right_is_in_the_history(ledger: Ledger) -> None:
    sent(ledger, ANN)
    ledger.put_right(ANN.record_id, after(5), {"table": "requests", "columns": "status"})
    last = ledger.history(ANN.record_id)[-1]
    assert (last.kind, last.details) == ("request.put_right", {"table": "requests", "columns": "status"})


def test_texts_are_kept_by_name_and_replaced(ledger: Ledger) -> None:
    assert ledger.remembered("columns") is None
    for text in ("{}", '{"a": 1}'):
        ledger.remember("columns", text)
    assert ledger.remembered("columns") == '{"a": 1}'


def test_error_texts_are_scrubbed_as_they_would_be_kept(ledger: Ledger) -> None:
    number = sent(ledger, ANN)
    assert ledger.scrubbed(number, ["no such user ann", "", "wrong key"]) == ("no such user […]", "", "wrong key")


class TestByHand:
    def wanted(self, ledger: Ledger, *names: str, shown: object = None, minutes: float = 10) -> None:
        number = ledger.entries([ANN.record_id])[ANN.record_id].submission
        assert number is not None
        seen = look(DONE if shown == "done" else RUNNING, minutes)
        verdict = Verdict.FOLLOW_UP if shown == "done" else seen.verdict
        ledger.look(number.submission_id, replace(seen, verdict=verdict, by_hand=names))

    def key(self, name: str, system: str) -> ReceiptKey:
        return ReceiptKey(RecordId(f"rec{name}"), RegulationId("reg1"), system)

    def test_each_request_of_the_regulation_has_a_follow_up_for_each_system(self, ledger: Ledger) -> None:
        sent(ledger, ANN, BOB)
        settled(ledger)
        self.wanted(ledger, "CRM", "Lake")
        self.wanted(ledger, "CRM", "Lake", minutes=11)
        found = {item.key for item in ledger.open_follow_ups()}
        assert found == {self.key(name, system) for name in "AB" for system in ("CRM", "Lake")}
        entry = ledger.entries([ANN.record_id])[ANN.record_id]
        assert entry.submission is not None
        assert entry.submission.by_hand == ("CRM", "Lake")
        assert len(ledger.owed_receipts(9)) == 1
        assert kinds(ledger, "A").count("follow_up.wanted") == 2

    def test_the_request_completes_when_segment_and_people_are_done_in_either_order(self, ledger: Ledger) -> None:
        sent(ledger, ANN, BOB)
        self.wanted(ledger, "CRM")
        ledger.follow_up_done([self.key("A", "CRM")], after(11))
        assert ledger.entries([ANN.record_id])[ANN.record_id].verdict is Verdict.RUNNING
        self.wanted(ledger, "CRM", shown="done", minutes=12)
        both = ledger.entries([ANN.record_id, BOB.record_id])
        assert both[ANN.record_id].verdict is Verdict.COMPLETED
        assert both[BOB.record_id].verdict is Verdict.FOLLOW_UP
        ledger.follow_up_done([self.key("B", "CRM")], after(13))
        assert ledger.entries([BOB.record_id])[BOB.record_id].verdict is Verdict.COMPLETED
        assert ledger.open_follow_ups() == ()

    def test_what_segment_no_longer_needs_goes_and_what_is_told_by_hand_stays(self, ledger: Ledger) -> None:
        number = sent(ledger, ANN)
        bad = look(regulation("reg1", Progress.FAILED, *FOLLOW_UP), 10)
        ledger.look(number, replace(bad, by_hand=("CRM",)))
        assert len(ledger.open_follow_ups()) == 3
        well = look(DONE, 20)
        ledger.look(number, replace(well, verdict=Verdict.FOLLOW_UP, by_hand=("CRM",)))
        assert [item.key.destination for item in ledger.open_follow_ups()] == ["CRM"]

    def test_what_failed_leaves_nothing_to_do_by_hand(self, ledger: Ledger) -> None:
        number = sent(ledger, ANN)
        self.wanted(ledger, "CRM")
        ledger.look(number, replace(look(regulation("reg1", Progress.INVALID), 20), by_hand=("CRM",)))
        assert ledger.open_follow_ups() == ()

    def test_other_kinds_of_requests_ask_for_nothing_by_themselves(self, ledger: Ledger) -> None:
        number = ledger.intend(intent(BOB, kind=SUPPRESS))
        ledger.accept(number, RegulationId("reg2"), after(2))
        ledger.look(number, look(regulation("reg2", Progress.RUNNING), 10))
        assert ledger.open_follow_ups() == ()
