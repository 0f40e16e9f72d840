"""What steps emit with: the assembler, and what is known of the hart's state at that point."""

from __future__ import annotations

import random
from dataclasses import dataclass

from .assembler import Assembler
from .layout import (
    CODE,
    CODE_REGION,
    DATA_REGION,
    POOL,
    SCRATCH,
    TABLE,
    TARGET,
    USER_OFFSET,
    Mode,
    Places,
    Window,
    places,
)
from .plan import Plan

MSTATUS_MPP = 3 << 11
MSTATUS_MPIE = 1 << 7
MSTATUS_SPP = 1 << 8
MPRV, SUM, MXR = 1 << 17, 1 << 18, 1 << 19
TVM, TW, TSR = 1 << 20, 1 << 21, 1 << 22
SV39 = 8
PMP_NAPOT, PMP_ALL = 0x18, 0x1F
"""Configurations of an entry of the physical memory protection: no rights, and all of them."""


@dataclass(frozen=True)
class Settings:
    """What a chapter sets once and its steps may rely on.

    `medeleg`, `mideleg`: delegation; `traps`: the bits TVM, TW and TSR of mstatus; `asids`: one
    for each address space; `stce`: menvcfg.STCE, stimecmp makes the timer interrupt of S-mode.
    """

    medeleg: int
    mideleg: int
    traps: int
    asids: tuple[int, ...]
    stce: bool
    vectored: bool

    @property
    def exits_by_illegal(self) -> bool:
        """Calls of supervisor mode are delegated, so it reaches machine mode by another trap."""
        return bool(self.medeleg >> 9 & 1)


EXIT_WORD = 0x0000_000B
"""An instruction of the space for custom extensions, illegal here; see `exits_by_illegal`."""


class Writer(Assembler):
    """An assembler that knows mode and address space.

    Attributes
    ----------
    rng : random.Random
        Draws of the step that is being emitted.
    mode : Mode
    space : int or None
        Address space in satp; None: Bare.
    settings : Settings
        Of the chapter.
    hart : int
        Whose code this is.
    global_kernel : bool
        The code's own mapping is global, and the same in all address spaces.
    """

    def __init__(self, plan: Plan, base: int = CODE):
        super().__init__(base)
        self.plan = plan
        self.hart = 0
        self.global_kernel = False
        self.rng = random.Random(plan.seed)
        self.mode = Mode.M
        self.space: int | None = None
        self.settings = Settings(0, 0, 0, (0, 0, 0), stce=False, vectored=False)

    @property
    def places(self) -> Places:
        """The hart's own."""
        return places(self.hart)

    def seed(self, seed: int) -> None:
        """Start a step: its draws, and whether it is written with 16-bit instructions."""
        self.rng = random.Random(seed)
        self.compressing = self.plan.compressed and self.rng.random() < 0.7

    def pool(self) -> int:
        """A register with random data. Half of the time one that 16-bit forms can name."""
        return self.rng.choice(POOL) if self.rng.random() < 0.5 else self.rng.randrange(8, 16)

    def view(self, mode: Mode, space: int | None) -> int:
        """Address of the code in this mode, relative to its physical address."""
        return USER_OFFSET if mode is Mode.U and space is not None else 0

    def satp(self, space: int | None) -> int:
        """Value of satp for an address space."""
        if space is None:
            return 0
        return SV39 << 60 | self.settings.asids[space] << 44 | TABLE[f"root{space}"] >> 12

    def stack_pointer(self) -> None:
        """Point sp into the stack page as this mode sees it."""
        self.address_of(2, self.places.stack + 2048)

    def window_address(
        self, rd: int, window: Window | None, *, code: bool, size: int, offset: int = 0
    ) -> None:
        """Put a random address inside a window, less `offset`, into rd; the offset comes from data.

        Without a window the physical address of the region is taken. Now and then the address is
        not aligned to `size`. Clobbers SCRATCH.
        """
        base = window.base(code) if window else (CODE_REGION if code else DATA_REGION)
        self.constant(rd, base - offset)
        source = self.pool()
        self.op("slli", SCRATCH, source, 48)
        self.op("srli", SCRATCH, SCRATCH, 48)
        if size > 1 and self.rng.random() < 0.93:
            self.op("andi", SCRATCH, SCRATCH, -size)
        self.op("add", rd, rd, SCRATCH)

    def set_machine_bits(self, csr: int, clear: int, set_: int, register: int = TARGET) -> None:
        """Clear and set bits of a CSR of this mode."""
        if clear:
            self.constant(register, clear)
            self.op("csrrc", 0, csr, register)
        if set_:
            self.constant(register, set_)
            self.op("csrrs", 0, csr, register)
