"""Page tables for the benches, in a memory of PTEs."""

from __future__ import annotations

from cocotb_tests.models import sv39
from cocotb_tests.models.sv39 import A, D, G, R, U, V, W, X
from cocotb_tests.models.tlb import PageTables

from .driver import MEMORY, MmuDriver, Request

RWX = V | R | W | X | A | D
KERNEL = V | R | W | A | D | G
USER = RWX | U


class Tables(PageTables):
    """Page tables that allocate tables of their own from the top of DRAM downwards."""

    def __init__(self, caches_invalid: bool = True, napot_16k: bool = False):
        super().__init__(MEMORY, caches_invalid, napot_16k)
        self._next_table = (MEMORY.dram_base + MEMORY.dram_bytes) // sv39.PAGE_BYTES

    def new_table(self) -> int:
        """Physical page number of an empty table."""
        self._next_table -= 1
        return self._next_table

    def slot(self, root_ppn: int, vaddr: int, level: int) -> int:
        """Physical address of the PTE of `vaddr` at that level; makes the tables above it."""
        table = root_ppn
        for above in reversed(range(level + 1, sv39.LEVELS)):
            address = table * sv39.PAGE_BYTES + sv39.vpn_field(vaddr, above) * sv39.PTE_BYTES
            pointer = self.read(address)
            if not pointer:
                pointer = sv39.make_pte(self.new_table(), V)
                self.write(address, pointer)
            table = sv39.ppn_of(pointer)
        return table * sv39.PAGE_BYTES + sv39.vpn_field(vaddr, level) * sv39.PTE_BYTES

    def map(self, root_ppn: int, vaddr: int, ppn: int, flags: int = RWX, level: int = 0) -> int:
        """Write a leaf; return the physical address of its PTE."""
        address = self.slot(root_ppn, vaddr, level)
        self.write(address, sv39.make_pte(ppn, flags))
        return address

    def fresh(self, request: Request) -> sv39.Outcome:
        """What a machine without caches answers now."""
        return self.translate(request.vaddr, request.access, request.context)


async def start_driver(
    dut, tables: Tables, seed: int = 0, stall: float = 0.0, **straps: int
) -> MmuDriver:
    """Driver of a unit that was reset with these straps and walks these tables."""
    driver = MmuDriver(dut, tables.read, tables.write, seed, stall)
    await driver.reset(**straps)
    return driver
