"""P9: user threads use the stack of their hart in turn, and execute calls that wait twice."""

from __future__ import annotations

import struct
from collections import Counter

import cocotb

from cocotb_tests.machine.harness import bench_job
from cocotb_tests.machine.kernel_stacks import (
    PAGE,
    PAGES,
    STACK_ALIGN,
    KernelStacks,
    assert_passed,
    boot_to_workload,
)
from sim.cocotb_machine import Machine
from sim.cocotb_runner import Stop
from sim.workload.format import decode
from sim.workload.threads import SYSTEM_CALLS, OpKind

STACKS = 2
"""Those of the hart and of its idle thread: the workload has no kernel threads."""

FRAME = struct.Struct("<36Q")
A0, A7 = 10, 17


@cocotb.test()
async def threads_have_no_stack_of_their_own(dut):
    machine, stacks = await boot_to_workload(dut)
    stacks.look()
    assert len(stacks.mapping) == STACKS * PAGES
    assert len({va & -STACK_ALIGN for va in stacks.mapping}) == STACKS

    call = machine.symbol("do_ecall_from_user")
    machine.add_breakpoint("finish_task_switch")
    machine.add_breakpoint(call)
    used, calls = set(), Counter()
    while await machine.run() == Stop.BREAKPOINT:
        change = stacks.look()
        assert not change.mapped
        assert not change.unmapped
        if machine.last_pc() == call:
            frame = _frame(machine, stacks)
            calls[frame[A7], frame[A0]] += 1
        else:
            used.add(machine.register("sp") & -STACK_ALIGN)
    assert len(used) == STACKS
    assert_passed(machine, machine.stop)

    # With the same registers each time, or it would not be the same call.
    expected = Counter()
    workload = decode(bench_job().blobs[0][1].read_bytes())
    for op in (op for thread in workload.threads for op in thread.ops):
        if op.kind in SYSTEM_CALLS:
            expected[op.kind, op.depth] += 2 if op.kind is OpKind.SLEEP else 1
    made = {key: count for key, count in calls.items() if key[0] != OpKind.EXIT}
    assert made == expected


def _frame(machine: Machine, stacks: KernelStacks) -> tuple[int, ...]:
    """The registers of a call that has just come to its function."""
    address = machine.register("a0")
    return FRAME.unpack(machine.read(stacks.mapping[address & -PAGE] + address % PAGE, FRAME.size))
