"""Steps that trap by what they are: illegal instructions, breakpoints, calls, wrong privilege."""

from __future__ import annotations

from . import csrs
from .layout import REQUEST, REQUEST_SKIP, SCRATCH, TARGET, Mode
from .writer import TSR, TVM, TW, Writer

_ILLEGAL_WORDS = (
    0xFFFF_FFFB,  # custom-3; longer than 32 bits would be 0xFFFF_FFFF
    0x0000_002B,  # custom-1
    0x0000_0007,  # a load of the floating-point extensions
    0x0000_0053,
    0x0000_0057,
    0x4200_0033,  # OP with an unused funct7
    0x0000_705B,
    0x0000_6063 | 2 << 12,  # a branch with a reserved funct3
    0x0000_7003,  # a load of 128 bits
    0x0000_4023,
    0x0000_302F | 0x1F << 27,  # an unused AMO
    0x1000_202F | 1 << 20,  # lr.w with rs2
    0x0000_4073,
    0x0200_501B | 1 << 25,  # srliw by 32 and more
    0x7020_0073,
)
_ILLEGAL_HALVES = (0x0000, 0x8002, 0x6101 & 0xEF83, 0x2000, 0xA000, 0x9C41, 0x6081, 0x2001, 0x4002)
"""Of the 16-bit space: zero, c.jr x0, c.addi16sp 0, c.fld, c.fsd, reserved ones of CA, c.lui 0,
c.addiw x0, c.lwsp x0."""


def illegal(w: Writer) -> None:
    """A word that no extension of this hart defines; handlers skip it by its length."""
    if w.plan.compressed and w.rng.random() < 0.4:
        w.half(w.rng.choice(_ILLEGAL_HALVES))
    else:
        w.op(".word", w.rng.choice(_ILLEGAL_WORDS))


def breakpoint_(w: Writer) -> None:
    w.op("ebreak")


def environment_call(w: Writer) -> None:
    """An ecall that asks for nothing."""
    w.op("addi", REQUEST, 0, REQUEST_SKIP)
    w.op("ecall")


def privileged(w: Writer) -> None:
    """An instruction that this mode must not execute; in machine mode there is none."""
    choices = []
    if w.mode is Mode.U:
        choices = ["sret", "mret", "wfi", "sfence.w.inval", "sfence.inval.ir"]
    elif w.mode is Mode.S:
        choices = ["mret"]
        choices += ["sret"] * 2 if w.settings.traps & TSR else []
        choices += ["wfi"] * 2 if w.settings.traps & TW else []
        choices += ["satp", "sfence.vma", "sinval.vma"] if w.settings.traps & TVM else []
    name = w.rng.choice(choices) if choices else "ebreak"
    if name == "satp":
        w.op("csrrs", TARGET, csrs.SATP, w.rng.choice((0, SCRATCH)))
    elif name.endswith(".vma"):
        w.op(name, w.rng.choice((0, TARGET)), w.rng.choice((0, SCRATCH)))
    else:
        w.op(name)
