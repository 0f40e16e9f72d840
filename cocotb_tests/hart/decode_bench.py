"""Decoder: exactly the instructions of RV64IMA Zicsr Zifencei Svinval and the privileged ones."""

import itertools
import random

import cocotb
from cocotb.triggers import Timer

from rtl.hart.decode import SystemOp
from rtl.isa.opcodes import AmoFunct, Opcode

SYSTEM_WORDS = {
    0x0000_0073: SystemOp.ECALL,
    0x0010_0073: SystemOp.EBREAK,
    0x1020_0073: SystemOp.SRET,
    0x1050_0073: SystemOp.WFI,
    0x3020_0073: SystemOp.MRET,
    0x1800_0073: SystemOp.INVAL_FENCE,
    0x1810_0073: SystemOp.INVAL_FENCE,
}


def is_legal(word: int) -> bool:
    """Whether the instruction exists, from the opcode tables of the specifications."""
    opcode, funct3, funct7 = word >> 2 & 31, word >> 12 & 7, word >> 25
    rs2, rd = word >> 20 & 31, word >> 7 & 31
    if word & 3 != 3 or opcode not in [known.value for known in Opcode]:
        return False
    in_table = {
        Opcode.LUI: True,
        Opcode.AUIPC: True,
        Opcode.JAL: True,
        Opcode.JALR: funct3 == 0,
        Opcode.BRANCH: funct3 not in (2, 3),
        Opcode.LOAD: funct3 != 7,
        Opcode.STORE: funct3 <= 3,
        Opcode.MISC_MEM: funct3 <= 1,
        Opcode.OP_IMM: word >> 26 in {1: (0x00,), 5: (0x00, 0x10)}.get(funct3, range(64)),
        Opcode.OP_IMM_32: funct3 == 0 or funct7 in {1: (0x00,), 5: (0x00, 0x20)}.get(funct3, ()),
        Opcode.OP: funct7 in (0, 1) or (funct7 == 0x20 and funct3 in (0, 5)),
        Opcode.OP_32: funct3
        in {0x00: (0, 1, 5), 0x20: (0, 5), 0x01: (0, 4, 5, 6, 7)}.get(funct7, ()),
        Opcode.AMO: funct3 in (2, 3)
        and funct7 >> 2 in [funct.value for funct in AmoFunct]
        and (funct7 >> 2 != AmoFunct.LR.value or rs2 == 0),
        Opcode.SYSTEM: funct3 in (1, 2, 3, 5, 6, 7)
        or word in SYSTEM_WORDS
        or (funct3 == 0 and funct7 in (0x09, 0x0B) and rd == 0),
    }
    return in_table[Opcode(opcode)]


async def decode(dut, word: int) -> bool:
    dut.word.value = word
    await Timer(1, unit="ns")
    return bool(int(dut.legal.value))


@cocotb.test()
async def legality(dut):
    """Every opcode and funct3; where funct7 selects, every funct7, with random registers."""
    source = random.Random(3)
    selected_by_funct7 = (Opcode.OP, Opcode.OP_32, Opcode.OP_IMM, Opcode.OP_IMM_32, Opcode.AMO)
    some = (*SYSTEM_WORDS, 0x1200_0073, 0x1600_0073, 0x7B20_0073, 0x2600_0073)
    # Also what differs from a privileged instruction in one bit.
    words = list(some) + [word ^ 1 << bit for word in some for bit in range(32)]
    for opcode, funct3 in itertools.product(range(32), range(8)):
        wide = opcode in [selected.value for selected in selected_by_funct7]
        for funct7 in range(128) if wide else source.sample(range(128), 4):
            registers = source.getrandbits(15)
            rs2, rs1, rd = registers & 31, registers >> 5 & 31, registers >> 10
            if opcode == Opcode.AMO.value and source.random() < 0.5:
                rs2 = 0
            word = funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode << 2
            words.append(word | 3)
    words += [source.getrandbits(32) & ~3 | low for low in range(3) for _ in range(20)]
    for word in words:
        assert await decode(dut, word) == is_legal(word), f"{word:#010x}"


@cocotb.test()
async def privileged_instructions(dut):
    for word, operation in SYSTEM_WORDS.items():
        assert await decode(dut, word)
        assert int(dut.system.value) == operation.value
    for word in (0x1200_0073, 0x1630_8073):
        assert await decode(dut, word)
        assert int(dut.system.value) == SystemOp.SFENCE_VMA.value, f"{word:#010x}"


@cocotb.test()
async def immediates(dut):
    """One word for each format, with the value that the specification's figure gives."""
    table = {
        0xFFF0_0093: -1,  # addi x1, x0, -1
        0x8000_0093: -2048,  # addi x1, x0, -2048
        0x7E10_0FA3: 2047,  # sb x1, 2047(x0)
        0x8010_0023: -2048,  # sb x1, -2048(x0)
        0x8000_0063: -4096,  # beq x0, x0, -4096
        0x7E00_0FE3: 4094,  # beq x0, x0, 4094
        0x8000_00B7: -(1 << 31),  # lui x1, 0x80000
        0x8000_006F: -(1 << 20),  # jal x0, -1048576
        0x7FFF_F06F: (1 << 20) - 2,  # jal x0, 1048574
    }
    for word, immediate in table.items():
        assert await decode(dut, word)
        assert int(dut.immediate.value) == immediate % (1 << 64), f"{word:#010x}"
