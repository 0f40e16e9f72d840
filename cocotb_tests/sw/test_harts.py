"""The kernel on several harts of QEMU's `virt` machine, where nothing happens in the same order
twice: boot, wake-ups, migration, remote fences, and the end of the run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cocotb_tests.sw.qemu import mixed_workload, run_on_qemu
from rtl.presets import preset
from sim import elf, firmware, machine
from sim.job import Job
from sim.workload.format import encode
from sim.workload.sharing import sharing
from sim.workload.threads import Op, OpKind, RemoteFence, Thread, Workload

PROGRAMS = Path(__file__).parent / "programs"
SBI = firmware.SOURCES / "sbi"
HARTS = 4
UNUSABLE_WORKLOAD = 2
FENCES = 4
INTERRUPTING = (RemoteFence.SBI, RemoteFence.IPI)
"""Forms that QEMU can do."""

UNFENCED = (
    "P3", "P3-margin", "P4", "P4-local", "P4-migfence", "P5", "P10", "P11-epoch", "P12",
)  # fmt: skip
"""They unmap pages, and do not fence on harts that have read an object there."""


def wandering_workload(seed: int, form: RemoteFence) -> Workload:
    """A mixed workload whose sleepers wake on the next hart but one, or three, or stay.

    Asleep they use one page, so that no policy maps or unmaps what they have live data in.
    """
    mixed = mixed_workload(seed, threads=40, ops=20)

    def moved(op: Op, number: int) -> Op:
        if op.kind is not OpKind.SLEEP:
            return op
        return replace(op, sleep_depth=min(op.sleep_depth, 2000), harts=number % 4)

    threads = tuple(
        replace(thread, ops=tuple(moved(op, index) for index, op in enumerate(thread.ops)))
        for thread in mixed.threads
    )
    return replace(mixed, threads=threads, harts=HARTS, remote_fence=form)


@pytest.mark.parametrize(
    ("policy", "form"),
    [*((policy, RemoteFence.SBI) for policy in firmware.policies()), ("P4", RemoteFence.IPI)],
)
def test_threads_wander_and_all_is_accounted_for(policy, form, tmp_path):
    """More threads than a batch of stack addresses, so that dead ones are fenced on all harts."""
    workload = wandering_workload(7, form)
    if policy == "P4-ipi":
        # Each exit interrupts all harts: between ticks that follow too fast nobody gets on.
        workload = replace(workload, tick_interval=1_000_000)
    blob = encode(workload)
    run = run_on_qemu(firmware.build_kernel(policy), blob, tmp_path, harts=HARTS)
    assert run.code == 0, run.output
    assert run.output.endswith("self-check passed\n")


@pytest.mark.parametrize("policy", [p for p in firmware.policies() if p not in UNFENCED])
def test_threads_wait_for_each_other_on_all_harts(policy, tmp_path):
    """Entries of wait queues are read from other harts, and hold what their thread wrote."""
    workload = sharing(40, threads=40, rounds=20, harts=HARTS)
    if policy == "P4-ipi":
        workload = replace(workload, tick_interval=1_000_000)
    image = firmware.build_kernel(policy, waits=True)
    run = run_on_qemu(image, encode(workload), tmp_path, harts=HARTS)
    assert run.code == 0, run.output
    assert run.output.endswith("self-check passed\n")


@pytest.mark.parametrize("form", INTERRUPTING, ids=lambda form: form.name.lower())
def test_harts_that_fence_each_other_all_get_on(form, tmp_path):
    """Every hart fences on all others as fast as it can. A deadlock runs into the time limit."""
    fence = Op(OpKind.FENCE, depth=480, harts=HARTS - 1)
    thread = Thread(0, (*(fence,) * FENCES, Op(OpKind.EXIT)))
    workload = Workload((thread,) * 2 * HARTS, ("fence",), harts=HARTS, remote_fence=form)
    run = run_on_qemu(firmware.build_kernel("P0"), encode(workload), tmp_path, harts=HARTS)
    assert (run.code, run.output.split(",")[1]) == (0, f" calls {FENCES * 2 * HARTS}")


def test_a_workload_for_fewer_harts_leaves_the_others_stopped(tmp_path):
    workload = replace(mixed_workload(seed=7), harts=2)
    run = run_on_qemu(firmware.build_kernel("P1"), encode(workload), tmp_path, harts=HARTS)
    assert run.code == 0, run.output


def test_a_workload_for_more_harts_than_there_are_is_refused(tmp_path):
    workload = replace(mixed_workload(seed=7), harts=3)
    run = run_on_qemu(firmware.build_kernel("P0"), encode(workload), tmp_path, harts=2)
    assert run.code == UNUSABLE_WORKLOAD
    assert "it is for 3 harts, and hart 2 does not exist" in run.output


def sbi_calls() -> Path:
    """A program in S-mode in the kernel's place; its code is the line of the check that failed."""
    sources = [SBI / "start.S", *sorted(SBI.glob("*.c")), PROGRAMS / "sbi_calls.c"]
    headers = [*SBI.glob("*.h"), *(firmware.SOURCES / "kernel").glob("*.h")]
    return firmware.build_program(
        sources, headers=headers, script=PROGRAMS / "sbi_calls.ld", extensions=("zicsr",)
    )


def test_the_firmware_does_what_the_sbi_says(tmp_path):
    run = run_on_qemu(sbi_calls(), bytes(8), tmp_path, harts=3)
    assert run.code == 0, f"sbi_calls.c, line {run.code}\n{run.output}"


@pytest.mark.parametrize("svadu", [0, 1])
def test_the_firmware_does_it_on_the_rtl(tmp_path, svadu):
    """Here the I$ holds what was patched until the remote fence, and Svadu is there or not."""
    image, chosen = sbi_calls(), preset("tiny")
    job = Job(
        image,
        replace(chosen.soc, harts=3),
        replace(chosen.straps, svadu=svadu),
        max_cycles=5_000_000,
        counters=(("svadu", elf.symbol(image, "hardware_sets_ad_bits").address),),
    )
    result = machine.run(job, tmp_path)
    assert (result.status, result.code) == ("pass", 0), f"sbi_calls.c, line {result.code}"
    assert result.counters == {"svadu": svadu}
