"""`dynstack run` on bare-metal programs: exit status, JSON, and what reaches stdout."""

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sim import cli, firmware, model

PROGRAMS = Path(__file__).parent / "programs"


def program(name: str) -> Path:
    return firmware.build_program([PROGRAMS / f"{name}.S"])


def run(capfd, tmp_path: Path, elf: Path, *options: str) -> tuple[int, dict | None, str, str]:
    """Return exit status, outcome, and what went to stdout and stderr."""
    file = tmp_path / "outcome.json"
    status = cli.main(["run", str(elf), "--json", str(file), *options])
    captured = capfd.readouterr()
    outcome = json.loads(file.read_text()) if file.exists() else None
    return status, outcome, captured.out, captured.err


VERDICTS = {
    "tohost_pass": (0, "pass", 0, "tohost"),
    "tohost_fail": (1, "fail", 21, "tohost"),
    "finisher_pass": (0, "pass", 0, "finisher"),
    "entry_elsewhere": (0, "pass", 0, "finisher"),
    "finisher_fail": (1, "fail", 7, "finisher"),
}
"""Exit status, and what the JSON says: status, code, reason."""


@pytest.mark.parametrize("name", VERDICTS)
def test_verdicts(capfd, tmp_path, name):
    status, outcome, *_ = run(capfd, tmp_path, program(name))
    assert outcome is not None
    assert (status, outcome["status"], outcome["code"], outcome["reason"]) == VERDICTS[name]
    (hart,) = outcome["harts"]
    assert hart["cycles"] > hart["instructions"] > 0
    assert outcome["cycles_per_second"] > 0


def test_a_program_that_never_ends(capfd, tmp_path):
    status, outcome, _, err = run(capfd, tmp_path, program("endless"), "--max-cycles", "5000")
    assert status == 3
    assert outcome is not None
    assert outcome["status"] == "timeout"
    assert outcome["harts"][0]["cycles"] == 5000
    assert "--max-cycles" in err


def test_the_uart_goes_to_stdout(capfd, tmp_path):
    _, _, out, _ = run(capfd, tmp_path, program("finisher_pass"))
    assert out == "hello through the UART\n"


def test_the_uart_goes_to_stdout_where_that_is_descriptor_1():
    """pytest's stdout has another descriptor than a shell's, which the simulator redirects."""
    command = [sys.executable, "-m", "sim.cli", "run", str(program("finisher_pass"))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stdout == "hello through the UART\n"


def test_a_closed_stdout_takes_nothing_from_the_verdict():
    command = shlex.join([sys.executable, "-m", "sim.cli", "run", str(program("finisher_fail"))])
    done = subprocess.run(
        ["sh", "-c", f"exec {command} >&-"], stderr=subprocess.PIPE, text=True, check=False
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_a_path_need_not_be_text(capfd, tmp_path):
    elf = tmp_path / os.fsdecode(b"n\xff.elf")
    shutil.copy(program("finisher_pass"), elf)
    assert run(capfd, tmp_path, elf)[0] == 0


def test_the_console_of_tohost_goes_to_stdout_and_is_acknowledged(capfd, tmp_path):
    status, _, out, _ = run(capfd, tmp_path, program("htif_console"), "--max-cycles", "100000")
    assert out == "? written by a system call\n"
    assert status == 0


def test_an_unknown_tohost_command_is_refused(capfd, tmp_path):
    status, outcome, _, err = run(capfd, tmp_path, program("htif_refused"))
    assert status == 1
    assert outcome is not None
    assert outcome["status"] == "fail"
    assert "device 3, command 0" in outcome["reason"]
    assert "device 3, command 0" in err


def test_a_file_that_cannot_run_is_unusable_input(capfd, tmp_path):
    status, outcome, _, err = run(capfd, tmp_path, Path(__file__))
    assert status == 2
    assert outcome is None
    assert "is not an ELF file" in err


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ((), "absent.elf cannot be read"),
        (("--lockstep",), "absent.elf cannot be read"),
        (("--lockstep", "--waves", "x.txt"), "as .fst or .vcd, not as '.txt'"),
    ],
)
def test_unusable_input_is_noticed_before_anything_is_built(
    capfd, tmp_path, monkeypatch, options, sentence
):
    monkeypatch.setattr(model, "build", None)
    monkeypatch.setattr("sim.golden.library", None)
    status, outcome, _, err = run(capfd, tmp_path, tmp_path / "absent.elf", *options)
    assert status == 2
    assert outcome is None
    assert sentence in err


def test_waves_of_a_whole_run(capfd, tmp_path):
    waves = tmp_path / f"run{model.trace_suffix()}"
    assert run(capfd, tmp_path, program("tohost_pass"), "--waves", str(waves))[0] == 0
    assert waves.stat().st_size > 0


def test_two_harts_run(capfd, tmp_path):
    status, outcome, *_ = run(
        capfd, tmp_path, program("all_harts"), "--harts", "2", "--preset", "tiny"
    )
    assert status == 0
    assert outcome is not None
    first, second = outcome["harts"]
    assert first["cycles"] == second["cycles"]
    assert first["instructions"] > 0
    assert second["instructions"] > 0
