"""The whole machine under a cocotb test: stopping, looking, storing, and running on."""

import os
from dataclasses import replace

import pytest
from cocotb_tools.check_results import get_results

from rtl.presets import preset
from sim import bench, machine, model, simulator
from sim.errors import UserError
from sim.job import Job

from .test_run import program


def job(name: str, **settings) -> Job:
    chosen = preset("rocket")
    return Job(program(name), chosen.soc, chosen.straps, max_cycles=100_000, **settings)


def test_directed(tmp_path):
    built = model.build(preset("rocket").soc)
    process = simulator.start(
        built,
        "cocotb_tests.native.machine_directed",
        tmp_path,
        environment={"DYNSTACK_TEST_IMAGE": os.fspath(program("breakpoints"))},
    )
    assert process.wait(timeout=300) == 0, simulator.end_of_log(tmp_path)
    tests, failures = get_results(tmp_path / "results.xml")
    assert tests > 0
    assert failures == 0, simulator.end_of_log(tmp_path)


def test_the_bare_loop_and_cocotb_see_the_same_machine(tmp_path):
    """Cycle for cycle: `make bench` compares like with like."""
    work = job("htif_console", counters=(("start", 0x8000_0000),))
    attached = machine.run(work, tmp_path / "attached")
    bare = bench.run_bare(model.build_bare(work.soc), work, tmp_path / "bare")
    assert attached.harts == bare.harts
    assert attached.console == bare.console
    assert attached.counters == bare.counters == {"start": 1}
    assert (attached.status, attached.code) == (bare.status, bare.code) == ("pass", 0)


def test_a_stall_seed_changes_when_and_nothing_else(tmp_path):
    """The same seed stalls at the same moments, on the hart's ports, on the buses and in DRAM."""

    def run(seed: int, name: str):
        calm = job("htif_console", counters=(("start", 0x8000_0000),))
        work = replace(calm, straps=replace(calm.straps, stall_seed=seed))
        return bench.run_bare(model.build_bare(work.soc), work, tmp_path / name)

    calm, *stalled = (run(seed, f"run{seed}") for seed in (0, 1, 2))
    cycles = {result.harts[0].cycles for result in (calm, *stalled)}
    assert len(cycles) == 3
    assert min(cycles) == calm.harts[0].cycles
    for result in stalled:
        assert (result.status, result.code) == ("pass", 0)
        assert result.console == calm.console
        assert result.counters == calm.counters
    assert run(1, "again").harts == stalled[0].harts


def test_a_simulator_that_breaks_down_is_told_from_a_verdict(tmp_path, monkeypatch):
    start = simulator.start
    monkeypatch.setattr(
        simulator, "start", lambda built, _module, *args, **options: start(
            built, "no_such_module", *args, **options
        )
    )  # fmt: skip
    with pytest.raises(UserError, match=r"(?s)the simulator broke down.*no_such_module"):
        machine.run(job("tohost_pass"), tmp_path)


def test_every_cycle_has_one_cause(tmp_path):
    result = machine.run(job("htif_console"), tmp_path)
    (hart,) = result.harts
    assert result.window == (0, hart.cycles - 1)
    assert sum(sum(causes.values()) for causes in hart.stalls.values()) == hart.cycles
    assert hart.stalls["m"]["retiring"] >= hart.instructions > 0
