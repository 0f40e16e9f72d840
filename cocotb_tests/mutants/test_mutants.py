"""The mutants' own machinery: what counts as killed, and what does not."""

from __future__ import annotations

import difflib
import shutil
import subprocess

import pytest

from sim.cache import PROJECT_ROOT
from sim.errors import UserError

from . import catalogue, runner

TEST = "cocotb_tests/sim/test_statistics.py"
SOURCE = "sim/statistics.py"


def write_mutant(directory, original, replacement, *, killer=TEST, source=SOURCE):
    before = (PROJECT_ROOT / source).read_text()
    after = before.replace(original, replacement, 1)
    diff = difflib.unified_diff(
        before.splitlines(keepends=True),
        after.splitlines(keepends=True),
        f"a/{source}",
        f"b/{source}",
    )
    patch = directory / "mutant.patch"
    patch.write_text(f"Class: 1\nBug: a test of the runner\nKilled-by: {killer}\n{''.join(diff)}")
    return catalogue.read(patch)


def test_a_mutant_is_killed_by_a_test_that_fails(tmp_path):
    outcome = runner.run(write_mutant(tmp_path, "    return ", "    return None or 7, "))
    assert outcome.verdict == runner.KILLED


def test_a_mutant_that_no_test_sees_survives(tmp_path):
    outcome = runner.run(write_mutant(tmp_path, '"""', '"""Another first sentence. '))
    assert outcome.verdict == runner.SURVIVED


def test_a_test_that_does_not_end_says_nothing(tmp_path, monkeypatch):
    def never_ends(test, directory):
        raise subprocess.TimeoutExpired(test, 1)

    monkeypatch.setattr(runner, "_pytest", never_ends)
    outcome = runner.run(write_mutant(tmp_path, '"""', '"""Other. '))
    assert outcome.verdict == runner.BROKEN
    assert "does not end" in outcome.detail


def test_a_test_that_does_not_exist_kills_nothing(tmp_path):
    mutant = write_mutant(tmp_path, '"""', '"""Other. ', killer="cocotb_tests/sim/test_nothing.py")
    assert runner.run(mutant).verdict == runner.BROKEN
    assert "without any mutant" in str(runner.passes_unmutated(mutant.killer))


def test_a_mutant_that_does_not_compile_is_not_killed(tmp_path):
    mutant = write_mutant(
        tmp_path,
        "void schedule(void) {",
        "void schedule(void) { no such thing",
        killer="cocotb_tests/sw/test_firmware.py::test_images_without_waits_have_no_code_for_them",
        source="sw/kernel/sched.c",
    )
    outcome = runner.run(mutant)
    assert outcome.verdict == runner.BROKEN
    assert "the mutant does not build: UserError: compiling sw/kernel/sched.c" in outcome.detail


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


@pytest.mark.parametrize("mutant", catalogue.mutants(), ids=lambda mutant: mutant.name)
def test_every_patch_of_the_catalogue_applies(tmp_path, mutant):
    """Quick sentinel in the default suite; `make mutants` runs their tests."""
    for name in mutant.files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT_ROOT / name, tmp_path / name)
    command = ["git", "apply", str(mutant.patch)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    file, _, test = mutant.killer.partition("::")
    assert f"def {test.partition('[')[0]}" in (PROJECT_ROOT / file).read_text()


def test_every_class_of_bugs_has_a_mutant():
    assert {mutant.bug_class for mutant in catalogue.mutants()} >= set(range(1, 22))
