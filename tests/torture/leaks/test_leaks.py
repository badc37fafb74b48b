"""Promise 7 at work: a sample of the faults and the unexpected errors; all of them are a part of `make torture`."""

from pathlib import Path

import pytest
from tests.e2e.process import until
from tests.torture.leaks.aviary import Aviary, tokens
from tests.torture.leaks.canaries import EMAIL, EVERYWHERE, USER_ID, canary, found
from tests.torture.leaks.faults import SAMPLE, Fault, every_fault
from tests.torture.leaks.saboteur import CALLS, ERRORS
from tests.torture.leaks.trials import Came, aviary, broken, broken_daemon, through, with_token_files

_SABOTAGED = [(call, error) for call, error in zip([*CALLS][3:7:3], ("http", "database"), strict=True)]


@pytest.mark.parametrize("faults", SAMPLE, ids=lambda faults: ", ".join(fault.name for fault in faults))
def test_nothing_leaks_through_a_fault(faults: tuple[Fault, ...], tmp_path: Path) -> None:
    assert through(tmp_path, *faults) == Came()


@pytest.mark.parametrize(("call", "error"), _SABOTAGED)
def test_nothing_leaks_from_an_error_that_nobody_expected(call: str, error: str, tmp_path: Path) -> None:
    came = broken(tmp_path, call, error)
    assert (came.leaks, came.missed) == ([], [])
    assert "Error" in came.said


def test_nothing_leaks_from_a_daemon_that_breaks_unexpectedly_nor_from_its_pages(tmp_path: Path) -> None:
    came = broken_daemon(tmp_path, _SABOTAGED[0][0], "group")
    assert (came.leaks, came.missed) == ([], [])


def test_tokens_from_files_are_in_no_environment_and_in_no_argument(tmp_path: Path) -> None:
    assert with_token_files(tmp_path) == Came()


def test_a_fault_that_met_nothing_is_said_to_be_missed(tmp_path: Path) -> None:
    fault = Fault("airtable", "cut", "DELETE")
    assert through(tmp_path, fault).missed == [fault.name]


def test_nothing_leaks_from_the_daemon_and_its_pages_nor_from_what_others_ask(tmp_path: Path) -> None:
    with aviary(tmp_path) as full:
        full.house.box.faults.add("segment", "cut", method="POST", after_effect=True)
        with full.daemon(DSR_SYNC_LOG__FORMAT="json"):
            _worked_on(full)
            full.stir()
            full.house.later()
            until(lambda: full.house.regulations(USER_ID.text), "the person is served")
            full.keep_files()
            assert any(name.endswith("-wal") for name in full.surfaces), "the -wal was never looked at"
        full.look()
        assert full.leaks() == []
        assert full.reached() == {"segment": True, "airtable": True}


def _worked_on(full: Aviary) -> None:
    def served() -> bool:
        full.house.later(20)
        return bool(full.house.receipts(full.rows[USER_ID.place]))

    until(served, "the first row has its receipts", 60)


def test_a_canary_that_leaked_would_be_found_however_it_was_written() -> None:
    mail = canary("e-mail")
    written = {
        "plain": mail.core,
        "folded": mail.core.upper(),
        "hexadecimal": mail.core.encode().hex(),
        "base64": __import__("base64").b64encode(f"who={mail.core}@x.org".encode()).decode(),
    }
    surfaces = {name: text.encode() for name, text in written.items()}
    surfaces["wide"] = mail.core.encode("utf-16-le")
    assert {line.split(" → ")[1] for line in found(surfaces, ())} == set(surfaces)


def test_tokens_are_looked_for_too(tmp_path: Path) -> None:
    with aviary(tmp_path) as full:
        for secret in tokens(full.house.box):
            assert found({"log": f"Authorization: Bearer {secret.text}".encode()}, tokens(full.house.box)) == [
                f"{secret.place} → log"
            ]


def test_every_kind_of_fault_and_every_adapter_has_its_turn() -> None:
    assert len(every_fault()) > 60
    assert {fault.service for fault in every_fault()} == {"airtable", "segment", "profiles"}
    assert len(CALLS) * len(ERRORS) >= 60
    assert len({each.core for each in EVERYWHERE}) == len(EVERYWHERE)
    assert EMAIL.core in EMAIL.text
