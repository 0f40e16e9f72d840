"""Tests of every instruction of I, M and A, as assembly, with results computed in Python.

Registers, operands, distances between producer and consumer, and aliases (rd = rs1 = rs2, x0) are
drawn from a seed.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator

from cocotb_tests.hart.arithmetic import alu, muldiv, sign_extend, signed
from cocotb_tests.models.atomics import amo_result
from rtl.mem.ports import MemoryCommand

from .writer import CORNERS, Test, operand, pairs, signed_immediate

_MASK = (1 << 64) - 1

ALU = (
    *("add", "sub", "sll", "slt", "sltu", "xor", "srl", "sra", "or", "and"),
    *("addw", "subw", "sllw", "srlw", "sraw"),
)
MULDIV = (
    *("mul", "mulh", "mulhsu", "mulhu", "div", "divu", "rem", "remu"),
    *("mulw", "divw", "divuw", "remw", "remuw"),
)
IMMEDIATE = {"addi": "add", "slti": "slt", "sltiu": "sltu", "xori": "xor", "ori": "or",
             "andi": "and", "addiw": "addw"}  # fmt: skip
SHIFTS = {"slli": ("sll", 64), "srli": ("srl", 64), "srai": ("sra", 64),
          "slliw": ("sllw", 32), "srliw": ("srlw", 32), "sraiw": ("sraw", 32)}  # fmt: skip
BRANCHES: dict[str, Callable[[int, int], bool]] = {
    "beq": lambda a, b: a == b,
    "bne": lambda a, b: a != b,
    "blt": lambda a, b: signed(a) < signed(b),
    "bge": lambda a, b: signed(a) >= signed(b),
    "bltu": lambda a, b: a < b,
    "bgeu": lambda a, b: a >= b,
}
_IMMEDIATES = (0, 1, -1, 2, 2047, -2048, -2047, 1024, 0x555, -0x556)


def _sources(test: Test, a: int, b: int) -> tuple[int, int, dict[int, int]]:
    """Two registers that hold a and b as far as they can: they may be equal, or x0."""
    rs1 = test.register(zero=test.draw.random() < 0.1)
    rs2 = test.register(zero=test.draw.random() < 0.1)
    if test.draw.random() < 0.1:
        rs2 = rs1
    values = {}
    for register, value in ((rs1, a), (rs2, b)):
        if register:
            how = test.draw.randrange(3)
            if how == 0:  # straight from a load
                test.load(register, value)
            else:  # from an ALU instruction, 0 to 2 instructions before its use
                test.load(register, value ^ 0x2A)
                test.code(f"xori x{register}, x{register}, 0x2a")
        values[register] = value if register else 0
    test.nops()
    return rs1, rs2, values


def _destination(test: Test, *sources: int) -> int:
    chosen = test.draw.random()
    if chosen < 0.25 and sources[0]:
        return sources[0]
    if chosen < 0.4 and sources[-1]:
        return sources[-1]
    return 0 if chosen < 0.45 else test.register()


def _register_register(test: Test, name: str, result: Callable[[str, int, int], int]) -> None:
    for a, b in pairs(test.draw, 60):
        test.begin_case()
        rs1, rs2, values = _sources(test, a, b)
        rd = _destination(test, rs1, rs2)
        test.code(f"{name} x{rd}, x{rs1}, x{rs2}")
        test.nops()
        test.expect(rd, result(name, values[rs1], values[rs2]) if rd else 0)


def _register_immediate(test: Test, name: str) -> None:
    stem, limit = SHIFTS.get(name) or (IMMEDIATE[name], 0)
    for index in range(60):
        a = CORNERS[index] if index < len(CORNERS) else operand(test.draw)
        if limit:
            immediate = (0, 1, limit - 1, limit // 2)[index % 8] if index % 8 < 4 else (
                test.draw.randrange(limit))  # fmt: skip
        else:
            immediate = _IMMEDIATES[index] if index < 10 else test.draw.randint(-2048, 2047)
        test.begin_case()
        rs1, _, values = _sources(test, a, a)
        rd = _destination(test, rs1)
        test.code(f"{name} x{rd}, x{rs1}, {immediate}")
        test.nops()
        test.expect(rd, alu(stem, values[rs1], immediate & _MASK) if rd else 0)


def _upper(test: Test, name: str) -> None:
    for upper in (0, 1, 0x7FFFF, 0x80000, 0xFFFFF, *(test.draw.getrandbits(20) for _ in range(15))):
        test.begin_case()
        rd = test.register()
        value = sign_extend(upper << 12)
        if name == "auipc":
            origin = test.register(rd)
            test.code(f"la x{origin}, 2f", "2:", f"auipc x{rd}, {upper:#x}")
            test.code(f"sub x{rd}, x{rd}, x{origin}")
        else:
            test.code(f"lui x{rd}, {upper:#x}")
        test.nops()
        test.expect(rd, value)


def _branch(test: Test, name: str) -> None:
    for a, b in [*pairs(test.draw, 40), *((a, a) for a in CORNERS[:8])]:
        test.begin_case()
        rs1, rs2, values = _sources(test, a, b)
        taken = BRANCHES[name](values[rs1], values[rs2])
        jump = f"{name} x{rs1}, x{rs2}"
        if test.draw.random() < 0.5:
            test.code(f"{jump}, 2f", *(["j 1f"] if not taken else [f"j fail_{test.name}"]))
            test.code("2:", *(["j 1f"] if taken else [f"j fail_{test.name}"]), "1:")
        else:  # backwards
            test.code("j 3f", "2:", *(["j 1f"] if taken else [f"j fail_{test.name}"]), "3:")
            test.code(f"{jump}, 2b", *(["j 1f"] if not taken else [f"j fail_{test.name}"]), "1:")


def _jumps(test: Test) -> None:
    for far in (0, 1, 7, 300):
        for backwards in (False, True):
            test.begin_case()
            link = test.register()
            there = ["2:", "j 1f"]
            gap = [f"j fail_{test.name}"] * (far + 1)
            if backwards:
                test.code("j 3f", *there, *gap, "3:", f"jal x{link}, 2b", "4:", *gap, "1:")
            else:
                test.code(f"jal x{link}, 2f", "4:", *gap, *there, "1:")
            other = test.register(link)
            test.code(f"la x{other}, 4b", f"bne x{link}, x{other}, fail_{test.name}")


def _indirect_jumps(test: Test) -> None:
    for index in range(24):
        test.begin_case()
        target = test.register()
        link = (target, 0, test.register(target), 1, 5)[index % 5]
        offset = test.draw.choice((0, 4, -4, 2044, -2048, 1, -3))
        # bit 0 of the sum is dropped, so an odd offset lands one byte lower
        test.code(f"la x{target}, 2f", f"li x{31 if target != 31 else 30}, {offset & ~1}")
        test.code(f"sub x{target}, x{target}, x{31 if target != 31 else 30}")
        test.nops()
        test.code(f"jalr x{link}, {offset}(x{target})", "4:", f"j fail_{test.name}", "2:")
        if link:
            other = test.register(link)
            test.code(f"la x{other}, 4b", f"bne x{link}, x{other}, fail_{test.name}")


_LOADS = {"lb": (1, True), "lbu": (1, False), "lh": (2, True), "lhu": (2, False),
          "lw": (4, True), "lwu": (4, False), "ld": (8, True)}  # fmt: skip
_STORES = {"sb": 1, "sh": 2, "sw": 4, "sd": 8}


def _memory(test: Test, accesses: int) -> None:
    """Loads and stores of all widths that overlap in 64 bytes, against a bytearray."""
    model = bytearray(test.draw.randbytes(64))
    test.begin_case()
    base = test.register()
    test.code("la x5, buffer_memory", "li x6, 0")
    for offset in range(0, 64, 8):
        test.load(7, int.from_bytes(model[offset : offset + 8], "little"))
        test.code(f"sd x7, {offset}(x5)")
    for _ in range(accesses):
        test.begin_case()
        name = test.draw.choice((*_LOADS, *_STORES))
        size = _STORES.get(name) or _LOADS[name][0]
        address = test.draw.randrange(0, 64, size)
        offset = test.draw.choice((0, 0, 4, 2047, -2048, test.draw.randint(-2048, 2047)))
        base = test.register()
        place = f"buffer_memory + {address} - {signed_immediate(offset)}"
        test.code(f"la x{base}, {place}")
        if name in _STORES:
            value = operand(test.draw)
            source = test.register(base)
            test.load(source, value)
            test.nops()
            test.code(f"{name} x{source}, {offset}(x{base})")
            model[address : address + size] = (value & _MASK).to_bytes(8, "little")[:size]
        else:
            rd = base if test.draw.random() < 0.2 else test.register()
            test.code(f"{name} x{rd}, {offset}(x{base})")
            value = int.from_bytes(model[address : address + size], "little")
            if _LOADS[name][1]:
                value = sign_extend(value, 8 * size)
            test.nops(1)
            test.expect(rd, value)


def _amo(test: Test, name: str, size: int) -> None:
    command = MemoryCommand["AMO" + name.upper()]
    mnemonic = f"amo{name}.{'w' if size == 2 else 'd'}"
    bits = 8 << size
    low = (1 << bits) - 1
    for memory, value in pairs(test.draw, 40):
        test.begin_case()
        address = test.register()
        source = test.register(address, zero=test.draw.random() < 0.1)
        rd = test.draw.choice((0, source, address, test.register(address, source)))
        kept = test.register(address, source, rd)
        scratch = test.register(address, source, rd, kept)
        other_half = 4 if size == 2 and test.draw.random() < 0.5 else 0
        test.code(f"la x{address}, buffer_amo", f"mv x{kept}, x{address}")
        test.load(scratch, memory)
        test.code(f"sd x{scratch}, 0(x{address})")
        if source:
            test.load(source, value)
        test.code(f"addi x{address}, x{address}, {other_half}")
        test.nops()
        order = test.draw.choice(("", ".aq", ".rl", ".aqrl"))
        test.code(f"{mnemonic}{order} x{rd}, x{source}, (x{address})")
        test.nops(1)
        old = memory >> 8 * other_half & low
        new = amo_result(command, size, old, value if source else 0)
        after = memory & ~(low << 8 * other_half) | new << 8 * other_half
        if rd:
            test.expect(rd, sign_extend(old, bits), kept)
        found = test.register(kept)
        test.code(f"ld x{found}, 0(x{kept})")
        test.expect(found, after & _MASK)


def instruction_tests(seed: int) -> Iterator[Test]:
    """Every instruction of RV64IMA that needs no privilege, but for lr and sc (see lr_sc.c)."""

    def new(name: str) -> Test:
        return Test(name, random.Random(f"{seed} {name}"))

    for names, result in ((ALU, alu), (MULDIV, muldiv)):
        for name in names:
            test = new(name)
            _register_register(test, name, result)
            yield test
    for name in (*IMMEDIATE, *SHIFTS):
        test = new(name)
        _register_immediate(test, name)
        yield test
    for name in ("lui", "auipc"):
        test = new(name)
        _upper(test, name)
        yield test
    for name in BRANCHES:
        test = new(name)
        _branch(test, name)
        yield test
    for name, write in (("jal", _jumps), ("jalr", _indirect_jumps)):
        test = new(name)
        write(test)
        yield test
    test = new("loads_and_stores")
    _memory(test, 250)
    yield test
    for name in ("swap", "add", "xor", "and", "or", "min", "max", "minu", "maxu"):
        for size in (2, 3):
            test = new(f"amo{name}_{'w' if size == 2 else 'd'}")
            _amo(test, name, size)
            yield test


BUFFERS = """
    .bss
    .balign 64
buffer_memory:
    .zero   64
buffer_amo:
    .zero   64
"""


def assembly(tests: Iterable[Test], *, compressed: bool = False) -> str:
    """One assembly file with these tests; `compressed` lets the assembler choose short forms."""
    option = "rvc" if compressed else "norvc"
    return f"    .option {option}\n" + "".join(test.text() for test in tests) + BUFFERS
