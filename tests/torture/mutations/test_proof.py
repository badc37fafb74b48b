"""The mutation proof: all six still fit the source, and the quick ones are noticed. All six: `make torture`."""

import shutil
from pathlib import Path

import pytest
from tests.torture.mutations.mutants import MUTANTS, QUICK, Mutant
from tests.torture.mutations.proof import ROOT, Trial, with_mutant, without


def named(mutant: Mutant) -> str:
    return mutant.name


@pytest.mark.parametrize("mutant", MUTANTS, ids=named)
def test_each_safeguard_stands_where_the_proof_takes_it_away(mutant: Mutant, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "src" / "dsr_sync", tmp_path / "dsr_sync")
    mutant.apply(tmp_path)
    for edit in mutant.edits:
        lame, whole = (place / "dsr_sync" / edit.file for place in (tmp_path, ROOT / "src"))
        assert lame.read_text("utf-8") != whole.read_text("utf-8")
        compile(lame.read_text("utf-8"), edit.file, "exec")


@pytest.mark.timeout(300)
@pytest.mark.parametrize("mutant", QUICK, ids=named)
def test_a_product_without_the_safeguard_does_not_pass(mutant: Mutant) -> None:
    assert with_mutant(mutant).noticed


@pytest.mark.timeout(300)
def test_the_same_tests_pass_with_it() -> None:
    assert without([test for mutant in QUICK for test in mutant.tests]).clean


def test_tests_that_could_not_be_run_are_no_proof() -> None:
    assert not Trial(passed=0, failed=0, errors=1).noticed
    assert not Trial(passed=3, failed=1, errors=1).noticed
    assert not Trial(passed=0, failed=0, errors=0).clean


def test_a_safeguard_that_was_rewritten_is_asked_for_anew(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "src" / "dsr_sync", tmp_path / "dsr_sync")
    (tmp_path / "dsr_sync" / MUTANTS[0].edits[0].file).write_text("", "utf-8")
    with pytest.raises(ValueError, match="does not hold this text exactly once"):
        MUTANTS[0].apply(tmp_path)
