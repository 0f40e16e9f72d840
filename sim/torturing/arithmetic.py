"""Steps that compute: register operations, branches, jumps, calls."""

from __future__ import annotations

from . import encoding
from .layout import SCRATCH, TARGET
from .writer import Writer

_MULTIPLY_DIVIDE = tuple(
    name for name in encoding.REGISTER_OPERATIONS if name.startswith(("mul", "div", "rem"))
)
_SIMPLE = tuple(name for name in encoding.REGISTER_OPERATIONS if name not in _MULTIPLY_DIVIDE)
_CORNERS = (0, 1, -1, 1 << 63, (1 << 63) - 1, 1 << 31, (1 << 31) - 1, -(1 << 31), 0xFFFF_FFFF)


def operation(w: Writer) -> None:
    """One random operation on registers of the pool."""
    rng = w.rng
    rd, rs1 = w.pool(), w.pool()
    if rng.random() < 0.4:
        rs1 = rd
    draw = rng.random()
    if draw < 0.45:
        w.op(rng.choice(_SIMPLE), rd, rs1, w.pool())
    elif draw < 0.75:
        immediate = rng.randrange(-2048, 2048) if rng.random() < 0.5 else rng.randrange(-32, 32)
        w.op(rng.choice(encoding.IMMEDIATE_OPERATIONS), rd, rs1, immediate)
    elif draw < 0.95:
        name = rng.choice(encoding.SHIFTS)
        w.op(name, rd, rs1, rng.randrange(32 if name.endswith("w") else 64))
    elif draw < 0.98:
        w.op("lui", rd, rng.randrange(1 << 20))
    else:
        w.op("xori", rd, rs1, -1)


def arithmetic(w: Writer) -> None:
    for _ in range(w.rng.randrange(3, 10)):
        operation(w)


def multiply_divide(w: Writer) -> None:
    """Products and quotients; operands come from what went before, often one from the other."""
    for _ in range(w.rng.randrange(1, 4)):
        w.op(w.rng.choice(_MULTIPLY_DIVIDE), w.pool(), w.pool(), w.pool())
        operation(w)


def constant(w: Writer) -> None:
    """A number from the corners of its range meets a random one."""
    value = w.rng.choice(_CORNERS) if w.rng.random() < 0.5 else w.rng.getrandbits(64)
    w.constant(SCRATCH, value)
    rd = w.pool()
    w.op(w.rng.choice(_SIMPLE + _MULTIPLY_DIVIDE), rd, w.pool(), SCRATCH)
    w.op("xor", rd, rd, w.pool())


def branch_over(w: Writer) -> None:
    """Forward branches over each other, decided by data."""
    first, second = w.new_label("over"), w.new_label("over")
    name = w.rng.choice(encoding.BRANCHES)
    w.branch(name, w.pool(), w.pool(), first)
    operation(w)
    if w.rng.random() < 0.5:
        # Close values: both outcomes are likely.
        w.op("andi", TARGET, w.pool(), 3)
        w.branch(w.rng.choice(("beq", "bne", "bltu", "bge")), TARGET, 0, second)
    operation(w)
    w.label(first)
    operation(w)
    w.label(second)


def jump_table(w: Writer) -> None:
    """An indirect jump to one of four places that data choose."""
    table, end = w.new_label("table"), w.new_label("end")
    w.op("andi", SCRATCH, w.pool(), 3)
    w.op("slli", SCRATCH, SCRATCH, 3)
    w.address(TARGET, table)
    w.op("add", TARGET, TARGET, SCRATCH)
    w.op("jalr", 0, TARGET, 0)
    w.label(table)
    for _ in range(4):
        compressing, w.compressing = w.compressing, False
        operation(w)
        w.compressing = compressing
        w.jump(end)
    w.label(end)


def local_call(w: Writer) -> None:
    """Calls and returns as compilers write them, so that return stacks predict them; nested."""
    over, leaf = w.new_label("over"), w.new_label("leaf")
    w.jump(over)
    w.label(leaf)
    for _ in range(w.rng.randrange(1, 4)):
        operation(w)
    w.op("jalr", 0, 1, 0)
    w.label(over)
    for _ in range(w.rng.randrange(1, 4)):
        if w.rng.random() < 0.5:
            w.jump(leaf, rd=1)
        else:
            w.address(TARGET, leaf)
            w.op("jalr", 1, TARGET, 0)
        operation(w)
