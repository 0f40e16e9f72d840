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


def _expected(pte: int, level: int, napot_16k: int, case: tuple[Access, Context]) -> int:
    access, context = case
    if sv39.is_malformed(pte, level, bool(napot_16k)):
        return PAGE_FAULT
    if sv39.is_pointer(pte):
        return POINTER
    if sv39.denies(pte, access, context):
        return PAGE_FAULT
    return UPDATE if sv39.ad_bits(access) & ~pte else LEAF


async def _check(dut, pte: int, level: int, napot_16k: int = 0) -> None:
    dut.pte.value = pte
    dut.napot_16k.value = napot_16k
    dut.level.value = level
    await Timer(1, unit="ns")
    verdicts = int(dut.verdicts.value)
    for number, case in enumerate(CASES):
        verdict = verdicts >> 2 * number & 3
        assert verdict == _expected(pte, level, napot_16k, case), (hex(pte), level, case)


@cocotb.test()
async def low_bits_exhaustively(dut):
    for bits, level in itertools.product(range(1024), range(3)):
        await _check(dut, sv39.make_pte(0x8_0000, bits), level)


@cocotb.test()
async def high_bits_and_alignment(dut):
    low_bits = (0, 1, 0x4B, 0xC1, 0xCF, 0xDF)
    cases = itertools.product(range(10, 64), range(3), low_bits, (0, 1))
    for bit, level, low, napot_16k in cases:
        await _check(dut, 1 << bit | low, level, napot_16k)


@cocotb.test()
async def every_encoding_of_a_napot_size(dut):
    low_bits = (0, 1, 0xC1, 0xCF, 0xDF)
    for ppn, level, low, napot_16k in itertools.product(range(32), range(3), low_bits, (0, 1)):
        await _check(dut, sv39.N | sv39.make_pte(0x8_0000 | ppn, low), level, napot_16k)
