"""Every policy kernel in lockstep: S-mode, interrupts, device accesses, SBI calls, page faults."""

from dataclasses import replace
from pathlib import Path

import pytest

from cocotb_tests.machine.harness import MAX_CYCLES, WORKLOAD_ADDRESS
from cocotb_tests.machine.test_machine import calls_and_sleeps
from rtl.presets import Straps, preset
from sim import firmware, machine
from sim.job import Job
from sim.workload.format import encode

STRAPS = {
    "as Rocket": preset("rocket").straps,
    "with stalls": replace(preset("cva6").straps, stall_seed=5, svadu=1, dram_latency=7),
}


BY_ACCESSED_BIT = ("P2", "P2-atomic", "P7-accessed", "P8", "P8-shrinker")
"""These have the walker set A and D where the machine lets them."""


def kernel_job(policy: str, straps: Straps, directory: Path) -> Job:
    workload = directory / "workload.bin"
    workload.write_bytes(encode(calls_and_sleeps()))
    return Job(
        image=firmware.build_kernel(policy),
        soc=preset("rocket").soc,
        straps=straps,
        max_cycles=MAX_CYCLES,
        blobs=((WORKLOAD_ADDRESS, workload),),
        lockstep=True,
    )


@pytest.mark.parametrize(
    ("policy", "name"),
    [
        *((policy, "as Rocket") for policy in firmware.distinct_policies(harts=1)),
        *((policy, "with stalls") for policy in ("P0", "P1", "P4", *BY_ACCESSED_BIT)),
    ],
)
def test_a_kernel_does_what_spike_does(policy, name, tmp_path):
    result = machine.run(kernel_job(policy, STRAPS[name], tmp_path), tmp_path)
    assert result.status == "pass", result.mismatch and result.mismatch.report
    for exception in ("interrupts", "counter_reads", "device_loads"):
        assert result.exceptions[exception], f"the kernel made no use of {exception}"
    assert result.exceptions["sc_failures"] == 0
    assert result.exceptions["early_accessed"] == 0
