"""RV64IMA Zicsr and privileged instructions as 32-bit words.

Sources: the listings of the unprivileged specification, chapter "RV32/64G Instruction Set
Listings", and of the privileged specification. `cocotb_tests/sim/test_torture_encoding.py` holds
every entry against LLVM's assembler.
"""

from __future__ import annotations

from collections.abc import Callable

_R = {
    **{
        name: (0x33, f3, 0x00)
        for f3, name in enumerate(["add", "sll", "slt", "sltu", "xor", "srl", "or", "and"])
    },
    "sub": (0x33, 0, 0x20),
    "sra": (0x33, 5, 0x20),
    **{
        name: (0x33, f3, 0x01)
        for f3, name in enumerate(["mul", "mulh", "mulhsu", "mulhu", "div", "divu", "rem", "remu"])
    },
    "addw": (0x3B, 0, 0x00),
    "sllw": (0x3B, 1, 0x00),
    "srlw": (0x3B, 5, 0x00),
    "subw": (0x3B, 0, 0x20),
    "sraw": (0x3B, 5, 0x20),
    "mulw": (0x3B, 0, 0x01),
    "divw": (0x3B, 4, 0x01),
    "divuw": (0x3B, 5, 0x01),
    "remw": (0x3B, 6, 0x01),
    "remuw": (0x3B, 7, 0x01),
}
_I = {
    "addi": (0x13, 0),
    "slti": (0x13, 2),
    "sltiu": (0x13, 3),
    "xori": (0x13, 4),
    "ori": (0x13, 6),
    "andi": (0x13, 7),
    "addiw": (0x1B, 0),
    "jalr": (0x67, 0),
    **{name: (0x03, f3) for f3, name in enumerate(["lb", "lh", "lw", "ld", "lbu", "lhu", "lwu"])},
}
_SHIFT = {
    "slli": (0x13, 1, 0x00),
    "srli": (0x13, 5, 0x00),
    "srai": (0x13, 5, 0x20),
    "slliw": (0x1B, 1, 0x00),
    "srliw": (0x1B, 5, 0x00),
    "sraiw": (0x1B, 5, 0x20),
}
_S = {name: f3 for f3, name in enumerate(["sb", "sh", "sw", "sd"])}
_B = {"beq": 0, "bne": 1, "blt": 4, "bge": 5, "bltu": 6, "bgeu": 7}
_U = {"lui": 0x37, "auipc": 0x17}
_CSR = {"csrrw": 1, "csrrs": 2, "csrrc": 3, "csrrwi": 5, "csrrsi": 6, "csrrci": 7}
_AMO = {
    "amoadd": 0x00,
    "amoswap": 0x01,
    "lr": 0x02,
    "sc": 0x03,
    "amoxor": 0x04,
    "amoor": 0x08,
    "amoand": 0x0C,
    "amomin": 0x10,
    "amomax": 0x14,
    "amominu": 0x18,
    "amomaxu": 0x1C,
}
_FIXED = {
    "ecall": 0x0000_0073,
    "ebreak": 0x0010_0073,
    "sret": 0x1020_0073,
    "mret": 0x3020_0073,
    "wfi": 0x1050_0073,
    "fence.i": 0x0000_100F,
    "fence.tso": 0x8330_000F,
    "sfence.w.inval": 0x1800_0073,
    "sfence.inval.ir": 0x1810_0073,
}
_TWO_ADDRESSES = {"sfence.vma": 0x1200_0073, "sinval.vma": 0x1600_0073}

LOADS = ("lb", "lh", "lw", "ld", "lbu", "lhu", "lwu")
STORES = tuple(_S)
REGISTER_OPERATIONS = tuple(_R)
IMMEDIATE_OPERATIONS = ("addi", "slti", "sltiu", "xori", "ori", "andi", "addiw")
SHIFTS = tuple(_SHIFT)
BRANCHES = tuple(_B)
AMOS = tuple(name for name in _AMO if name not in ("lr", "sc"))


def i_type(opcode: int, f3: int, rd: int, rs1: int, imm: int) -> int:
    return (imm & 0xFFF) << 20 | rs1 << 15 | f3 << 12 | rd << 7 | opcode


def b_immediate(offset: int) -> int:
    """Bits of a branch that hold its offset, a multiple of 2 in -4096..4094."""
    return (
        (offset >> 12 & 1) << 31
        | (offset >> 5 & 0x3F) << 25
        | (offset >> 1 & 0xF) << 8
        | (offset >> 11 & 1) << 7
    )


def j_immediate(offset: int) -> int:
    """Bits of jal that hold its offset, a multiple of 2 in -1 MiB..1 MiB-2."""
    return (
        (offset >> 20 & 1) << 31
        | (offset >> 1 & 0x3FF) << 21
        | (offset >> 11 & 1) << 20
        | (offset >> 12 & 0xFF) << 12
    )


def _amo_encoder(f5: int, f3: int) -> Callable[..., int]:
    def encode(rd: int, rs1: int, rs2: int = 0, ordering: int = 0) -> int:
        return f5 << 27 | ordering << 25 | rs2 << 20 | rs1 << 15 | f3 << 12 | rd << 7 | 0x2F

    return encode


def _encoders() -> dict[str, Callable[..., int]]:
    table: dict[str, Callable[..., int]] = {}
    for name, (opcode, f3, f7) in _R.items():
        bits = f7 << 25 | f3 << 12 | opcode
        table[name] = lambda rd, rs1, rs2, b=bits: b | rs2 << 20 | rs1 << 15 | rd << 7
    for name, (opcode, f3) in _I.items():
        table[name] = lambda rd, rs1, imm, o=opcode, f=f3: i_type(o, f, rd, rs1, imm)
    for name, (opcode, f3, f7) in _SHIFT.items():
        bits = f7 << 25 | f3 << 12 | opcode
        table[name] = lambda rd, rs1, shamt, b=bits: b | shamt << 20 | rs1 << 15 | rd << 7
    for name, f3 in _S.items():
        table[name] = lambda rs2, rs1, imm, f=f3: (
            (imm >> 5 & 0x7F) << 25 | rs2 << 20 | rs1 << 15 | f << 12 | (imm & 0x1F) << 7 | 0x23
        )
    for name, f3 in _B.items():
        table[name] = lambda rs1, rs2, offset, f=f3: (
            b_immediate(offset) | rs2 << 20 | rs1 << 15 | f << 12 | 0x63
        )
    for name, opcode in _U.items():
        table[name] = lambda rd, imm, o=opcode: (imm & 0xFFFFF) << 12 | rd << 7 | o
    table["jal"] = lambda rd, offset: j_immediate(offset) | rd << 7 | 0x6F
    for name, f3 in _CSR.items():
        table[name] = lambda rd, csr, source, f=f3: (
            csr << 20 | source << 15 | f << 12 | rd << 7 | 0x73
        )
    for name, f5 in _AMO.items():
        table[f"{name}.w"] = _amo_encoder(f5, 2)
        table[f"{name}.d"] = _amo_encoder(f5, 3)
    for name, word in _FIXED.items():
        table[name] = lambda w=word: w
    for name, word in _TWO_ADDRESSES.items():
        table[name] = lambda rs1, rs2, w=word: w | rs2 << 20 | rs1 << 15
    table["fence"] = lambda before, after: before << 24 | after << 20 | 0x0F
    table[".word"] = lambda word: word
    return table


ENCODERS = _encoders()
"""Mnemonic to a function of the operands that returns the word.

Operands are numbers, in the order (rd, rs1, rs2 or immediate); stores (rs2, rs1, immediate),
branches (rs1, rs2, offset), CSR instructions (rd, csr, rs1 or immediate), AMOs (rd, rs1, rs2,
ordering: 2 aq, 1 rl), fence (predecessors, successors).
"""


def _memory_text(name: str, operands: tuple[int, ...]) -> str:
    return f"{name} x{operands[0]}, {operands[2]}(x{operands[1]})"


def _csr_text(name: str, operands: tuple[int, ...]) -> str:
    source = f"{operands[2]}" if name.endswith("i") else f"x{operands[2]}"
    return f"{name} x{operands[0]}, {operands[1]:#x}, {source}"


def _amo_text(name: str, operands: tuple[int, ...]) -> str:
    rd, rs1, rs2, order = (*operands, 0, 0)[:4]
    ordering = ("", ".rl", ".aq", ".aqrl")[order]
    source = "" if name.startswith("lr") else f"x{rs2}, "
    return f"{name}{ordering} x{rd}, {source}(x{rs1})"


def _fence_text(name: str, operands: tuple[int, ...]) -> str:
    sets = (
        "".join(letter for bit, letter in zip((8, 4, 2, 1), "iorw", strict=True) if bits & bit)
        for bits in operands
    )
    return f"{name} {', '.join(sets)}"


def _formats() -> dict[str, Callable[[str, tuple[int, ...]], str]]:
    def by_template(template: str) -> Callable[[str, tuple[int, ...]], str]:
        return lambda name, operands: f"{name} {template.format(*operands)}"

    table: dict[str, Callable[[str, tuple[int, ...]], str]] = {}
    for names, form in (
        (_R, by_template("x{}, x{}, x{}")),
        ((*_I, *_SHIFT), by_template("x{}, x{}, {}")),
        (("jalr", *LOADS, *_S), _memory_text),
        (_B, by_template("x{}, x{}, .{:+d}")),
        (_U, by_template("x{}, {:#x}")),
        (("jal",), by_template("x{}, .{:+d}")),
        (_CSR, _csr_text),
        (_TWO_ADDRESSES, by_template("x{}, x{}")),
        ((f"{name}.{width}" for name in _AMO for width in "wd"), _amo_text),
        (("fence",), _fence_text),
        ((".word", ".half"), by_template("{:#x}")),
        (_FIXED, lambda name, _operands: name),
    ):
        table.update(dict.fromkeys(names, form))
    return table


_FORMATS = _formats()


def text(name: str, operands: tuple[int, ...]) -> str:
    """The instruction in the assembler's syntax, for listings; offsets are relative to it."""
    return _FORMATS[name](name, operands)
