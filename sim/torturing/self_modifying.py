"""Steps that write instructions, then execute them after fence.i."""

from __future__ import annotations

from . import encoding
from .arithmetic import operation
from .layout import CODE_REGION, ENTRY, ENTRY_BYTES, PAGE, PAGES, POOL, SCRATCH, SLOT, TARGET
from .layout import REQUEST as _WORD
from .writer import Writer

_I_FORMS = (
    *((0x13, f3) for f3 in (0, 2, 3, 4, 6, 7)),
    (0x1B, 0),
)


def _instruction(w: Writer) -> None:
    """Put an instruction with an immediate made of data into _WORD."""
    opcode, f3 = w.rng.choice(_I_FORMS)
    base = encoding.i_type(opcode, f3, w.rng.choice(POOL), w.rng.choice(POOL), 0)
    source = w.pool()
    w.op("slli", _WORD, source, 52)
    w.op("srli", _WORD, _WORD, 32)
    w.constant(SCRATCH, base)
    w.op("or", _WORD, _WORD, SCRATCH)


def patch_here(w: Writer) -> None:
    """Replace one or two instructions a few places ahead."""
    slot = w.new_label("slot")
    pair = w.rng.random() < 0.4
    _instruction(w)
    w.address(TARGET, slot)
    w.op("sw", _WORD, TARGET, 0)
    if pair:
        _instruction(w)
        w.op("sw", _WORD, TARGET, 4)
    w.op("fence.i")
    for _ in range(w.rng.randrange(3)):
        operation(w)
    w.align()
    w.label(slot)
    compressing, w.compressing = w.compressing, False
    operation(w)
    operation(w)
    w.compressing = compressing


def patch_region(w: Writer) -> None:
    """Replace the slot of subroutines that data choose, through the address that stores may use."""
    _instruction(w)
    straddling = w.plan.straddles and w.rng.random() < 0.3
    w.constant(SCRATCH, (PAGES - 1) * PAGE if straddling else 0xFFFF & -ENTRY_BYTES)
    w.op("and", SCRATCH, SCRATCH, w.pool())
    w.constant(TARGET, CODE_REGION + (0 if straddling else ENTRY + SLOT))
    w.op("add", TARGET, TARGET, SCRATCH)
    if straddling:
        # The upper half of the instruction that begins at the end of any page: its immediate.
        low = SCRATCH
        w.op("lhu", low, TARGET, 0)
        w.op("andi", low, low, 0xF)
        w.op("srli", _WORD, _WORD, 16)
        w.op("andi", _WORD, _WORD, -16)
        w.op("or", _WORD, _WORD, low)
        w.op("sh", _WORD, TARGET, 0)
    else:
        w.op("sw", _WORD, TARGET, 0)
    w.op("fence.i")
