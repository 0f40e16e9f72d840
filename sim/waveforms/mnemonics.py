"""Assembly text of RV64IMAC, Zicsr and Zifencei instructions, for a row of a waveform.

Encodings are those of the listings in the unprivileged specification and, for SYSTEM, of the
privileged one. Branches and jumps show their offset: the next record shows where they went.
"""

from __future__ import annotations

from rtl.isa.csr_address import CsrAddress

from .compressed import expand

_REGISTERS = (
    *("zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1"),
    *(f"a{number}" for number in range(8)),
    *(f"s{number}" for number in range(2, 12)),
    *("t3", "t4", "t5", "t6"),
)
_CSRS = {csr.value: csr.name.lower() for csr in CsrAddress}

_LOADS = ("lb", "lh", "lw", "ld", "lbu", "lhu", "lwu", None)
_STORES = ("sb", "sh", "sw", "sd", None, None, None, None)
_BRANCHES = ("beq", "bne", None, None, "blt", "bge", "bltu", "bgeu")
_IMMEDIATES = ("addi", None, "slti", "sltiu", "xori", None, "ori", "andi")
_OPS = {
    0x00: ("add", "sll", "slt", "sltu", "xor", "srl", "or", "and"),
    0x01: ("mul", "mulh", "mulhsu", "mulhu", "div", "divu", "rem", "remu"),
    0x20: ("sub", None, None, None, None, "sra", None, None),
}
_WORD_OPS = {
    0x00: ("addw", "sllw", None, None, None, "srlw", None, None),
    0x01: ("mulw", None, None, None, "divw", "divuw", "remw", "remuw"),
    0x20: ("subw", None, None, None, None, "sraw", None, None),
}
_CSR_OPS = (None, "csrrw", "csrrs", "csrrc", None, "csrrwi", "csrrsi", "csrrci")
_AMOS = {
    0x00: "amoadd", 0x01: "amoswap", 0x02: "lr", 0x03: "sc", 0x04: "amoxor", 0x08: "amoor",
    0x0C: "amoand", 0x10: "amomin", 0x14: "amomax", 0x18: "amominu", 0x1C: "amomaxu",
}  # fmt: skip
_AMO_ORDER = ("", ".rl", ".aq", ".aqrl")
_PRIVILEGED = {
    0x0000_0073: "ecall",
    0x0010_0073: "ebreak",
    0x1020_0073: "sret",
    0x3020_0073: "mret",
    0x1050_0073: "wfi",
}
_SFENCE_VMA = 0x09
_FENCE_SETS = "wroi"


def _bits(word: int, high: int, low: int) -> int:
    return word >> low & (1 << high - low + 1) - 1


def _signed(value: int, bits: int) -> int:
    return value - (value >> bits - 1 << bits)


def _branch_offset(word: int) -> int:
    value = _bits(word, 31, 31) << 12 | _bits(word, 7, 7) << 11
    return _signed(value | _bits(word, 30, 25) << 5 | _bits(word, 11, 8) << 1, 13)


def _jump_offset(word: int) -> int:
    value = _bits(word, 31, 31) << 20 | _bits(word, 19, 12) << 12
    return _signed(value | _bits(word, 20, 20) << 11 | _bits(word, 30, 21) << 1, 21)


def _relative(offset: int) -> str:
    return f".{'+' if offset >= 0 else '-'}{abs(offset):#x}"


def _fence(word: int) -> str | None:
    if _bits(word, 14, 12) == 1:
        return "fence.i"
    if _bits(word, 14, 12) != 0:
        return None
    before, after = (
        "".join(name for bit, name in reversed(list(enumerate(_FENCE_SETS))) if value >> bit & 1)
        for value in (_bits(word, 27, 24), _bits(word, 23, 20))
    )
    return f"fence {before or '0'}, {after or '0'}"


def _shift_immediate(word: int, suffix: str, rd: str, rs1: str) -> str | None:
    """Shifts by a constant: 6 bits of it, or 5 where the operand is a word."""
    size = 5 if suffix else 6
    function, amount = _bits(word, 31, 20 + size), _bits(word, 19 + size, 20)
    left = _bits(word, 14, 12) == 1
    arithmetic = 1 << 10 - size
    if function not in (0, arithmetic) or (left and function):
        return None
    name = "slli" if left else "srai" if function else "srli"
    return f"{name}{suffix} {rd}, {rs1}, {amount}"


def _system(word: int, rd: str, rs1: str, rs2: str) -> str | None:
    name = _CSR_OPS[_bits(word, 14, 12)]
    if name:
        number = _bits(word, 31, 20)
        source = str(_bits(word, 19, 15)) if name.endswith("i") else rs1
        return f"{name} {rd}, {_CSRS.get(number, hex(number))}, {source}"
    if _bits(word, 31, 25) == _SFENCE_VMA and _bits(word, 14, 7) == 0:
        return f"sfence.vma {rs1}, {rs2}"
    return _PRIVILEGED.get(word)


def _atomic(word: int, rd: str, rs1: str, rs2: str) -> str | None:
    name, size = _AMOS.get(_bits(word, 31, 27)), {2: "w", 3: "d"}.get(_bits(word, 14, 12))
    if not name or not size:
        return None
    operands = f"{rd}, ({rs1})" if name == "lr" else f"{rd}, {rs2}, ({rs1})"
    return f"{name}.{size}{_AMO_ORDER[_bits(word, 26, 25)]} {operands}"


def disassemble(word: int) -> str | None:
    """Return the assembly text of an instruction, or None where it is none of these.

    One of 16 bits, which are the low ones, gets the text of the 32-bit one that it stands for.
    """
    wide = word if word & 3 == 3 else expand(word & 0xFFFF)
    return None if wide is None else _text(wide)


def _text(word: int) -> str | None:
    opcode, funct3, funct7 = _bits(word, 6, 0), _bits(word, 14, 12), _bits(word, 31, 25)
    rd, rs1, rs2 = (_REGISTERS[_bits(word, low + 4, low)] for low in (7, 15, 20))
    immediate = _signed(_bits(word, 31, 20), 12)
    name: str | None
    match opcode:
        case 0x03:
            name, operands = _LOADS[funct3], f"{rd}, {immediate}({rs1})"
        case 0x0F:
            return _fence(word)
        case 0x13 | 0x1B if funct3 in (1, 5):
            return _shift_immediate(word, "w" if opcode == 0x1B else "", rd, rs1)
        case 0x13:
            name, operands = _IMMEDIATES[funct3], f"{rd}, {rs1}, {immediate}"
        case 0x1B:
            name, operands = {0: "addiw"}.get(funct3), f"{rd}, {rs1}, {immediate}"
        case 0x17 | 0x37:
            name = "lui" if opcode == 0x37 else "auipc"
            operands = f"{rd}, {_bits(word, 31, 12):#x}"
        case 0x23:
            offset = _signed(funct7 << 5 | _bits(word, 11, 7), 12)
            name, operands = _STORES[funct3], f"{rs2}, {offset}({rs1})"
        case 0x2F:
            return _atomic(word, rd, rs1, rs2)
        case 0x33 | 0x3B:
            table = _OPS if opcode == 0x33 else _WORD_OPS
            name, operands = table.get(funct7, (None,) * 8)[funct3], f"{rd}, {rs1}, {rs2}"
        case 0x63:
            name = _BRANCHES[funct3]
            operands = f"{rs1}, {rs2}, {_relative(_branch_offset(word))}"
        case 0x67:
            name, operands = {0: "jalr"}.get(funct3), f"{rd}, {immediate}({rs1})"
        case 0x6F:
            name, operands = "jal", f"{rd}, {_relative(_jump_offset(word))}"
        case 0x73:
            return _system(word, rd, rs1, rs2)
        case _:
            return None
    return f"{name} {operands}" if name else None
