"""Latencies and stalls reach what they are for on the whole machine, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cocotb_tests.lockstep.test_harts import L2
from rtl.presets import preset
from sim import bench, elf, model
from sim.job import Job, PhaseEnd, PhaseProbe

from .test_run import program

LOOPS = {"hits": 200, "devices": 20, "lines": 1024}
"""Loads of a passage of each loop. A few lines of a passage are still there in the next one."""
ROCKET = preset("rocket").soc
WITH_L2 = replace(preset("tiny").soc, harts=2, l2=L2)


def cycles(soc, directory: Path, **straps: int) -> dict[str, int]:
    """Cycles of the second passage of each loop."""
    image = program("latencies")
    chosen = preset("rocket" if soc is ROCKET else "tiny")
    places = {name: elf.symbol(image, name).address for name in LOOPS}
    probes = tuple(PhaseProbe(name, at, at, PhaseEnd.RETURN) for name, at in places.items())
    work = Job(image, soc, replace(chosen.straps, **straps), max_cycles=2_000_000, phases=probes)
    result = bench.run_bare(model.build_bare(soc), work, directory)
    assert (result.status, result.code) == ("pass", 0)
    samples = result.samples[result.samples["hart"] == 0]
    found = {
        name: [int(sample["cycles"]) for sample in samples if sample["phase"] == number]
        for number, name in enumerate(LOOPS)
    }
    assert {len(passages) for passages in found.values()} == {2}
    return {name: passages[1] for name, passages in found.items()}


def test_a_device_is_as_far_as_its_strap_says(tmp_path):
    near, far = (cycles(ROCKET, tmp_path / str(n), device_latency=n) for n in (0, 20))
    assert far["devices"] - near["devices"] == 20 * LOOPS["devices"]
    assert (far["hits"], far["lines"]) == (near["hits"], near["lines"])


def test_dram_is_as_far_as_its_strap_says(tmp_path):
    near, far = (cycles(ROCKET, tmp_path / str(n), dram_latency=n) for n in (10, 30))
    assert 0.9 * LOOPS["lines"] < (far["lines"] - near["lines"]) / 20 <= LOOPS["lines"]
    assert (far["hits"], far["devices"]) == (near["hits"], near["devices"])


def test_an_l2_cache_is_as_far_as_its_strap_says_and_nearer_than_dram(tmp_path):
    """What the first passage of 64 KiB has brought, the second finds in the L2 cache."""
    near, far, slow = (
        cycles(WITH_L2, tmp_path / name, **straps)
        for name, straps in {
            "near": {"l2_latency": 10},
            "far": {"l2_latency": 30},
            "slow": {"l2_latency": 10, "dram_latency": 100},
        }.items()
    )
    assert 0.9 * LOOPS["lines"] < (far["lines"] - near["lines"]) / 20 <= LOOPS["lines"]
    assert slow == near, "DRAM takes no part"


@pytest.mark.parametrize("loop", ["hits", "devices"])
def test_stalls_come_where_dram_takes_no_part(tmp_path, loop):
    """Else they could be DRAM's alone: those of the hart's ports, and those of devices."""
    calm, one, two = (cycles(ROCKET, tmp_path / str(n), stall_seed=n)[loop] for n in range(3))
    assert calm < min(one, two)
    assert one != two
