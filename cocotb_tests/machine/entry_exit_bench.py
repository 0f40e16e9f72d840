"""P4: every entry from user mode maps the three lower pages, and every exit takes them away."""

from __future__ import annotations

import cocotb

from cocotb_tests.machine.kernel_stacks import assert_passed, boot_to_workload, lowest_pages
from sim.cocotb_machine import Machine
from sim.cocotb_runner import Stop

ROUNDS = 60


async def _cycles_of_call(machine: Machine) -> int:
    """Run the function that was just entered to its return."""
    begin = machine.cycle
    await machine.run_until(machine.register("ra"))
    return machine.cycle - begin


@cocotb.test()
async def pages_come_at_entry_and_go_at_exit(dut):
    machine, stacks = await boot_to_workload(dut)
    map_entry, unmap_entry = machine.symbol("policy_map"), machine.symbol("policy_unmap")
    stacks.look()

    cycles: dict[int, list[int]] = {map_entry: [], unmap_entry: []}
    machine.add_breakpoint(map_entry)
    machine.add_breakpoint(unmap_entry)
    for _ in range(ROUNDS):
        assert await machine.run() == Stop.BREAKPOINT, machine.console
        where = machine.last_pc()
        change = stacks.look()
        assert not {va for va in change.mapped if lowest_pages({va: 0}) != [3]}, (
            "between two calls of the policy only new threads get their topmost page"
        )
        cycles[where].append(await _cycles_of_call(machine))
        change = stacks.look()
        came, went = (change.mapped, change.unmapped)
        if where == unmap_entry:
            came, went = went, came
        assert lowest_pages(came) == [0, 1, 2]
        assert not went
    for name, where in (("map", map_entry), ("unmap", unmap_entry)):
        taken = sorted(cycles[where])
        assert taken, f"{name} was never called"
        cocotb.log.info("%s: %d to %d cycles in %d calls", name, taken[0], taken[-1], len(taken))
    machine.remove_breakpoint(map_entry)
    machine.remove_breakpoint(unmap_entry)
    assert_passed(machine, await machine.run())
