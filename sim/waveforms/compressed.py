"""16-bit instructions of RV64C, without F and D, as the 32-bit instructions they stand for.

One row for each instruction, from the listings in chapter "C" of the unprivileged specification.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

_SP = 2


@dataclass(frozen=True)
class _Row:
    """`pattern` has a letter for each bit of a field, from bit 15 down.

    d: rd, s: rs1, t: rs2 (of three bits where they are x8 to x15), i: the immediate, whose bits
    have the numbers `immediate` in the order of the pattern. `excluded` says which registers, or
    an immediate of zero, make the encoding reserved, or another row's.
    """

    pattern: str
    immediate: tuple[int, ...]
    signed: bool
    build: Callable[[int, int, int, int], int]
    """From rd, rs1, rs2 and the immediate."""
    excluded: Callable[[int, int, int, int], bool] = lambda d, s, t, i: False


def _r(selectors: tuple[int, int, int], rd: int, rs1: int, rs2: int) -> int:
    opcode, funct3, funct7 = selectors
    return funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode


def _i(opcode: int, funct3: int, rd: int, rs1: int, immediate: int) -> int:
    return (immediate & 0xFFF) << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode


def _store(funct3: int, rs1: int, rs2: int, offset: int) -> int:
    return _r((0x23, funct3, offset >> 5), offset & 31, rs1, rs2)


def _branch(funct3: int, rs1: int, offset: int) -> int:
    low = offset & 0x1E | offset >> 11 & 1
    high = offset >> 6 & 0x40 | offset >> 5 & 0x3F
    return _r((0x63, funct3, high), low, rs1, 0)


def _jump(offset: int) -> int:
    fields = offset >> 20 & 1, offset >> 1 & 0x3FF, offset >> 11 & 1, offset >> 12 & 0xFF
    return fields[0] << 31 | fields[1] << 21 | fields[2] << 20 | fields[3] << 12 | 0x6F


_addi, _addiw, _andi = (partial(_i, *selector) for selector in ((0x13, 0), (0x1B, 0), (0x13, 7)))
_lw, _ld, _jalr = (partial(_i, *selector) for selector in ((0x03, 2), (0x03, 3), (0x67, 0)))
_sw, _sd = partial(_store, 2), partial(_store, 3)
_add, _sub, _xor, _or, _and, _addw, _subw = (
    partial(_r, selectors)
    for selectors in (
        *((0x33, 0, 0), (0x33, 0, 0x20), (0x33, 4, 0), (0x33, 6, 0), (0x33, 7, 0)),
        *((0x3B, 0, 0), (0x3B, 0, 0x20)),
    )
)

_SIX = (5, 4, 3, 2, 1, 0)
_WORD, _DOUBLE = (5, 4, 3, 2, 6), (5, 4, 3, 7, 6)
_BRANCH = (8, 4, 3, 7, 6, 2, 1, 5)


def _no_rd(d: int, s: int, t: int, i: int) -> bool:
    return d == 0


def _no_immediate(d: int, s: int, t: int, i: int) -> bool:
    return i == 0


_ROWS = (
    _Row(  # c.addi4spn
        "000iiiiiiiiddd00",
        (5, 4, 9, 8, 7, 6, 2, 3),
        False,
        lambda d, s, t, i: _addi(d, _SP, i),
        _no_immediate,
    ),
    _Row("010iiisssiiddd00", _WORD, False, lambda d, s, t, i: _lw(d, s, i)),
    _Row("011iiisssiiddd00", _DOUBLE, False, lambda d, s, t, i: _ld(d, s, i)),
    _Row("110iiisssiittt00", _WORD, False, lambda d, s, t, i: _sw(s, t, i)),
    _Row("111iiisssiittt00", _DOUBLE, False, lambda d, s, t, i: _sd(s, t, i)),
    _Row("000idddddiiiii01", _SIX, True, lambda d, s, t, i: _addi(d, d, i)),
    _Row("001idddddiiiii01", _SIX, True, lambda d, s, t, i: _addiw(d, d, i), _no_rd),
    _Row("010idddddiiiii01", _SIX, True, lambda d, s, t, i: _addi(d, 0, i)),
    _Row(  # c.addi16sp
        "011i00010iiiii01",
        (9, 4, 6, 8, 7, 5),
        True,
        lambda d, s, t, i: _addi(_SP, _SP, i),
        _no_immediate,
    ),
    _Row(  # c.lui
        "011idddddiiiii01",
        (17, 16, 15, 14, 13, 12),
        True,
        lambda d, s, t, i: i & 0xFFFF_F000 | d << 7 | 0x37,
        lambda d, s, t, i: d == _SP or i == 0,
    ),
    _Row("100i00dddiiiii01", _SIX, False, lambda d, s, t, i: _i(0x13, 5, d, d, i)),
    _Row("100i01dddiiiii01", _SIX, False, lambda d, s, t, i: _i(0x13, 5, d, d, 0x400 | i)),
    _Row("100i10dddiiiii01", _SIX, True, lambda d, s, t, i: _andi(d, d, i)),
    _Row("100011ddd00ttt01", (), False, lambda d, s, t, i: _sub(d, d, t)),
    _Row("100011ddd01ttt01", (), False, lambda d, s, t, i: _xor(d, d, t)),
    _Row("100011ddd10ttt01", (), False, lambda d, s, t, i: _or(d, d, t)),
    _Row("100011ddd11ttt01", (), False, lambda d, s, t, i: _and(d, d, t)),
    _Row("100111ddd00ttt01", (), False, lambda d, s, t, i: _subw(d, d, t)),
    _Row("100111ddd01ttt01", (), False, lambda d, s, t, i: _addw(d, d, t)),
    _Row(  # c.j
        "101iiiiiiiiiii01", (11, 4, 9, 8, 10, 6, 7, 3, 2, 1, 5), True, lambda d, s, t, i: _jump(i)
    ),
    _Row("110iiisssiiiii01", _BRANCH, True, lambda d, s, t, i: _branch(0, s, i)),
    _Row("111iiisssiiiii01", _BRANCH, True, lambda d, s, t, i: _branch(1, s, i)),
    _Row("000idddddiiiii10", _SIX, False, lambda d, s, t, i: _i(0x13, 1, d, d, i)),
    _Row("010idddddiiiii10", (5, 4, 3, 2, 7, 6), False, lambda d, s, t, i: _lw(d, _SP, i), _no_rd),
    _Row("011idddddiiiii10", (5, 4, 3, 8, 7, 6), False, lambda d, s, t, i: _ld(d, _SP, i), _no_rd),
    _Row(
        "1000sssss0000010", (), False, lambda d, s, t, i: _jalr(0, s, 0), lambda d, s, t, i: s == 0
    ),
    _Row(
        "1000dddddttttt10", (), False, lambda d, s, t, i: _add(d, 0, t), lambda d, s, t, i: t == 0
    ),
    _Row("1001000000000010", (), False, lambda d, s, t, i: 0x0010_0073),  # c.ebreak
    _Row(
        "1001sssss0000010", (), False, lambda d, s, t, i: _jalr(1, s, 0), lambda d, s, t, i: s == 0
    ),
    _Row(
        "1001dddddttttt10", (), False, lambda d, s, t, i: _add(d, d, t), lambda d, s, t, i: t == 0
    ),
    _Row("110iiiiiittttt10", (5, 4, 3, 2, 7, 6), False, lambda d, s, t, i: _sw(_SP, t, i)),
    _Row("111iiiiiittttt10", (5, 4, 3, 8, 7, 6), False, lambda d, s, t, i: _sd(_SP, t, i)),
)


def _field(parcel: int, pattern: str, letter: str) -> int:
    bits = [parcel >> 15 - at & 1 for at, found in enumerate(pattern) if found == letter]
    value = sum(bit << place for place, bit in enumerate(reversed(bits)))
    return value + 8 if len(bits) == 3 else value


def _immediate(parcel: int, row: _Row) -> int:
    places = [15 - at for at, letter in enumerate(row.pattern) if letter == "i"]
    value = sum(
        (parcel >> place & 1) << bit for place, bit in zip(places, row.immediate, strict=True)
    )
    sign = 1 << max(row.immediate, default=0)
    return value - 2 * sign if row.signed and value & sign else value


def _matches(parcel: int, pattern: str) -> bool:
    return all(
        int(letter) == parcel >> 15 - at & 1 for at, letter in enumerate(pattern) if letter in "01"
    )


def expand(parcel: int) -> int | None:
    """Return the 32-bit instruction that a 16-bit one stands for, or None where there is none."""
    for row in _ROWS:
        if not _matches(parcel, row.pattern):
            continue
        d, s, t = (_field(parcel, row.pattern, letter) for letter in "dst")
        immediate = _immediate(parcel, row)
        if not row.excluded(d, s, t, immediate):
            return row.build(d, s, t, immediate)
    return None
