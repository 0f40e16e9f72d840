"""Every policy kernel in lockstep: S-mode, interrupts, device accesses, SBI calls, page faults.

The same runs show what `measure` counts on one hart.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from cocotb_tests.machine import measured
from cocotb_tests.machine.test_machine import calls_and_sleeps
from rtl.presets import Preset, preset
from sim import elf, firmware, machine
from sim.job import JobResult
from sim.measure import Run, job
from sim.probes import Probes, kernel_probes
from sim.summary import summarise
from sim.workload.format import encode

WORKLOAD = calls_and_sleeps()
STALLS = replace(preset("cva6").straps, stall_seed=5, svadu=1, dram_latency=7)
BY_ACCESSED_BIT = ("P2", "P2-atomic", "P7-accessed", "P8", "P8-shrinker")
"""These have the walker set A and D where the machine lets them."""


def in_lockstep(policy: str, chosen: Preset, directory: Path) -> tuple[Run, Probes, JobResult]:
    run = Run(policy, "small", WORKLOAD, firmware.build_kernel(policy), chosen)
    probes = kernel_probes(elf.symbols(run.image), run.image.name)
    blob = directory / "workload.bin"
    blob.write_bytes(encode(WORKLOAD))
    result = machine.run(replace(job(run, probes, blob), lockstep=True), directory)
    assert result.status == "pass", result.mismatch and result.mismatch.report
    for exception in ("interrupts", "counter_reads", "device_loads"):
        assert result.exceptions[exception], f"the kernel made no use of {exception}"
    assert result.exceptions["sc_failures"] == 0
    assert result.exceptions["early_accessed"] == 0
    return run, probes, result


@pytest.mark.parametrize("policy", firmware.distinct_policies(harts=1))
def test_a_kernel_does_what_spike_does_and_what_its_policy_promises(policy, tmp_path):
    run, probes, result = in_lockstep(policy, preset("rocket"), tmp_path)
    measured.check(policy, summarise(run.identity, probes, result), WORKLOAD)


@pytest.mark.parametrize("policy", ["P0", "P1", "P4", *BY_ACCESSED_BIT])
def test_a_kernel_does_what_spike_does_with_stalls(policy, tmp_path):
    in_lockstep(policy, replace(preset("rocket"), straps=STALLS), tmp_path)
