"""Multiplication and division: results, and the cycles that they take."""

import itertools
import random

import cocotb

from cocotb_tests.mem.handles import Pins
from rtl.isa.opcodes import MulDivFunct

from .arithmetic import muldiv, signed

OPERATIONS = {funct.name.lower(): (funct, 0) for funct in MulDivFunct} | {
    f"{funct.name.lower()}w": (funct, 1)
    for funct in MulDivFunct
    if funct not in (MulDivFunct.MULH, MulDivFunct.MULHSU, MulDivFunct.MULHU)
}
EDGES = (0, 1, 3, (1 << 31) - 1, 1 << 31, (1 << 32) - 1, 1 << 63, (1 << 64) - 1, (1 << 64) - 7)


async def compute(pins: Pins, name: str, a: int, b: int) -> tuple[int, int]:
    """The result, and the cycles until it may be used."""
    funct, word = OPERATIONS[name]
    pins.write("funct", funct.value)
    pins.write("word", word)
    pins.write("a", a)
    pins.write("b", b)
    pins.write("valid", 1)
    await pins.settle()
    return pins.read("result"), pins.read("cycles")


def expected_cycles(name: str, a: int, b: int) -> int:
    """As the iterative unit of Rocket, step by step, that this one takes as long as."""
    funct, word = OPERATIONS[name]
    bits = 32 if word else 64
    if funct in (MulDivFunct.MULH, MulDivFunct.MULHSU, MulDivFunct.MULHU):
        return 9
    if funct is MulDivFunct.MUL:
        digits = (a % (1 << bits)).bit_length() + 7 >> 3
        return min(digits + 2, 5) if word else max(3, min(digits + 2, 9))
    is_signed = funct in (MulDivFunct.DIV, MulDivFunct.REM)
    dividend, divisor = (
        signed(value, bits) if is_signed else value % (1 << bits) for value in (a, b)
    )
    quotient_bits = _top_bit(dividend) - _top_bit(divisor) + 1
    # One step for each bit of the quotient; one more for all leading zeros together.
    steps = 65 if divisor and quotient_bits < 64 else 64
    if divisor:
        steps -= 64 - max(quotient_bits, 1)
    changes_operand = dividend < 0 or divisor < 0
    if funct is MulDivFunct.REM:
        changes_result = dividend < 0
    else:
        changes_result = divisor != 0 and (dividend < 0) != (divisor < 0)
    return 2 + steps + changes_operand + changes_result


def _top_bit(value: int) -> int:
    return max(abs(value).bit_length() - 1, 0)


@cocotb.test()
async def every_operation(dut):
    pins = Pins(dut)
    source = random.Random(2)
    edges = list(itertools.product(EDGES, EDGES))
    for name in OPERATIONS:
        pairs = edges + [
            (source.getrandbits(wide), source.getrandbits(bits))
            for wide in (1, 7, 31, 32, 64)
            for bits in (1, 8, 20, 32, 57, 64)
        ]
        for a, b in pairs:
            result, cycles = await compute(pins, name, a, b)
            assert result == muldiv(name, a, b), (name, hex(a), hex(b), hex(result))
            assert cycles == expected_cycles(name, a, b), (name, hex(a), hex(b), cycles)


@cocotb.test()
async def cycles_of_an_operation(dut):
    """One more than these is the distance of two dependent instructions in the pipeline."""
    pins = Pins(dut)
    ones = (1 << 64) - 1
    table = [
        ("mul", ones, ones, 9),
        ("mulhu", 1, 1, 9),
        ("mul", 3, ones, 3),
        ("mul", 0xFFFF, 3, 4),
        ("mulw", ones, ones, 5),
        ("mulw", 0, ones, 2),
        ("mulw", 1 << 40, ones, 2),
        ("divu", 1, 1, 4),
        ("divu", 1 << 32, 7, 34),
        ("divu", ones, 3, 66),
        ("divu", ones, 1 << 63, 4),
        ("divu", 5, 0, 66),
        ("div", ones, 1, 6),
        ("rem", 1, ones, 5),
    ]
    for name, a, b, expected in table:
        _, cycles = await compute(pins, name, a, b)
        assert cycles == expected, (name, hex(a), hex(b), cycles)
