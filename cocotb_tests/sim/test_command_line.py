"""What every command promises about its output: complete files, whoever reads or closes stdout."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from cocotb_tests.sim.test_report import run_of
from sim import cli, model, simulator
from sim.cache import PROJECT_ROOT
from sim.claims.lab import Lab
from sim.errors import UserError
from sim.sweep import table

FIGURES = PROJECT_ROOT / "docs" / "answer" / "figures.json"


def test_files_are_complete_where_nobody_reads_the_tables(tmp_path):
    """As with `| head -1`: the status is that of a program which the signal has ended."""
    out = tmp_path / "out.json"
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "sim.cli", "answer", "--from", FIGURES, "--json", out]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (128 + signal.SIGPIPE, "")
    assert json.loads(out.read_text()) == json.loads(FIGURES.read_text())


def test_no_command_writes_over_what_it_reads(tmp_path, capsys):
    file, other = tmp_path / "a.json", tmp_path / "b.json"
    content = json.dumps({"runs": [run_of("P0")]})
    file.write_text(content)
    other.write_text(content)
    strace = tmp_path / "s.txt"
    strace.write_text("% time calls syscall\n")
    same = f"{tmp_path}/./a.json"
    for command in (
        ["compare", str(file), str(other), "--json", same],
        ["run", str(file), "--json", same],
        ["answer", "--from", str(file), "--page", same],
        ["answer", "--json", str(other), "--page", str(other)],
        ["workload", "build", "--strace", str(strace), "--out", str(strace)],
    ):
        assert cli.main(command) == 2, command
        assert "the command has that file for something else" in capsys.readouterr().err
    assert file.read_text() == content
    assert strace.read_text() == "% time calls syscall\n"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["/dev/null"], "/dev/null is no plain file"),
        (["x.elf", "--max-cycles", "18446744073709551616"], "use 1 to 2**64 - 1"),
    ],
)
def test_what_run_cannot_run(options, sentence, capsys):
    assert cli.main(["run", *options]) == 2
    assert sentence in capsys.readouterr().err


def test_a_reading_that_was_damaged_is_taken_again(tmp_path):
    lab = Lab(tmp_path)
    answers = iter([1, 2])

    def ask() -> int:
        return lab.remember("some", {}, lambda: next(answers), [])

    assert (ask(), ask()) == (1, 1)
    (kept,) = (tmp_path / "runs").iterdir()
    kept.write_text("{")
    assert ask() == 2


def test_a_part_of_a_sweep_that_is_another_s_counts_as_missing(tmp_path):
    (tmp_path / "parts").mkdir()
    table.write_rows([{"key": "other", "policy": "P0"}], table.part(tmp_path, "mine"))
    assert table.read_part(tmp_path, "mine") is None


def test_a_damaged_model_says_how_it_is_built_again(tmp_path, monkeypatch):
    monkeypatch.setattr(simulator, "_gpi_users", str)
    with pytest.raises(UserError, match=f"Remove {tmp_path}, and it is built again"):
        simulator.start(tmp_path, "no_module", tmp_path)


def test_a_workload_for_two_harts_is_refused_before_anything_is_built(
    tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr(model, "build", None)
    assert cli.main(["sensitivity", "--workload", "h4"]) == 2
    error = capsys.readouterr().err
    assert "sensitivity runs one hart: h4, thread" in error
    assert "use more harts" in error

    spec = tmp_path / "one.toml"
    spec.write_text('variants = ["P4"]\nworkloads = ["h4"]')
    assert cli.main(["sweep", str(spec)]) == 2
    error = capsys.readouterr().err
    assert f"{spec}: workload h4, harts 1: the workload, thread" in error
    assert "or put it into exclude" in error


@pytest.mark.parametrize("option", ["--workload", "--json"])
def test_names_that_are_too_long(option, capsys):
    assert cli.main(["measure", option, "x" * 300]) == 2
    assert "File name too long" in capsys.readouterr().err


def test_calls_on_sockets_that_nobody_made(tmp_path, capsys):
    strace = tmp_path / "s.txt"
    strace.write_text("calls syscall\n----- -------\n5 read\n----- -------\n5 total\n")
    command = ["workload", "build", "--strace", str(strace), "--out", str(tmp_path / "w")]
    assert cli.main([*command, "--socket-calls", "read,recv"]) == 2
    assert f"--socket-calls has recv: not among those of {strace}" in capsys.readouterr().err
    assert not (tmp_path / "w").exists()
