"""Writes self-checking tests of single instructions as assembly, for the images of `suite.py`.

A test is a function of the environment (`env/env.h`): it returns 0, or the number of the case that
went wrong. Cases draw registers from all but three and take operands and results from a table in
memory, so that an instruction meets every register, and loads just before it.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

REGISTERS = tuple(range(1, 32))
CASE, TABLE = 3, 4
"""gp counts the cases, tp walks through the table."""

_MASK = (1 << 64) - 1

CORNERS = (
    0,
    1,
    2,
    _MASK,
    _MASK - 1,
    0x7FFF_FFFF,
    0x8000_0000,
    0xFFFF_FFFF,
    0x1_0000_0000,
    0xFFFF_FFFF_7FFF_FFFF,
    0xFFFF_FFFF_8000_0000,
    0x7FFF_FFFF_FFFF_FFFF,
    0x8000_0000_0000_0000,
    0x8000_0000_0000_0001,
    0x5555_5555_5555_5555,
    0xAAAA_AAAA_AAAA_AAAA,
    0x0000_0000_0000_8000,
    0x0123_4567_89AB_CDEF,
)
"""Operands at which carries, signs and widths change."""


def operand(draw: random.Random) -> int:
    """A corner, or a value of random width and sign."""
    kind = draw.randrange(3)
    if kind == 0:
        return draw.choice(CORNERS)
    value = draw.getrandbits(draw.randrange(1, 65))
    return value if kind == 1 else -value & _MASK


def pairs(draw: random.Random, count: int) -> list[tuple[int, int]]:
    """`count` pairs of operands; the first ones combine corners."""
    corners = [(a, b) for a in CORNERS for b in CORNERS]
    chosen = draw.sample(corners, min(count * 2 // 3, len(corners)))
    return chosen + [(operand(draw), operand(draw)) for _ in range(count - len(chosen))]


def signed_immediate(value: int) -> int:
    """An operand for `li` and `.dword`: assemblers take signed 64-bit numbers."""
    value &= _MASK
    return value - (1 << 64) if value >> 63 else value


@dataclass
class Test:
    """One function under construction."""

    name: str
    draw: random.Random
    lines: list[str] = field(default_factory=list)
    table: list[int] = field(default_factory=list)
    cases: int = 0

    def code(self, *lines: str) -> None:
        self.lines += [line if line.endswith(":") else f"    {line}" for line in lines]

    def begin_case(self) -> None:
        self.cases += 1
        self.code(f"li gp, {self.cases}")

    def register(self, *avoid: int, zero: bool = False) -> int:
        """A random register that is none of these, nor one that the test itself needs."""
        choices = [
            number
            for number in ((0,) if zero else ()) + REGISTERS
            if number not in (CASE, TABLE, *avoid)
        ]
        return self.draw.choice(choices)

    def load(self, register: int, value: int) -> None:
        """Bring a value into a register, from the table."""
        self.table.append(value & _MASK)
        self.code(f"ld x{register}, 0(tp)", "addi tp, tp, 8")

    def nops(self, at_most: int = 2) -> None:
        self.code(*["nop"] * self.draw.randint(0, at_most))

    def expect(self, register: int, value: int, *keep: int) -> None:
        """The case fails unless the register holds the value. What `keep` names stays as it is."""
        other = self.register(register, *keep)
        self.load(other, value)
        self.code(f"beq x{register}, x{other}, 1f", f"j fail_{self.name}", "1:")

    def text(self) -> str:
        """The function, its table, and its entry in the list of tests."""
        name = self.name
        table = "\n".join(f"    .dword {value:#x}" for value in self.table) or "    .dword 0"
        code = "\n".join(self.lines)
        return f"""
    .text
    .balign 4
test_{name}:
    la      t0, saved_{name}
    sd      ra, 0(t0)
    sd      sp, 8(t0)
    la      tp, table_{name}
{code}
    li      gp, 0
fail_{name}:
    mv      a0, gp
    la      t0, saved_{name}
    ld      sp, 8(t0)
    ld      ra, 0(t0)
    ret

    .data
    .balign 8
saved_{name}:
    .dword  0, 0
table_{name}:
{table}
    .section .rodata
name_{name}:
    .asciz  "{name}"
    .section tests, "a"
    .balign 8
    .dword  name_{name}, test_{name}
"""
