"""A page and an address space that are watched, and what was last filled for them.

The reference of the TLB's harnesses. One page and one address space, but any: they are arbitrary
constants, so what is proved of them is proved of all.
"""

from typing import Any

from amaranth.hdl import Mux, Signal, Value

from rtl.mmu.pte import Pte
from rtl.mmu.tlb_bank import ASID_BITS
from rtl.mmu.virtual_address import OFFSET_BITS, VPN_BITS

from ..harness import Bench, same

LEVEL_BITS = 9
NAPOT_BITS = 2


def same_page(level: Value, pte, one: Value, other: Value) -> Value:
    """Two page numbers lie in the same page, of this leaf at this level."""
    same = [one[low:] == other[low:] for low in (0, LEVEL_BITS, 2 * LEVEL_BITS)]
    smallest = Mux(is_napot(pte), one[NAPOT_BITS:] == other[NAPOT_BITS:], same[0])
    return Mux(level == 0, smallest, Mux(level == 1, same[1], same[2]))


def is_napot(pte) -> Value:
    """At level 0: a page of 16 KiB."""
    return pte.n & pte.v


def is_large(level: Value, pte) -> Value:
    """A page of more than 4 KiB."""
    return (level == 1) | (level == 2) | ((level == 0) & is_napot(pte))


def is_global(pte) -> Value:
    """An entry counts for all address spaces only if it is valid."""
    return pte.g & pte.v


class Filled:
    """Follows the fills and fences of a bank, as the specification words them.

    Attributes
    ----------
    vpn, asid : what is watched.
    live : a fill that covers it came, and no fence since that covers the fill.
    pte, level : of that fill.
    fill_covers, fence_covers : this cycle's fill, of a size that the bank keeps, or fence.
    """

    def __init__(self, bench: Bench, fill, fence, is_kept: Value):
        m = bench.m
        self.vpn = bench.constant(VPN_BITS, "watched_vpn")
        self.asid = bench.constant(ASID_BITS, "watched_asid")
        self.live = Signal()
        self.pte: Any = Signal(Pte)
        self.level = Signal(2)
        in_space = (fill.asid == self.asid) | is_global(fill.pte)
        fence_vpn = fence.vaddr[OFFSET_BITS : OFFSET_BITS + VPN_BITS]

        same_as_filled = same_page(fill.level, fill.pte, fill.vpn, self.vpn)
        self.fill_covers = fill.valid & is_kept & same_as_filled & in_space
        # "for leaf page table entries corresponding to the virtual address in rs1", and "except
        # for entries containing global mappings" where rs2 names an address space.
        self.names_page = same_page(self.level, self.pte, fence_vpn, self.vpn)
        by_address = ~fence.has_vaddr | self.names_page
        by_space = ~fence.has_asid | ((fence.asid == self.asid) & ~is_global(self.pte))
        self.fence_covers = fence.valid & by_address & by_space

        with m.If(fence.valid):
            m.d.sync += self.live.eq(self.live & ~self.fence_covers)
        with m.Elif(self.fill_covers):
            m.d.sync += [self.live.eq(1), self.pte.eq(fill.pte), self.level.eq(fill.level)]


def claim_fences(bench: Bench, filled: Filled, bank, dropped: Value | int = 0) -> None:
    """After each of the four forms nothing hits that it covers, whatever the bank looked like.

    `dropped`: what hits now is taken out for another reason.
    """
    fence, past = bank.fence, bench.past
    there, pte, named = past(bank.hit), past(bank.pte), past(filled.names_page)
    asid_named = past(fence.asid == filled.asid)
    valid, has_vaddr, has_asid = past(fence.valid), past(fence.has_vaddr), past(fence.has_asid)
    everything = bench.started & valid & ~has_vaddr & ~has_asid & there
    address = bench.started & valid & has_vaddr & ~has_asid & there & named
    space = bench.started & valid & ~has_vaddr & has_asid & there & asid_named
    both = bench.started & valid & has_vaddr & has_asid & there & asid_named & named
    bench.claim("fence_all", when=everything, then=~bank.hit)
    bench.claim("fence_address", when=address, then=~bank.hit)
    bench.claim("fence_space", when=space & ~is_global(pte), then=~bank.hit)
    bench.claim("fence_address_space", when=both & ~is_global(pte), then=~bank.hit)
    # What is not covered stays: a fence of one page must not cost the others a walk.
    spared = bench.started & valid & there & ~past(filled.fence_covers | dropped)
    bench.claim("fence_spares", when=spared, then=bank.hit & same(bank.pte, pte))
