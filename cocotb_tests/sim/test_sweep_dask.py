"""A sweep on two workers of Dask, separate processes over loopback, of which one is killed."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace

import pytest

from cocotb_tests.machine.test_machine import calls_and_sleeps
from sim import cli
from sim.workload.format import encode

SPEC = """
variants = ["P0", "P1", "P4"]
presets = ["tiny"]
workloads = ["few.bin"]
[straps]
dram_latency = [2]
"""
POINTS = 3
PATIENCE_SECONDS = 120


@pytest.fixture
def spec(tmp_path):
    few = replace(calls_and_sleeps(threads=2, ops=2), tick_interval=0)
    (tmp_path / "few.bin").write_bytes(encode(few))
    file = tmp_path / "small.toml"
    file.write_text(SPEC)
    return file


@pytest.fixture
def dask(tmp_path, monkeypatch):
    """Start a process of Dask; what is still there at the end is killed with all it started."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    started: list[subprocess.Popen] = []

    def start(*arguments: str) -> subprocess.Popen:
        with (tmp_path / f"dask-{len(started)}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", *arguments, "--no-dashboard"],
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        started.append(process)
        return process

    yield start
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_until(condition) -> None:
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < PATIENCE_SECONDS
        time.sleep(0.05)


def test_a_worker_that_is_killed_loses_nothing(spec, dask, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("DYNSTACK_RESULTS_DIR", str(tmp_path / "local"))
    assert cli.main(["sweep", str(spec), "--workers", "1"]) == 0

    monkeypatch.setenv("DYNSTACK_RESULTS_DIR", str(tmp_path / "cluster"))
    file = tmp_path / "scheduler.json"
    loopback = ("--host", "127.0.0.1", "--scheduler-file", str(file))
    dask("scheduler", *loopback, "--port", "0")
    wait_until(file.exists)
    wait_until(lambda: file.read_text().endswith("}"))
    address = json.loads(file.read_text())["address"]
    one, _ = (dask("worker", *loopback, "--nthreads", "1", "--no-nanny") for _ in range(2))
    there: list[int] = []

    def kill_one() -> None:
        parts = tmp_path / "cluster" / "sweep-small" / "parts"
        wait_until(lambda: any(parts.glob("*.parquet")))
        one.kill()
        there.append(len(list(parts.glob("*.parquet"))))

    killer = threading.Thread(target=kill_one)
    killer.start()
    try:
        assert cli.main(["sweep", str(spec), "--scheduler", address]) == 0
    finally:
        killer.join()
    assert one.wait() == -signal.SIGKILL
    assert there[0] < POINTS
    local, cluster = (
        (tmp_path / name / "sweep-small" / "sweep.parquet").read_bytes()
        for name in ("local", "cluster")
    )
    assert local == cluster
    printed = capsys.readouterr()
    assert "Traceback" not in printed.err
    assert f"{POINTS} points: " in printed.out


def test_a_scheduler_that_is_not_there(spec, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("sim.sweep.workers.CONNECT_SECONDS", 1)
    monkeypatch.setenv("DYNSTACK_RESULTS_DIR", str(tmp_path / "results"))
    assert cli.main(["sweep", str(spec), "--scheduler", "tcp://127.0.0.1:9"]) == 2
    error = capsys.readouterr().err
    assert "no Dask scheduler answers at tcp://127.0.0.1:9" in error
    assert "Traceback" not in error
