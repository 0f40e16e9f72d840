"""The mutants' own machinery: what counts as killed, and what does not."""

from __future__ import annotations

import difflib

import pytest

from sim.cache import PROJECT_ROOT
from sim.errors import UserError

from . import catalogue, runner

TEST = "cocotb_tests/sim/test_statistics.py"
SOURCE = "sim/statistics.py"


def write_mutant(directory, original, replacement, killer=TEST, name="mutant"):
    before = (PROJECT_ROOT / SOURCE).read_text()
    after = before.replace(original, replacement, 1)
    diff = difflib.unified_diff(
        before.splitlines(keepends=True),
        after.splitlines(keepends=True),
        f"a/{SOURCE}",
        f"b/{SOURCE}",
    )
    patch = directory / f"{name}.patch"
    patch.write_text(f"Class: 1\nBug: a test of the runner\nKilled-by: {killer}\n{''.join(diff)}")
    return catalogue.read(patch)


def test_a_mutant_is_killed_by_a_test_that_fails(tmp_path):
    outcome = runner.run(write_mutant(tmp_path, "    return ", "    return None or 7, "))
    assert outcome.verdict == runner.KILLED


def test_a_mutant_that_no_test_sees_survives(tmp_path):
    outcome = runner.run(write_mutant(tmp_path, '"""', '"""Another first sentence. '))
    assert outcome.verdict == runner.SURVIVED


def test_a_test_that_does_not_exist_kills_nothing(tmp_path):
    mutant = write_mutant(tmp_path, '"""', '"""Other. ', killer="cocotb_tests/sim/test_nothing.py")
    assert runner.run(mutant).verdict == runner.BROKEN
    assert "without any mutant" in str(runner.passes_unmutated(mutant.killer))


def test_a_patch_that_has_gone_stale_kills_nothing(tmp_path):
    mutant = write_mutant(tmp_path, '"""', '"""Other. ')
    mutant.patch.write_text(mutant.patch.read_text().replace('-"""', '-"""Nowhere. '))
    outcome = runner.run(mutant)
    assert outcome.verdict == runner.BROKEN
    assert "does not apply" in outcome.detail


def test_a_patch_says_what_it_is(tmp_path):
    (tmp_path / "nameless.patch").write_text("Class: 3\n--- a/x\n+++ b/x\n")
    with pytest.raises(UserError, match="Bug, Killed-by"):
        catalogue.mutants(directory=tmp_path)
    with pytest.raises(UserError, match="no mutant 'absent'"):
        catalogue.mutants(["absent"])


def test_every_patch_of_the_catalogue_applies_to_a_file_that_is_there():
    """Quick sentinel in the default suite; `make mutants` runs their tests."""
    found = catalogue.mutants()
    assert found
    for mutant in found:
        assert all((PROJECT_ROOT / name).exists() for name in mutant.files), mutant.name
        assert (PROJECT_ROOT / mutant.killer.split("::")[0]).exists(), mutant.name
