"""Where everything of a program is: registers, physical memory, and windows of virtual addresses.

Code, data of the runtime and page tables fill the first 2 MiB of DRAM. Random accesses go to two
regions of their own: a wrong address can fault, but never hit code or a page table.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

DRAM = 0x8000_0000
CODE = DRAM
CODE_LIMIT = 0x8010_0000
TOHOST = 0x8010_0000
FROMHOST = 0x8010_0040
FINISHED = 0x8010_0080
"""Harts that have come to their end."""
TABLES = 0x8011_0000
DATA_REGION = 0x8040_0000
CODE_REGION = 0x8060_0000
PAGE = 4096
PAGES = 16
"""Pages of a region; random accesses stay within them."""
REGION_BYTES = PAGES * PAGE
ABSENT = 0x4000_0000
"""1 GiB of physical addresses where nothing is, here and in Spike: access faults."""

MSIP = 0x0200_0000
MTIMECMP = 0x0200_4000
SETSSIP = 0x02F0_0000
"""Registers of hart 0; those of the others follow, 4, 8 and 4 bytes apart."""

HARTS = 8
"""As many as a program can be of."""


@dataclass(frozen=True)
class Places:
    """What each hart has for itself.

    `stack` is the page of the stack pointer's accesses, which never trap; sp points to its middle.
    The mailbox, part of `machine_save`, is where others ask this hart for a fence.
    """

    machine_save: int
    supervisor_save: int
    stack: int
    signature: int
    initial_registers: int

    @property
    def mailbox(self) -> int:
        return self.machine_save + MAILBOX


MAILBOX = 64
"""Offset of the mailbox in the save area of machine mode: a line of its own."""
_PLACES = 0x8010_1000
_OTHERS_PLACES = 0x8018_0000


def places(hart: int) -> Places:
    """Those of this hart: page after page, hart 0's where programs of one hart have them."""
    base = _PLACES if hart == 0 else _OTHERS_PLACES + 4 * PAGE * (hart - 1)
    return Places(base, base + PAGE // 2, base + PAGE, base + 2 * PAGE, base + 3 * PAGE)


USER_OFFSET = -0x4000_0000
"""User mode sees the first GiB of DRAM here, relative to what supervisor mode sees."""

ENTRY_BYTES = 256
ENTRY = 64
"""Distance of the subroutines in the code region, and offset of the first in every page."""
SLOT = 8
"""Offset in a subroutine of the word that steps overwrite."""
STRADDLE = PAGE - 2
"""Offset in a page of the code region of an instruction whose second half is on the next page."""

RA, SP, LOOP = 1, 2, 3
"""Return address of calls into a code window, stack pointer, counter of the chapter's loop."""
TARGET, REQUEST, SCRATCH = 5, 6, 7
"""Temporaries of a step. An ecall asks for mode REQUEST at address TARGET."""
HANDLER = (29, 30, 31)
"""What a trap handler saves and uses; random data, too."""
ENTANGLED = 27
"""Handlers mix cause and value of every exception into this register."""
POOL = (4, *range(8, 32))
"""Registers with random data."""

REQUEST_SKIP = 4
"""Value of REQUEST that makes an ecall a mere trap."""

SPACES = 3
"""Address spaces, each with a root table and an ASID of its own."""


class Mode(enum.IntEnum):
    U = 0
    S = 1
    M = 3


class Kind(enum.Enum):
    """What the entries of a window may be, at run time."""

    ANY = "any"
    """Leaf or pointer at every level."""
    GIGA = "giga"
    """The entry of the root table is a leaf, or nothing."""
    MEGA = "mega"
    PAGE = "page"


@dataclass(frozen=True)
class Window:
    """1 GiB of virtual addresses with a data part and a code part, each of `REGION_BYTES`.

    At 2 MiB and 1 GiB the parts translate to the region of the same name; at 4 KiB each page
    translates to some page of it. `shared` windows are the same in all address spaces.
    """

    index: int
    kind: Kind
    shared: bool

    def base(self, code: bool) -> int:
        """First address of a part, as a signed number."""
        gib = self.index - 512 if self.index >= 256 else self.index
        return (gib << 30) + (CODE_REGION if code else DATA_REGION) - DRAM


WINDOWS = (
    Window(4, Kind.ANY, shared=False),
    Window(5, Kind.GIGA, shared=False),
    Window(6, Kind.MEGA, shared=False),
    Window(7, Kind.PAGE, shared=False),
    Window(508, Kind.GIGA, shared=True),
    Window(509, Kind.MEGA, shared=True),
    Window(510, Kind.PAGE, shared=True),
    Window(511, Kind.ANY, shared=True),
)


def table_addresses() -> dict[str, int]:
    """Every page table by name, with its physical address."""
    names = [f"root{space}" for space in range(SPACES)]
    names += ["device", "kernel_mega", "kernel_page", "kernel_leaves"]
    names += ["user_mega", "user_page", "user_leaves"]
    for window in WINDOWS:
        owners = ("shared",) if window.shared else tuple(f"s{s}" for s in range(SPACES))
        for owner in owners:
            stem = f"{owner}_{window.index}"
            if window.kind is not Kind.GIGA:
                names.append(f"{stem}_middle")
            if window.kind is Kind.ANY:
                names.append(f"{stem}_other")
            if window.kind in (Kind.ANY, Kind.PAGE):
                names += [f"{stem}_data", f"{stem}_code"]
    return {name: TABLES + PAGE * number for number, name in enumerate(names)}


TABLE = table_addresses()
assert max(TABLE.values()) + PAGE <= _OTHERS_PLACES
assert places(HARTS).machine_save <= DRAM + (2 << 20)


@dataclass(frozen=True)
class Site:
    """A page-table entry of a window that programs edit.

    Where all address spaces share a window and its entry is in the root tables, it has one address
    for each of them.

    `va` is an address that it translates, `level` 2 for the root table; `pointers` are the tables
    that it may point to, `leaf_base` the physical address that a leaf here translates to.
    """

    window: Window
    addresses: tuple[int, ...]
    level: int
    va: int
    code: bool
    shared: bool
    space: int
    pointers: tuple[int, ...]
    leaf_base: int


def _window_sites(window: Window, space: int) -> list[Site]:
    stem = f"{'shared' if window.shared else f's{space}'}_{window.index}"

    def site(table: str, index: int, level: int, code: bool, offset: int, *pointers: str) -> Site:
        roots = [f"root{number}" for number in range(SPACES)]
        tables = roots if table == "root" and window.shared else [table]
        tables = [f"root{space}" if name == "root" else name for name in tables]
        region = CODE_REGION if code else DATA_REGION
        return Site(
            window=window,
            addresses=tuple(TABLE[name] + 8 * index for name in tables),
            level=level,
            va=window.base(code) + offset,
            code=code,
            shared=window.shared,
            space=space,
            pointers=tuple(TABLE[f"{stem}_{name}"] for name in pointers),
            leaf_base=DRAM if level == 2 else region,
        )

    found = []
    if window.kind is Kind.GIGA:
        found.append(site("root", window.index, 2, False, 0))
    if window.kind is Kind.ANY and not window.shared:
        found.append(site("root", window.index, 2, False, 0, "middle", "other"))
    if window.kind in (Kind.ANY, Kind.MEGA):
        middles = (
            ("middle", "other") if window.kind is Kind.ANY and not window.shared else ("middle",)
        )
        for middle in middles:
            for code, index in ((False, 2), (True, 3)):
                leaves = () if window.kind is Kind.MEGA else ("code" if code else "data",)
                found.append(site(f"{stem}_{middle}", index, 1, code, 0, *leaves))
    if window.kind in (Kind.ANY, Kind.PAGE):
        for code in (False, True):
            table = f"{stem}_{'code' if code else 'data'}"
            found += [site(table, page, 0, code, page * PAGE) for page in range(PAGES)]
    return found


SITES = {
    (window.index, space): _window_sites(window, space)
    for window in WINDOWS
    for space in range(1 if window.shared else SPACES)
}
"""Sites by window and address space; those of shared windows are under space 0."""
