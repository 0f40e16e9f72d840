"""Programs fed to the golden model one record after the other."""

from __future__ import annotations

from cocotb_tests.hart.programs import Program
from cocotb_tests.lockstep.golden_library import DRAM_BASE, GoldenHart, result

T0, T1, T2, T3 = 5, 6, 7, 28


class Steps:
    """A hart and the pc of its next record, one instruction of 4 bytes further each time."""

    def __init__(self, program: Program, **straps: int):
        self.hart = GoldenHart(program, **straps)
        self.pc = DRAM_BASE

    def next(self, make, *arguments, **fields) -> bool:
        pc, self.pc = self.pc, self.pc + 4
        return self.hart.step(make(pc, *arguments, **fields))

    def agree(self, make, *arguments, **fields) -> None:
        assert self.next(make, *arguments, **fields), self.hart.report()

    def differ(self, make, *arguments, **fields) -> None:
        assert not self.next(make, *arguments, **fields)


def address_in_t1(address: int) -> str:
    """Instructions for an address below 2**32, aligned to a page; go_to() has their records."""
    if address >> 31:
        return f"lui t1, {address >> 12}\n slli t1, t1, 32\n srli t1, t1, 32\n"
    return f"lui t1, {address >> 12}\n"


def go_to(steps: Steps, address: int) -> None:
    if address >> 31:
        steps.agree(result, T1, address | 0xFFFF_FFFF_0000_0000)
        steps.agree(result, T1, address << 32)
    steps.agree(result, T1, address)
