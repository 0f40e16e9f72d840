"""The kernel's stacks as its page tables have them, read through the machine."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from cocotb_tests.machine.harness import bench_job
from sim import elf
from sim.cocotb_machine import Machine
from sim.cocotb_runner import Stop

PAGE = 4096
PAGES = 4
STACK_ALIGN = 32 << 10
STACK_REGION = 0xFFFF_FFC8_0000_0000
PAGE_KERNEL = 0xE7
"""V R W G A D, and neither X nor U: the permissions of every mapped stack page."""

Mapping = dict[int, int]
"""Virtual page address to physical page address."""


@dataclass(frozen=True)
class Change:
    """Pages that came and went between two looks."""

    mapped: Mapping
    unmapped: Mapping


class KernelStacks:
    """Looks at `kstack_pt`; every look checks what holds for any policy at any time."""

    def __init__(self, machine: Machine, table: int, size: int):
        self._machine = machine
        self._table = table
        self._size = size
        self.mapping: Mapping = {}

    def look(self) -> Change:
        """Read the tables and return what changed since the last look."""
        raw = self._machine.read(self._table, self._size)
        mapping = {}
        for index, (pte,) in enumerate(struct.iter_unpack("<Q", raw)):
            if not pte:
                continue
            va = STACK_REGION + index * PAGE
            assert pte & 0x3FF == PAGE_KERNEL, f"{va:#x} is mapped by {pte:#x}"
            assert va % STACK_ALIGN < PAGES * PAGE, f"{va:#x} is a guard page, and mapped"
            mapping[va] = pte >> 10 << 12
        owners = len(set(mapping.values()))
        assert owners == len(mapping), "a physical page is mapped at two stack addresses"
        before, self.mapping = self.mapping, mapping
        return Change(
            {va: pa for va, pa in mapping.items() if before.get(va) != pa},
            {va: pa for va, pa in before.items() if mapping.get(va) != pa},
        )

    def is_mapped(self, address: int) -> bool:
        return address & -PAGE in self.mapping


async def boot_to_workload(dut) -> tuple[Machine, KernelStacks]:
    """Boot the kernel of `bench_job()` up to the first instruction of the measured window."""
    job = bench_job()
    machine = Machine(dut)
    await machine.boot(job)
    table = elf.symbol(job.image, "kstack_pt")
    await machine.run_until("workload_begin")
    return machine, KernelStacks(machine, table.address, table.size)


def lowest_pages(change: Mapping) -> list[int]:
    """The pages of a change as numbers within their stack (0: lowest), which must be one stack."""
    stacks = {va & -STACK_ALIGN for va in change}
    assert len(stacks) == 1, f"pages of {len(stacks)} stacks changed at once"
    return sorted((va - stacks.copy().pop()) // PAGE for va in change)


def assert_passed(machine: Machine, stop: Stop) -> None:
    """The kernel checked itself at the end and found nothing."""
    assert stop == Stop.FINISHER, f"{stop.name}: {machine.sentence}\n{machine.console}"
    assert machine.code == 0, machine.console
