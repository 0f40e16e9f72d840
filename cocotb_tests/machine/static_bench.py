"""P0: all four pages from creation to exit, and the tables untouched in between."""

from __future__ import annotations

import cocotb

from cocotb_tests.machine.kernel_stacks import (
    PAGES,
    STACK_ALIGN,
    assert_passed,
    boot_to_workload,
)
from sim.cocotb_runner import Stop


@cocotb.test()
async def stacks_are_whole_or_absent(dut):
    machine, stacks = await boot_to_workload(dut)
    machine.add_breakpoint("trap_exit_sret")
    returns = 0
    while await machine.run() == Stop.BREAKPOINT:
        stacks.look()
        pages: dict[int, int] = {}
        for va in stacks.mapping:
            pages[va & -STACK_ALIGN] = pages.get(va & -STACK_ALIGN, 0) + 1
        assert set(pages.values()) == {PAGES}, "a stack is partly mapped"
        returns += 1
    assert returns > 0
    assert_passed(machine, machine.stop)
