"""`dynstack doctor` on machines that lack something."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys

import pytest

from sim import bootstrap, cli, doctor
from sim.cache import PROJECT_ROOT
from sim.doctor import State

TOOLS = ("git", "make", "perl", "g++")


def states() -> dict[str, doctor.Check]:
    return {check.name: check for check in doctor.checks()}


def test_a_machine_that_runs_this_test_has_what_is_needed(tmp_path, capsys):
    figures = tmp_path / "checks.json"
    assert cli.main(["doctor", "--json", str(figures)]) == 0
    assert "Everything that is needed is here" in capsys.readouterr().out
    checks = {check["check"]: check for check in json.loads(figures.read_text())["checks"]}
    assert {"Python", "g++", "packages", "Verilator", "zig", "Spike", "disk"} <= set(checks)
    assert checks["zig"] == {
        "check": "zig",
        "state": "ok",
        "found": "compiles for RISC-V and for this host",
        "action": "",
    }
    # Who is told that something is not there is told what to do.
    assert all(check["state"] == "ok" or check["action"] for check in checks.values())


def test_it_runs_where_nothing_is_set_up(tmp_path):
    """No package, no .venv, nothing on PATH: everything is reported, and the exit status is 1."""
    for name in ("sim", "rtl"):
        shutil.copytree(PROJECT_ROOT / name, tmp_path / name)
    done = subprocess.run(
        [sys.executable, "-S", "-m", "sim.cli", "doctor"],
        cwd=tmp_path,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == ""
    rows = {line[:25].strip(): line[25:] for line in done.stdout.splitlines()}
    for tool in TOOLS:
        assert rows[tool].split() == f"missing {_found(tool)}: apt-get install {tool}".split()
    assert rows["packages"].startswith("missing")
    assert "make setup" in rows["packages"]
    assert "make setup-golden" in rows["Spike"]
    assert "make setup-formal" in rows["Yosys"]
    assert rows["qemu-system-riscv64"].startswith("optional")
    assert "Verilator" not in rows  # not to be tried without packages


def _found(tool: str) -> str:
    return "not on PATH" if tool == "g++" else "not there"


def test_json_without_packages_is_a_sentence(tmp_path):
    done = subprocess.run(
        [sys.executable, "-S", "-m", "sim.cli", "doctor", "--json", str(tmp_path / "a.json")],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "make setup" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_old_compiler_is_not_enough(tmp_path, monkeypatch):
    compiler = tmp_path / "g++"
    compiler.write_text("#!/bin/sh\nexit 1\n")
    compiler.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    check = states()["g++"]
    assert check.state is State.MISSING
    assert "C++20" in check.found


def test_an_old_python_is_not_enough(monkeypatch):
    monkeypatch.setattr(bootstrap, "OLDEST_PYTHON", (99, 0))
    assert states()["Python"].state is State.MISSING


@pytest.mark.parametrize(
    ("place", "name"), [("with blank/build", "paths"), ("file/build", "build directory")]
)
def test_builds_need_a_place(tmp_path, monkeypatch, place, name):
    (tmp_path / "file").touch()
    monkeypatch.setenv("DYNSTACK_BUILD_DIR", str(tmp_path / place))
    wrong = {check.name for check in doctor.checks() if check.state is State.MISSING}
    # zig and Verilator have no directory to work in either.
    assert name in wrong
    assert wrong <= {name, "Verilator", "zig"}


def test_little_disk_and_memory_are_noticed(monkeypatch):
    usage = shutil.disk_usage(PROJECT_ROOT)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1 << 30))
    monkeypatch.setattr(os, "sysconf", lambda name: 4096 if name == "SC_PAGE_SIZE" else 1000)
    found = states()
    assert found["disk"].state is State.MISSING
    assert found["memory"].state is State.OPTIONAL


def test_half_made_builds_are_told_from_those_under_way(tmp_path, monkeypatch):
    monkeypatch.setenv("DYNSTACK_BUILD_DIR", str(tmp_path))
    assert states()["half-made builds"].state is State.OK
    (tmp_path / ".model-1.partial").mkdir()
    with (tmp_path / ".model-1.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert states()["half-made builds"].found == "1 under way"
    left = states()["half-made builds"]
    assert left.state is State.OPTIONAL
    assert ".model-1.partial" in left.found


def test_packages_that_are_not_those_of_the_lock_file_are_noticed(tmp_path, monkeypatch):
    """The tool that compares them says so, here a stand-in."""
    scripts = tmp_path / "bin"
    scripts.mkdir()
    (scripts / "uv").write_text("#!/bin/sh\necho 'error: outdated' >&2\nexit 1\n")
    (scripts / "uv").chmod(0o755)
    (tmp_path / "stamp").write_text("{}")
    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / "stamp")
    found = states()
    assert found["packages"].state is State.MISSING
    assert "outdated" in found["packages"].found
    assert found["Spike"].state is State.OPTIONAL


def test_a_tool_that_does_not_work_is_missing(monkeypatch):
    monkeypatch.setattr(doctor, "_TRY_ZIG", "import sys; sys.exit('no such target')")
    check = states()["zig"]
    assert check.state is State.MISSING
    assert check.found == "no such target"
