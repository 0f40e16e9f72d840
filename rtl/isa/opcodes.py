"""Encodings of RV64IMA instructions: the fields that select an operation.

Values are those of the unprivileged specification, chapter "RV32/64G instruction set listings",
and of the privileged specification for the SYSTEM opcode.
"""

from amaranth.lib import enum


class Opcode(enum.Enum, shape=5):
    """Bits 6:2 of a 32-bit instruction; bits 1:0 are 11."""

    LOAD = 0x00
    MISC_MEM = 0x03
    OP_IMM = 0x04
    AUIPC = 0x05
    OP_IMM_32 = 0x06
    STORE = 0x08
    AMO = 0x0B
    OP = 0x0C
    LUI = 0x0D
    OP_32 = 0x0E
    BRANCH = 0x18
    JALR = 0x19
    JAL = 0x1B
    SYSTEM = 0x1C


class AluFunct(enum.Enum, shape=3):
    """funct3 of OP and OP-IMM."""

    ADD_SUB = 0
    SLL = 1
    SLT = 2
    SLTU = 3
    XOR = 4
    SRL_SRA = 5
    OR = 6
    AND = 7


class MulDivFunct(enum.Enum, shape=3):
    """funct3 of OP and OP-32 with funct7 = 1."""

    MUL = 0
    MULH = 1
    MULHSU = 2
    MULHU = 3
    DIV = 4
    DIVU = 5
    REM = 6
    REMU = 7


class BranchFunct(enum.Enum, shape=3):
    """funct3 of BRANCH."""

    BEQ = 0
    BNE = 1
    BLT = 4
    BGE = 5
    BLTU = 6
    BGEU = 7


class MiscMemFunct(enum.Enum, shape=3):
    """funct3 of MISC-MEM."""

    FENCE = 0
    FENCE_I = 1


class SystemFunct(enum.Enum, shape=3):
    """funct3 of SYSTEM: bit 2 selects an immediate operand of a CSR instruction."""

    PRIVILEGED = 0
    CSRRW = 1
    CSRRS = 2
    CSRRC = 3
    CSRRWI = 5
    CSRRSI = 6
    CSRRCI = 7


class PrivilegedFunct(enum.Enum, shape=12):
    """Bits 31:20 of a SYSTEM instruction with funct3, rs1 and rd of zero."""

    ECALL = 0x000
    EBREAK = 0x001
    SRET = 0x102
    WFI = 0x105
    MRET = 0x302
    SFENCE_W_INVAL = 0x180
    SFENCE_INVAL_IR = 0x181


SFENCE_VMA_FUNCT7 = 0x09
SINVAL_VMA_FUNCT7 = 0x0B
"""Bits 31:25 of sfence.vma and sinval.vma; rs1 and rs2 are operands."""


class AmoFunct(enum.Enum, shape=5):
    """Bits 31:27 of AMO; bits 26:25 are aq and rl."""

    AMOADD = 0x00
    AMOSWAP = 0x01
    LR = 0x02
    SC = 0x03
    AMOXOR = 0x04
    AMOOR = 0x08
    AMOAND = 0x0C
    AMOMIN = 0x10
    AMOMAX = 0x14
    AMOMINU = 0x18
    AMOMAXU = 0x1C
