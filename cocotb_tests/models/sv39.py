"""Sv39 address translation in Python: the privileged spec's numbered steps (4.3.2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

LEVELS = 3
PTE_BYTES = 8
PAGE_BYTES = 4096

V, R, W, X, U, G, A, D = (1 << bit for bit in range(8))
N = 1 << 63

U_MODE, S_MODE, M_MODE = 0, 1, 3


class Access(Enum):
    """Encoded as in `rtl.mmu.ports.AccessType`."""

    FETCH = 0
    LOAD = 1
    STORE = 2


class Fault(Enum):
    """Encoded as in `rtl.mmu.ports.TranslationFault`."""

    NONE = 0
    PAGE = 1
    ACCESS = 2


@dataclass(frozen=True)
class Context:
    """Fields of `rtl.isa.privilege.TranslationContext`."""

    privilege: int = S_MODE
    translate: int = 1
    sum: int = 0
    mxr: int = 0
    hardware_ad_update: int = 0
    asid: int = 0
    root_ppn: int = 0

    def bits(self) -> int:
        """Packed as the RTL's struct is, first field lowest."""
        value = self.privilege | self.translate << 2 | self.sum << 3 | self.mxr << 4
        value |= self.hardware_ad_update << 5
        return value | self.asid << 6 | self.root_ppn << 22


@dataclass(frozen=True)
class Outcome:
    """How a translation ends; `paddr`, `pte` and `level` only without a fault."""

    fault: Fault
    paddr: int = 0
    pte: int = 0
    level: int = 0


PAGE_FAULT = Outcome(Fault.PAGE)
ACCESS_FAULT = Outcome(Fault.ACCESS)


def make_pte(ppn: int, flags: int) -> int:
    """PTE with these flags; `ppn` in units of 4 KiB at every level."""
    return ppn << 10 | flags


def ppn_of(pte: int) -> int:
    return pte >> 10 & (1 << 44) - 1


def vpn_field(vaddr: int, level: int) -> int:
    """va.vpn[level]."""
    return vaddr >> 12 + 9 * level & 0x1FF


def is_canonical(vaddr: int) -> bool:
    """Bits 63:39 equal bit 38."""
    return vaddr >> 38 in (0, (1 << 26) - 1)


def sign_extend(vaddr: int) -> int:
    """The canonical 64-bit address with these low 39 bits."""
    low = vaddr & (1 << 39) - 1
    return low | ((1 << 64) - (1 << 39) if low >> 38 else 0)


def is_napot(pte: int, level: int) -> bool:
    """A 16 KiB page, where there is such a thing: encoded as Svnapot's, but for the size."""
    return level == 0 and bool(pte & N) and ppn_of(pte) & 0b11 == 0b10


def page_bits(pte: int, level: int) -> int:
    """log2 of the bytes that a well-formed leaf maps."""
    return 14 if is_napot(pte, level) else 12 + 9 * level


def is_malformed(pte: int, level: int, napot_16k: bool = False) -> bool:
    """The PTE ends a walk with a page fault, whoever asked."""
    # "3. If pte.v = 0, or if pte.r = 0 and pte.w = 1, or if any bits or encodings that are
    # reserved for future standard use are set within pte, stop and raise a page-fault exception"
    reserved = pte & ~N if napot_16k and is_napot(pte, level) else pte
    if not pte & V or (pte & W and not pte & R) or reserved >> 54:
        return True
    # "4. Otherwise, the PTE is valid. If pte.r = 1 or pte.x = 1, go to step 5. Otherwise, this
    # PTE is a pointer to the next level of the page table. Let i = i - 1. If i < 0, stop and
    # raise a page-fault exception". In a pointer D, A and U are reserved.
    if not pte & (R | X):
        return level == 0 or bool(pte & (D | A | U))
    # "6. If i > 0 and pte.ppn[i-1:0] != 0, this is a misaligned superpage; stop and raise a
    # page-fault exception".
    return bool(ppn_of(pte) & (1 << 9 * level) - 1)


def is_pointer(pte: int) -> bool:
    """Of a PTE that is not malformed."""
    return not pte & (R | X)


def denies(pte: int, access: Access, context: Context) -> bool:
    """Whether a well-formed leaf refuses the access."""
    # "5. A leaf PTE has been found. Determine if the requested memory access is allowed by the
    # pte.r, pte.w, pte.x, and pte.u bits, given the current privilege mode and the value of the
    # SUM and MXR fields of the mstatus register."
    readable = pte & R or (context.mxr and pte & X)
    allowed = {Access.FETCH: pte & X, Access.LOAD: readable, Access.STORE: pte & W}[access]
    if context.privilege == U_MODE:
        right_mode = pte & U
    else:
        right_mode = not pte & U or (context.sum and access is not Access.FETCH)
    # "9. If pte.a = 0, or if the original memory access is a store and pte.d = 0", Svade: "stop
    # and raise a page-fault exception".
    recorded = context.hardware_ad_update or not ad_bits(access) & ~pte
    return not (allowed and right_mode and recorded)


def ad_bits(access: Access) -> int:
    """Bits that are set in the leaf of a translation that succeeds: "set pte.a to 1 and, if the
    original memory access is a store, also set pte.d to 1"."""
    return A | D if access is Access.STORE else A


def leaf_paddr(pte: int, level: int, vaddr: int) -> int:
    """The low VPN fields of a superpage pass through."""
    low_bits = page_bits(pte, level)
    return (ppn_of(pte) << 12) >> low_bits << low_bits | vaddr & (1 << low_bits) - 1


@dataclass(frozen=True)
class MemoryMap:
    """Physical memory attributes: DRAM, and ranges (base, size) of devices."""

    dram_base: int
    dram_bytes: int
    devices: tuple[tuple[int, int], ...]

    def is_dram(self, paddr: int) -> bool:
        return self.dram_base <= paddr < self.dram_base + self.dram_bytes

    def finish(self, paddr: int, access: Access, pte: int = 0, level: int = 0) -> Outcome:
        """Outcome once the physical address is known."""
        device = any(base <= paddr < base + size for base, size in self.devices)
        if self.is_dram(paddr) or (device and access is not Access.FETCH):
            return Outcome(Fault.NONE, paddr, pte, level)
        return ACCESS_FAULT


def translate(
    read: Callable[[int], int],
    memory: MemoryMap,
    vaddr: int,
    access: Access,
    context: Context,
    *,
    napot_16k: bool = False,
) -> Outcome:
    """Translate without any cache; `read(paddr)` gives the PTE at an address in DRAM.

    The PTE of the outcome has the A and D bits that Svadu sets; memory is not written.
    """
    if not context.translate:
        return memory.finish(vaddr, access) if vaddr < 1 << 56 else ACCESS_FAULT
    if not is_canonical(vaddr):
        return PAGE_FAULT
    # "1. Let a be satp.ppn * PAGESIZE, and let i = LEVELS - 1."
    table = context.root_ppn * PAGE_BYTES
    for level in reversed(range(LEVELS)):
        # "2. Let pte be the value of the PTE at address a + va.vpn[i] * PTESIZE. If accessing
        # pte violates a PMA or PMP check, raise an access-fault exception corresponding to the
        # original access type."
        address = table + vpn_field(vaddr, level) * PTE_BYTES
        if not memory.is_dram(address):
            return ACCESS_FAULT
        pte = read(address)
        if is_malformed(pte, level, napot_16k):
            return PAGE_FAULT
        if not is_pointer(pte):
            if denies(pte, access, context):
                return PAGE_FAULT
            updated = pte | ad_bits(access)
            return memory.finish(leaf_paddr(pte, level, vaddr), access, updated, level)
        table = ppn_of(pte) * PAGE_BYTES
    raise AssertionError("a pointer at level 0 is malformed")
