"""TLB entries for 2 MiB and 1 GiB pages, and for the 16 KiB pages of the strap `napot_16k`."""

from amaranth.hdl import Cat, Module, Signal, Value
from amaranth.lib import data, memory
from amaranth.lib.wiring import Out

from rtl.onehot import index_of

from .pte import Pte
from .replacement import Replacement
from .rows import read_all, read_row, write_row
from .tlb_bank import ASID_BITS, TlbBank, fence_vpn
from .virtual_address import VPN_LEVEL_BITS

NAPOT_BITS = 2
"""Bits of the VPN that lie within a 16 KiB page."""


class SuperpageTag(data.Struct):
    """Tag of one entry; `vpn1` does not count in a 1 GiB page, `vpn0` in none but a 16 KiB one."""

    asid: ASID_BITS
    vpn0: VPN_LEVEL_BITS - NAPOT_BITS
    vpn1: VPN_LEVEL_BITS
    vpn2: VPN_LEVEL_BITS


class SuperpageBank(TlbBank):
    """Fully associative entries, each of its own size.

    Parameters
    ----------
    superpages : int
        Number of entries.

    Members
    -------
    level : Out(2)
        Of the leaf that hits.
    """

    level: Out(2)

    def __init__(self, superpages: int):
        self._superpages = superpages
        super().__init__()

    def elaborate(self, platform) -> Module:
        m = Module()
        count = self._superpages
        m.submodules.tags = tag_memory = memory.Memory(shape=SuperpageTag, depth=count, init=[])
        tags = read_all(m, tag_memory)
        valid = Signal(count)
        giga = Signal(count)
        napot = Signal(count)
        is_global = Signal(count)

        def every(condition: Value) -> Value:
            return condition.replicate(count)

        def contains(vpn: Value, any_vpn1: Value, any_vpn0: Value) -> Value:
            vpn0, vpn1 = vpn[NAPOT_BITS:VPN_LEVEL_BITS], vpn[VPN_LEVEL_BITS : 2 * VPN_LEVEL_BITS]
            vpn2 = vpn[2 * VPN_LEVEL_BITS :]
            same_vpn1 = Cat(tag.vpn1 == vpn1 for tag in tags)
            same_vpn0 = Signal(count, name="same_vpn0")
            with m.If(napot.any()):
                m.d.comb += same_vpn0.eq(Cat(tag.vpn0 == vpn0 for tag in tags))
            same_vpn2 = Cat(tag.vpn2 == vpn2 for tag in tags)
            return same_vpn2 & (any_vpn1 | same_vpn1) & (any_vpn0 | same_vpn0)

        def same_asid(asid: Value) -> Value:
            return Cat(tag.asid == asid for tag in tags)

        hits = Signal(count)
        m.d.comb += [
            hits.eq(valid & contains(self.vpn, giga, ~napot) & (same_asid(self.asid) | is_global)),
            self.hit.eq(hits.any()),
            self.level.eq(Cat(~(hits & (giga | napot)).any(), (hits & giga).any())),
        ]

        m.submodules.replacement = replacement = Replacement(count)
        m.d.comb += [
            replacement.used.eq(hits & every(self.used)),
            replacement.occupied.eq(valid),
            replacement.in_use.eq(self.in_use),
        ]
        fill, fence, chosen = self.fill, self.fence, replacement.victim
        with m.If(fence.valid):
            # An address anywhere in the superpage names its leaf.
            by_address = every(~fence.has_vaddr) | contains(fence_vpn(fence), giga, ~napot)
            by_space = every(~fence.has_asid) | (same_asid(fence.asid) & ~is_global)
            m.d.sync += valid.eq(valid & ~(by_address & by_space))
        with m.Elif(fill.valid):
            fill_giga = every(fill.level == 2)
            fill_napot = every(fill.level == 0)
            fill_global = every(fill.pte.g)
            same_space = same_asid(fill.asid) | is_global | fill_global
            overlap = contains(fill.vpn, giga | fill_giga, ~(napot & fill_napot)) & same_space
            m.d.sync += [
                valid.eq((valid & ~overlap) | chosen),
                giga.eq((giga & ~chosen) | (chosen & fill_giga)),
                napot.eq((napot & ~chosen) | (chosen & fill_napot)),
                is_global.eq((is_global & ~chosen) | (chosen & fill_global)),
            ]

        tag = Signal(SuperpageTag)
        m.d.comb += tag.eq(Cat(fill.asid, fill.vpn[NAPOT_BITS:]))
        filled_now = fill.valid & ~fence.valid
        write_row(m, tag_memory, filled_now, index_of(chosen), tag)

        m.submodules.ptes = ptes = memory.Memory(shape=Pte, depth=count, init=[])
        write_row(m, ptes, filled_now, index_of(chosen), fill.pte)
        m.d.comb += self.pte.eq(read_row(m, ptes, index_of(hits)))
        return m
