"""Every PTE, level, mode and access against the privileged spec's steps."""

import itertools

import cocotb
from cocotb.triggers import Timer

from cocotb_tests.models import sv39
from cocotb_tests.models.sv39 import Access, Context

LEAF, POINTER, PAGE_FAULT, UPDATE = range(4)

CASES = [
    (access, Context(privilege, 1, sum_, mxr, hardware))
    for access in Access
    for privilege, sum_, mxr, hardware in itertools.product((0, 1), repeat=4)
]


def _expected(pte: int, level: int, access: Access, context: Context) -> int:
    if sv39.is_malformed(pte, level):
        return PAGE_FAULT
    if sv39.is_pointer(pte):
        return POINTER
    if sv39.denies(pte, access, context):
        return PAGE_FAULT
    return UPDATE if sv39.ad_bits(access) & ~pte else LEAF


async def _check(dut, pte: int, level: int) -> None:
    dut.pte.value = pte
    dut.level.value = level
    await Timer(1, unit="ns")
    verdicts = int(dut.verdicts.value)
    for number, case in enumerate(CASES):
        verdict = verdicts >> 2 * number & 3
        assert verdict == _expected(pte, level, *case), (hex(pte), level, case)


@cocotb.test()
async def low_bits_exhaustively(dut):
    for bits, level in itertools.product(range(1024), range(3)):
        await _check(dut, sv39.make_pte(0x8_0000, bits), level)


@cocotb.test()
async def high_bits_and_alignment(dut):
    low_bits = (0, 1, 0x4B, 0xC1, 0xCF, 0xDF)
    for bit, level, low in itertools.product(range(10, 64), range(3), low_bits):
        await _check(dut, 1 << bit | low, level)
