"""P1: a stack grows where it faults, without holes, whatever kind of trap met the missing page.

A trap from the kernel needs a page in one of three ways: the kernel stored to it; an interrupt
came while sp was in it already, before the first store; or sp was above it, but the frame of the
interrupt would have reached into it. The first shows as a retry that goes on, the others as an
interrupt that is taken again at once.
"""

from __future__ import annotations

from collections import Counter

import cocotb

from cocotb_tests.machine.kernel_stacks import (
    PAGES,
    STACK_ALIGN,
    KernelStacks,
    assert_passed,
    boot_to_workload,
    lowest_pages,
)
from sim.cocotb_runner import Stop

RETAKEN_WITHIN_CYCLES = 40
"""From sret to the first instruction of the handler, if the interrupt is still pending."""


def _without_holes(stacks: KernelStacks) -> bool:
    found: dict[int, list[int]] = {}
    for va in stacks.mapping:
        found.setdefault(va & -STACK_ALIGN, []).append(va % STACK_ALIGN // 4096)
    return all(sorted(pages) == list(range(min(pages), PAGES)) for pages in found.values())


@cocotb.test()
async def stacks_grow_from_every_kind_of_trap(dut):
    machine, stacks = await boot_to_workload(dut)

    kinds: Counter[str] = Counter()
    handler = machine.symbol("handle_stack_fault")
    machine.add_breakpoint(handler)
    while await machine.run() == Stop.BREAKPOINT:
        begin = machine.cycle
        machine.remove_breakpoint(handler)
        stacks.look()
        sp = machine.register("sp")
        in_mapped_page = stacks.is_mapped(sp)
        assert not stacks.is_mapped(sp - 288), "a fault although the frame fits"
        await machine.run_until("stack_fault_sret")
        change = stacks.look()
        assert not change.unmapped
        lowest_pages(change.mapped)
        assert stacks.is_mapped(sp - 288)
        assert _without_holes(stacks)
        kinds["cycles"] += machine.cycle - begin
        kinds["several pages"] += len(change.mapped) > 1

        machine.add_breakpoint("handle_exception")
        stop = await machine.run_cycles(RETAKEN_WITHIN_CYCLES)
        machine.remove_breakpoint("handle_exception")
        if stop == Stop.CYCLE_LIMIT:
            assert not in_mapped_page, "the frame did not fit, but no trap came back"
            kinds["store"] += 1
        else:
            kinds["frame reaches down" if in_mapped_page else "interrupt below"] += 1
        machine.add_breakpoint(handler)

    cocotb.log.info("stack faults: %s", dict(kinds))
    assert kinds["store"] > 0
    assert kinds["interrupt below"] > 0
    assert kinds["frame reaches down"] > 0
    assert kinds["several pages"] > 0
    assert_passed(machine, machine.stop)
