"""Multiplication and division: results, and cycles from the operands to the result."""

import itertools
import random

import cocotb

from cocotb_tests.mem.handles import Pins
from rtl.isa.opcodes import MulDivFunct

from .arithmetic import muldiv

OPERATIONS = {funct.name.lower(): (funct, 0) for funct in MulDivFunct} | {
    f"{funct.name.lower()}w": (funct, 1)
    for funct in MulDivFunct
    if funct not in (MulDivFunct.MULH, MulDivFunct.MULHSU, MulDivFunct.MULHU)
}
EDGES = (0, 1, 3, (1 << 31) - 1, 1 << 31, (1 << 32) - 1, 1 << 63, (1 << 64) - 1, (1 << 64) - 7)


async def compute(pins: Pins, name: str, a: int, b: int) -> tuple[int, int]:
    """The result, and the cycles until it was there."""
    funct, word = OPERATIONS[name]
    pins.write("funct", funct.value)
    pins.write("word", word)
    pins.write("a", a)
    pins.write("b", b)
    pins.write("valid", 1)
    pins.write("leave", 0)
    cycles = 0
    await pins.settle()
    while not pins.read("done"):
        await pins.clock_edge()
        await pins.settle()
        cycles += 1
        assert cycles < 80, f"{name} {a:#x} {b:#x} never ends"
    result = pins.read("result")
    await leave(pins)
    return result, cycles


async def leave(pins: Pins) -> None:
    pins.write("leave", 1)
    await pins.settle()
    await pins.clock_edge()
    pins.write("valid", 0)


@cocotb.test()
async def every_operation(dut):
    pins = Pins(dut)
    await pins.reset({"valid": 0, "leave": 0})
    source = random.Random(2)
    edges = list(itertools.product(EDGES, EDGES))
    for name in OPERATIONS:
        pairs = source.sample(edges, 16)
        pairs += [(source.getrandbits(64), source.getrandbits(bits)) for bits in (8, 32, 64)]
        for a, b in pairs:
            result, _ = await compute(pins, name, a, b)
            assert result == muldiv(name, a, b), (name, hex(a), hex(b), hex(result))


@cocotb.test()
async def cycles_of_an_operation(dut):
    """One more than these is the distance of two dependent instructions in the pipeline."""
    pins = Pins(dut)
    await pins.reset({"valid": 0, "leave": 0})
    ones = (1 << 64) - 1
    table = [
        ("mul", ones, ones, 9),
        ("mulhu", 1, 1, 9),
        ("mul", ones, 3, 3),
        ("mul", 3, 0xFFFF, 4),
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


@cocotb.test()
async def killed_operation_leaves_nothing(dut):
    pins = Pins(dut)
    await pins.reset({"valid": 0, "leave": 0})
    ones = (1 << 64) - 1
    for name in ("mulhu", "div"):
        for age in range(12):
            funct, word = OPERATIONS[name]
            pins.write("funct", funct.value)
            pins.write("word", word)
            pins.write("a", ones)
            pins.write("b", ones - 4)
            pins.write("valid", 1)
            pins.write("leave", 0)
            for _ in range(age):
                await pins.settle()
                await pins.clock_edge()
            await leave(pins)
            result, _ = await compute(pins, "remu", 100 + age, 7)
            assert result == (100 + age) % 7
