"""Set-up and the command line where something is missing or wrong: a sentence, and no traceback."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sim import bootstrap, cli
from sim.cache import PROJECT_ROOT


def test_missing_tools_are_named_with_the_command_that_installs_them(tmp_path):
    """Nothing is on PATH but Python: everything else is reported at once, before any long step."""
    (tmp_path / "python3").symlink_to(sys.executable)
    done = subprocess.run(
        [sys.executable, str(PROJECT_ROOT / "sim" / "bootstrap.py")],
        env={**os.environ, "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "apt-get install git make g++ perl" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_path_with_a_blank_is_refused_before_anything_is_installed(tmp_path):
    source = (PROJECT_ROOT / "sim" / "bootstrap.py").read_text()
    checkout = tmp_path / "my checkout"
    (checkout / "sim").mkdir(parents=True)
    (checkout / "sim" / "bootstrap.py").write_text(source)
    done = subprocess.run(
        [sys.executable, str(checkout / "sim" / "bootstrap.py")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "no blanks in paths" in done.stderr
    assert not (checkout / ".venv").exists()


def test_an_old_python_can_read_far_enough_to_say_that_it_is_old():
    """Annotations of 3.9 ended in a TypeError on 3.8: none of them may be evaluated."""
    tree = ast.parse((PROJECT_ROOT / "sim" / "bootstrap.py").read_text(), feature_version=(3, 8))
    assert any(
        isinstance(node, ast.ImportFrom) and node.names[0].name == "annotations"
        for node in tree.body
    )


def test_an_old_compiler_is_noticed(tmp_path, monkeypatch):
    compiler = tmp_path / "g++"
    compiler.write_text("#!/bin/sh\nexit 1\n")
    compiler.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert bootstrap.missing_from_host() == [("g++ does not compile C++20", "g++")]


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """The groups of each installation that set-up asks for; nothing is installed."""
    calls = []
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / "stamp")
    monkeypatch.setattr(bootstrap, "install", calls.append)
    for name in ("pyproject.toml", "uv.lock"):
        (tmp_path / name).write_text("")
    return calls


def test_groups_that_are_there_are_not_installed_again(installed):
    for wanted in ([], ["golden"], [], ["golden"], ["formal"], ["golden"]):
        assert bootstrap.main(wanted) == 0
    assert installed == [[], ["golden"], ["formal", "golden"]]


def test_what_was_installed_once_stays_when_the_lock_file_changes(installed):
    assert bootstrap.main(["golden"]) == 0
    (bootstrap.ROOT / "uv.lock").write_text("changed")
    assert bootstrap.main([]) == 0
    assert installed == [["golden"], ["golden"]]


def test_a_stamp_that_is_half_written_counts_as_none(installed):
    bootstrap.STAMP.write_text('{"digest": ')
    assert bootstrap.main([]) == 0
    assert installed == [[]]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["measure", "--policy", "P77"], "no policy 'P77'"),
        (["measure", "--preset", "boom"], "no preset 'boom'"),
        (["measure", "--harts", "9"], "harts is 9"),
        (["measure", "--workload", "nowhere.bin"], "no workload 'nowhere.bin'"),
        (["run", "nowhere.elf"], "nowhere.elf"),
        (["waves", "--policy", "P4", "--at", "phase:lunch:0"], "lunch"),
    ],
)
def test_bad_input_gets_a_sentence(arguments, sentence, capfd):
    assert cli.main(arguments) == 2
    error = capfd.readouterr().err
    assert sentence in error
    assert "Traceback" not in error


def test_every_command_is_listed_and_explains_itself(capsys):
    with pytest.raises(SystemExit) as listing:
        cli.main(["--help"])
    assert listing.value.code == 0
    listed = capsys.readouterr().out
    for command in ("measure", "run", "calibrate", "waves", "workload", "bench"):
        assert command in listed
        with pytest.raises(SystemExit) as own:
            cli.main([command, "--help"])
        assert own.value.code == 0
        assert "usage: dynstack" in capsys.readouterr().out


def test_the_module_has_no_heavy_imports():
    """`dynstack --help` must answer at once: no command's module is imported for it."""
    code = "import sys, sim.cli; sys.exit('amaranth' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path("/"), check=False).returncode == 0
