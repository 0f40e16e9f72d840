"""ALU against the specification's arithmetic."""

import itertools
import random

import cocotb
from cocotb.triggers import Timer

from rtl.isa.opcodes import AluFunct

from .arithmetic import alu

OPERATIONS = {
    "add": (AluFunct.ADD_SUB, 0, 0),
    "sub": (AluFunct.ADD_SUB, 1, 0),
    "sll": (AluFunct.SLL, 0, 0),
    "slt": (AluFunct.SLT, 0, 0),
    "sltu": (AluFunct.SLTU, 0, 0),
    "xor": (AluFunct.XOR, 0, 0),
    "srl": (AluFunct.SRL_SRA, 0, 0),
    "sra": (AluFunct.SRL_SRA, 1, 0),
    "or": (AluFunct.OR, 0, 0),
    "and": (AluFunct.AND, 0, 0),
    "addw": (AluFunct.ADD_SUB, 0, 1),
    "subw": (AluFunct.ADD_SUB, 1, 1),
    "sllw": (AluFunct.SLL, 0, 1),
    "srlw": (AluFunct.SRL_SRA, 0, 1),
    "sraw": (AluFunct.SRL_SRA, 1, 1),
}
"""funct, alternate and word of each operation."""

EDGES = (0, 1, 31, 32, 63, (1 << 31) - 1, 1 << 31, (1 << 32) - 1, 1 << 63, (1 << 64) - 1)


@cocotb.test()
async def every_operation(dut):
    source = random.Random(1)
    pairs = list(itertools.product(EDGES, EDGES))
    pairs += [(source.getrandbits(64), source.getrandbits(64)) for _ in range(50)]
    for name, (funct, alternate, word) in OPERATIONS.items():
        dut.funct.value = funct.value
        dut.alternate.value = alternate
        dut.word.value = word
        for a, b in pairs:
            dut.a.value = a
            dut.b.value = b
            await Timer(1, unit="ns")
            assert int(dut.result.value) == alu(name, a, b), (name, hex(a), hex(b))
