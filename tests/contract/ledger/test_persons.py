"""What the ledger knows of persons: under which names, and whether the last thing sent for them undid what stands."""

from dataclasses import replace

from tests.contract.ledger.made import DELETE, SUPPRESS, after, intent, look, noted, regulation, row, sent

from dsr_sync.core.model import Identifier, Progress, RegulationId, RequestType, SubjectKey
from dsr_sync.ports import IntendedRequest, Ledger

UNSUPPRESS = RequestType.UNSUPPRESS
ANN, BOB, ANN_TOO, ANN_THREE = row("A", "ann"), row("B", "bob"), row("C", "ann"), row("D", "ann")


def key(ledger: Ledger, who: str) -> SubjectKey:
    return ledger.key_of(Identifier(who))


def test_what_stands_is_undone_once_the_opposite_was_sent_after_it(ledger: Ledger) -> None:
    person = (key(ledger, "ann"), SUPPRESS)
    ledger.intend(intent(ANN, minutes=1, kind=SUPPRESS))
    assert ledger.undone([person]) == frozenset()
    ledger.intend(intent(ANN_TOO, minutes=2, kind=UNSUPPRESS))
    assert ledger.undone([person]) == {person}
    assert ledger.undone([(key(ledger, "ann"), UNSUPPRESS)]) == frozenset()
    assert ledger.undone([]) == frozenset()


def test_deleting_and_suppressing_do_not_undo_each_other(ledger: Ledger) -> None:
    ledger.intend(intent(ANN, minutes=1, kind=SUPPRESS))
    ledger.intend(intent(ANN_TOO, minutes=2, kind=DELETE))
    assert ledger.undone([(key(ledger, "ann"), kind) for kind in (SUPPRESS, DELETE)]) == frozenset()


def test_of_two_submissions_of_one_moment_the_second_one_undoes_the_first(ledger: Ledger) -> None:
    ledger.intend(intent(ANN, minutes=1, kind=UNSUPPRESS))
    ledger.intend(intent(ANN_TOO, minutes=1, kind=DELETE))
    assert ledger.undone([(key(ledger, "ann"), kind) for kind in (UNSUPPRESS, DELETE)]) == {
        (key(ledger, "ann"), UNSUPPRESS)
    }


def test_what_did_not_get_to_segment_undoes_nothing(ledger: Ledger) -> None:
    person = (key(ledger, "ann"), SUPPRESS)
    ledger.intend(intent(ANN, minutes=1, kind=SUPPRESS))
    refused = ledger.intend(intent(ANN_TOO, minutes=2, kind=UNSUPPRESS))
    ledger.refuse(refused, after(3), "INVALID")
    released = ledger.intend(intent(ANN_THREE, minutes=4, kind=UNSUPPRESS))
    ledger.release(released, after(5), "absent", None)
    assert ledger.undone([person]) == frozenset()


def test_what_is_over_still_undoes_what_stands(ledger: Ledger) -> None:
    person = (key(ledger, "ann"), SUPPRESS)
    ledger.intend(intent(ANN, minutes=1, kind=SUPPRESS))
    lifted = ledger.intend(intent(ANN_TOO, minutes=2, kind=UNSUPPRESS))
    ledger.accept(lifted, RegulationId("reg2"), after(3))
    ledger.look(lifted, look(regulation("reg2", Progress.FINISHED)))
    assert ledger.undone([person]) == {person}


def test_the_opposite_counts_under_every_name_that_the_request_was_sent_with(ledger: Ledger) -> None:
    by_address = IntendedRequest(ANN.record_id, Identifier("ann@example.com"), (Identifier("ann"), Identifier("ann2")))
    ledger.intend(intent(by_address, BOB, minutes=1, kind=SUPPRESS))
    ledger.intend(intent(row("E", "ann2"), minutes=2, kind=UNSUPPRESS))
    asked = [(key(ledger, who), SUPPRESS) for who in ("ann@example.com", "ann", "ann2", "bob")]
    assert ledger.undone(asked) == frozenset(asked[:3])


def test_a_regulation_is_known_by_all_names_of_the_requests_that_share_it(ledger: Ledger) -> None:
    by_address = IntendedRequest(ANN.record_id, Identifier("ann@example.com"), (Identifier("ann"),))
    number = ledger.intend(intent(by_address, minutes=1))
    ledger.accept(number, RegulationId("reg1"), after(2))
    further = row("E", "another@example.com")
    ledger.note([noted(further)])
    ledger.join(further, number, after(3))
    sent(ledger, BOB, regulation_id="reg2")
    names = ("ann@example.com", "ann", "another@example.com")
    assert ledger.named(RegulationId("reg1")) == {key(ledger, who) for who in names}
    assert ledger.named(RegulationId("nobody")) == frozenset()


def test_what_segment_made_later_counts_whatever_the_ledger_numbered_first(ledger: Ledger) -> None:
    """After a lost ledger, regulations are taken over in the order of the rows."""
    lifted, imposed = RegulationId("lifted"), RegulationId("imposed")
    for who, kind, name, made in ((ANN, UNSUPPRESS, lifted, 30), (ANN_TOO, SUPPRESS, imposed, 20)):
        number = ledger.adopt(intent(who, minutes=60, kind=kind), name, after(made))
        seen = regulation(name, Progress.RUNNING)
        ledger.look(number, look(replace(seen, created_at=after(made)), 61))
    assert ledger.undone([(key(ledger, "ann"), kind) for kind in (UNSUPPRESS, SUPPRESS)]) == {
        (key(ledger, "ann"), SUPPRESS)
    }


def test_an_intent_that_a_wrong_clock_has_dated_does_not_pass_for_an_earlier_one(ledger: Ledger) -> None:
    ledger.intend(intent(ANN, minutes=60, kind=SUPPRESS))
    ledger.intend(intent(ANN_TOO, minutes=2, kind=UNSUPPRESS))
    assert ledger.undone([(key(ledger, "ann"), SUPPRESS)]) == {(key(ledger, "ann"), SUPPRESS)}
