"""Ctrl-C, unwritable places and oversized requests: at once, with a sentence, and nothing left."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sim import cli, elf, simulator
from sim.cache import build_root
from sim.errors import UserError
from sim.formal import solver
from sim.report import PLAIN_WIDTH, console
from sim.results import new_path, write_file, write_json


def test_simulations_under_way_stop_with_the_pool(tmp_path, monkeypatch):
    """A stand-in for the simulator sleeps for a minute; nobody waits for it."""
    (tmp_path / simulator.EXECUTABLE).write_text(f"#!{sys.executable}\nimport time; time.sleep(60)")
    (tmp_path / simulator.EXECUTABLE).chmod(0o755)
    monkeypatch.setattr(simulator, "_gpi_users", str)
    started = threading.Event()
    processes: list[subprocess.Popen[bytes]] = []

    def work() -> int:
        processes.append(simulator.start(tmp_path, "no_module", tmp_path))
        started.set()
        return processes[0].wait()

    with ThreadPoolExecutor(1) as pool:
        futures = [pool.submit(work), pool.submit(work)]
        assert started.wait(20)
        begun = time.monotonic()
        simulator.stop_all(futures)
    assert time.monotonic() - begun < 10
    assert futures[0].result() < 0
    assert futures[1].cancelled()
    assert len(processes) == 1


def test_searches_under_way_stop_with_what_they_started(tmp_path):
    """A stand-in for yosys-smtbmc waits for the solver that it has started."""
    solves = "import time; time.sleep(60)"
    waits = f"import subprocess, sys; subprocess.run([sys.executable, '-c', '{solves}'])"
    begun = time.monotonic()
    with ThreadPoolExecutor(1) as pool:
        futures = [
            pool.submit(solver._run, [sys.executable, "-c", waits], tmp_path) for _ in range(2)
        ]
        while not solver._running:
            assert time.monotonic() - begun < 20
            time.sleep(0.01)
        solver.stop_all(futures)
    # The output ends when all that hold it have ended.
    assert time.monotonic() - begun < 20
    assert futures[0].result().returncode < 0
    assert futures[1].cancelled()


def test_a_link_is_written_to_and_not_replaced(tmp_path):
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "target")
    write_json(link, 1)
    assert link.is_symlink()
    assert (tmp_path / "target").read_text() == "1\n"
    with pytest.raises(UserError, match="it is a directory"):
        write_file(tmp_path, b"")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "target"]


@pytest.mark.parametrize("option", ["--json", "--waves"])
def test_an_unwritable_file_is_noticed_before_the_run(option, tmp_path, capsys):
    (tmp_path / "file").touch()
    path = tmp_path / "file" / "out.vcd"
    assert cli.main(["run", "nowhere.elf", option, str(path)]) == 2
    assert "cannot write" in capsys.readouterr().err


def test_measure_notices_unwritable_results_before_it_builds(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").touch()
    monkeypatch.setenv("DYNSTACK_RESULTS_DIR", str(tmp_path / "file"))
    assert cli.main(["measure", "--workload", "find-grep"]) == 2
    assert "cannot write to" in capsys.readouterr().err


def test_an_unusable_build_directory_gets_a_sentence(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("DYNSTACK_BUILD_DIR", str(tmp_path / "file"))
    with pytest.raises(UserError, match="cannot write builds"):
        build_root()


def test_a_build_directory_that_takes_no_lock_is_not_waited_for(monkeypatch):
    """/proc is there, is root's to write to, and takes no files: a lock was tried without end."""
    monkeypatch.setenv("DYNSTACK_BUILD_DIR", "/proc")
    with pytest.raises(UserError, match="cannot write builds to /proc"):
        build_root()


def test_waves_take_their_place_when_they_are_complete(tmp_path):
    file = tmp_path / "run.vcd"
    file.write_text("of an earlier run")

    def interrupted():
        with new_path(file) as part:
            part.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert file.read_text() == "of an earlier run"
    with new_path(file) as part:
        assert part.suffix == ".vcd", "it names the format"
        part.write_text("whole")
    assert file.read_text() == "whole"
    assert list(tmp_path.iterdir()) == [file]


def test_who_reads_may_stop_reading(monkeypatch, capfd):
    def closed(*_):
        raise BrokenPipeError

    monkeypatch.setattr("sim.compare.main", closed)
    monkeypatch.setattr("os.dup2", lambda *_: None)
    assert cli.main(["compare", "a", "b"]) == 141
    assert capfd.readouterr().err == ""


def test_a_full_disk_gets_a_sentence(monkeypatch, capsys):
    def full(*_):
        raise OSError(28, "No space left on device", "/some/file")

    monkeypatch.setattr("sim.compare.main", full)
    assert cli.main(["compare", "a", "b"]) == 1
    assert "No space left on device: '/some/file'" in capsys.readouterr().err


def test_bench_wants_a_repeat(capsys):
    assert cli.main(["bench", "--repeats", "0"]) == 2
    assert "--repeats is 0" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--calls", "99999999"], "too many"),
        (["--page-faults", "10000000"], "too many"),
        (["--threads", "99999999999999999999"], "the kernel has room for 503"),
    ],
)
def test_an_oversized_workload_is_refused_before_it_is_made(options, sentence, tmp_path, capsys):
    strace = tmp_path / "strace.txt"
    strace.write_text("syscall calls\nread 10\n")
    out = tmp_path / "out"
    command = ["workload", "build", "--strace", str(strace), "--out", str(out), *options]
    assert cli.main(command) == 2
    assert sentence in capsys.readouterr().err
    assert not out.exists()


def test_an_offset_no_file_can_have_is_left_to_the_loader(tmp_path):
    image = bytearray(Path(sys.executable).resolve().read_bytes()[:4096])
    image[40:48] = b"\xff" * 8  # e_shoff
    (tmp_path / "odd.elf").write_bytes(image)
    assert elf.symbols(tmp_path / "odd.elf") == {}


def test_a_narrow_terminal_does_not_cut_figures_off(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert console().width >= PLAIN_WIDTH
