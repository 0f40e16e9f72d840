"""Sweeps of points that are made up: what is kept, what is run again, what fails."""

from __future__ import annotations

import json
from dataclasses import replace

import pyarrow.parquet as pq
import pytest

from cocotb_tests.sim.test_report import run_of
from sim import cli
from sim.cache import silent
from sim.errors import UserError
from sim.machine import SimulatorKilledError
from sim.measure import Run
from sim.sweep import point as points
from sim.sweep import workers
from sim.sweep.spec import read_spec
from sim.sweep.table import row

SPEC = """
variants = ["P0", "P4"]
workloads = ["find-grep"]
[straps]
dram_latency = [10, 20, 60]
"""


class FakeWorkers:
    """Stand in for those who compute points; latencies in `broken` fail."""

    def __init__(self):
        self.computed: list[str] = []
        self.broken: list[int] = []

    def compute(self, point, progress=None):
        self.computed.append(point.label)
        if point.machine.straps.dram_latency in self.broken:
            raise UserError("did not complete: timeout", exit_code=3)
        run = point.run()
        summary = run_of(point.variant) | run.identity
        summary["cycles_per_syscall"] += point.machine.straps.dram_latency
        return row(point.key, run.config(b""), summary)


@pytest.fixture
def fake(monkeypatch, tmp_path):
    image = tmp_path / "kernel.elf"
    image.write_bytes(b"\x7fELF")
    monkeypatch.setattr(points, "_build_model", lambda *_: tmp_path)
    monkeypatch.setattr(points, "_build_kernel", lambda *_, **__: image)
    monkeypatch.setenv("DYNSTACK_RESULTS_DIR", str(tmp_path / "results"))
    fake = FakeWorkers()
    monkeypatch.setattr(workers, "compute", fake.compute)
    return fake


@pytest.fixture
def sweep(tmp_path):
    def run(*options: str, text: str = SPEC) -> int:
        file = tmp_path / "latencies.toml"
        file.write_text(text)
        return cli.main(["sweep", str(file), *options])

    return run


@pytest.fixture
def result(tmp_path):
    return tmp_path / "results" / "sweep-latencies" / "sweep.parquet"


def test_one_row_for_each_point_and_a_table(fake, sweep, result, capsys):
    assert sweep() == 0
    rows = pq.read_table(result).to_pylist()
    assert [(row["variant"], row["straps.dram_latency"]) for row in rows] == [
        (policy, latency) for policy in ("P0", "P4") for latency in (10, 20, 60)
    ]
    assert len({row["key"] for row in rows}) == 6
    assert rows[5]["cycles_per_syscall"] == 1_360
    assert rows[5]["phases.map.median"] == 199
    assert rows[5]["phases.map.stalls.dcache_miss"] == 200
    assert rows[5]["phases.map.stalls.muldiv"] == 0
    printed = capsys.readouterr().out
    table = [line.split() for line in printed.splitlines() if line.startswith("find-grep")]
    assert table == [
        ["find-grep", "1", policy, "3", "1,330.0", "1,310.0", "1,360.0", *["11.50"] * 3]
        for policy in ("P0", "P4")
    ]
    assert str(result) in printed.replace("\n", "")
    assert json.loads((result.parent / "sweep.json").read_text())["points"] == 6


def test_workers_and_order_leave_no_trace(fake, sweep, result, tmp_path, monkeypatch):
    assert sweep("--workers", "1") == 0
    first = result.read_bytes()
    monkeypatch.setenv("DYNSTACK_RESULTS_DIR", str(tmp_path / "again"))
    assert sweep("--workers", "3") == 0
    assert (tmp_path / "again" / "sweep-latencies" / "sweep.parquet").read_bytes() == first


def test_a_point_that_fails_stops_no_other_and_is_run_again(fake, sweep, result, capsys):
    fake.broken = [20]
    assert sweep() == 3
    error = capsys.readouterr().err
    assert "2 of 6 points failed" in error
    assert "P4 on find-grep, preset rocket, harts 1, seed 1, dram_latency 20: did not" in error
    assert not result.exists()
    assert len(fake.computed) == 6
    fake.computed, fake.broken = [], []
    assert sweep("--resume", "--workers", "1") == 0
    assert [label.rsplit(" ", 1)[1] for label in fake.computed] == ["20", "20"]
    assert pq.read_table(result).num_rows == 6


def test_results_are_used_only_when_asked_to(fake, sweep, result, capsys):
    assert sweep() == 0
    before = result.read_bytes()
    assert sweep(text=SPEC.replace("60", "80")) == 2
    assert "has 6 finished points of an earlier sweep" in capsys.readouterr().err
    assert result.read_bytes() == before
    fake.computed = []
    assert sweep("--resume", text=SPEC.replace("60", "80")) == 0
    assert len(fake.computed) == 2
    latencies = set(pq.read_table(result)["straps.dram_latency"].to_pylist())
    assert latencies == {10, 20, 80}


def test_there_is_no_table_of_a_specification_that_is_not_finished(fake, sweep, result):
    """What `sweep.json` beside it describes is the new one."""
    assert sweep() == 0
    assert result.exists()
    fake.broken = [30]
    assert sweep("--resume", text=SPEC.replace("60", "60, 30")) == 3
    assert not result.exists()


def test_a_part_that_is_damaged_is_computed_again(fake, sweep, result):
    assert sweep() == 0
    before = result.read_bytes()
    next(result.parent.glob("parts/*")).write_bytes(b"")
    fake.computed = []
    assert sweep("--resume") == 0
    assert len(fake.computed) == 1
    assert result.read_bytes() == before


def test_a_key_is_that_of_everything_that_decides(fake, sweep, result, monkeypatch):
    assert sweep() == 0
    monkeypatch.setattr(points, "_model_key", lambda _: "another model")
    fake.computed = []
    assert sweep("--resume") == 0
    assert len(fake.computed) == 6


def _point(tmp_path) -> points.Point:
    file = tmp_path / "one.toml"
    file.write_text('variants = ["P0"]\nworkloads = ["find-grep"]')
    (point,) = points.points(read_spec(file), silent)
    return point


def test_a_simulator_that_is_killed_is_started_again(fake, tmp_path, monkeypatch):
    tries = []

    def simulate(run: Run, blob, progress):
        tries.append(run)
        raise SimulatorKilledError("killed") if len(tries) < 4 else UserError("the fourth")

    monkeypatch.setattr(points, "simulate", simulate)
    point = _point(tmp_path)
    with pytest.raises(UserError, match="the fourth"):
        points.compute(point)
    monkeypatch.setattr(points, "ATTEMPTS", 3)
    tries.clear()
    with pytest.raises(SimulatorKilledError):
        points.compute(point)


def test_a_worker_with_other_sources_refuses(fake, tmp_path):
    with pytest.raises(UserError, match="the worker would compute something else"):
        points.compute(replace(_point(tmp_path), key="0123456789abcdef"))
