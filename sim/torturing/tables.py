"""Page tables as they are when a program starts, and the bits of their entries."""

from __future__ import annotations

import random
import struct

from .layout import (
    CODE_REGION,
    DATA_REGION,
    DRAM,
    MSIP,
    PAGE,
    PAGES,
    SETSSIP,
    SPACES,
    TABLE,
    TABLES,
    WINDOWS,
    Kind,
    Window,
)

V, R, W, X, U, G, A, D = (1 << bit for bit in range(8))
_MEGA = 2 << 20
KERNEL_SHAPES = ("giga", "mega", "page")


def entry(paddr: int, flags: int) -> int:
    """The page-table entry for a physical address."""
    return paddr >> 12 << 10 | flags


class Tables:
    """The initial contents of all page tables.

    Parameters
    ----------
    rng : decides about what is not fixed.
    global_kernel : the entries of the kernel are global; then they have one shape everywhere.
    """

    def __init__(self, rng: random.Random, global_kernel: bool):
        self._rng = rng
        self._words: dict[int, int] = {}
        flag = G if global_kernel else 0
        self._fixed_parts(flag)
        shape = rng.choice(KERNEL_SHAPES)
        for space in range(SPACES):
            own = shape if global_kernel else rng.choice(KERNEL_SHAPES)
            self._set(f"root{space}", 2, view_entry(own, user=False, flag=flag))
            self._set(f"root{space}", 1, view_entry(rng.choice(KERNEL_SHAPES), user=True, flag=0))
            self._set(f"root{space}", 0, entry(TABLE["device"], V | flag))
        for window in WINDOWS:
            for space in range(1 if window.shared else SPACES):
                self._window(window, space)

    def image(self) -> bytes:
        """All tables one after the other, from `layout.TABLES`."""
        raw = bytearray(PAGE * len(TABLE))
        for address, word in self._words.items():
            struct.pack_into("<Q", raw, address - TABLES, word)
        return bytes(raw)

    def _set(self, table: str, index: int, word: int) -> None:
        self._words[TABLE[table] + 8 * index] = word

    def _fixed_parts(self, flag: int) -> None:
        for register in (MSIP, SETSSIP):
            device = register & -_MEGA
            self._set("device", device // _MEGA, entry(device, V | R | W | A | D | flag))
        for name, extra in (("kernel", flag), ("user", U)):
            flags = V | R | W | X | A | D | extra
            for part, base in enumerate((DRAM, DRAM + _MEGA, DATA_REGION, CODE_REGION)):
                self._set(f"{name}_mega", part, entry(base, flags))
                self._set(f"{name}_page", part, entry(base, flags))
            self._set(f"{name}_page", 0, entry(TABLE[f"{name}_leaves"], V | extra & G))
            for page in range(512):
                self._set(f"{name}_leaves", page, entry(DRAM + PAGE * page, flags))

    def _window(self, window: Window, space: int) -> None:
        rng = self._rng
        owner = "shared" if window.shared else f"s{space}"
        stem = f"{owner}_{window.index}"

        def flags() -> int:
            bits = V | A | D | rng.choice((R, R | W, R | X, R | W | X, R | W | X, R | W | X))
            return bits | rng.choice((0, U)) | (rng.choice((0, G)) if window.shared else 0)

        roots = [f"root{number}" for number in range(SPACES)] if window.shared else [f"root{space}"]
        if window.kind is Kind.GIGA:
            root = entry(DRAM, flags())
        else:
            root = entry(TABLE[f"{stem}_middle"], V | (rng.choice((0, G)) if window.shared else 0))
        for name in roots:
            self._set(name, window.index, root)
        middles = [f"{stem}_middle"] if window.kind is not Kind.GIGA else []
        if window.kind is Kind.ANY:
            middles.append(f"{stem}_other")
        for middle in middles:
            for index, region, part in ((2, DATA_REGION, "data"), (3, CODE_REGION, "code")):
                pointing = window.kind is Kind.PAGE or (
                    window.kind is Kind.ANY and rng.random() < 0.6
                )
                target = TABLE.get(f"{stem}_{part}") if pointing else None
                word = entry(region, flags()) if target is None else entry(target, V)
                self._set(middle, index, word)
        if window.kind in (Kind.ANY, Kind.PAGE):
            for region, part in ((DATA_REGION, "data"), (CODE_REGION, "code")):
                for page in range(PAGES):
                    target = region + PAGE * rng.randrange(PAGES)
                    self._set(f"{stem}_{part}", page, entry(target, flags()))


def view_entry(shape: str, *, user: bool, flag: int) -> int:
    """Root entry through which a mode sees the first GiB of DRAM, in one of three page sizes."""
    name = "user" if user else "kernel"
    if shape == "giga":
        return entry(DRAM, V | R | W | X | A | D | (U if user else flag))
    return entry(TABLE[f"{name}_{shape}"], V | (0 if user else flag))
