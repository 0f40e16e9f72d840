"""The 16-bit forms of the C extension for those instructions that have one.

Source: unprivileged specification, chapter "C", table "Instruction listing for RVC". Branches and
jumps are left as they are: their offset is not known when an instruction is emitted.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

_CA = {"sub": 0x8C01, "xor": 0x8C21, "or": 0x8C41, "and": 0x8C61, "subw": 0x9C01, "addw": 0x9C21}
_LOADS = {"lw": (0x4000, 4), "ld": (0x6000, 8)}
_STORES = {"sw": (0xC000, 4), "sd": (0xE000, 8)}
_COMMUTATIVE = ("xor", "or", "and", "addw")


def _is_short(*registers: int) -> bool:
    return all(8 <= register <= 15 for register in registers)


def _fits6(value: int) -> bool:
    return -32 <= value <= 31


def _ci(base: int, rd: int, imm: int) -> int:
    return base | (imm >> 5 & 1) << 12 | rd << 7 | (imm & 0x1F) << 2


def _offset(imm: int, size: int) -> int:
    """Offset bits of c.lw, c.ld, c.sw and c.sd."""
    if size == 8:
        return (imm >> 3 & 7) << 10 | (imm >> 6 & 3) << 5
    return (imm >> 3 & 7) << 10 | (imm >> 2 & 1) << 6 | (imm >> 6 & 1) << 5


def _add_immediate(rd: int, rs1: int, imm: int) -> int | None:
    if rs1 == 2:
        return _add_to_sp(rd, imm)
    if rd == 0:
        return 0x0001 if rs1 == imm == 0 else None
    if rs1 == 0 or (rd == rs1 and imm != 0):
        return _ci(0x0001 if rs1 else 0x4001, rd, imm) if _fits6(imm) else None
    return 0x8002 | rd << 7 | rs1 << 2 if imm == 0 else None


def _add_to_sp(rd: int, imm: int) -> int | None:
    if imm == 0 and rd != 0:
        return 0x8002 | rd << 7 | 2 << 2
    if rd == 2 and _fits6(imm):
        return _ci(0x0001, rd, imm)
    if rd == 2 and imm % 16 == 0 and -512 <= imm <= 496:
        bits = (imm >> 4 & 1) << 6 | (imm >> 6 & 1) << 5 | (imm >> 7 & 3) << 3
        return 0x6101 | (imm >> 9 & 1) << 12 | bits | (imm >> 5 & 1) << 2
    if _is_short(rd) and imm % 4 == 0 and 0 < imm <= 1020:
        bits = (imm >> 4 & 3) << 11 | (imm >> 6 & 0xF) << 7
        return bits | (imm >> 2 & 1) << 6 | (imm >> 3 & 1) << 5 | (rd - 8) << 2
    return None


def _load(base: int, size: int, rd: int, rs1: int, imm: int) -> int | None:
    if imm % size or imm < 0:
        return None
    if rs1 == 2 and rd != 0 and imm < 64 * size:
        low = 0x1C if size == 4 else 0x18
        high = imm >> 6 & (3 if size == 4 else 7)
        return base | 2 | (imm >> 5 & 1) << 12 | rd << 7 | (imm & low | high) << 2
    if _is_short(rd, rs1) and imm < 32 * size:
        return base | _offset(imm, size) | (rs1 - 8) << 7 | (rd - 8) << 2
    return None


def _store(base: int, size: int, rs2: int, rs1: int, imm: int) -> int | None:
    if imm % size or imm < 0:
        return None
    if rs1 == 2 and imm < 64 * size:
        if size == 4:
            bits = (imm >> 2 & 0xF) << 9 | (imm >> 6 & 3) << 7
        else:
            bits = (imm >> 3 & 7) << 10 | (imm >> 6 & 7) << 7
        return base | 2 | bits | rs2 << 2
    if _is_short(rs2, rs1) and imm < 32 * size:
        return base | _offset(imm, size) | (rs1 - 8) << 7 | (rs2 - 8) << 2
    return None


def _register_operation(name: str, rd: int, rs1: int, rs2: int) -> int | None:
    if name == "add" and rd != 0:
        if rd == rs1 and rs2 != 0:
            return 0x9002 | rd << 7 | rs2 << 2
        if rd == rs2 and rs1 != 0:
            return 0x9002 | rd << 7 | rs1 << 2
        if rs1 != rs2 and 0 in (rs1, rs2):
            return 0x8002 | rd << 7 | (rs1 | rs2) << 2
    if name in _CA and rd == rs2 and name in _COMMUTATIVE:
        rs1, rs2 = rs2, rs1
    if name in _CA and rd == rs1 and _is_short(rd, rs2):
        return _CA[name] | (rd - 8) << 7 | (rs2 - 8) << 2
    return None


def _add_immediate_word(rd: int, rs1: int, imm: int) -> int | None:
    if rd == 0 or rs1 not in (0, rd) or not _fits6(imm):
        return None
    return _ci(0x2001 if rs1 else 0x4001, rd, imm)


def _load_upper(rd: int, imm: int) -> int | None:
    signed = (imm & 0xFFFFF ^ 0x80000) - 0x80000
    return _ci(0x6001, rd, signed) if rd not in (0, 2) and signed and _fits6(signed) else None


def _shift_left(rd: int, rs1: int, shamt: int) -> int | None:
    return _ci(0x0002, rd, shamt) if rd == rs1 != 0 and shamt else None


def _shift_right(base: int, rd: int, rs1: int, shamt: int) -> int | None:
    return _ci(base, rd - 8, shamt) if rd == rs1 and _is_short(rd) and shamt else None


def _and_immediate(rd: int, rs1: int, imm: int) -> int | None:
    return _ci(0x8801, rd - 8, imm) if rd == rs1 and _is_short(rd) and _fits6(imm) else None


def _jump(rd: int, rs1: int, imm: int) -> int | None:
    return (0x9002 if rd else 0x8002) | rs1 << 7 if rd in (0, 1) and rs1 and imm == 0 else None


_FORMS: dict[str, Callable[..., int | None]] = {
    "addi": _add_immediate,
    "addiw": _add_immediate_word,
    "lui": _load_upper,
    "slli": _shift_left,
    "srli": partial(_shift_right, 0x8001),
    "srai": partial(_shift_right, 0x8401),
    "andi": _and_immediate,
    "jalr": _jump,
    "ebreak": lambda: 0x9002,
    **{name: partial(_load, *parameters) for name, parameters in _LOADS.items()},
    **{name: partial(_store, *parameters) for name, parameters in _STORES.items()},
    **{name: partial(_register_operation, name) for name in ("add", *_CA)},
}


def compress(name: str, operands: tuple[int, ...]) -> int | None:
    """The 16-bit word that does the same, or None where there is none."""
    form = _FORMS.get(name)
    return None if form is None else form(*operands)
